# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The window over 20,000 and 100,000 works: start to the first picture, scrolling, filters, memory.

The limits stand beside the numbers. Each is of the real program, offscreen, over a data folder as
the program leaves it; the best of several starts counts, as others may be at work on the machine.

    python tests/bench/window.py [--works 20000 100000] [--starts 5] [--keep DIR]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import window_data

INSIDE = Path(__file__).with_name("window_inside.py")
LIMITS = {20_000: 1.0, 100_000: 1.5}  # seconds to the first picture
PATIENCE = 180.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="where filled data folders lie, or stay")
    asked = parser.parse_args()
    for works in asked.works:
        with filled(works, asked.keep) as data:
            starts = [start(data) for _ in range(asked.starts)]
            for what in ("window", "works"):
                took = [one[what] for one in starts]
                tell(
                    f"{works:,} works, start to the first paint of {what}",
                    f"{min(took):.2f} s (median {statistics.median(took):.2f} s)",
                    f"{LIMITS.get(works, 1.5)} s",
                )
            if works == max(asked.works):
                look_around(data, works)


def look_around(data, works):
    scrolled = inside("scroll", data)[-1]
    frames, far = sorted(scrolled["frames"]), scrolled["far"]
    tell("a frame while scrolling", f"{statistics.median(frames):.1f} ms", "13 ms")
    tell("  the slowest in a hundred", f"{frames[len(frames) * 99 // 100]:.1f} ms", "–")
    tell("a far jump", f"{statistics.median(far):.1f} ms", "–")
    tell("memory after all that", f"{scrolled['resident']:.0f} MB", "200 MB")
    for name, took in inside("filter", data)[-1].items():
        limit = "60 ms" if name in ("how works stand", "letters") else "–"
        tell(f"filter by {name}, {works:,} works", f"{took:.0f} ms", limit)


def tell(what, number, limit):
    print(f"{what:<52} {number:>28}   limit {limit}", flush=True)


def start(data):
    """Seconds from the start of the process until the window, and works in it, were painted."""
    begun = time.monotonic()
    said = {name: at for line in inside("paint", data) for name, at in line.items()}
    return {name: said[name] - begun for name in ("window", "works")}


def inside(deed, data):
    """What somebody inside the real program says; see window_inside.py."""
    done = subprocess.run(
        [sys.executable, INSIDE, deed, "--data", data],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def filled(works, keep=None):
    """A data folder of so many works; with `keep`, one that is filled once."""
    if keep:
        place = keep / str(works)
        if not place.exists():
            place.mkdir(parents=True)
            window_data.fill(place, works)
        yield place / "data"
        return
    with tempfile.TemporaryDirectory() as place:
        yield window_data.fill(Path(place), works)


if __name__ == "__main__":
    main()
