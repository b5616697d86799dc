# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Measures `dataset filter` against DuckDB's anti-join by exact address, in the same run.

    python tests/bench/filtering.py [--rows 1000000] [--opt-outs 10000]

Both read the same Parquet file of plausible metadata and write one. DuckDB drops rows by exact
address and knows nothing else; it has one thread, as the filter has. Rows a second are by the
process's CPU time, so that other jobs on the machine do not count. The text formats have no peer:
DuckDB would not give the kept lines back byte for byte.
"""

import argparse
import csv
import gzip
import json
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from artistguard import proof
from artistguard.datasets import OptOutList, filter_dataset

ROWS_AT_ONCE = 100_000


def metadata(random, start, rows) -> pa.Table:
    """Rows in the manner of LAION, from few large and many small hosts, with two hashes."""
    hosts = np.minimum(random.zipf(1.25, rows), 200_000)
    numbers = random.integers(0, 1 << 40, rows)
    urls = [
        f"https://cdn{host % 7}.site-{host}.example/uploads/20{number % 20:02}/{number:x}/"
        f"picture-of-something-{start + at}.jpg"
        for at, (host, number) in enumerate(zip(hosts.tolist(), numbers.tolist(), strict=True))
    ]
    md5 = random.bytes(16 * rows).hex()
    phash = random.bytes(8 * rows).hex()
    words = random.integers(0, 5000, (rows, 8)).astype(str)
    return pa.table(
        {
            "SAMPLE_ID": np.arange(start, start + rows),
            "URL": urls,
            "TEXT": [" ".join(word) for word in words],
            "HEIGHT": random.integers(200, 2000, rows),
            "WIDTH": random.integers(200, 2000, rows),
            "similarity": random.random(rows),
            "md5": [md5[32 * at : 32 * at + 32] for at in range(rows)],
            "image_phash": [phash[16 * at : 16 * at + 16] for at in range(rows)],
        }
    )


def prepare(folder, rows, opt_outs):
    """Write the tables in every format, and the list by address alone and with all else."""
    random = np.random.default_rng(1)
    chosen = []
    with pq.ParquetWriter(folder / "in.parquet", metadata(random, 0, 1).schema) as writer:
        for start in range(0, rows, ROWS_AT_ONCE):
            table = metadata(random, start, min(ROWS_AT_ONCE, rows - start))
            writer.write_table(table)
            chosen.append(table.take(random.choice(len(table), opt_outs * len(table) // rows)))
    few = pq.ParquetFile(folder / "in.parquet").read_row_group(0)
    with (folder / "in.csv").open("w", newline="") as file:
        written = csv.writer(file)
        written.writerow(few.column_names)
        written.writerows(zip(*(column.to_pylist() for column in few.columns), strict=True))
    lines = "".join(json.dumps(row) + "\n" for row in few.to_pylist())
    (folder / "in.jsonl").write_text(lines)
    (folder / "in.jsonl.gz").write_bytes(gzip.compress(lines.encode(), 6))
    listed = pa.concat_tables(chosen)
    (folder / "urls.txt").write_text("\n".join(listed["URL"].to_pylist()))
    full = {"url": listed["URL"], "md5": listed["md5"], "phash": listed["image_phash"]}
    pq.write_table(pa.table(full), folder / "everything.parquet")
    hashes = {"md5": listed["md5"], "phash": listed["image_phash"]}
    pq.write_table(pa.table(hashes), folder / "hashes.parquet")
    return len(few)


def timed(step) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


def filtered(folder, name, opt_outs):
    steps = filter_dataset(folder / name, folder / f"out-{name}", opt_outs)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def salted(listed):
    """The same list, to be tested and not read, without how its pictures look."""
    salt = bytes(proof.SALT_SIZE)
    texts = [(proof.SaltedWhat.URL, url) for url in listed["url"].to_pylist()]
    texts += [(proof.SaltedWhat.MD5, md5) for md5 in listed["md5"].to_pylist()]
    hashes = {proof.salted_hash(salt, *each): proof.Standing() for each in texts}
    return proof.SaltedTest(salt, hashes)


def anti_join(folder):
    with duckdb.connect() as database:
        database.execute("SET threads = 1")
        database.execute(
            f"CREATE TABLE gone AS SELECT * FROM read_csv('{folder / 'urls.txt'}', header = false,"
            " columns = {'address': 'VARCHAR'}, delim = '\x01')"
        )
        database.execute(
            f"COPY (SELECT * FROM '{folder / 'in.parquet'}' ANTI JOIN gone ON URL = address)"
            f" TO '{folder / 'peer.parquet'}' (FORMAT parquet, COMPRESSION snappy)"
        )


def copied(folder):
    """Read and write every row, as the filter must at least."""
    file = pq.ParquetFile(folder / "in.parquet")
    with pq.ParquetWriter(folder / "copy.parquet", file.schema_arrow) as writer:
        for batch in file.iter_batches(1 << 16, use_threads=False):
            writer.write_batch(batch)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--opt-outs", type=int, default=10_000)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        few = prepare(folder, asked.rows, asked.opt_outs)
        anti_join(folder)  # the first run of either pays for loading code
        peer = asked.rows / timed(lambda: anti_join(folder))
        print(f"{asked.rows:,} rows, {asked.opt_outs:,} opt-outs; rows per CPU second")
        print(f"{'DuckDB, exact address alone':44}{peer:12,.0f}   1.00x")
        copy = asked.rows / timed(lambda: copied(folder))
        print(f"{'pyarrow, read and write alone':44}{copy:12,.0f}{copy / peer:7.2f}x")
        for what, source in [
            ("addresses and hosts", "urls.txt"),
            ("MD5 and 64-bit fingerprints", "hashes.parquet"),
            ("all of these", "everything.parquet"),
        ]:
            opt_outs = OptOutList.load(folder / source)
            report = filtered(folder, "in.parquet", opt_outs)
            speed = asked.rows / timed(lambda each=opt_outs: filtered(folder, "in.parquet", each))
            print(f"{'filter, ' + what:44}{speed:12,.0f}{speed / peer:7.2f}x   {report.rows_out:,}")
        # Twice: the first time every host is new, and each costs a deliberately slow hash.
        test = salted(pq.read_table(folder / "everything.parquet"))
        for what in ("every host is new", "no host is new"):
            speed = asked.rows / timed(lambda: filtered(folder, "in.parquet", test))
            print(f"{f'filter, salted list, {what}':44}{speed:12,.0f}{speed / peer:7.2f}x")
        for name in ("in.csv", "in.jsonl", "in.jsonl.gz"):
            speed = few / timed(lambda each=name: filtered(folder, each, opt_outs))
            print(f"{'filter, all of these, ' + name[3:]:44}{speed:12,.0f}")
        same = pq.read_metadata(folder / "peer.parquet").num_rows
        print(f"rows left by DuckDB: {same:,}")


if __name__ == "__main__":
    main()
