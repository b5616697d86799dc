# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A client that is killed at random moments, for tests: leaving.py DATA CHANNEL DEATHS SEED EACH.

Opts so many more domains out each time, and is killed while it does; then it opts all of them out
and is left alone. Its exit status is that of this last command.
"""

import os
import random
import signal
import sys
import time

from artistguard import calls, cli, guard, optouts  # noqa: F401  # once, for all that are born here
from artistguard.channels import lists, registry, remote  # noqa: F401
from artistguard.cli import protecting  # noqa: F401


def main(data, channel, deaths, seed, each):
    dice = random.Random(seed)
    mine = domains(0, each)
    begun = time.monotonic()
    os.waitpid(start(data, channel, mine), 0)
    whole = time.monotonic() - begun
    for death in range(1, deaths + 1):
        mine += domains(death, each)
        child = start(data, channel, mine[-each:])
        time.sleep(dice.uniform(0.3, 1.1) * whole)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    _, status = os.waitpid(start(data, channel, mine), 0)
    return os.waitstatus_to_exitcode(status)


def domains(death, each):
    return [f"n{number}.death{death}.test" for number in range(each)]


def start(data, channel, chosen):
    child = os.fork()
    if child == 0:
        what = ["--channel", channel, "--data", data, "--yes", "--json"]
        os._exit(cli.main(["opt-out", "--domain", *chosen, *what]))
    return child


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3], *map(int, sys.argv[3:])))
