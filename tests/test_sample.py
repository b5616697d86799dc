# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The sample portfolio, pack and training set: what a new user tries first has to be right."""

import json
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from artistguard import evidence, fingerprints, reading
from artistguard.datasets import OptOutList, filter_dataset
from artistguard.models import Band, Query
from artistguard.packs.builder import build
from artistguard.search.packs import opened

SAMPLE = Path(__file__).parents[1] / "resources" / "sample"
WORKS = sorted(path for path in (SAMPLE / "portfolio").rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def queries():
    queries = []
    for key, path in enumerate(WORKS):
        read = reading.read(str(path))
        size = (read.width, read.height)
        queries.append(Query(key, key, *size, read.sha256, read.md5, read.fingerprints))
    return queries


@pytest.fixture(scope="module")
def build_pack():
    sys.path.insert(0, str(SAMPLE))
    try:
        import build_pack  # noqa: PLC0415  # the scripts beside the portfolio are no package

        yield build_pack
    finally:
        sys.path.remove(str(SAMPLE))


def look_up(pack, queries):
    """For each query the addresses of its matches with their bands."""
    sightings = {}
    with opened([pack]) as [backend]:
        for sighting in backend.look_up(queries):
            sightings.setdefault((sighting.key, sighting.entry.url), []).append(sighting)
    found = [{} for _ in queries]
    for (key, url), of_entry in sightings.items():
        judgement = evidence.judge(of_entry, queries[key])
        if judgement is not None:
            found[key][url] = judgement.band
    return found


def test_the_sample_portfolio_is_small_and_of_many_kinds():
    assert len(WORKS) == 14
    assert {path.suffix for path in WORKS} == {".jpg", ".png", ".webp", ".tif", ".ora"}
    assert sum(path.stat().st_size for path in WORKS) < 2_500_000
    fox = SAMPLE / "portfolio" / "paintings" / "fox-in-birches.jpg"
    with Image.open(fox) as stored:
        assert stored.size == (1440, 960)
    assert (reading.read(str(fox)).width, reading.read(str(fox)).height) == (960, 1440)


def test_every_sample_work_has_decisive_fingerprints(queries):
    for path, query in zip(WORKS, queries, strict=True):
        for print_ in query.fingerprints:
            assert print_.qualities[0] >= 20, (path.name, print_.algorithm)


def test_the_sample_pack_finds_nearly_every_copy_and_no_stranger(queries, build_pack):
    found = look_up(SAMPLE / "pack", queries)
    taken = {row.url for row in build_pack.taken()}
    assert set().union(*found) <= taken
    certain = sum(band is Band.CERTAIN for of_work in found for band in of_work.values())
    assert certain >= 0.9 * len(taken)
    # No copy is taken for one of another work.
    assert sum(map(len, found)) == len(set().union(*found))
    names = [path.stem for path, of_work in zip(WORKS, found, strict=True) if not of_work]
    assert names == ["tent-under-aurora", "hut-sketch", "night-swell"]


def test_rebuilding_the_sample_pack_gives_the_same_look_ups(tmp_path, queries, build_pack):
    rows = build_pack.taken()
    build(
        tmp_path / "pack",
        build_pack.ABOUT,
        [build_pack.batch(rows)],
        built_at=build_pack.BUILT_AT,
    )
    assert look_up(tmp_path / "pack", queries) == look_up(SAMPLE / "pack", queries)


def test_the_sample_training_set_loses_all_copies_later_ones_included(
    tmp_path, queries, build_pack
):
    found = look_up(SAMPLE / "pack", queries)
    with (tmp_path / "opt-outs.jsonl").open("w") as file:
        for query, of_work in zip(queries, found, strict=True):
            phash = next(
                print_.values[:8].hex()
                for print_ in query.fingerprints
                if print_.algorithm == fingerprints.PHASH64
            )
            row = {"phash": phash, "width": query.width, "height": query.height}
            file.writelines(
                json.dumps(each) + "\n" for each in (row, *({"url": u} for u in of_work))
            )
    table, out = SAMPLE / "training-set.parquet", tmp_path / "out.parquet"
    for _ in filter_dataset(table, out, OptOutList.load(tmp_path)):
        pass
    kept = Counter(pq.read_table(out)["URL"].to_pylist())
    everything = Counter(pq.read_table(table)["URL"].to_pylist())
    later = [row.url for row in build_pack.copies_of(build_pack.LATER, 500)]
    gone = everything - kept
    assert gone >= Counter([url for of_work in found for url in of_work] + later)
    assert gone <= Counter([row.url for row in build_pack.taken()] + later)
