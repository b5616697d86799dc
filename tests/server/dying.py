# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A server that is killed at random moments, for tests: dying.py DATA DEATHS SEED [DATABASE].

Prints its address, serves, dies so many times, and lives on until its input ends. The listening
socket outlives each server, so that clients wait at the door of the next one.
"""

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from artistguard import server


def main(data, deaths, seed, database=None):
    options = server.Options(Path(data), database=database, public_log=True)
    listening = server.listen("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    dice = random.Random(seed)
    for _ in range(deaths):
        child, ready = start(options, listening)
        if dice.random() < 0.8:
            os.read(ready, 1)  # the others die while they open what the last one left
        time.sleep(dice.uniform(0.0, 0.1))
        end(child)
        os.close(ready)
    child, _ = start(options, listening)
    print("alive", flush=True)
    sys.stdin.read()
    end(child)


def start(options, listening):
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        with server.opened(options, lambda: datetime.now(UTC)) as app:
            os.write(tell, b".")
            server.run(app, listening)
    os.close(tell)
    return child, ready


def end(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
