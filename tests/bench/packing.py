# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How building a pack compares with reading alone: python tests/bench/packing.py [--rows ...].

Shards are as COYO-700M's: addresses of a few ten thousand hosts of very unequal size (4 % of them
not spelt the normal way), captions and hashes, and columns that nobody needs. The same columns are
read by DuckDB, once to add up their lengths inside and once handed over as Arrow batches, which is
what any builder has to begin with. DuckDB has as many threads as the machine has cores, and
building as many workers. The least that any pack of this form takes is timed as well: reading with
pyarrow in one thread, and writing and hashing as many bytes as the pack has. Rounds alternate;
times are medians, and the processor's time is given too, as it minds the neighbours less.
"""

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from artistguard import packing
from artistguard.packs import About

COLUMNS = "id, url, text, width, height, image_phash"
ROUNDS = 3


def words(rng, count):
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return ["".join(letters[rng.integers(0, 26, length)]) for length in rng.integers(3, 11, count)]


def shard(path, rows, rng):
    vocabulary = np.array(words(rng, 5_000))
    hosts = np.array([f"{word}{at % 97}.example{at % 7}.com" for at, word in enumerate(vocabulary)])
    host = hosts[rng.zipf(1.3, rows) % len(hosts)]
    pick = vocabulary[rng.integers(0, len(vocabulary), (rows, 8))]
    number = rng.integers(0, 1 << 60, rows)
    tails = np.array(["", "?w=640&h=480", "%20(1)", "%c3%a9", "#top"])
    tail = tails[rng.choice(5, rows, p=[0.71, 0.15, 0.1, 0.03, 0.01])]
    urls = [
        f"https://{one}/{a}/{b}/2019/{n:x}-{c}.jpg{t}"
        for one, a, b, n, c, t in zip(host, *pick.T[:2], number, pick.T[2], tail, strict=True)
    ]
    phash = rng.integers(0, 1 << 63, rows, np.int64)
    phash[:: max(1, rows // (rows // 20 + 1))] = phash[0]
    table = pa.table(
        {
            "id": rng.integers(0, 1 << 60, rows),
            "url": urls,
            "text": [" ".join(row) for row in pick],
            "width": rng.integers(200, 4_000, rows),
            "height": rng.integers(200, 4_000, rows),
            "image_phash": [f"{one:016x}" for one in phash.tolist()],
            "text_length": rng.integers(5, 99, rows),
            "num_faces": rng.integers(0, 3, rows),
            "clip_similarity_vitb32": rng.random(rows),
            "watermark_score": rng.random(rows),
        }
    )
    pq.write_table(table, path, row_group_size=100_000)


def build(folder):
    out = folder / "pack"
    for _ in packing.build([str(folder / "shards")], out, About("bench", "1"), "coyo", built_at=""):
        pass
    SIZES[:] = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    shutil.rmtree(out)


def inside(folder):
    lengths = "sum(strlen(url)), sum(strlen(text)), sum(strlen(image_phash))"
    duckdb.sql(
        f"select sum(id), sum(width), sum(height), {lengths} from {files(folder)}"
    ).fetchall()


def handed_over(folder):
    for _ in duckdb.sql(f"select {COLUMNS} from {files(folder)}").to_arrow_reader(1 << 16):
        pass


def read(folder):
    for path in sorted((folder / "shards").iterdir()):
        with pq.ParquetFile(path, pre_buffer=False) as table:
            for _ in table.iter_batches(columns=COLUMNS.split(", "), use_threads=False):
                pass


def write_and_hash(folder):
    for number, size in enumerate(SIZES):
        path = folder / f"{number}"
        with path.open("xb") as file:
            for at in range(0, size, len(BLOCK)):
                file.write(BLOCK[: size - at])
            file.flush()
            os.fsync(file.fileno())
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")
        path.unlink()


BLOCK = bytes(1 << 20)
SIZES = []
"""The bytes of each file of the pack."""


def files(folder):
    return f"'{folder}/shards/*.parquet'"


def timed(work, folder):
    wall, processor = time.perf_counter(), time.process_time()
    work(folder)
    return time.perf_counter() - wall, time.process_time() - processor


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shards").mkdir()
        for at in range(4):
            shard(folder / "shards" / f"part-{at}.parquet", rows // 4, rng)
        size = sum(path.stat().st_size for path in (folder / "shards").iterdir())
        threads = os.cpu_count() or 1
        duckdb.sql(f"set threads = {threads}")
        print(f"{rows:,} rows, {size / 1e6:.0f} MB of Parquet; {threads} threads for each")
        times = {work: [] for work in (build, inside, handed_over, read, write_and_hash)}
        for _ in range(ROUNDS):
            for work, taken in times.items():
                taken.append(timed(work, folder))
    median = {work: np.median(taken, axis=0) for work, taken in times.items()}
    for work, (wall, processor) in median.items():
        print(f"{work.__name__:14} {wall:6.2f} s, {processor:6.2f} s of processor time")
    for peer in (inside, handed_over):
        wall, processor = median[peer] / median[build]
        print(f"building is {wall:.2f}x DuckDB {peer.__name__}, {processor:.2f}x by processor time")


if __name__ == "__main__":
    main()
