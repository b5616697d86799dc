# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a pack finds, an engine finds: on two ClickHouse servers, on today's, and on PostgreSQL."""

import json
import os
from dataclasses import asdict, replace

import numpy as np
import pyarrow as pa
import pytest

import engine_servers
from artistguard import engines, fingerprints, packs, reading
from artistguard.engines import asking, backend, cleaning, loading, marks
from artistguard.engines.marks import text_keys
from artistguard.engines.tables import MARK, Collection, Held
from artistguard.errors import Damaged, Kind, Offline, Problem
from artistguard.models import Band, Clue, Fingerprint, More, Query, Witness
from artistguard.packs import bands
from artistguard.packs.batches import Hashes, RowBatch, prepare
from artistguard.packs.builder import build
from artistguard.packs.keys import digest_keys, url_keys
from artistguard.packs.pack import Pack
from artistguard.search.packs import PackBackend
from baking import Row, bake

SAID = asdict(
    Collection(1, "d", "1", "r", 1, {"sha256": 1}, (Held("phash64/1", 64, (21, 21, 21), 64, 1),))
)
HOSTILE = "'; DROP TABLE artistguard_marks; -- \\' \\N \\. \t\n\r\0 \u2028 %s {x:String} 🎨"


@pytest.fixture(params=["clickhouse", "clickhouse, the other server", "chdb", "postgresql"])
def engine(request):
    """Each engine after the other, with what earlier tests have put there."""
    if request.param == "chdb":
        yield request.getfixturevalue("chdb_engine")
        return
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    else:
        url = request.getfixturevalue("clickhouse_pair")["other" in request.param]
    with engines.connected(url) as connected:
        yield connected


def half_a_load(engine):
    """A load that was broken off, and what it had added."""
    rows = pa.RecordBatch.from_pydict({"entry": ["half"], "caption": ["half a load"]})
    begun = loading.begun(packs.About("half", "1"), 1)
    return begun, loading.add(engine, begun, 0, [prepare(RowBatch(rows))])


def load(pack, engine):
    """The collection that a pack has become."""
    list(loading.load(pack, engine))
    revision = Pack.open(pack).manifest.revision
    (found,) = (one for one in engine.collections() if one.revision == revision)
    return found


def pack_of(folder, hashes, algorithm, segment_rows=1500):
    """A pack of entries that have hashes and nothing else."""
    batches = []
    for start in range(0, len(hashes), segment_rows):
        some = hashes[start : start + segment_rows]
        numbers = np.arange(len(some))
        entries = pa.array(numbers + start).cast(pa.string())
        rows = pa.RecordBatch.from_arrays([entries], ["entry"])
        batches.append(RowBatch(rows, {algorithm: Hashes(numbers, some)}))
    about = packs.About(f"set {os.urandom(4).hex()}", "1")
    build(folder, about, batches, built_at="", segment_rows=segment_rows)
    return folder


def crowd(count, length, rng):
    """Hashes of which some are equal, some near, and most neither."""
    hashes = rng.integers(0, 256, (count, length), np.uint8)
    hashes[: count // 10] = flipped(np.tile(hashes[:1], (count // 10, 1)), length, rng)
    hashes[count // 10 : count // 8] = hashes[-1]
    return rng.permutation(hashes)


def flipped(hashes, most, rng):
    bits = np.unpackbits(hashes, axis=1)
    for one in bits:
        one[rng.choice(len(one), rng.integers(0, most + 1), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


@pytest.mark.parametrize(
    "algorithm,length,radius",
    [(fingerprints.PHASH64, 8, 0), (fingerprints.PHASH64, 8, 8), (fingerprints.DCT256, 32, 31)],
)
def test_every_row_within_the_radius_is_found_and_no_other(
    engine, tmp_path, algorithm, length, radius
):
    rng = np.random.default_rng(radius)
    hashes = crowd(4000, length, rng)
    queries = np.concatenate([flipped(hashes[:20], 2 * radius, rng), hashes[20:22]])
    distance = np.bitwise_count(queries[:, None] ^ hashes[None]).sum(axis=2)
    query, row = np.nonzero(distance <= radius)
    truth = set(zip(query.tolist(), row.tolist(), distance[query, row].tolist(), strict=True))

    pack = pack_of(tmp_path / "pack", hashes, algorithm)
    collection = load(pack, engine)
    found = []
    for hits in asking.near(engine, collection, collection.held[0], queries, radius):
        shard, inside = np.divmod(hits.row, np.uint64(1 << 40))
        rows = (shard * 1500 + inside).tolist()
        found += zip(hits.query.tolist(), rows, hits.distance.tolist(), strict=True)
    assert sorted(found) == sorted(truth)
    with Pack.open(pack) as opened:
        hits = opened.search(algorithm, queries, radius)
    assert truth == set(
        zip(hits.query.tolist(), hits.row.tolist(), hits.distance.tolist(), strict=True)
    )


@pytest.fixture
def pictured(paint, tmp_path):
    """A pack of real pictures, with what hostile hands could have written beside them."""
    work = paint("work.png", 1)
    rows = [
        Row("same", work, url="https://cdn.shop.example/a%20b.png?x='1'&y=\"2\""),
        Row("again", work, url="https://www.artist.example/1.png", caption=HOSTILE),
        Row("looks like it", work, file_hashes=False, url="http://artist.example/2.png"),
        Row(HOSTILE, paint("other.png", 2), url="https://notartist.example/artist.example"),
        Row("no address", paint("third.png", 3), url="not an address"),
        Row(
            "named",
            url="https://else.example/3.png",
            caption="by JOSE\u0301_NU\u0301N\u0303EZ\u2122",
        ),
        Row("nearly", url="https://else.example/4.png", caption="Jose Nunez, José A. Núñez"),
        Row("unspaced", url="https://else.example/5.png", caption="葛飾北斎の画"),
    ]
    return bake(tmp_path / "pictured", rows, dataset=HOSTILE, version=os.urandom(8).hex())


def query_of(path):
    """A query whose first variants alone are sure of themselves, so that few are asked far."""
    read = reading.read(str(path))
    prints = tuple(
        Fingerprint(one.algorithm, one.values, one.qualities[:2] + bytes(len(one.qualities) - 2))
        for one in read.fingerprints
    )
    return Query(7, 7, read.width, read.height, read.sha256, read.md5, prints)


def test_works_and_clues_are_answered_as_a_pack_answers_them(engine, pictured, tmp_path):
    ours = backend.EngineBackend(engine, load(pictured, engine))
    clue = Clue(
        urls=("https://cdn.shop.example/a%20b.png?x=%271%27&y=%222%22", HOSTILE, "not an address"),
        hosts=("artist.example", "https://cdn.shop.example/", HOSTILE, "example", "tist.example"),
        names=(
            "drop table",
            "\uff2aos\u00e9 N\u00fa\u00f1ez",
            "北斎",
            "os",
            "",
            HOSTILE,
            "\ud800x",
        ),
    )
    with Pack.open(pictured) as opened:
        theirs = PackBackend(opened)
        query = query_of(tmp_path / "work.png")
        for mine, wanted in (
            (ours.look_up([query]), theirs.look_up([query])),
            (ours.look_up_clue(clue), theirs.look_up_clue(clue)),
        ):
            found, expected = list(mine), list(wanted)
            assert len(expected) > 3
            assert sorted(map(repr, found)) == sorted(map(repr, expected))
        some = {"answers": ours.source.answers, "misses": ours.source.misses}
        assert ours.source == replace(theirs.source, backend="index", **some)
        assert set(theirs.source.answers) == set(ours.source.answers)
        named = [one.entry.entry for one in found if one.witness is Witness.NAME]
        assert sorted(named) == ["again", "again", "named", "unspaced"]
    assert list(ours.look_up([])) == list(ours.look_up_clue(Clue())) == []


def test_what_only_has_the_same_key_is_not_taken_for_the_same(
    engine, pictured, tmp_path, monkeypatch
):
    ours = backend.EngineBackend(engine, load(pictured, engine))
    true = query_of(tmp_path / "work.png")
    other = replace(true, sha256=bytes(32), md5=bytes(16), fingerprints=())
    clue = Clue(urls=("https://else.example/",), hosts=("else.where",))
    for name, found in (
        ("digest_keys", lambda ours: digest_keys([true.sha256 if ours[0][16:] else true.md5])),
        ("url_keys", lambda _: url_keys(["https://www.artist.example/1.png"])),
        ("text_keys", lambda _: text_keys(["artist.example"])),
    ):
        where = marks if name == "text_keys" else backend
        monkeypatch.setattr(where, name, found)
    assert list(ours.look_up([replace(other, sha256=true.sha256, md5=true.md5)])) != []
    assert list(ours.look_up([other])) == list(ours.look_up_clue(clue)) == []


def test_hosts_with_too_many_entries_are_listed_in_part_and_that_is_said(
    engine, tmp_path, monkeypatch
):
    monkeypatch.setattr(backend, "_HOSTS_LISTED", 3)
    rows = [Row(str(n), url=f"https://a{n}.big.example/{n}") for n in range(5)]
    rows += [Row(f"s{n}", url=f"https://small.example/{n}") for n in range(3)]
    pack = bake(tmp_path / "pack", rows, version=os.urandom(8).hex())
    ours = backend.EngineBackend(engine, load(pack, engine))
    found = list(ours.look_up_clue(Clue(hosts=("big.example", "small.example"))))
    assert [one for one in found if isinstance(one, More)] == [
        More(Witness.HOST, "big.example", "web", 3)
    ]
    assert len(found) == 3 + 3 + 1


def test_names_with_too_many_entries_are_listed_in_part_and_that_is_said(
    engine, tmp_path, monkeypatch
):
    monkeypatch.setattr(backend, "_NAMES_LISTED", 3)
    monkeypatch.setattr(backend, "_NAMES_READ", 4)
    captions = [f"by Ana Ruiz, {n}" for n in range(4)] + [f"Ana {n}; Mia. Ruiz" for n in range(5)]
    captions += [f"Mia Ruiz {n}" for n in range(3)]
    rows = [Row(str(n), caption=caption) for n, caption in enumerate(captions)]
    pack = bake(tmp_path / "pack", rows, version=os.urandom(8).hex())
    ours = backend.EngineBackend(engine, load(pack, engine))
    found = list(ours.look_up_clue(Clue(names=("ana ruiz", "Mia Ruiz", "Ruiz", "Mia Ruiz 2"))))
    named = [one.entry.entry for one in found if not isinstance(one, More)]
    # Of "Mia Ruiz" there are more rows that have its words than are read; they may be the others.
    assert sum(name in {"0", "1", "2", "3"} for name in named) >= 3
    assert "11" in named
    assert next((one.clue, one.limit) for one in found if isinstance(one, More)) == ("ana ruiz", 3)
    assert [one.clue for one in found if isinstance(one, More)] == ["ana ruiz", "Mia Ruiz", "Ruiz"]


def test_a_collection_that_was_loaded_without_names_says_that_it_cannot_answer(engine, tmp_path):
    pack = bake(tmp_path / "pack", [Row("one", caption="Ana Ruiz")], version=os.urandom(8).hex())
    whole = load(pack, engine)
    answers = {kind: rows for kind, rows in whole.answers.items() if kind != "name"}
    older = backend.EngineBackend(engine, replace(whole, answers=answers))
    assert Witness.NAME not in older.source.answers
    assert list(older.look_up_clue(Clue(names=("Ana Ruiz",)))) == []


def test_what_is_there_is_not_loaded_again_and_what_is_not_finished_is_not_found(engine, tmp_path):
    pack = bake(tmp_path / "pack", [Row("one")], version=os.urandom(8).hex())
    before = len(engine.collections())
    begun = loading.begun(packs.About("half", "1"), 1)
    loading.add(engine, begun, 0, [])
    assert len(engine.collections()) == before
    assert load(pack, engine) == load(pack, engine)
    assert len(engine.collections()) == before + 1


def test_a_newer_load_of_a_data_set_takes_the_place_of_the_older(engine, tmp_path):
    version = os.urandom(8).hex()
    older = load(bake(tmp_path / "one", [Row("one")], version=version), engine)
    ours = backend.EngineBackend(engine, older)
    newer = load(bake(tmp_path / "two", [Row("one"), Row("two")], version=version), engine)
    assert newer.instead_of == (older.number,)
    assert [one for one in engine.collections() if one.version == version] == [newer]
    # Who was searching the older one goes on with it.
    assert len(list(ours.look_up_clue(Clue(hosts=("host0.example",))))) == 1


def test_what_was_replaced_or_broken_off_is_dropped_and_what_is_searched_is_not(engine, tmp_path):
    version = os.urandom(8).hex()
    older = load(bake(tmp_path / "one", [Row("one")], version=version), engine)
    ours = backend.EngineBackend(engine, older)
    newer = load(bake(tmp_path / "two", [Row("one"), Row("two")], version=version), engine)
    begun, half = half_a_load(engine)

    every = {one.number: one for one in cleaning.loads(engine)}
    states = [every[one.number].state for one in (newer, older, begun)]
    assert states == ["searched", "replaced", "unfinished"]
    assert every[older.number].collection == older
    with pytest.raises(ValueError, match=str(newer.number)):
        cleaning.drop(engine, [every[newer.number], every[older.number]])
    looking = ours.look_up_clue(Clue(hosts=("host0.example",)))
    assert next(looking).entry.entry == "one"  # a search that is under way
    cleaning.drop(engine, [every[older.number], every[begun.number]])
    left = [one.number for one in cleaning.loads(engine)]
    assert newer.number in left
    assert not {older.number, begun.number} & {*left, *engine.numbers()}

    # Nobody takes what is left for everything: neither who searched it, nor who was still loading.
    for search in (looking, ours.look_up_clue(Clue(hosts=("host0.example",))), ours.look_up([])):
        with pytest.raises(Problem) as raised:
            list(search)
        assert raised.value.kind is Kind.SOURCE_GONE
    with pytest.raises(Offline):
        loading.finished(engine, begun, [half])
    assert begun.number not in {one.number for one in engine.collections()}
    theirs = backend.EngineBackend(engine, newer)
    assert len(list(theirs.look_up_clue(Clue(hosts=("host0.example",))))) == 1
    # What was broken off is dropped again, and once more changes nothing.
    cleaning.drop(engine, [every[older.number]])


def test_a_shard_that_is_added_twice_is_there_once(engine, tmp_path):
    hashes = np.random.default_rng(9).integers(0, 256, (300, 8), np.uint8)
    hashes[:9] = hashes[0]
    rows = pa.RecordBatch.from_pydict(
        {"entry": [str(n) for n in range(300)], "url": ["https://twice.example/"] * 300}
    )
    hashed = Hashes(np.arange(300), hashes)
    batch = prepare(RowBatch(rows, {fingerprints.PHASH64: hashed}))
    begun = loading.begun(packs.About(f"twice {tmp_path}", "1"), 300)
    first = loading.add(engine, begun, 5, [batch])
    assert loading.add(engine, begun, 5, [batch]) == first
    whole = loading.finished(engine, begun, [first])
    assert whole.rows == 300
    (held,) = whole.held
    found = list(asking.near(engine, whole, held, hashes[:1], 0))
    assert sorted(row for hits in found for row in hits.row.tolist()) == [
        (5 << 40) + n for n in range(9)
    ]
    ours = backend.EngineBackend(engine, whole)
    assert len(list(ours.look_up_clue(Clue(hosts=("twice.example",))))) == 300


def test_each_server_of_a_cluster_holds_a_part(clickhouse_pair, tmp_path):
    hashes = np.random.default_rng(5).integers(0, 256, (1000, 8), np.uint8)
    with engines.connected(clickhouse_pair[0]) as engine:
        number = load(pack_of(tmp_path / "pack", hashes, fingerprints.PHASH64), engine).number
    counts = []
    for url in clickhouse_pair:
        with engines.connected(url) as engine:
            statement = f"SELECT count() FROM artistguard_marks WHERE collection = {number}"
            counts.append(int(engine._send(statement, b"", None)))
    assert sum(counts) == 3 * 1000
    assert min(counts) > 1000


def test_a_server_of_the_cluster_that_is_away_never_passes_for_an_empty_one(tmp_path):
    with engine_servers.clickhouse(2) as servers:
        urls = [one.prepared() for one in servers]
        pack = bake(tmp_path / "pack", [Row(str(n)) for n in range(9)])
        with engines.connected(urls[0]) as engine:
            collection = load(pack, engine)
            servers[1].process.kill()
            servers[1].process.wait()
            ours = backend.EngineBackend(engine, collection)
            with pytest.raises(Offline) as raised:
                list(ours.look_up_clue(Clue(hosts=("example",))))
    assert raised.value.kind is Kind.SERVER_DATABASE


@pytest.mark.parametrize(
    "url",
    [
        "mysql://localhost/x",
        "clickhouse://",
        "clickhouse://localhost:port/x",
        "clickhouse://localhost/x;drop",
        "clickhouse://localhost/x?cluster=a'b",
        "clickhouse://localhost/x?unknown=1",
        "clickhouse://localhost/x#y",
        "clickhouse://[::1/x",
        "clickhouse://a b/x",
        "postgresql://localhost:99999/x",
        "postgresql://localhost/x?sslmode=off",
        "",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(Problem) as raised, engines.connected(url):
        pass
    assert raised.value.kind is Kind.BAD_USAGE


@pytest.mark.parametrize("scheme", ["clickhouse", "postgresql"])
def test_an_engine_that_is_not_there_is_said_to_be_away(scheme):
    (port,) = engine_servers.free_ports(1)
    with pytest.raises(Offline), engines.opened(f"{scheme}://127.0.0.1:{port}/x"):
        pass


def test_a_wrong_password_is_said_and_not_repeated(clickhouse_pair, postgresql_url):
    for url in (clickhouse_pair[0], postgresql_url):
        wrong = url.replace("open%20%26%20shut", "wr0ng-secret")
        with pytest.raises(Offline) as raised, engines.opened(wrong):
            pass
        assert "wr0ng" not in str(raised.value)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{}",
        "[1]",
        '{"number": "x"}',
        "[" * 9999,
        json.dumps({**SAID, "number": -1}),
        json.dumps({**SAID, "answers": []}),
        json.dumps({**SAID, "held": [{**SAID["held"][0], "widths": []}]}),
        json.dumps({**SAID, "held": [{**SAID["held"][0], "widths": [33]}]}),
        json.dumps({**SAID, "held": [{**SAID["held"][0], "bits": 1 << 20}]}),
        json.dumps({**SAID, "held": [{**SAID["held"][0], "first": 1 << 16}]}),
    ],
)
def test_a_collection_that_is_not_ours_is_no_collection(said):
    sound = b"1\t" + json.dumps(SAID).encode() + b"\n"
    strange = b"1\t" + said.encode() + b"\n"
    assert len(engines.ClickHouse(lambda *_: sound).collections()) == 1
    with pytest.raises(Problem) as raised:
        engines.ClickHouse(lambda *_: sound + strange).collections()
    assert raised.value.kind is Kind.BAD_ANSWER


def test_an_answer_that_was_cut_short_is_no_answer():
    engine = engines.ClickHouse(lambda *_: bytes(MARK.itemsize + 1))
    collection = Collection(1, "d", "1", "r", 1, {"sha256": 1}, ())
    with pytest.raises(Problem) as raised:
        asking.exact(engine, collection, 0, np.ones(1, np.uint64), 1)
    assert raised.value.kind is Kind.BAD_ANSWER


def test_what_a_large_collection_does_not_find_is_said_beforehand():
    def misses(rows):
        widths = asking.cut(256, rows)
        held = (Held(fingerprints.DCT256, 256, widths, 64, rows),)
        one = Collection(1, "d", "1", "r", rows, {}, held)
        return backend.EngineBackend(engines.ClickHouse(lambda *_: b""), one).source.misses

    (small,), (large,) = misses(900_000), misses(5_000_000_000)
    assert (small.witness, small.band) == (Witness.DCT256, Band.POSSIBLE)
    assert small.share < 1
    assert large.band is Band.LIKELY
    farthest = asking.plan(256, 52, 5_000_000_000, asking.cut(256, 5_000_000_000))
    assert large.share == farthest.recall < 0.9


def test_plans_are_exact_while_they_are_affordable_and_never_scan():
    for rows in (1, 10**6, 10**8, 10**10):
        for bits, radius in ((64, 6), (256, 31), (256, 60), (256, 70)):
            widths = asking.cut(bits, rows)
            plan = asking.plan(bits, radius, rows, widths)
            assert plan.bands
            assert plan.cost <= bands.PATIENCE or plan.recall <= 0.2
            if rows <= 10**6 and radius <= 40:
                assert plan.recall == 1.0


def test_no_engine_is_filled_from_a_file_in_which_a_byte_was_changed(chdb_engine, tmp_path, paint):
    pack = bake(tmp_path / "pack", [Row("1", paint("1.png", seed=1), url="https://a.example/b")])
    path = pack / "segment-0000" / "rows.arrow"
    path.write_bytes(path.read_bytes().replace(b"a.example", b"c.example"))
    before = chdb_engine.collections()
    with pytest.raises(Damaged) as caught:
        list(loading.load(pack, chdb_engine))
    assert caught.value.facts["file"] == "segment-0000/rows.arrow"
    assert chdb_engine.collections() == before
