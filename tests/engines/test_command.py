# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""From a pack to a served engine, by commands alone: load, serve it, search it from a client."""

import shutil

import pyarrow as pa
import pytest

from artistguard import engines
from artistguard.engines import loading
from artistguard.packs import About
from artistguard.packs.batches import RowBatch, prepare
from baking import Row, bake
from servers import serving


@pytest.mark.parametrize("place", ["clickhouse_pair", "postgresql_url"])
def test_a_loaded_pack_is_searched_in_the_engine_and_through_a_server(
    request, run, paint, tmp_path, monkeypatch, place
):
    found = request.getfixturevalue(place)
    url = found if isinstance(found, str) else found[0]
    for seed in range(3):
        paint(f"art/{seed}.png", seed)
    copy = shutil.copy(tmp_path / "art" / "0.png", tmp_path / "copy.png")
    pack = bake(tmp_path / "pack", [Row("copy", copy), Row("other")], dataset=f"served-{place}")
    status, (loaded,), said = run("pack", "load", pack, "--into", url)
    assert (status, loaded["loaded"]) == (0, True), said

    def entries(*arguments):
        status, lines, said = run("search", tmp_path / "art", "--backend", *arguments)
        assert status == 0, said
        rows = [line for line in lines if line.get("dataset") == f"served-{place}"]
        # No engine is searched exactly to the last bit, which is said at home and by a server.
        assert [line["event"] for line in rows if "event" in line] == ["miss"]
        rows = [line for line in rows if "event" not in line]
        return [(line["entry"], line["band"]) for line in rows]

    assert entries(url) == [("copy", "certain")]
    with serving(tmp_path / "server", index=url) as running:
        monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", running.key)
        assert entries(running.url) == [("copy", "certain")]


@pytest.mark.parametrize("place", ["clickhouse_pair", "postgresql_url"])
def test_space_is_freed_by_command_and_what_is_searched_stays(request, run, tmp_path, place):
    found = request.getfixturevalue(place)
    urls = [found] if isinstance(found, str) else found
    for name in ("one", "two"):
        pack = bake(tmp_path / name, [Row(name)], dataset=f"again-{place}")
        assert run("pack", "load", pack, "--into", urls[0])[0] == 0
    with engines.connected(urls[0]) as engine:
        begun = loading.begun(About(f"broken off {place}", "1"), 1)
        rows = pa.RecordBatch.from_pydict({"entry": [str(n) for n in range(40)]})
        loading.add(engine, begun, 0, [prepare(RowBatch(rows))])

    def states(url, *arguments):
        status, lines, said = run("pack", "loads", "--into", url, *arguments)
        assert status == 0, said
        ours = [line for line in lines if line["dataset"] == f"again-{place}"]
        ours += [line for line in lines if line["load"] == f"{begun.number:08x}"]
        return [(line["state"], line["dropped"]) for line in ours]

    every = [("searched", False), ("replaced", False), ("unfinished", False)]
    for url in urls:
        assert {*states(url)} == {*every}
        assert states(url, "--drop")[1] == ("replaced", True)
        assert states(url) == [every[0], every[2]]
        assert states(url, "--drop-unfinished")[1] == ("unfinished", True)
        assert states(url) == every[:1]
