# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What filing, opening, listing, proving and verifying opt-outs costs beside the bare work in each.

Run: python tests/bench/registry.py [ENTRIES]

The peers are what nobody can do without: one Ed25519 signature an entry and one fsync a thousand
for filing; reading and hashing the lines for opening; parsing each line as JSON for the list; the
hashes between a leaf and the root for the proof of a receipt; one Ed25519 verification an entry for
verifying. Where PostgreSQL is installed, filing into a table there, and opening that, is beside
filing into the file, and opening it.
"""

import hashlib
import json
import os
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from artistguard import proof, wire
from artistguard.channels import lists
from artistguard.channels.registry import Registry
from artistguard.models import Declaration, Subject
from artistguard.server import databases
from artistguard.server.logs import LogTable

sys.path.insert(0, str(Path(__file__).parent.parent))

import clusters
from engine_servers import postgresql_programs

SEED = bytes(range(32))


def declaration(number):
    sha256 = hashlib.sha256(b"%d" % number).hexdigest()
    return Declaration(
        id=f"{number:032x}",
        subject=Subject.COPY,
        declarant="An artist",
        declared_at="2026-11-24T07:00:00Z",
        reservation=wire.RESERVATION,
        url=f"https://example.org/pictures/{number}.jpg",
        domain="example.org",
        sha256=sha256,
        md5=sha256[:32],
        width=1_024,
        height=768,
        fingerprints={"dct256/1": sha256, "phash64/1": sha256[:16]},
        dataset="a data set",
        dataset_version="2",
        entry=str(number),
        standing=True,
    )


def seconds(work):
    """Processor and waiting time, so that a busy machine can be told from a slow program."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def show(name, count, ours, peer, peer_name):
    (wall, processor), (peer_wall, peer_processor) = ours, peer
    print(
        f"{name:8} {count / wall:9,.0f}/s ({count / processor:9,.0f} a processor second) = "
        f"{wall / peer_wall:5.2f} times {peer_name} ({processor / peer_processor:5.2f} processor)"
    )


def compare_with_table(wanted, url, folder, signer, filing, opening):
    """The same in a table; the processor time is ours, without that of the database."""
    with closing(databases.PostgreSQL(url)) as database:

        def registry():
            return Registry(folder, signer, lambda: datetime.now(UTC), LogTable(database))

        into = seconds(lambda: list(registry().deliver(wanted)))
        show("table", len(wanted), into, filing, "file")
        show("reopen", len(wanted), seconds(registry().state), opening, "open")


def main(count, folder):
    signer = proof.Signer(SEED)
    wanted = [declaration(number) for number in range(count)]

    def registry():
        return Registry(folder / "registry", signer, lambda: datetime.now(UTC))

    filing = seconds(lambda: list(registry().deliver(wanted)))
    path = folder / "registry" / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    print(f"{count:,} entries of {path.stat().st_size // count:,} bytes")
    key = Ed25519PrivateKey.from_private_bytes(SEED)

    def sign_and_write():
        with (folder / "peer").open("wb", buffering=0) as file:
            for start in range(0, len(lines), wire.BATCH):
                batch = lines[start : start + wire.BATCH]
                for line in batch:
                    key.sign(line)
                file.write(b"".join(batch))
                os.fsync(file.fileno())

    show("file", count, filing, seconds(sign_and_write), "sign and fsync")

    def read_and_hash():
        with path.open("rb") as file:
            for line in file:
                hashlib.sha256(line).hexdigest()

    opening = seconds(registry().state)
    show("open", count, opening, seconds(read_and_hash), "read and hash")
    if postgresql_programs():
        with clusters.running(fsync="on") as cluster:
            compare_with_table(wanted, cluster.url(), folder / "table", signer, filing, opening)

    def parse():
        for line in lines:
            json.loads(line)

    listing = seconds(lambda: lists.publish(registry()))
    show("list", count, listing, seconds(parse), "parse")
    opened = registry()
    opened.checkpoint()
    height = count.bit_length()

    def hash_to_the_root():
        for line in lines:
            node = hashlib.sha256(b"\0" + line).digest()
            for _ in range(height):
                node = hashlib.sha256(b"\1" + node + node).digest()

    proving = seconds(lambda: sum(map(len, opened.bundles(lines[2:]))))
    show("prove", count, proving, seconds(hash_to_the_root), "hash to the root")
    signatures = [(key.sign(line), line) for line in lines]

    def verify():
        public = key.public_key()
        for signature, line in signatures:
            public.verify(signature, line)

    show("verify", count, seconds(registry().verify), seconds(verify), "verify")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, Path(place))
