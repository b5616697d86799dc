# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""From a pack to a served engine, by commands alone: load, serve it, search it from a client."""

import shutil

import pytest

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
        return [(line["entry"], line["band"]) for line in rows]

    assert entries(url) == [("copy", "certain")]
    with serving(tmp_path / "server", index=url) as running:
        monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", running.key)
        assert entries(running.url) == [("copy", "certain")]
