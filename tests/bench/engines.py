# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How engines compare with a pack of the same rows: python tests/bench/engines.py [--rows ...].

Two ClickHouse servers of one cluster and a PostgreSQL server, started here on loopback, are loaded
from a pack and asked the same queries, by plans of the same recall. The pack is in this process;
the engines share the machine's cores with it.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

import engine_servers
from artistguard import engines
from artistguard.engines import asking, loading
from artistguard.packs import About, Hashes, Pack, RowBatch, build
from search import ALGORITHMS, queries_of, rows_of

RADII = {64: 6, 256: 31}
SIZES = {
    "clickhouse": "SELECT sum(bytes), sum(rows) FROM system.parts WHERE active AND table = '{}'",
    "postgresql": "SELECT pg_total_relation_size('{0}'), count(*) FROM {0}",
}


@dataclass(frozen=True)
class Figures:
    """What was measured of one engine with hashes of one length.

    Bytes are on disk, for each mark (a row has one for each of its bands) and each entry; seconds
    are those that passed, with all parts of the engine and its client on this machine.
    """

    engine: str
    bits: int
    rows: int
    bands: int
    bytes_a_mark: float
    bytes_an_entry: float
    load_seconds_a_row: float
    values_a_second: float
    recall: float
    times_a_pack: float


def batches(rows, bits):
    """Rows with addresses and captions such as data sets have."""
    for start in range(0, len(rows), 1 << 14):
        part = rows[start : start + (1 << 14)]
        numbers = np.arange(start, start + len(part))
        columns = {
            "entry": [f"{n:09}" for n in numbers],
            "url": [f"https://cdn{n % 97}.example/{n * 7919:x}/{n:032x}.jpg" for n in numbers],
            "caption": [f"A picture of something number {n} by somebody" for n in numbers],
            "width": np.full(len(part), 640),
            "height": np.full(len(part), 480),
        }
        batch = pa.RecordBatch.from_pydict(columns)
        yield RowBatch(batch, {ALGORITHMS[bits]: Hashes(np.arange(len(part)), part)})


def measure(name, engine, ask, pack, bits, queries):
    """Load a pack into an engine and ask both the same."""
    began = time.perf_counter()
    list(loading.load(pack, engine))
    loaded = time.perf_counter() - began
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
    (marks, marked), (entries, entered) = map(ask, ("artistguard_marks", "artistguard_entries"))
    return Figures(
        name,
        bits,
        rows,
        len(held.widths),
        marks / marked,
        entries / entered,
        loaded / rows,
        plan.probes * len(queries) / ours,
        len(pairs) / max(1, len(np.unique(hits.query << 40 | hits.row))),
        ours / theirs,
    )


def timed(work):
    """The seconds of the middle one of three, and the outcome."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        outcome = work()
        times.append(time.perf_counter() - began)
    return statistics.median(times), outcome


def figures(rows, queries_count=200):
    """All figures, each of an engine that holds nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        for bits, count in rows.items():
            rng = np.random.default_rng(bits)
            hashes = rows_of(count, bits, rng)
            queries = queries_of(queries_count, hashes, rng)
            pack = Path(folder) / f"{bits}"
            build(pack, About("bench", "1"), batches(hashes, bits), built_at="")
            for name, running in (("clickhouse", clickhouse), ("postgresql", postgresql)):
                with ExitStack() as stack:
                    engine, ask = running(stack)
                    yield measure(name, engine, ask, pack, bits, queries)


def clickhouse(stack):
    servers = stack.enter_context(engine_servers.clickhouse(2))
    urls = [one.prepared() for one in servers]
    opened = [stack.enter_context(engines.connected(url)) for url in urls]

    def ask(table):
        for one in opened:
            one._send(f"OPTIMIZE TABLE {table}", b"", None)
        statement = SIZES["clickhouse"].format(table)
        parts = [one._send(statement, b"", None).split() for one in opened]
        return [sum(map(int, column)) for column in zip(*parts, strict=True)]

    return opened[0], ask


def postgresql(stack):
    url = stack.enter_context(engine_servers.postgresql())
    engines.prepare(url)
    engine = stack.enter_context(engines.connected(url))

    def ask(table):
        with engine._transaction() as run:
            (found,) = run(SIZES["postgresql"].format(table))
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
            f" {one.bytes_a_mark:5.1f} B a mark, {one.bytes_an_entry:5.1f} B an entry,"
            f" loaded {1 / one.load_seconds_a_row:7,.0f} rows/s,"
            f" {one.values_a_second:9,.0f} values/s,"
            f" recall {one.recall:.4f} of the pack's in {one.times_a_pack:.0f}x its time",
            flush=True,
        )


if __name__ == "__main__":
    main()
