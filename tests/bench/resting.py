# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What `artistguard watch` takes while nothing happens: memory, processor time, time to open.

The portfolio was taken in, searched in a pack, and all of it is opted out, so that a round has
nothing to do. Beside it stands an interpreter that only waits, and one that imports what Pillow,
numpy, pyarrow and httpx bring. Linux only: the numbers are read in /proc.

    python tests/bench/resting.py [--works 1000] [--seconds 60]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from artistguard.guard import Guard
from artistguard.models import Scope
from baking import Row, bake

WATCH = (sys.executable, "-m", "artistguard", "watch", "--data")
WAITING = "import time; print('Done', flush=True); time.sleep(600)"
LOADED = f"import PIL.Image, httpx, numpy, pyarrow; {WAITING}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = portfolio(Path(folder), chosen.works)
        opened = min(seconds_to_import("artistguard.guard") for _ in range(5))
        bare = min(seconds_to_import("sys") for _ in range(5))
        print(f"import artistguard.guard: {opened - bare:.3f} s")
        watching = rest([*WATCH, str(data)], "All is done", chosen.seconds)
    for name, (memory, share) in {
        f"watch, {chosen.works:,} works": watching,
        "interpreter that waits": rest([sys.executable, "-c", WAITING], "Done", 1.0),
        "the same with the large libraries": rest([sys.executable, "-c", LOADED], "Done", 1.0),
    }.items():
        print(f"{name:<34} {memory / 1e6:6.1f} MB   {share:.3%} of a core")


def portfolio(folder: Path, works: int) -> Path:
    """Take in so many small pictures, look them up in a pack, and opt out of everything."""
    (folder / "art").mkdir()
    chance = np.random.default_rng(1)
    for number in range(works):
        cells = chance.integers(0, 256, (9, 12, 3), np.uint8)
        picture = Image.fromarray(cells).resize((120, 90), Image.Resampling.BICUBIC)
        picture.save(folder / "art" / f"{number}.png")
    pack = bake(folder / "pack", [Row("seen", folder / "art" / "0.png", caption="by Mira Brandt")])
    with closing(Guard(folder / "data")) as guard:
        guard.choices.add_packs([str(pack)])
        guard.choices.know_artist(["Mira Brandt"], ["mira.example"], [])
        for step in (guard.scan([str(folder / "art")]), guard.search(guard.choices.clue())):
            for _ in step:
                pass
        guard.opt_out(guard.plan(Scope.ALL))
        for _ in guard.deliver():
            pass
    return folder / "data"


def seconds_to_import(module: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - begun


def rest(command: list[str], ready: str, seconds: float) -> tuple[int, float]:
    """Resident bytes, and share of a core, of a program in so many seconds after it is ready."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if ready in line)
        time.sleep(1.0)
        begun, used = time.monotonic(), processor_seconds(process.pid)
        time.sleep(seconds)
        share = (processor_seconds(process.pid) - used) / (time.monotonic() - begun)
        status = Path(f"/proc/{process.pid}/status").read_text("ascii").split("VmRSS:")[1]
        process.terminate()
    return int(status.split()[0]) << 10, share


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
