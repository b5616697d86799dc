# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a server answers: addresses beside 10,000,000 opt-outs, works beside the pack itself.

Run: python tests/bench/serving.py [ENTRIES [ROWS]]

By address: one client, then eight at once, each with requests of 10,000 addresses, over loopback
from processes of their own; the peer is the same answer without HTTP. The log itself would take
20 GB, so that its keys are written as the log's reader would have written them. Works: 1,000 a
request in a pack of ROWS rows, from the client of the program; the peer is the pack itself.
"""

import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa

from artistguard import fingerprints, packs
from artistguard.channels.storage import LogFile
from artistguard.models import Fingerprint, Query
from artistguard.packs.batches import Hashes, RowBatch
from artistguard.packs.builder import build
from artistguard.packs.rows import SCHEMA
from artistguard.search import packs as local
from artistguard.search import remote
from artistguard.server import spawning
from artistguard.server.directory import Directory, url_key
from artistguard.server.tables import Table
from servers import serving

BATCH = 10_000
REQUESTS = 25
CLIENTS = 8


def url(number, dice):
    path = f"albums/{dice.getrandbits(32):x}/{dice.getrandbits(64):x}"
    query = "?w=1200&fit=crop" if number % 3 == 0 else ""
    return f"https://images{number % 20}.host{number % 30_000}.example/{path}/{number}.jpg{query}"


def batches(seed):
    """Requests of addresses, one in fifty of which is opted out."""
    dice = random.Random(seed)
    while True:
        lines = [url(dice.randrange(1 << 40), dice) for _ in range(BATCH)]
        lines[::50] = [f"https://opted.example/{dice.randrange(1_000)}.jpg" for _ in lines[::50]]
        yield "\n".join(lines).encode()


def fill(folder, entries):
    """A directory of so many entries, an address and an id each; 1,000 of them are asked for."""
    count = 2 * entries
    keys = np.random.default_rng(1).integers(0, 1 << 63, (count, 2), np.uint64) * np.uint64(2)
    for number in range(1_000):
        keys[number] = np.frombuffer(url_key(b"https://opted.example/%d.jpg" % number), "<u8")
    order = np.argsort(keys[:, 0])
    table = Table(keys[order, 0].copy(), keys[order, 1].copy(), order.astype(np.uint64))
    folder.mkdir(parents=True)
    table.written(folder / "00000001.keys")
    manifest = {"format": 2, "upto": 0, "last": [0, ""], "next": 1}
    manifest["tables"] = [["00000001.keys", count]]
    manifest |= {"dead": [], "domains": {}, "notices": []}
    (folder / "directory.json").write_text(json.dumps(manifest))


def ask(address, key, seed, times, ready, go):
    requests = [body for body, _ in zip(batches(seed), range(REQUESTS), strict=False)]
    headers = {"Authorization": f"API {key}", "Content-Type": "text/plain"}
    with httpx.Client(headers=headers, timeout=60, trust_env=False) as client:
        client.post(address, content=requests[0])
        ready.release()
        go.wait()
        for body in requests:
            start = time.perf_counter()
            answer = client.post(address, content=body)
            times.put(time.perf_counter() - start)
            assert len(answer.content) > len(body)


def by_address(folder, entries):
    data = folder / "addresses"
    fill(data / "server" / "directory", entries)
    (data / "server" / "registry").mkdir(parents=True)
    log = LogFile(data / "server" / "registry" / "log.jsonl")
    log.path.touch()
    directory = Directory(log, data / "server" / "directory")
    bodies = [body for body, _ in zip(batches(0), range(REQUESTS), strict=False)]
    spawning.answer(directory, bodies[0], 1)
    start = time.process_time()
    for body in bodies:
        answer = spawning.answer(directory, body, 1)
        assert answer.count(b'"optOut":true') == BATCH // 50
    bare = BATCH * REQUESTS / (time.process_time() - start)
    print(f"addresses, without HTTP: {bare:9,.0f}/s a core, beside {entries:,} opt-outs")
    with serving(data) as running:
        key = running.key_of("bench", "search", per_day=1 << 40)
        for clients in (1, CLIENTS):
            times, ready, go = (
                multiprocessing.Queue(),
                multiprocessing.Semaphore(0),
                multiprocessing.Event(),
            )
            address = running.url + spawning.PATH
            asking = [
                multiprocessing.Process(target=ask, args=(address, key, seed, times, ready, go))
                for seed in range(clients)
            ]
            for one in asking:
                one.start()
            for _ in asking:
                ready.acquire()
            processor, wall = time.process_time(), time.perf_counter()
            go.set()
            took = sorted(times.get() for _ in range(clients * REQUESTS))
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            for one in asking:
                one.join()
            rate = len(took) * BATCH / processor
            median, last = statistics.median(took), took[int(len(took) * 0.99) - 1]
            print(
                f"addresses, {clients} clients:  {rate:9,.0f}/s a core ({rate / bare:.2f} times), "
                f"{len(took) * BATCH / wall:9,.0f}/s; median {median * 1e3:,.0f} ms, "
                f"p99 {last * 1e3:,.0f} ms = {last / median:.2f} times"
            )


def works(folder, rows):
    algorithm = fingerprints.ALGORITHMS[fingerprints.DCT256]
    dice = np.random.default_rng(2)
    hashes = dice.integers(0, 256, (rows, algorithm.bits // 8), np.uint8)
    names = [str(number) for number in range(rows)]
    columns = {
        "entry": names,
        "url": [f"https://host{number % 999}.example/{number}.jpg" for number in range(rows)],
        "caption": [f"Picture {number} of a long series of pictures" for number in range(rows)],
    }
    table = pa.RecordBatch.from_pydict(
        {name: columns.get(name, [None] * rows) for name in SCHEMA.names}, schema=SCHEMA
    )
    batch = RowBatch(table, {fingerprints.DCT256: Hashes(np.arange(rows), hashes)})
    build(folder / "pack", packs.About("bench", "1"), [batch], built_at="2026-01-01")
    forms = len(algorithm.variants)
    queries = []
    for key in range(1_000):
        values = dice.integers(0, 256, (forms, algorithm.bits // 8), np.uint8)
        values[:4] = hashes[key]  # found in four variants, which is more than usual
        prints = Fingerprint(fingerprints.DCT256, values.tobytes(), bytes([100] * forms))
        queries.append(Query(key, key, 800, 600, bytes(32), bytes(16), (prints,)))

    def seconds(backend):
        list(backend.look_up(queries[:10]))
        start = time.perf_counter()
        found = len(list(backend.look_up(queries)))
        return time.perf_counter() - start, found

    with local.opened([folder / "pack"]) as [here]:
        bare, expected = seconds(here)
    with serving(folder / "works", packs=[folder / "pack"]) as running, running.caller() as caller:
        [there] = remote.opened(caller)
        served, found = seconds(there)
    assert found == expected
    print(
        f"works, 1,000 a request: {1_000 / served:7,.0f}/s = {bare / served:.2f} times the pack by "
        f"itself ({1_000 / bare:,.0f}/s, {rows:,} rows, {found:,} sightings)"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        by_address(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
        works(Path(place), int(sys.argv[2]) if len(sys.argv) > 2 else 200_000)
