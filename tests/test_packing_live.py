# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A pack's published hashes are held against live pictures, and speak only if they are ours."""

import functools
import http.server
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard import packing, reading
from artistguard.errors import Kind, Problem
from artistguard.fetching import Fetcher, Limits
from artistguard.models import Query, Witness
from artistguard.packs import About, calibrations
from artistguard.packs.pack import Pack
from artistguard.search.packs import PackBackend

NOW = "2026-01-02T03:04:05Z"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("site")


@pytest.fixture
def site(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://art.example:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def finish(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def query(path):
    seen = reading.read(str(path))
    return Query(1, 1, seen.width, seen.height, seen.sha256, seen.md5, seen.fingerprints)


def published(path):
    prints = {one.algorithm: one.plain for one in query(path).fingerprints}
    return prints["phash64/1"]


def pack_of(site, pictures, hashes, out):
    table = pa.table(
        {
            "id": list(range(len(pictures))),
            "url": [f"{site}/{path.name}" for path in pictures],
            "image_phash": [one.hex() for one in hashes],
        }
    )
    pq.write_table(table, out.with_suffix(".parquet"))
    source = str(out.with_suffix(".parquet"))
    finish(packing.build([source], out, About("set", "1"), "coyo", built_at=NOW))
    return out


def calibrate(out, count=100):
    fetcher = Fetcher(
        Limits(gap=0), is_public=lambda _: True, resolve=lambda host, port: ["127.0.0.1"]
    )
    return finish(packing.calibrate(out, count, fetcher, checked_at=NOW, seed=1))


@pytest.fixture
def pictures(paint, folder):
    return [paint(f"{at}.png", at, size=(64, 48), folder=folder) for at in range(24)]


def test_hashes_that_are_ours_are_evidence(site, pictures, tmp_path):
    gone = pictures[3].with_name("gone.png")
    hashes = [*map(published, pictures), bytes(8)]
    out = pack_of(site, [*pictures, gone], hashes, tmp_path / "pack")
    found, missed = calibrate(out)
    assert (found.tried, found.looked, found.agreed, found.rate) == (25, 24, 24, 1.0)
    assert missed == {Kind.PICTURE_GONE: 1}
    assert calibrations(out) == [found]
    with Pack.open(out) as pack:
        backend = PackBackend(pack)
        assert Witness.PHASH64 in backend.source.answers
        assert {one.entry.entry for one in backend.look_up([query(pictures[5])])} == {"5"}


def test_hashes_of_another_kind_are_refused_as_evidence(site, pictures, tmp_path):
    others = [bytes(255 - byte for byte in published(path)) for path in pictures[1:]]
    mine = published(pictures[0])
    out = pack_of(site, pictures, [mine, *others], tmp_path / "pack")
    found, _ = calibrate(out)
    assert (found.looked, found.agreed, found.refused) == (24, 1, True)
    with Pack.open(out) as pack:
        backend = PackBackend(pack)
        assert Witness.PHASH64 not in backend.source.answers
        assert list(backend.look_up([query(pictures[0])])) == []


def test_few_pictures_refuse_nothing(site, pictures, tmp_path):
    others = [bytes(255 - byte for byte in published(path)) for path in pictures]
    out = pack_of(site, pictures, others, tmp_path / "pack")
    found, _ = calibrate(out, 5)
    assert (found.tried, found.agreed, found.refused) == (5, 0, False)


def test_a_pack_without_fingerprints_cannot_be_held_against_pictures(tmp_path):
    (tmp_path / "a.csv").write_text("url\nhttps://a.example/a.jpg\n")
    finish(
        packing.build([str(tmp_path / "a.csv")], tmp_path / "pack", About("set", "1"), built_at=NOW)
    )
    with pytest.raises(Problem) as raised:
        calibrate(tmp_path / "pack")
    assert raised.value.kind is Kind.NOTHING_TO_DO


@pytest.mark.parametrize("body", ["", "{", '{"calibrations": [{}]}', '{"calibrations": [1]}', "["])
def test_a_stamp_that_makes_no_sense_is_none(tmp_path, body):
    (tmp_path / "calibration.json").write_text(body)
    assert calibrations(tmp_path) == []
