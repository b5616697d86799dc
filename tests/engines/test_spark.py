# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A real Spark cluster fills an engine from Parquet, and it then answers as a pack would."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import engine_servers
from artistguard import engines, packing
from artistguard.engines import backend
from artistguard.fingerprints import ALGORITHMS, PHASH64
from artistguard.models import Clue, Fingerprint, Query
from artistguard.packs import About
from artistguard.packs.pack import Pack
from artistguard.search.packs import PackBackend

SHARDS, ROWS = 3, 600


@pytest.fixture
def spark(tmp_path):
    """The address of a master with two workers, and how to start programs beside them."""
    pyspark = pytest.importorskip("pyspark", reason="NOT TESTED: there is no pyspark here")
    if not shutil.which("java"):
        pytest.skip("NOT TESTED: there is no Java here (apt-get install default-jre-headless)")
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "192m",
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # to start soon
        "SPARK_WORKER_DIR": str(tmp_path / "spark"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": "--driver-memory 512m --executor-memory 512m"
        " --conf spark.ui.enabled=false pyspark-shell",
    }
    port, page, *pages = engine_servers.free_ports(4)
    master = f"spark://127.0.0.1:{port}"
    here = ["--host", "127.0.0.1", "--webui-port"]
    commands = [["master.Master", "--port", str(port), *here, str(page)]]
    commands += [
        ["worker.Worker", master, "--cores", "1", "--memory", "1g", *here, str(one)]
        for one in pages
    ]
    running = []
    try:
        for number, command in enumerate(commands):
            with (tmp_path / f"{number}.log").open("wb") as log:
                where = f"org.apache.spark.deploy.{command[0]}"
                process = subprocess.Popen(
                    [home / "bin" / "spark-class", where, *command[1:]],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            running.append(process)
            if not number:
                engine_servers.wait_for(port, process, tmp_path)
        yield master, environment
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def write_shards(folder, rng):
    """Shards as COYO-700M is published."""
    folder.mkdir()
    hashes = rng.integers(0, 1 << 63, SHARDS * ROWS, np.uint64)
    hashes[::50] = hashes[0]
    for shard in range(SHARDS):
        some = range(shard * ROWS, (shard + 1) * ROWS)
        table = pa.table(
            {
                "id": list(some),
                "url": [f"https://host{n % 7}.example/{n}.jpg" for n in some],
                "text": [f"picture {n}" for n in some],
                "width": [640] * ROWS,
                "height": [480] * ROWS,
                "image_phash": [f"{hashes[n]:016x}" for n in some],
            }
        )
        pq.write_table(table, folder / f"part-{shard:05}.parquet")
    return hashes


def query(key, value):
    """A work whose picture has the same hash however it is turned."""
    variants = len(ALGORITHMS[PHASH64].variants)
    prints = Fingerprint(PHASH64, int(value).to_bytes(8, "big") * variants, b"\x64" * variants)
    return Query(key, key, 640, 480, b"", b"", (prints,))


def test_shards_that_spark_hands_out_are_found_as_in_a_pack(spark, clickhouse_pair, tmp_path):
    master, environment = spark
    hashes = write_shards(tmp_path / "shards", np.random.default_rng(3))
    source = str(tmp_path / "shards")
    url = clickhouse_pair[0]
    job = Path(__file__).with_name("spark_job.py")
    done = subprocess.run(
        [sys.executable, job, master, source, url, str(SHARDS * ROWS)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["rows", str(SHARDS * ROWS), "skipped", "0", "workers", "2"]

    about = About("spark", "1")
    list(packing.build([source], tmp_path / "pack", about, built_at="2026-01-01T00:00:00Z"))
    queries = [query(key, value ^ np.uint64(5)) for key, value in enumerate(hashes[:60:3])]
    clue = Clue(hosts=("host3.example",))
    with Pack.open(tmp_path / "pack") as pack, engines.connected(url) as engine:
        (collection,) = (one for one in engine.collections() if one.dataset == "spark")
        ours, theirs = backend.EngineBackend(engine, collection), PackBackend(pack)
        for mine, wanted in (
            (ours.look_up(queries), theirs.look_up(queries)),
            (ours.look_up_clue(clue), theirs.look_up_clue(clue)),
        ):
            found, expected = sorted(map(repr, mine)), sorted(map(repr, wanted))
            assert len(expected) > 100
            assert found == expected
