# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the app takes while it is hidden in the tray: memory, before and after work, and processor.

A real tray on a screen of its own; pictures are then added to the folder, hashed and searched in a
pack. Memory is that of the app's process, and of it with all its children. Linux only.

    python tests/bench/window_resting.py [--works 100000] [--seconds 300 | --quick] [--keep DIR]
"""

import argparse
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from artistguard.guard import Guard
from baking import Row, bake
from gui import screen as screens
from resting import processor_seconds
from waiting import wait_until
from window import filled, tell

PICTURES = 60
SEEN = 5
PATIENCE = 600
QUIET = 8.0  # seconds, longer than the process of the steps lingers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--quick", action="store_const", const=60.0, dest="seconds")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with filled(asked.works, asked.keep) as data, screens.shown() as screen:
        new = [paint(data.parent / "new" / f"{time.time_ns()}.png") for _ in range(PICTURES)]
        pack = bake(data.parent / f"pack-{time.time_ns()}", [Row(p.stem, p) for p in new[:SEEN]])
        with closing(Guard(data)) as guard:
            guard.choices.arrange(knows_tray=True)
            guard.choices.add_packs([str(pack)])
        command = [sys.executable, "-m", "artistguard", "--background", "--data", data]
        with subprocess.Popen(command, env=screen.environ) as app:
            wait_until(lambda: screen.icons("ArtistGuard"))
            settle(app.pid)
            tell_memory(f"hidden, {asked.works:,} works", app.pid)
            matches = found(data)
            for picture in new:
                picture.rename(data.parent / "art" / picture.name)
            wait_until(lambda: found(data) >= matches + SEEN, PATIENCE)
            settle(app.pid)
            tell_memory(f"after {PICTURES} were hashed and searched", app.pid)
            begun, used = time.monotonic(), processor_seconds(app.pid)
            time.sleep(asked.seconds)
            share = (processor_seconds(app.pid) - used) / (time.monotonic() - begun)
            tell(f"processor in {asked.seconds:.0f} s", f"{share:.3%} of a core", "0.2 %")
            app.terminate()


def paint(path):
    path.parent.mkdir(exist_ok=True)
    dice = random.Random(path.name)
    coarse = Image.frombytes("RGB", (24, 18), dice.randbytes(24 * 18 * 3))
    coarse.resize((1200, 900), Image.Resampling.BICUBIC).save(path, compress_level=1)
    return path


def found(data):
    with closing(Guard(data)) as guard:
        return sum(guard.summary().matches.values())


def settle(pid):
    """Wait until nothing has happened for a while."""
    quiet, used = time.monotonic(), -1.0
    end = quiet + PATIENCE
    while time.monotonic() < min(end, quiet + QUIET):
        time.sleep(0.5)
        now = sum(map(processor_seconds, family(pid)))
        if now - used > 0.05 or now < used:
            quiet, used = time.monotonic(), now


def family(pid):
    """A process, its children and theirs, by Linux's /proc."""
    children = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += (task / "children").read_text("ascii").split()
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024 if "VmRSS:" in status else 0.0


def tell_memory(what, pid):
    alone, whole = resident(pid), sum(map(resident, family(pid)))
    tell(what, f"{alone:.0f} MB ({whole:.0f} with children)", "120 MB")


if __name__ == "__main__":
    main()
