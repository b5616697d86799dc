# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Works are found in packs by every witness a pack has, each believed as far as it may be."""

import shutil

import pytest
from PIL import Image

from artistguard import matches, reading
from artistguard.errors import Damaged, Kind, Problem
from artistguard.models import Band, Clue, FoundFile, Match, More, Query, Witness
from artistguard.search import packs
from artistguard.store import Store
from baking import Row, bake
from fakes import at

NOON = at("2026-05-01T12:00:00Z")


def query(path, key=1):
    read = reading.read(str(path))
    return Query(key, key, read.width, read.height, read.sha256, read.md5, read.fingerprints)


def altered(path, name, change, **how):
    with Image.open(path) as picture:
        change(picture.convert("RGB")).save(path.with_name(name), **how)
    return path.with_name(name)


def look_up(pack, queries=(), clue=None):
    with packs.opened([pack]) as backends:
        return list(matches.look_up(backends, queries, clue or Clue(), NOON))


@pytest.fixture
def copies(paint):
    """One work, and what became of it on the web."""
    work = paint("work.png", 1, size=(640, 480))
    return {
        "work": work,
        "same": shutil.copy(work, work.with_name("same.png")),
        "small": altered(work, "small.jpg", lambda p: p.resize((200, 150)), quality=60),
        "mirror": altered(
            work, "m.jpg", lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT), quality=85
        ),
        "turned": altered(work, "t.jpg", lambda p: p.rotate(90, expand=True), quality=85),
        "crop": altered(work, "c.jpg", lambda p: p.crop((32, 24, 608, 456)), quality=85),
        "stranger": paint("stranger.png", 2, size=(640, 480)),
    }


def test_all_copies_of_a_work_are_found_and_strangers_are_not(copies, tmp_path):
    rows = [
        Row(name, copies[name], file_hashes=name == "same") for name in copies if name != "work"
    ]
    found = look_up(bake(tmp_path / "pack", rows), [query(copies["work"])])
    assert {match.entry.entry: match.band for match in found} == dict.fromkeys(
        ("same", "small", "mirror", "turned", "crop"), Band.CERTAIN
    )
    by_entry = {match.entry.entry: match for match in found}
    assert by_entry["same"].witness is Witness.SHA256
    assert by_entry["small"].witness is Witness.DCT256
    assert (by_entry["mirror"].variant, by_entry["turned"].variant) != ("plain", "plain")
    assert by_entry["small"].entry.dataset == "web"
    assert by_entry["small"].entry.dataset_version == "2026-01"
    assert by_entry["small"].found_at == "2026-05-01T12:00:00Z"


def test_a_published_64_bit_hash_alone_is_never_certain(copies, tmp_path):
    rows = [Row("small", copies["small"], file_hashes=False), Row("other", copies["stranger"])]
    pack = bake(tmp_path / "pack", rows, published_only=True)
    (match,) = look_up(pack, [query(copies["work"])])
    assert (match.entry.entry, match.witness, match.band) == (
        "small",
        Witness.PHASH64,
        Band.LIKELY,
    )


def test_many_works_are_asked_for_in_one_call_and_not_mixed_up(paint, tmp_path):
    rows = [
        Row(f"copy-{n}", altered(paint(f"{n}.png", n), f"{n}.jpg", lambda p: p, quality=70))
        for n in range(20)
    ]
    pack = bake(tmp_path / "pack", rows)
    found = look_up(pack, [query(tmp_path / f"{n}.png", key=n) for n in range(20)])
    assert {(match.work, match.entry.entry) for match in found} == {
        (n, f"copy-{n}") for n in range(20)
    }


def test_blank_pictures_are_not_matched_with_each_other(tmp_path):
    for name, shade in (("mine", 200), ("other", 220)):
        Image.new("RGB", (320, 240), (shade,) * 3).save(tmp_path / f"{name}.png")
    pack = bake(tmp_path / "pack", [Row("blank", tmp_path / "other.png")])
    assert look_up(pack, [query(tmp_path / "mine.png")]) == []


def test_addresses_sites_and_names_point_to_the_artist(tmp_path):
    rows = [
        Row("a", url="https://mira.example/works/1.jpg"),
        Row("b", url="https://shop.mira.example/2.jpg", caption="print"),
        Row("c", url="https://else.example/3.jpg", caption="by Mira Solvang, oil"),
        Row("d", url="https://else.example/4.jpg", caption="Miraculous solvangs"),
    ]
    clue = Clue(
        urls=("HTTPS://mira.example:443/works/1.jpg#top",),
        hosts=("mira.example",),
        names=("mira solvang",),
    )
    found = look_up(bake(tmp_path / "pack", rows), clue=clue)
    assert {(match.entry.entry, match.witness, match.band) for match in found} == {
        ("a", Witness.URL, Band.CERTAIN),
        ("b", Witness.HOST, Band.LIKELY),
        ("c", Witness.NAME, Band.POSSIBLE),
    }
    assert {match.work for match in found} == {None}


def test_a_clue_with_too_many_entries_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "_HOSTS_LISTED", 2)
    rows = [Row(str(n), url=f"https://big.example/{n}.jpg") for n in range(5)]
    found = look_up(bake(tmp_path / "pack", rows), clue=Clue(hosts=("big.example",)))
    assert [item for item in found if isinstance(item, More)] == [
        More(Witness.HOST, "big.example", "web", 2)
    ]
    assert len([item for item in found if isinstance(item, Match)]) == 2


def test_what_a_pack_can_answer_is_what_it_says(copies, tmp_path):
    with packs.opened([bake(tmp_path / "a", [Row("x", copies["small"])])]) as (backend,):
        assert set(backend.source.answers) >= {Witness.DCT256, Witness.SHA256, Witness.URL}
        assert Witness.NAME not in backend.source.answers
    with packs.opened([bake(tmp_path / "b", [Row("x")])]) as (backend,):
        assert set(backend.source.answers) == {Witness.URL, Witness.HOST}


def test_a_work_is_searched_once_per_revision_and_says_what_it_was_checked_against(
    copies, tmp_path
):
    (tmp_path / "data").mkdir()
    store = Store(tmp_path / "data")
    read = reading.read(str(copies["work"]))
    with store.writing():
        version = store.works.add_version(store.works.add("x"), read, "x")
        store.works.add_fingerprints(version, read.fingerprints)
        store.files.place(FoundFile("/a", 1, 1, 1, 1), version)

    def search(pack):
        with packs.opened([pack]) as backends:
            able = reading.witnesses(None)
            news = matches.search(store, backends, able, Clue(), NOON)
            return [item.entry.entry for item in news if isinstance(item, Match)]

    first = bake(tmp_path / "first", [Row("small", copies["small"])])
    assert search(first) == ["small"]
    assert search(first) == []
    more = [Row("small", copies["small"]), Row("mirror", copies["mirror"])]
    assert search(bake(tmp_path / "second", more)) == ["mirror"]
    assert {m.entry.entry for m in store.matches.found()} == {"small", "mirror"}
    (coverage,) = store.matches.coverage()
    assert Witness.PHASH64 not in coverage.witnesses
    assert (coverage.dataset, coverage.dataset_version) == ("web", "2026-01")
    assert Witness.DCT256 in coverage.witnesses
    store.close()


def test_a_damaged_pack_is_named_and_nothing_counts_as_searched(copies, tmp_path):
    pack = bake(tmp_path / "pack", [Row("small", copies["small"])])
    victim = max(pack.rglob("*.arrow"), key=lambda path: path.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-8])
    with pytest.raises(Damaged) as damaged:
        look_up(pack, [query(copies["work"])])
    assert damaged.value.kind is Kind.PACK_DAMAGED
    with pytest.raises(Problem) as missing:
        look_up(tmp_path / "nothing", [])
    assert missing.value.kind is Kind.PACK_MISSING


@pytest.mark.parametrize("kind", ["dct256-1.bands", "dct256-1.postings", "rows.arrow"])
def test_a_pack_with_changed_bytes_is_named_before_a_search_counts(copies, tmp_path, kind):
    pack = bake(tmp_path / "pack", [Row("small", copies["small"])])
    (victim,) = pack.rglob(kind)
    body = bytearray(victim.read_bytes())
    quarter = len(body) // 4
    body[quarter : 2 * quarter] = bytes(byte ^ 1 for byte in body[quarter : 2 * quarter])
    victim.write_bytes(body)
    with pytest.raises(Damaged) as damaged:
        look_up(pack, [query(copies["work"])])
    assert damaged.value.kind is Kind.PACK_DAMAGED
    assert damaged.value.facts == {"path": pack, "file": f"segment-0000/{kind}"}
