# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A pack grows through every stop and crash, and at each moment is the old one or the new one."""

import hashlib
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard import cli, packing
from artistguard.errors import Kind, Problem, Stopped, Unreadable
from artistguard.packs import About, growth, manifest
from artistguard.packs.merging import merge
from artistguard.packs.pack import Pack

NOW = "2026-01-02T03:04:05Z"
LATER = "2026-02-03T04:05:06Z"


def finish(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def building(sources, out, form="coyo", **more):
    return packing.build([*map(str, sources)], out, About("set", "1"), form, built_at=NOW, **more)


def build(sources, out, form="coyo", **more):
    return finish(building(sources, out, form, **more))


def append(sources, out, **more):
    return finish(packing.append([*map(str, sources)], out, "coyo", built_at=LATER, **more))


def phash(number):
    return hashlib.sha256(str(number).encode()).digest()[:8]


def coyo(path, rows, first=0, groups=3):
    numbers = range(first, first + rows)
    columns = {
        "id": pa.array(numbers, pa.int64()),
        "url": [f"https://art{at % 3}.example/{at}.jpg" for at in numbers],
        "text": [f"picture {at} by Ada Winter" for at in numbers],
        "width": pa.array([640] * rows, pa.int64()),
        "height": pa.array([480] * rows, pa.int64()),
        "image_phash": [phash(at).hex() for at in numbers],
    }
    path.parent.mkdir(exist_ok=True, parents=True)
    pq.write_table(pa.table(columns), path, row_group_size=max(1, rows // groups))
    return path


def content(out):
    """All that a pack says, in an order that does not depend on how it was made."""
    with Pack.open(out) as pack:
        assert all(check.whole for check in pack.verify())
        every = range(pack.manifest.rows)
        entries = pack.entries([*every])
        assert len(pack.find_hosts(["example"]).row) == len(entries)
        assert len(pack.find_urls([one.url for one in entries]).row) >= len(entries)
        return sorted((one.entry, one.url, one.caption) for one in entries), pack.manifest.answers


@pytest.fixture
def shards(tmp_path):
    return [coyo(tmp_path / "coyo" / f"part-{at}.parquet", 300, 300 * at) for at in range(3)]


def test_shards_are_named_by_files_folders_and_patterns(shards, tmp_path):
    wanted = None
    for number, sources in enumerate(
        [shards, [tmp_path / "coyo"], [tmp_path / "c*" / "part-*.parquet"]]
    ):
        report = build(sources, tmp_path / f"{number}.pack")
        assert (report.rows, report.distinct, report.skipped) == (900, 900, {})
        wanted = wanted or content(tmp_path / f"{number}.pack")
        assert content(tmp_path / f"{number}.pack") == wanted


def test_nothing_is_written_over(shards, tmp_path):
    (tmp_path / "pack").mkdir()
    with pytest.raises(Problem) as raised:
        build(shards, tmp_path / "pack")
    assert raised.value.kind is Kind.PACK_EXISTS


def test_two_builds_of_one_pack_at_once_do_not_meet(shards, tmp_path, run):
    first = building(shards, tmp_path / "pack", segment_rows=200)
    next(first)
    given = ["--out", tmp_path / "pack", "--data", tmp_path / "data"]
    status, lines, said = run("pack", "build", shards[0], *given)
    assert status == 2
    assert "Another ArtistGuard is building" in said + str(lines)
    build(shards, tmp_path / "another pack")
    assert finish(first).rows == 900
    assert content(tmp_path / "pack") == content(tmp_path / "another pack")
    first = packing.append([str(shards[0])], tmp_path / "pack", "coyo", built_at=LATER)
    next(first)
    with pytest.raises(Stopped) as raised:
        append([shards[1]], tmp_path / "pack")
    assert raised.value.kind is Kind.PACK_BUSY
    assert finish(first).rows == 1200
    assert append([shards[1]], tmp_path / "pack").rows == 1500
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_was_read_before_another_changed_the_pack_is_not_written_over_it(shards, tmp_path):
    build(shards[:1], tmp_path / "pack")
    base = manifest.read(tmp_path / "pack")
    append(shards[1:2], tmp_path / "pack")
    late = growth.growing(
        tmp_path / "pack", base.about, built_at=NOW, task="late", postings_cap=9, base=base
    )
    with pytest.raises(Stopped) as raised, late:
        pass
    assert raised.value.kind is Kind.PACK_BUSY
    assert manifest.read(tmp_path / "pack").rows == 600


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are always text there")
def test_a_pack_may_be_built_where_names_are_no_text(tmp_path, run):
    odd = tmp_path / os.fsdecode(b"caf\xe9")
    shard = odd / os.fsdecode(b"part-\xe9.csv")
    odd.mkdir()
    shard.write_text("url\nhttps://a.example/x.jpg\n")
    out = odd / os.fsdecode(b"p\xff")
    status, lines, _ = run("pack", "build", odd, "--out", out, "--data", tmp_path / "data")
    assert (status, lines[-1]["rows"]) == (0, 1)
    with Pack.open(out) as pack:
        [entry] = pack.entries([0])
    assert (entry.dataset, entry.entry) == ("p?", "part-?.csv:0")


def test_a_build_that_was_stopped_goes_on_after_its_last_segment(shards, tmp_path):
    build(shards, tmp_path / "whole")
    steps = building(shards, tmp_path / "pack", segment_rows=200)
    for _ in range(5):
        next(steps)
    steps.close()
    before = {path.name for path in growth.part_of(tmp_path / "pack").glob("segment-*")}
    assert before
    assert not (tmp_path / "pack").exists()
    begun = next(building(shards, tmp_path / "pack", segment_rows=200))
    assert begun.done > begun.total / 4
    report = build(shards, tmp_path / "pack", segment_rows=200)
    assert report.rows == 900
    assert content(tmp_path / "pack") == content(tmp_path / "whole")
    assert not growth.part_of(tmp_path / "pack").exists()


def test_what_was_skipped_before_a_stop_is_still_counted(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("url,md5\n" + "https://a.example/x,zz\n" * 40_000)
    steps = building([path], tmp_path / "pack", "csv", segment_rows=10_000)
    next(steps)
    next(steps)
    steps.close()
    report = build([path], tmp_path / "pack", "csv", segment_rows=10_000)
    assert (report.rows, report.skipped) == (40_000, {"bad_md5": 40_000})


def test_a_stopped_build_of_other_sources_is_not_gone_on_with(shards, tmp_path):
    steps = building(shards, tmp_path / "pack", segment_rows=100)
    for _ in range(4):
        next(steps)
    steps.close()
    coyo(shards[2], 300, 5_000)
    build(shards, tmp_path / "pack")
    build(shards, tmp_path / "fresh")
    assert content(tmp_path / "pack") == content(tmp_path / "fresh")


def test_a_stopped_build_of_damaged_remains_begins_anew(shards, tmp_path):
    part = growth.part_of(tmp_path / "pack")
    for harm in (b"", b"{", b'{"task": 1}', b"[" * 100_000):
        steps = building(shards, tmp_path / "pack", segment_rows=100)
        for _ in range(4):
            next(steps)
        steps.close()
        (part / growth.JOURNAL).write_bytes(harm)
    assert build(shards, tmp_path / "pack").rows == 900
    content(tmp_path / "pack")


def test_a_damaged_shard_stops_the_build_which_goes_on_when_it_is_mended(shards, tmp_path):
    whole = shards[2].read_bytes()
    shards[2].write_bytes(whole[:2000] + bytes(len(whole) - 2000))
    with pytest.raises(Unreadable) as raised:
        build(shards, tmp_path / "pack", segment_rows=100)
    assert raised.value.facts["path"] == "part-2.parquet"
    assert not (tmp_path / "pack").exists()
    shards[2].write_bytes(whole)
    assert build(shards, tmp_path / "pack", segment_rows=100).rows == 900


def test_new_shards_append_and_the_pack_is_searched_as_one(shards, tmp_path):
    build(shards, tmp_path / "whole")
    build(shards[:1], tmp_path / "pack")
    old = manifest.read(tmp_path / "pack")
    report = append(shards[1:], tmp_path / "pack", segment_rows=400)
    assert report.rows == 900
    assert content(tmp_path / "pack") == content(tmp_path / "whole")
    new = manifest.read(tmp_path / "pack")
    assert new.revision != old.revision
    assert (new.built_at, new.about) == (LATER, old.about)


def test_what_is_open_stays_whole_while_shards_append_and_merge(shards, tmp_path):
    build(shards[:1], tmp_path / "pack", segment_rows=100)
    with Pack.open(tmp_path / "pack") as pack:
        before = pack.entries([0, 299])
        append(shards[1:2], tmp_path / "pack")
        assert pack.entries([0, 299]) == before
    assert len(content(tmp_path / "pack")[0]) == 600


def test_an_append_that_was_stopped_leaves_the_old_pack_and_goes_on(shards, tmp_path):
    build(shards[:1], tmp_path / "pack")
    old = content(tmp_path / "pack")
    steps = packing.append(
        [str(one) for one in shards[1:]],
        tmp_path / "pack",
        "coyo",
        built_at=LATER,
        segment_rows=100,
    )
    for _ in range(4):
        next(steps)
    steps.close()
    assert content(tmp_path / "pack") == old
    append(shards[1:], tmp_path / "pack", segment_rows=100)
    build(shards, tmp_path / "whole")
    assert content(tmp_path / "pack") == content(tmp_path / "whole")


def test_small_segments_merge_into_one_that_answers_the_same(shards, tmp_path):
    build(shards, tmp_path / "pack", segment_rows=100)
    old = content(tmp_path / "pack")
    queries = [phash(at) for at in (0, 450, 899)]

    def near():
        with Pack.open(tmp_path / "pack") as pack:
            values = np.frombuffer(b"".join(queries), np.uint8).reshape(-1, 8)
            found = pack.search("phash64/1", values, 12)
            entries = [entry.entry for entry in pack.entries(found.row)]
            return sorted(
                zip(
                    found.query.tolist(),
                    entries,
                    found.distance.tolist(),
                    found.quality.tolist(),
                    strict=True,
                )
            )

    seen = near()
    assert [one[:3] for one in seen if one[2] == 0] == [(0, "0", 0), (1, "450", 0), (2, "899", 0)]
    merge(tmp_path / "pack", built_at=LATER, segment_rows=10_000, postings_cap=10)
    assert len(manifest.read(tmp_path / "pack").segments) == 1
    assert content(tmp_path / "pack") == old
    assert near() == seen
    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == [
        "manifest.json",
        "segment-0009",
    ]


def test_a_damaged_segment_does_not_come_out_of_a_merge_with_a_clean_bill(shards, tmp_path):
    build(shards, tmp_path / "pack", segment_rows=100)
    path = tmp_path / "pack" / "segment-0003" / "rows.arrow"
    body = path.read_bytes()
    place = body.index(b"Ada Winter")
    path.write_bytes(body[:place] + b"Eda" + body[place + 3 :])
    with pytest.raises(Problem) as raised:
        merge(tmp_path / "pack", built_at=LATER, segment_rows=10_000, postings_cap=10)
    assert raised.value.facts["file"] == "segment-0003/rows.arrow"


def test_a_hash_that_very_many_share_is_listed_so_far_and_that_is_said(tmp_path):
    rows = 12_000
    table = pa.table(
        {
            "url": [f"https://a.example/{at}.jpg" for at in range(rows)],
            "image_phash": ["8000000000000000"] * rows,
        }
    )
    pq.write_table(table, tmp_path / "blank.parquet")
    report = build([tmp_path / "blank.parquet"], tmp_path / "pack")
    assert (report.rows, report.distinct) == (rows, 1)
    assert report.skipped == {"hash_shared_by_too_many": 2_000}
    with Pack.open(tmp_path / "pack") as pack:
        found = pack.search("phash64/1", np.array([[128, *[0] * 7]], np.uint8), 0)
        assert len(found.row) == 10_000
        assert found.quality.max() < 10


def test_the_command_line_builds_and_appends(shards, tmp_path, capsys):
    given = ["--out", str(tmp_path / "pack"), "--format", "coyo", "--json"]
    assert cli.main(["pack", "build", str(shards[0]), "--name", "mine", *given]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first | {"seconds": 0} == {"rows": 300, "distinct": 300, "skipped": {}, "seconds": 0}
    assert cli.main(["pack", "build", str(shards[0]), *given]) == 2
    assert cli.main(["pack", "build", *map(str, shards[1:]), "--append", *given]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 900
    assert manifest.read(tmp_path / "pack").about.dataset == "mine"


def test_many_small_segments_are_merged_by_themselves(tmp_path):
    shard = coyo(tmp_path / "part.parquet", 200, groups=40)
    build([shard], tmp_path / "pack", segment_rows=5)
    assert len(manifest.read(tmp_path / "pack").segments) == 1
    assert len(content(tmp_path / "pack")[0]) == 200


# --- a machine that stops at any moment -----------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
from artistguard import cli, packing
from artistguard.packs import About
verb, out, *sources = sys.argv[1:]
print("ready", flush=True)
for _ in (
    packing.build(sources, Path(out), About("set", "1"), "coyo", built_at="x", segment_rows=400)
    if verb == "build"
    else packing.append(sources, Path(out), "coyo", built_at="x", segment_rows=400)
):
    print("step", flush=True)
"""


def killed(arguments, seconds):
    """Run a child and kill it so long after it was ready; whether it was still running."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, *map(str, arguments)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"ready\n"
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            return True
        assert child.returncode == 0
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_kill_at_any_moment_leaves_the_old_pack_or_the_new_and_nothing_twice(tmp_path):
    shards = [coyo(tmp_path / f"part-{at}.parquet", 2_000, 2_000 * at, 8) for at in range(4)]
    build(shards, tmp_path / "whole")
    wanted = content(tmp_path / "whole")
    dice = random.Random(5)
    out = tmp_path / "pack"
    while killed(["build", out, *shards[:2]], dice.uniform(0.05, 0.6)):
        assert not out.exists() or len(content(out)[0]) == 4_000
        if out.exists():
            break
    assert len(content(out)[0]) == 4_000
    kills = 0
    while killed(["append", out, *shards[2:]], dice.uniform(0.05, 0.6)):
        kills += 1
        rows = len(content(out)[0])
        assert rows in {4_000, 8_000}
        if rows == 8_000:
            break
    assert content(out) == wanted


@pytest.mark.parametrize("moment", range(1, 32))
def test_a_crash_in_any_step_of_an_append_can_be_gone_on_from(
    monkeypatch, shards, tmp_path, moment
):
    """Each change that an append makes to the disk fails once, and everything after it."""
    build(shards[:1], tmp_path / "pack")
    left = moment

    def failing(real):
        def call(*arguments, **more):
            nonlocal left
            left -= 1
            if left <= 0:
                raise OSError(5, "the plug was pulled")
            return real(*arguments, **more)

        return call

    with monkeypatch.context() as patch:
        for name in ("rename", "replace", "mkdir", "unlink"):
            patch.setattr(os, name, failing(getattr(os, name)))
        try:
            append(shards[1:], tmp_path / "pack", segment_rows=400)
        except Stopped:
            assert len(content(tmp_path / "pack")[0]) in {300, 900}
        else:
            assert left > 0
    if len(content(tmp_path / "pack")[0]) == 300 or growth.part_of(tmp_path / "pack").exists():
        append(shards[1:], tmp_path / "pack", segment_rows=400)
    assert len(content(tmp_path / "pack")[0]) == 900
    assert not growth.part_of(tmp_path / "pack").exists()


# --- shards that are elsewhere --------------------------------------------------------------------


@pytest.fixture
def site(tmp_path):
    """A plain web server of a folder, which knows no byte ranges."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    folder = tmp_path / "site"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_shards_are_read_from_a_web_server(site, tmp_path):
    folder, address = site
    coyo(folder / "part-0.parquet", 300)
    (folder / "more.csv").write_text("url\nhttps://art0.example/more.jpg\n")
    report = build([f"{address}/part-0.parquet", f"{address}/more.csv"], tmp_path / "pack", "auto")
    assert report.rows == 301


def test_an_address_with_nothing_behind_it_is_named(site, tmp_path):
    _, address = site
    with pytest.raises(Unreadable) as raised:
        build([f"{address}/none.parquet"], tmp_path / "pack")
    assert raised.value.facts["path"] == f"{address}/none.parquet"


def test_an_address_of_an_unknown_kind_is_named(tmp_path):
    with pytest.raises(Unreadable):
        build(["gopher9://nothing/part.parquet"], tmp_path / "pack")
