# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  # names in every script are the point
"""Packs: what is built can be looked up, and what is damaged says so."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import textwrap
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from artistguard.errors import Damaged, Kind, Problem, Stopped
from artistguard.packs import About, integrity, names, segment
from artistguard.packs.batches import Hashes, RowBatch
from artistguard.packs.builder import build
from artistguard.packs.pack import Pack

ABOUT = About("night-sky", "2", "https://example.org/night-sky", "CC0-1.0")
WHEN = "2026-11-24T08:00:00Z"
ROWS = 60
CAPTIONS = {3: "Harbour at dawn by Jane Doe", 41: "JANE  DOE, untitled", 7: "a jane doedoe", 8: ""}


def sha256(number):
    return hashlib.sha256(b"%d" % number).digest()


def md5(number):
    return hashlib.md5(b"%d" % number).digest()


def url(number):
    return f"https://cdn{number % 3}.Example{number % 5}.com/{number}.jpg" if number % 10 else None


def hash_of(number, length):
    return np.random.default_rng(number).integers(0, 256, length, np.uint8)


def batch(numbers):
    rows = pa.RecordBatch.from_pydict(
        {
            "entry": [f"id-{number}" for number in numbers],
            "caption": [CAPTIONS.get(number, f"picture {number}") for number in numbers],
            "url": [url(number) for number in numbers],
            "width": pa.array([640 + number for number in numbers], pa.int32()),
            "md5": pa.array([md5(n) if n % 2 else None for n in numbers], pa.binary(16)),
            "sha256": pa.array([sha256(n) for n in numbers], pa.binary(32)),
            "unknown": [1.5 for _ in numbers],
        }
    )
    count = len(numbers)
    every = np.arange(count)
    blank = [np.zeros(8, np.uint8) if n % 6 == 0 else hash_of(n, 8) for n in numbers]
    return RowBatch(
        rows,
        {
            "phash64/1": Hashes(every, np.array(blank), np.array([n % 101 for n in numbers], "u1")),
            "dct256/1": Hashes(
                np.repeat(every, 2),
                np.array([hash_of(n + extra, 32) for n in numbers for extra in (0, 1000)]),
            ),
        },
    )


def batches(size=7):
    return (batch(range(at, min(at + size, ROWS))) for at in range(0, ROWS, size))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A pack of three segments that no test changes."""
    out = tmp_path_factory.mktemp("built") / "pack"
    build(out, ABOUT, batches(), built_at=WHEN, segment_rows=25)
    return out


@pytest.fixture
def folder(built, tmp_path):
    """A pack of the test's own."""
    return shutil.copytree(built, tmp_path / "pack")


@pytest.fixture
def pack(built):
    with Pack.open(built) as opened:
        yield opened


def pairs(found):
    return list(zip(found.query.tolist(), found.row.tolist(), strict=True))


def ask_everything(folder):
    """Every look-up there is, so that every file is read."""
    with Pack.open(folder) as pack:
        pack.search("phash64/1", np.zeros((2, 8), np.uint8), 64)
        pack.search("dct256/1", np.array([hash_of(5, 32), hash_of(7, 32)]), 31)
        pack.find_sha256([sha256(n) for n in range(ROWS)])
        pack.find_md5([md5(n) for n in range(ROWS)])
        pack.find_urls([url(n) or "" for n in range(ROWS)])
        pack.find_hosts(["example1.com", "com"])
        pack.find_names(["Jane Doe"])
        pack.entries(range(pack.manifest.rows))


def test_a_pack_says_what_it_holds_and_what_it_can_answer(pack):
    manifest = pack.manifest
    assert manifest.about == ABOUT
    assert manifest.built_at == WHEN
    assert manifest.rows == ROWS
    assert len(manifest.segments) == 3
    assert dict(manifest.answers) == {
        "sha256": 60,
        "md5": 30,
        "url": 54,
        "host": 54,
        "name": 60,
        "phash64/1": 60,
        "dct256/1": 120,
    }
    assert len(manifest.revision) == 64


def test_what_a_pack_has_not_is_said_and_has_no_hits(tmp_path):
    plain = pa.RecordBatch.from_pydict({"entry": ["a"], "url": ["https://a.example/x"]})
    build(tmp_path / "p", ABOUT, [RowBatch(plain)], built_at=WHEN)
    with Pack.open(tmp_path / "p") as pack:
        assert dict(pack.manifest.answers) == {
            "sha256": 0, "md5": 0, "url": 1, "host": 1, "name": 0
        }  # fmt: skip
        assert pairs(pack.search("dct256/1", np.zeros((3, 32), np.uint8), 31)) == []
        assert pairs(pack.find_sha256([sha256(1)])) == []
        assert pairs(pack.find_names(["a"])) == []
        assert pairs(pack.find_urls(["https://a.example/x"])) == [(0, 0)]


def test_a_pack_of_nothing_can_be_asked(tmp_path):
    build(tmp_path / "p", ABOUT, [], built_at=WHEN)
    with Pack.open(tmp_path / "p") as pack:
        assert pack.manifest.rows == 0
        assert pairs(pack.find_urls(["https://a.example/x"])) == []
        assert pairs(pack.find_names(["a"])) == []
        assert pack.entries([]) == []


def test_entries_come_back_as_they_were_given(pack):
    first, other = pack.entries(np.array([33, 2]))
    assert (first.dataset, first.dataset_version) == ("night-sky", "2")
    assert (first.entry, first.url, first.host) == ("id-33", url(33), "cdn0.example3.com")
    assert (first.caption, first.width, first.height) == ("picture 33", 673, None)
    assert (first.sha256, first.md5) == (sha256(33), md5(33))
    assert (other.entry, other.md5) == ("id-2", None)
    assert pack.entries([10])[0].host is None


@pytest.mark.parametrize("row", [-1, ROWS, 2**40])
def test_a_row_that_is_not_there_is_an_error(pack, row):
    with pytest.raises(IndexError):
        pack.entries([3, row])


def test_all_variants_of_all_works_are_looked_up_in_one_call(pack):
    asked = np.array([hash_of(n, 32) for n in (4, 1044, 9000)])
    asked[1, 0] ^= 0b0111
    hits = pack.search("dct256/1", asked, 31)
    assert pairs(hits) == [(0, 4), (1, 44)]
    assert hits.distance.tolist() == [0, 3]
    assert hits.recall == 1.0
    assert [pack.entries([row])[0].entry for row in hits.row] == ["id-4", "id-44"]


def test_the_hits_come_with_the_quality_of_the_rows_hash(pack):
    hits = pack.search("phash64/1", np.array([hash_of(47, 8)]), 0)
    assert (hits.row.tolist(), hits.quality.tolist()) == ([47], [47])
    assert pack.search("dct256/1", np.array([hash_of(47, 32)]), 0).quality.tolist() == [100]


def test_one_hash_of_many_rows_gives_them_all(pack):
    hits = pack.search("phash64/1", np.zeros((1, 8), np.uint8), 0)
    assert hits.row.tolist() == [*range(0, ROWS, 6)]


def test_the_rows_of_common_hashes_come_in_parts(pack, monkeypatch):
    monkeypatch.setattr(segment, "_POSTINGS_AT_ONCE", 3)
    asked = np.array([np.zeros(8, np.uint8), hash_of(1, 8), np.zeros(8, np.uint8)])
    blocks = list(pack.blocks("phash64/1", asked, 0))
    assert len(blocks) > 3
    assert pairs(pack.search("phash64/1", asked, 0)) == [
        *((0, row) for row in range(0, ROWS, 6)),
        (1, 1),
        *((2, row) for row in range(0, ROWS, 6)),
    ]


def test_a_hash_of_too_many_rows_is_cut_short_and_the_manifest_says_so(tmp_path):
    built = build(tmp_path / "p", ABOUT, batches(), built_at=WHEN, postings_cap=4)
    (held,) = (one for one in built.segments[0].held if one.algorithm == "phash64/1")
    assert (held.capped, held.left_out, held.postings) == (1, 6, 54)
    with Pack.open(tmp_path / "p") as pack:
        hits = pack.search("phash64/1", np.zeros((1, 8), np.uint8), 0)
        assert hits.row.tolist() == [0, 6, 12, 18]


def test_blocks_cover_every_segment(pack):
    blocks = list(pack.blocks("phash64/1", np.zeros((1, 8), np.uint8), 0))
    assert [row for block in blocks for row in block.row] == [*range(0, ROWS, 6)]
    assert len(blocks) == 3


def test_files_are_found_by_their_hashes(pack):
    assert pairs(pack.find_sha256([sha256(59), b"\0" * 32, sha256(0)])) == [(0, 59), (2, 0)]
    assert pairs(pack.find_md5([md5(2), md5(31)])) == [(1, 31)]


def test_two_hashes_that_begin_alike_are_not_the_same(pack):
    assert pairs(pack.find_sha256([sha256(3)[:8] + bytes(24), sha256(3)[:8], b""])) == []


def test_addresses_are_found_in_every_spelling(pack):
    spellings = [
        "https://cdn0.Example3.com/33.jpg",
        "HTTPS://cdn0.example3.com:443/%33%33.jpg#top",
        "http://cdn0.example3.com/33.jpg",
        "https://cdn0.example3.com/33.jpg?size=2",
        "not an address",
        "",
    ]
    assert pairs(pack.find_urls(spellings)) == [(0, 33), (1, 33)]


def test_what_is_no_address_is_found_as_it_stands(tmp_path):
    rows = pa.RecordBatch.from_pydict({"entry": ["a", "b"], "url": ["s3://Bucket/x", "s3://y"]})
    build(tmp_path / "p", ABOUT, [RowBatch(rows)], built_at=WHEN)
    with Pack.open(tmp_path / "p") as pack:
        assert pairs(pack.find_urls(["s3://Bucket/x", "s3://bucket/x"])) == [(0, 0)]


def test_a_domain_covers_its_subdomains_and_nothing_else(tmp_path):
    hosts = ["a.com", "www.a.com", "x.www.a.com", "a.com-b.org", "ba.com", "a-b.com", "a.com.au"]
    hosts += ["a.co", "com", "bücher.a.com"]
    rows = pa.RecordBatch.from_pydict(
        {"entry": hosts, "url": [f"http://{host}:8080/p" for host in hosts]}
    )
    build(tmp_path / "p", ABOUT, [RowBatch(rows)], built_at=WHEN)
    with Pack.open(tmp_path / "p") as pack:
        for asked in ("a.com", "WWW.A.com", "https://a.com/here", "com", "bücher.a.com", "a b", ""):
            domain = {"https://a.com/here": "a.com"}.get(asked, asked.lower())
            assert [hosts[row] for row in pack.find_hosts([asked]).row] == [
                host
                for host in hosts
                if host == domain or host.endswith(f".{domain}" if domain else "?")
            ]


def test_no_more_rows_than_asked_for_and_it_says_that_there_are_more(pack):
    for ask, queries in (
        (pack.find_hosts, ["example1.com", "nowhere.example", "com"]),
        (pack.find_names, ["picture 3", "nobody", "picture"]),
    ):
        found = ask(queries, limit=3)
        counts = np.bincount(found.query, minlength=3).tolist()
        assert counts[1:] == [0, 3]
        assert found.more.tolist()[1:] == [False, True]
    exact = pack.find_hosts(["cdn1.example1.com"], limit=4)
    assert (len(exact.row), exact.more.tolist()) == (4, [False])


def test_names_are_found_as_whole_words_in_one_pass(pack):
    found = pack.find_names(["jane doe", "Doe", "jan", "", "??", "Jane"])
    assert pairs(found) == [(0, 3), (0, 41), (1, 3), (1, 41), (5, 3), (5, 7), (5, 41)]


@pytest.mark.parametrize(
    "name, caption, there",
    [
        ("José Núñez", "JOSÉ NÚÑEZ 2021", True),
        ("José", "Jose\u0301 painted", True),
        ("Jose", "Jose\u0301 painted", False),
        ("Jose\u0301", "by josé.", True),
        ("Анна Ким", "картина: АННА КИМ", True),
        ("Анна", "Аннабель", False),
        ("Ελένη", "ΕΛΈΝΗ · 2020", True),
        ("राम", "चित्र राम द्वारा", True),
        ("राम", "रामा", False),
        ("山田太郎", "絵師山田太郎の作品", True),
        ("さくら", "さくらさん", True),
        ("김철수", "김철수의 그림", True),
        ("สมชาย", "ภาพโดยสมชายครับ", True),
        ("محمد علي", "لوحة محمد علي", True),
        ("דנה לוי", "ציור: דנה לוי", True),
        ("Jane Doe", "by_jane_doe_2020.png", True),
        ("Jane Doe", "jane-doe", True),
        ("Jane\u3000Doe", "by Jane\u00a0Doe", True),
        ("C++ (art)", "by C++ (art)!", True),
        ("a.b", "axb", False),
        ("O'Brien", "o'brien's cat", True),
        ("Weiß", "Weißer", False),
        ("\ud800x", "x", False),
        ("O\u0301scar", "\u00d3SCAR painted", True),
        ("\u00d3scar", "o\u0301scar", True),
        ("Jane Doe", "by \uff2a\uff41\uff4e\uff45\u3000\uff24\uff4f\uff45", True),
        ("Jane Doe", "by \U0001d4d9\U0001d4ea\U0001d4f7\U0001d4ee Doe", True),
        ("\uff2aane", "jane!", True),
        ("さくら", "\uff7b\uff78\uff97", False),
        ("サクラ", "by \uff7b\uff78\uff97", True),
        ("Jane Doe", "Jane Doe\u2122", True),
        ("Jane Doe", "Jane\u2122Doe", False),
        ("O\u00b4Brien", "by o\u00b4brien", True),
        ("Strau\u00df", "STRAUSS", True),
        ("Strauss", "von Strau\u00df", True),
        ("Strauss", "Straussen", False),
        ("\u0130brahim", "\u0130BRAHIM", True),
        ("Ωμέγας", "ΩΜΈΓΑΣ", True),
        ("Thế", "th\u00ea\u0301", True),
        ("김철수", "\u1100\u1175\u11b7철수", True),
    ],
)
def test_names_are_found_in_every_script(tmp_path, name, caption, there):
    rows = pa.RecordBatch.from_pydict({"entry": ["a", "b"], "caption": [None, caption]})
    build(tmp_path / "p", ABOUT, [RowBatch(rows)], built_at=WHEN)
    with Pack.open(tmp_path / "p") as pack:
        assert pairs(pack.find_names(["zzz", name])) == ([(1, 1)] if there else [])
    # Whoever looks names up by their words must not miss one.
    assert not there or set(names.terms_of_name(name)) <= set(names.terms(caption)) != set()


def test_every_letter_that_has_another_spelling_is_read_with_care():
    """The first pass folds case and no more, so it has to know what is to be settled before."""
    letters = (chr(code) for code in range(0xA0, 0x110000) if not 0xD800 <= code < 0xE000)
    changed = [
        one
        for one in letters
        if unicodedata.category(one)[0] in "LMN" and unicodedata.normalize("NFKC", one) != one
    ]
    found = pc.match_substring_regex(pa.array(changed), names._UNSETTLED)
    assert len(changed) > 3000
    assert pc.all(found).as_py()


def test_many_long_names_can_be_asked_for_at_once(pack):
    rng = np.random.default_rng(1)
    names = ["".join(map(chr, rng.integers(0x21, 0x3000, 300))) for _ in range(300)]
    assert pairs(pack.find_names([*names, "picture 33"])) == [(300, 33)]


def test_rows_are_cut_into_batches_however_they_come(tmp_path):
    def rows(numbers):
        return RowBatch(pa.RecordBatch.from_pydict({"entry": [str(n) for n in numbers]}))

    sizes = np.random.default_rng(1).integers(0, 9000, 12).tolist()
    ends = np.cumsum(sizes).tolist()
    stream = (rows(range(end - size, end)) for size, end in zip(sizes, ends, strict=True))
    build(tmp_path / "p", ABOUT, stream, built_at=WHEN, segment_rows=20_000)
    with Pack.open(tmp_path / "p") as pack:
        asked = list(range(0, ends[-1], 97))
        assert [entry.entry for entry in pack.entries(asked)] == [str(row) for row in asked]


# --- what can go wrong ----------------------------------------------------------------------------


def names_of(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


FILES = [
    f"segment-0001/{name}"
    for name in (
        "dct256-1.bands",
        "dct256-1.postings",
        "md5.keys",
        "phash64-1.bands",
        "phash64-1.postings",
        "rows.arrow",
        "sha256.keys",
        "url.hosts",
        "url.keys",
    )
]


def test_a_pack_has_these_files(folder):
    assert [name for name in names_of(folder) if "0001" in name] == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_shortened_file_is_named_when_the_pack_is_opened(folder, name):
    path = folder / name
    whole = path.read_bytes()
    for harm in (path.unlink, lambda: path.write_bytes(whole[:-1]), lambda: path.write_bytes(b"")):
        harm()
        with pytest.raises(Damaged) as caught:
            Pack.open(folder)
        assert caught.value.kind is Kind.PACK_DAMAGED
        assert caught.value.facts == {"path": folder, "file": name}


@pytest.mark.parametrize("name", FILES)
def test_one_changed_bit_is_found_and_its_file_named(folder, name):
    with Pack.open(folder) as pack:
        assert all(check.whole for check in pack.verify())
        body = bytearray((folder / name).read_bytes())
        body[len(body) // 2] ^= 4
        (folder / name).write_bytes(body)
        assert [check.name for check in pack.verify() if not check.whole] == [name]
        (folder / name).unlink()
        assert [check.name for check in pack.verify() if not check.whole] == [name]


@pytest.fixture
def reads(monkeypatch):
    """The names of the files that are read through; no pack is small enough to be forgotten."""
    names = []

    def counted(path, sha256=integrity._sha256):
        names.append(path.name)
        return sha256(path)

    monkeypatch.setattr(integrity, "_sha256", counted)
    monkeypatch.setattr(integrity, "_SMALL", 0)
    return names


def ask_for_a_file(folder):
    with Pack.open(folder) as pack:
        return pack.find_sha256([bytes(32)] * 2).row.tolist()


def test_a_file_is_read_through_before_its_first_use_and_remembered(folder, reads):
    Pack.open(folder).close()
    assert reads == []
    ask_for_a_file(folder)
    segments = len({name.partition("/")[0] for name in names_of(folder) if "/" in name})
    assert sorted(reads) == sorted(["sha256.keys", "rows.arrow"] * segments)
    reads.clear()
    ask_for_a_file(folder)
    assert reads == []
    with Pack.open(folder) as pack:
        pack.find_md5([bytes(16)])
    assert set(reads) == {"md5.keys"}


def test_what_changes_after_it_was_read_through_is_read_again(folder, reads, tmp_path):
    ask_for_a_file(folder)
    path = folder / "segment-0000" / "sha256.keys"
    times = path.stat()
    body = bytearray(path.read_bytes())
    body[0] ^= 1
    path.write_bytes(body)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    for _ in range(2):
        with pytest.raises(Damaged) as caught:
            ask_for_a_file(folder)
        assert caught.value.facts == {"path": folder, "file": "segment-0000/sha256.keys"}
    body[0] ^= 1
    path.write_bytes(body)
    ask_for_a_file(folder)
    reads.clear()
    shutil.copytree(folder, tmp_path / "copy")  # with all times
    ask_for_a_file(tmp_path / "copy")
    assert reads, "a copy has not been read through"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"format": 1, "files": 3}', None])
def test_what_cannot_be_remembered_is_read_in_each_opening(folder, reads, body):
    path = folder / "verified.json"
    if body is None:
        (path / "in the way").mkdir(parents=True)
    else:
        path.write_bytes(body)
    ask_for_a_file(folder)
    once = len(reads)
    ask_for_a_file(folder)
    assert len(reads) == once * (2 if body is None else 1) > 0


def test_nothing_is_written_into_a_small_pack(folder):
    before = names_of(folder)
    ask_for_a_file(folder)
    assert names_of(folder) == before


def blame(folder):
    """The file that is named as damaged, if any."""
    try:
        ask_everything(folder)
    except Damaged as problem:
        return problem.facts["file"]
    return None


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("filling", [b"\xff", b"\0", b"\x7f", b"random"])
def test_a_hostile_file_is_named_or_answers_wrongly_but_does_no_harm(folder, name, filling):
    path = folder / name
    size = path.stat().st_size
    if filling == b"random":
        path.write_bytes(np.random.default_rng(1).bytes(size))
    else:
        path.write_bytes(filling * size)
    assert blame(folder) in (None, name)


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_hostile_places_does_no_harm(folder, name):
    path = folder / name
    whole = path.read_bytes()
    rng = np.random.default_rng(len(name))
    for _ in range(8):
        body = bytearray(whole)
        for place in rng.integers(0, len(body), 8):
            body[place] = rng.choice([0, 1, 0x7F, 0x80, 0xFF])
        path.write_bytes(body)
        assert blame(folder) in (None, name)


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_rows_that_could_unpack_to_any_size_are_refused(folder, compression):
    path = folder / "segment-0000/rows.arrow"
    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
        options = pa.ipc.IpcWriteOptions(compression=compression)
        with pa.ipc.new_file(folder / "new", table.schema, options=options) as writer:
            writer.write_table(table)
    (folder / "new").replace(path)
    amend(folder, ("files", "segment-0000/rows.arrow", "size"), path.stat().st_size)
    assert blame(folder) == "segment-0000/rows.arrow"


def test_no_pack_and_a_folder_that_is_none_are_told_apart_from_a_damaged_one(tmp_path, folder):
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(Problem) as caught:
            Pack.open(place)
        assert caught.value.kind is Kind.PACK_MISSING


def test_a_newer_pack_is_refused_whatever_else_it_says(folder):
    (folder / "manifest.json").write_text('{"format": 2, "rows": "many"}')
    with pytest.raises(Problem) as caught:
        Pack.open(folder)
    assert caught.value.kind is Kind.PACK_NEWER


def amend(folder, path, value):
    """Change one value in the manifest."""
    manifest = folder / "manifest.json"
    parts = json.loads(manifest.read_bytes())
    *way, last = path
    inner = parts
    for step in way:
        inner = inner[step]
    inner[last] = value
    manifest.write_text(json.dumps(parts))


FIRST = ("segments", 0)


@pytest.mark.parametrize(
    "path, value",
    [
        (("format",), None),
        (("format",), 0),
        (("format",), True),
        (("dataset",), 7),
        (("dataset",), "x" * 5000),
        (("segments",), None),
        (("segments",), [{}] * 20_000),
        ((*FIRST, "rows"), -1),
        ((*FIRST, "rows"), 2**40),
        ((*FIRST, "rows"), 10.5),
        ((*FIRST, "batch"), 0),
        ((*FIRST, "sha256"), 10**6),
        ((*FIRST, "hosts"), [1, 2]),
        ((*FIRST, "hosts"), 3),
        ((*FIRST, "held", 0, "algorithm"), "../../x/1"),
        ((*FIRST, "held", 1, "algorithm"), "phash64/1"),
        ((*FIRST, "held", 0, "bits"), 12),
        ((*FIRST, "held", 0, "bits"), 0),
        ((*FIRST, "held", 0, "widths"), [0]),
        ((*FIRST, "held", 0, "widths"), [60]),
        ((*FIRST, "held", 0, "widths"), [28] * 20),
        (("files",), []),
        (("files", "../evil"), {"size": 0, "sha256": "0" * 64}),
        (("files", "/etc/passwd"), {"size": 0, "sha256": "0" * 64}),
        (("files", "segment-0000/../../x.keys"), {"size": 0, "sha256": "0" * 64}),
        (("files", "segment-0000/rows.arrow"), {"size": 10, "sha256": "no"}),
    ],
)
def test_a_manifest_that_makes_no_sense_is_damaged(folder, path, value):
    amend(folder, path, value)
    with pytest.raises(Damaged) as caught:
        Pack.open(folder)
    assert caught.value.facts == {"path": folder, "file": "manifest.json"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b" " * (9 << 20)]
)
def test_a_manifest_that_is_none_is_damaged(folder, body):
    (folder / "manifest.json").write_bytes(body)
    with pytest.raises(Damaged) as caught:
        Pack.open(folder)
    assert caught.value.facts == {"path": folder, "file": "manifest.json"}


@pytest.mark.parametrize(
    "path, value",
    [
        ((*FIRST, "rows"), 5),
        ((*FIRST, "rows"), 10**9),
        ((*FIRST, "batch"), 1),
        ((*FIRST, "url"), 1),
        ((*FIRST, "hosts"), [2**31, 2**31, 2**31]),
        ((*FIRST, "held", 0, "distinct"), 2**32 - 1),
        ((*FIRST, "held", 0, "widths"), [28]),
        ((*FIRST, "held", 1, "postings"), 1),
    ],
)
def test_a_manifest_that_lies_about_its_files_is_caught_when_they_are_read(folder, path, value):
    amend(folder, path, value)
    with pytest.raises(Damaged) as caught:
        ask_everything(folder)
    assert caught.value.kind is Kind.PACK_DAMAGED


def test_hashes_of_another_length_than_their_algorithms_are_damage(tmp_path):
    rows = pa.RecordBatch.from_pydict({"entry": ["a"]})
    short = Hashes(np.zeros(1, np.int64), np.zeros((1, 8), np.uint8))
    build(tmp_path / "p", ABOUT, [RowBatch(rows, {"dct256/1": short})], built_at=WHEN)
    with Pack.open(tmp_path / "p") as pack, pytest.raises(Damaged) as caught:
        pack.search("dct256/1", np.zeros((1, 32), np.uint8), 31)
    assert caught.value.facts == {"path": tmp_path / "p", "file": "manifest.json"}


def test_a_segment_that_lists_no_files_is_damaged(folder):
    amend(folder, ("files",), {})
    with pytest.raises(Damaged):
        Pack.open(folder)


def test_nothing_is_ever_written_over(folder, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    before = {name: (folder / name).read_bytes() for name in names_of(folder)}
    for out in (folder, tmp_path / "file", tmp_path / "link"):
        with pytest.raises(Problem) as caught:
            build(out, ABOUT, batches(), built_at=WHEN)
        assert caught.value.kind is Kind.PACK_EXISTS
    assert {name: (folder / name).read_bytes() for name in names_of(folder)} == before


@pytest.mark.parametrize("trouble", [ValueError("row"), KeyboardInterrupt(), OSError(5, "reading")])
def test_a_build_that_is_broken_off_leaves_nothing_and_raises_what_broke_it(tmp_path, trouble):
    def broken():
        yield from list(batches())[:5]
        raise trouble

    with pytest.raises(type(trouble)) as caught:
        build(tmp_path / "p", ABOUT, broken(), built_at=WHEN, segment_rows=20)
    assert caught.value is trouble
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_is_killed_leaves_no_pack_and_the_next_one_succeeds(tmp_path):
    script = f"""
        import os, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from test_packs import ABOUT, WHEN, batches, build
        def killed():
            yield from list(batches())[:6]
            os._exit(9)
        build(Path({str(tmp_path / "p")!r}), ABOUT, killed(), built_at=WHEN, segment_rows=20)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert done.returncode == 9
    assert {path.name for path in tmp_path.iterdir()} == {".p.part", ".p.lock"}
    with pytest.raises(Problem) as caught:
        Pack.open(tmp_path / "p")
    assert caught.value.kind is Kind.PACK_MISSING
    build(tmp_path / "p", ABOUT, batches(), built_at=WHEN)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    ask_everything(tmp_path / "p")


@pytest.mark.parametrize(
    "code, kind", [(errno.ENOSPC, Kind.DISK_FULL), (errno.EROFS, Kind.DATA_NOT_WRITABLE)]
)
def test_a_full_disk_stops_the_build_and_leaves_nothing(tmp_path, monkeypatch, code, kind):
    def full(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Stopped) as caught:
        build(tmp_path / "p", ABOUT, batches(), built_at=WHEN)
    assert caught.value.kind is kind
    assert list(tmp_path.iterdir()) == []
