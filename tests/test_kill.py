# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Killing the program at any moment loses nothing and repeats nothing."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from artistguard import proof
from artistguard.guard import Guard
from artistguard.models import OptOutState
from baking import Row, bake
from fakes import at

WORKS = 12


@pytest.fixture
def art(paint, tmp_path):
    for seed in range(WORKS):
        paint(f"art/{seed:02}.png", seed, size=(160, 120))
    return tmp_path / "art"


@pytest.fixture
def protect(art, tmp_path):
    pack = bake(tmp_path / "pack", [Row(path.name, path) for path in sorted(art.iterdir())[:6]])
    data = tmp_path / "data"
    command = (
        *(sys.executable, "-m", "artistguard", "protect", art, "--pack", pack),
        *("--data", data, "--yes"),
    )

    def start():
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    return start, data


def test_a_run_that_was_killed_again_and_again_ends_as_one_that_was_not(protect):
    start, data = protect
    begun = time.monotonic()
    first = start()
    _, said = first.communicate(timeout=60)
    whole = time.monotonic() - begun
    assert first.returncode == 0, said.decode()
    for file in sorted(data.rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()

    dice = random.Random(7)
    for _ in range(6):
        running = start()
        try:
            running.wait(dice.uniform(0.3, 1.0) * whole)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
        _, said = running.communicate()
        assert b"Traceback" not in said, said.decode()
    last = start()
    _, said = last.communicate(timeout=60)
    assert last.returncode == 0, said.decode()

    guard = Guard(data, at("2026-05-01T12:00:00Z"))
    summary = guard.summary()
    assert (summary.works, summary.receipts) == (WORKS, WORKS + 6)
    assert summary.opt_outs[OptOutState.ACKNOWLEDGED] == WORKS + 6
    assert sum(summary.matches.values()) == 6
    guard.close()
    assert proof.check_file(data / "registry" / "log.jsonl").valid
    assert proof.check_file(data / "registry" / "public" / "manifest.json").valid
    with (data / "registry" / "log.jsonl").open("rb") as log:
        filed = Counter(entry.id for entry in proof.read_log(log) if entry.kind == "opt-out")
    assert len(filed) == WORKS + 6
    assert set(filed.values()) == {1}
