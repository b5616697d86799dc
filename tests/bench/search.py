# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How a pack's search compares with faiss' flat scan: python tests/bench/search.py [--rows ...].

Both are asked the same queries, on one core, in one process, and the flat scan is also the oracle.
Rows are uniform random hashes, but half a percent are one and the same ("the blank picture") and
every 100,000 have a thousand that differ in up to two bits. Half of the queries are random, half
are rows with up to 12 (64 bits) or 64 (256 bits) bits flipped.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np
import pyarrow as pa

from artistguard.packs import About, bands
from artistguard.packs.batches import Hashes, RowBatch
from artistguard.packs.builder import build
from artistguard.packs.pack import Pack

ALGORITHMS = {64: "phash64/1", 256: "dct256/1"}
RADII = {64: (8, 10), 256: (31, 40, 60)}
AIMS = {(64, 8): {10**6: 20, 10**7: 80}, (256, 31): {10**6: 10, 10**7: 40}}


def rows_of(count, bits, rng):
    rows = rng.integers(0, 256, (count, bits // 8), np.uint8)
    rows[rng.integers(0, count, count // 200)] = rng.integers(0, 256, bits // 8, np.uint8)
    for _ in range(count // 100_000):
        near = np.tile(rng.integers(0, 256, bits // 8, np.uint8), (1000, 1))
        flip(near, rng.integers(0, 3, 1000), rng)
        rows[rng.choice(count, 1000, replace=False)] = near
    return rows


def queries_of(count, rows, rng):
    queries = rng.integers(0, 256, (count, rows.shape[1]), np.uint8)
    planted = rows[rng.integers(0, len(rows), count // 2)]
    most = 12 if rows.shape[1] == 8 else 64
    flip(planted, rng.integers(0, most + 1, len(planted)), rng)
    queries[: len(planted)] = planted
    return queries


def flip(hashes, counts, rng):
    """Flip as many bits of each hash as its count says."""
    places = rng.random((len(hashes), hashes.shape[1] * 8)).argsort(axis=1)
    chosen = np.zeros_like(places, np.uint8)
    np.put_along_axis(chosen, places, np.arange(places.shape[1]) < counts[:, None], 1)
    hashes ^= np.packbits(chosen, axis=1)


def batches(rows, bits):
    for start in range(0, len(rows), 1 << 19):
        part = rows[start : start + (1 << 19)]
        numbers = np.arange(len(part))
        entries = pa.array(numbers + start).cast(pa.string())
        batch = pa.RecordBatch.from_arrays([entries], ["entry"])
        yield RowBatch(batch, {ALGORITHMS[bits]: Hashes(numbers, part)})


def heap():
    """Kilobytes of memory of our own, which no memory map is; 0 where nobody says."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def timed(work):
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def compare(count, bits, queries_count, folder):
    rng = np.random.default_rng(bits)
    rows = rows_of(count, bits, rng)
    queries = queries_of(queries_count, rows, rng)
    flat = faiss.IndexBinaryFlat(bits)
    flat.add(rows)
    out = folder / f"{count}-{bits}"
    source = batches(rows, bits)
    seconds, manifest = timed(
        lambda: build(out, About("bench", "1"), source, built_at="", postings_cap=count)
    )
    size = sum(file.size for name, file in manifest.files.items() if "-1." in name)
    widths = manifest.segments[0].held[0].widths
    print(
        f"\n{count:,} rows of {bits} bits, {queries_count} queries; pack built in {seconds:.1f} s,"
    )
    print(f"{size / count:.0f} bytes a row, {len(widths)} bands of {max(widths)} bits")
    print("radius   flat q/s   pack q/s   ratio   aim   recall (of plan)  wrong  heap after")
    for radius in RADII[bits]:
        scan, (limits, distances, found) = timed(lambda r=radius: flat.range_search(queries, r + 1))
        before = heap()
        with Pack.open(out) as pack:
            ask = lambda r=radius, p=pack: p.search(ALGORITHMS[bits], queries, r)  # noqa: E731
            hits = ask()
            ours = statistics.median(timed(ask)[0] for _ in range(3))
            grown = heap() - before
        query = np.repeat(np.arange(queries_count), np.diff(limits.astype(np.int64)))
        truth = dict_of(query, found, distances)
        seen = dict_of(hits.query, hits.row, hits.distance)
        both = np.isin(truth, seen).sum()
        aim = AIMS.get((bits, radius), {}).get(count, "-")
        print(
            f"{radius:6} {queries_count / scan:10,.0f} {queries_count / ours:10,.0f} "
            f"{scan / ours:6.1f}x {aim:>5} {both / max(1, len(truth)):8.5f} ({hits.recall:.4f})"
            f"   {len(seen) - both:6} {grown / 1024:8.1f} MB",
            flush=True,
        )
    shutil.rmtree(out)


def dict_of(query, row, distance):
    """One number for each hit, distance included."""
    return np.unique(
        (query.astype(np.int64) << 40) | (row.astype(np.int64) << 9) | distance.astype(np.int64)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=lambda n: int(float(n)), nargs="+", default=[10**6, 10**7])
    parser.add_argument("--bits", type=int, nargs="+", default=[64, 256], choices=ALGORITHMS)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="where packs are built (and removed)")
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    # FAISS_SIMD_LEVEL=AVX2 in the environment shows a processor without AVX-512.
    print(f"faiss {faiss.__version__}, its kernel {faiss.SIMDConfig.get_level_name()}")
    print(f"numpy {np.__version__}; fair recall of dear searches {bands.FAIR_RECALL}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for count in arguments.rows:
            for bits in arguments.bits:
                compare(count, bits, arguments.queries, Path(folder))


if __name__ == "__main__":
    main()
