# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How engines compare with a pack of the same rows: python tests/bench/engines.py [--rows ...].

Two ClickHouse servers of one cluster and a PostgreSQL server, started here on loopback, are loaded
from a pack and asked the same queries, by plans of the same recall. Times are what all cores have
spent, the servers' and ours together, so that whoever else is busy here hardly matters.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

import engine_servers
from artistguard import engines
from artistguard.engines import asking, loading, tables
from artistguard.packs import About
from artistguard.packs.bands import Band
from artistguard.packs.batches import Hashes, RowBatch
from artistguard.packs.builder import build
from artistguard.packs.layout import band_values, lay_out
from artistguard.packs.pack import Pack
from search import ALGORITHMS, queries_of, rows_of

RADII = {64: 6, 256: 31}
ASKED, MARK = tables.ASKED.itemsize, tables.MARK.itemsize  # bytes, on the line
SIZES = {
    "ClickHouse": "SELECT sum(bytes), sum(rows) FROM system.parts WHERE active AND table = '{}'",
    "PostgreSQL": "SELECT pg_total_relation_size('{0}'), count(*) FROM {0}",
}


@dataclass(frozen=True)
class Figures:
    """What was measured of one engine with hashes of one length.

    Bytes are on disk, indexes included: for a mark by which a row is found by its hash (one for
    each band), for one by which it is found by a key (of its address, its host and the domains
    above it, and each file hash), and for its entry. Seconds are of one core, those of the servers
    and of the client together.
    """

    engine: str
    bits: int
    rows: int
    bands: int
    bytes_a_mark: float
    bytes_a_key: float
    bytes_an_entry: float
    load_seconds_a_row: float
    values_a_second: float
    marks_a_second: float
    recall: float
    times_a_pack: float


def batches(rows, bits, rng, *, with_hashes):
    """Rows with addresses and captions as long and as unlike each other as published ones."""
    words = np.array([rng.bytes(rng.integers(1, 5)).hex() for _ in range(5_000)])
    for start in range(0, len(rows), 1 << 14):
        part = rows[start : start + (1 << 14)]
        numbers = np.arange(start, start + len(part))
        hosts = rng.zipf(1.3, len(part)) % 100_000
        columns = {
            "entry": [f"{n:012}" for n in numbers],
            "url": [f"https://cdn.site{n}.example/{rng.bytes(16).hex()}.jpg" for n in hosts],
            "caption": [" ".join(some) for some in rng.choice(words, (len(part), 10))],
            "width": rng.integers(200, 2000, len(part)),
            "height": rng.integers(200, 2000, len(part)),
        }
        batch = pa.RecordBatch.from_pydict(columns)
        hashes = {ALGORITHMS[bits]: Hashes(np.arange(len(part)), part)} if with_hashes else {}
        yield RowBatch(batch, hashes)


def measure(name, engine, ask, packs, bits, hashes, queries):
    """Load packs of the same rows without and with hashes into an engine; ask it and the second."""
    bare, pack = packs
    list(loading.load(bare, engine))
    keys, keyed = ask("artistguard_marks")
    entries, entered = ask("artistguard_entries")
    began = spent()
    list(loading.load(pack, engine))
    loaded = spent() - began
    with Pack.open(pack) as opened:
        revision, rows = opened.manifest.revision, opened.manifest.rows
        radius = RADII[bits]
        search = lambda: opened.search(ALGORITHMS[bits], queries, radius)  # noqa: E731
        theirs, hits = timed(search)
    (collection,) = (one for one in engine.collections() if one.revision == revision)
    held = collection.held[0]
    plan = asking.plan(bits, radius, held.distinct, held.widths)
    ours, found = timed(lambda: list(asking.near(engine, collection, held, queries, radius)))
    pairs = {
        (query, row >> 40, row & ((1 << 40) - 1))
        for part in found
        for query, row in zip(part.query.tolist(), part.row.tolist(), strict=True)
    }
    marks, marked = ask("artistguard_marks")
    return Figures(
        name,
        bits,
        rows,
        len(held.widths),
        (marks - 2 * keys) / (marked - 2 * keyed),
        keys / keyed,
        entries / entered,
        loaded / rows,
        plan.probes * len(queries) / ours,
        1 / seconds_a_mark(engine, collection, held, hashes, queries),
        len(pairs) / max(1, len(np.unique(hits.query << 40 | hits.row))),
        ours / theirs,
    )


def seconds_a_mark(engine, collection, held, hashes, queries):
    """What it takes to get one more mark for a value, and to compare it."""
    width = held.widths[0]
    values = np.unique(band_values(lay_out(hashes), Band(0, width, 0)))[: asking.AT_ONCE]
    asked = np.empty(len(values), tables.ASKED)
    asked["collection"], asked["band"], asked["value"] = collection.number, held.first, values
    some, found = timed(lambda: engine.having(asked))
    asked["value"] |= 1 << width  # none of these is there
    none, nothing = timed(lambda: engine.having(asked))
    assert len(found) >= len(values)
    assert not len(nothing)
    rng = np.random.default_rng(1)
    marks = found[rng.integers(0, len(found), 1 << 20)]
    words = lay_out(queries)
    which = rng.integers(0, len(words), len(marks))
    compared, _ = timed(lambda: asking._compare(words, which, marks, RADII[held.bits]))
    return max(0, some - none) / len(found) + compared / len(marks)


def timed(work):
    """The seconds of the middle one of three, and the outcome."""
    times = []
    for _ in range(3):
        began = spent()
        outcome = work()
        times.append(spent() - began)
    return statistics.median(times), outcome


def spent():
    """Seconds that cores have spent on this process and on all that it has started, so far."""
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, _, rest = path.read_text().partition(" (")
            stats[int(pid)] = rest.rpartition(")")[2].split()
    ours, size = {os.getpid()}, 0
    while len(ours) > size:
        size = len(ours)
        ours |= {pid for pid, stat in stats.items() if int(stat[1]) in ours}
    theirs = ours - {os.getpid()}
    ticks = sum(int(tick) for pid in theirs for tick in stats.get(pid, [0] * 15)[11:15])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def figures(rows, queries_count=500):
    """All figures, each of an engine that holds nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        for bits, count in rows.items():
            rng = np.random.default_rng(bits)
            hashes = rows_of(count, bits, rng)
            queries = queries_of(queries_count, hashes, rng)
            packs = [Path(folder) / f"{bits}{kind}" for kind in ("bare", "hashed")]
            for pack, with_hashes in zip(packs, (False, True), strict=True):
                found = batches(hashes, bits, rng, with_hashes=with_hashes)
                build(pack, About("bench", "1"), found, built_at="")
            for name, running in (("ClickHouse", clickhouse), ("PostgreSQL", postgresql)):
                with ExitStack() as stack:
                    engine, ask = running(stack)
                    yield measure(name, engine, ask, packs, bits, hashes, queries)


def clickhouse(stack):
    servers = stack.enter_context(engine_servers.clickhouse(2))
    urls = [one.prepared() for one in servers]
    opened = [stack.enter_context(engines.connected(url)) for url in urls]

    def ask(table):
        for one in opened:
            one._send(f"OPTIMIZE TABLE {table}", b"", None)
        statement = SIZES["ClickHouse"].format(table)
        parts = [one._send(statement, b"", None).split() for one in opened]
        return [sum(map(int, column)) for column in zip(*parts, strict=True)]

    return opened[0], ask


def postgresql(stack):
    url = stack.enter_context(engine_servers.postgresql())
    engines.prepare(url)
    engine = stack.enter_context(engines.connected(url))

    def ask(table):
        with engine._transaction() as run:
            (found,) = run(SIZES["PostgreSQL"].format(table))
        return found

    return engine, ask


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=lambda n: int(float(n)), nargs=2, default=[500_000, 200_000])
    parser.add_argument("--json", action="store_true", help="a line of JSON for each")
    arguments = parser.parse_args()
    for one in figures(dict(zip((64, 256), arguments.rows, strict=True))):
        if arguments.json:
            print(json.dumps(asdict(one)), flush=True)
            continue
        print(
            f"{one.engine:10} {one.bits:3} bits {one.rows:9,} rows in {one.bands:2} bands:"
            f" {one.bytes_a_mark:.1f} B a mark, {one.bytes_a_key:.1f} B a key,"
            f" {one.bytes_an_entry:.1f} B an entry,"
            f" loaded {1 / one.load_seconds_a_row:7,.0f} rows/s a core,"
            f" {one.values_a_second:9,.0f} values/s a core,"
            f" recall {one.recall:.4f} of the pack's in {one.times_a_pack:.0f}x its time",
            flush=True,
        )


if __name__ == "__main__":
    main()
