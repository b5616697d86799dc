# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Measures a second run over unchanged files against a bare os.scandir + stat walk of the tree.

    python tests/bench/rescan.py [--files 50000] [--rounds 7]

The files have the names and sizes of pictures but are never opened, as a second run opens nothing;
what the first run would have read of them is made up.
"""

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from pathlib import Path

from artistguard import folder, reading, works
from artistguard.fingerprints import ALGORITHMS
from artistguard.guard import Guard
from artistguard.models import Fingerprint, Reading, ScannedFile

PER_FOLDER = 25


def plant(root, files):
    """A tree as a collection grows: years, in them sets, in them pictures."""
    for number in range(files):
        year, sets = number // 2_500, number // PER_FOLDER
        path = root / f"{2000 + year}" / f"set {sets:04}" / f"Signal Night {number:06}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x89PNG" + bytes(number % 900))


def made_up(paths):
    """A reading for each path, unlike every other."""
    for path in paths:
        noise = hashlib.shake_256(path.encode())
        prints = tuple(
            Fingerprint(name, noise.digest(length * count), bytes([100] * count))
            for name in reading.algorithms(None)
            for length, count in [shape(name)]
        )
        yield path, Reading(noise.digest(32), noise.digest(16), 800, 600, "PNG", prints)


def shape(name):
    algorithm = ALGORITHMS[name]
    return algorithm.bits // 8, len(algorithm.variants)


def bare(root):
    """The peer: list every folder, stat every file, do nothing else."""
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    entry.stat()


def second_run(data, root):
    """All of a second run: open the data folder, scan, close it."""
    guard = Guard(data)
    try:
        news = [said for said in guard.scan([root]) if isinstance(said, ScannedFile)]
    finally:
        guard.close()
    assert not news, news[:3]


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root, data = f"{place}/art", Path(place, "data")
        plant(Path(root), asked.files)
        guard = Guard(data)
        steps = works.scan(guard.store, [root], made_up, reading.algorithms(None), guard.clock)
        first = timed(lambda: list(steps))
        with guard.store.writing():  # noise has no near-duplicates: nothing to group
            guard.store.works.set_masters({}, guard.store.works.newest_version())
        known = guard.store.files.known()
        guard.close()
        assert len(known) == asked.files
        ways = {
            "bare os.scandir + stat": lambda: bare(root),
            "folder.changes alone": lambda: list(folder.changes([root], known, folder.PICTURES)),
            "second run, all of it": lambda: second_run(data, root),
        }
        took = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, run in ways.items():
                took[name].append(timed(run))
    print(f"{asked.files} files, first run without reading them: {first:.1f} s")
    peer = statistics.median(took["bare os.scandir + stat"])
    for name, seconds in took.items():
        middle = statistics.median(seconds)
        print(f"{name:24} {middle * 1000:7.0f} ms  {middle / peer:5.2f} x")


if __name__ == "__main__":
    main()
