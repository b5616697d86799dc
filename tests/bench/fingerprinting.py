# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How fast 12-megapixel JPEGs are taken in, against imagehash and against the bare decoder.

    python tests/bench/fingerprinting.py [--pictures 8] [--rounds 3]

The peer is the loop everybody writes, ``imagehash.phash(Image.open(path))``: one hash a picture.
Ours reads the file's SHA-256 and MD5 besides, and makes some forty hashes a picture. The limit is
libjpeg-turbo's own scaled decode of the same files, with nothing done to what comes out: it has to
undo every byte's Huffman coding whatever the scale, so grain costs it more than size does. That is
why there are three sets, from a clean drawing to a grainy scan.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image

from artistguard import reading, sandbox

SIZE = (4000, 3000)
GRAIN = {"drawing": 0, "photograph": 3, "grainy scan": 6}  # standard deviation, in grey steps
SAMPLE = Path(__file__).parents[2] / "resources" / "sample" / "portfolio"


def make_pictures(folder, count, grain):
    """The sample's works, enlarged, with the grain of the medium."""
    dice = np.random.default_rng(12)
    sources = sorted(SAMPLE.glob("*/*.jpg"))
    for number in range(count):
        with Image.open(sources[number % len(sources)]) as source:
            large = source.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
        noise = dice.normal(0, grain, (SIZE[1], SIZE[0], 1))
        pixels = np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8)
        path = folder / f"{number:03}.jpg"
        Image.fromarray(pixels).save(path, quality=90, subsampling="4:2:0")
        yield path


def everybodys_loop(paths):
    for path in paths:
        with Image.open(path) as picture:
            imagehash.phash(picture)


def bare_decode(paths):
    for path in paths:
        with Image.open(path) as picture:
            picture.draft("RGB", (500, 375))
            picture.load()


def ours(paths):
    for path in paths:
        reading.read(str(path))


def ours_on_two_cores(paths):
    names = [str(path) for path in paths]
    found = sandbox.run(reading.read, names, workers=2, seconds=60, memory=2 << 30)
    assert all(isinstance(read, reading.Reading) for _, read in found)


def timed(work, paths, clock):
    start = clock()
    work(paths)
    return (clock() - start) / len(paths)


def compare(kind, paths, rounds):
    works = (everybodys_loop, bare_decode, ours)
    ours(paths[:2])
    # In turn, so that a machine that slows down slows all of them; processor time, so that its
    # other work does not count.
    seconds = {work: [] for work in works}
    for _ in range(rounds):
        for work in works:
            seconds[work].append(timed(work, paths, time.process_time))
    middle = {work: statistics.median(seconds[work]) for work in works}
    size = statistics.mean(path.stat().st_size for path in paths) / 1e6
    peer, limit, own = (middle[work] for work in works)
    print(
        f"{kind:<14}{size:>5.1f} MB{1000 * peer:>10.1f}{1000 * limit:>10.1f}{1000 * own:>10.1f}"
        f"{peer / own:>12.2f}{peer / limit:>12.2f}{limit / own:>12.2f}"
    )


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--pictures", type=int, default=8)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    print(
        f"{'':<22}{'processor ms a picture':^30}{'x everybody':>12}{'at best':>12}{'of limit':>12}"
    )
    print(f"{'':<22}{'everybody':>10}{'decode':>10}{'ours':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, grain in GRAIN.items():
            paths = list(make_pictures(Path(folder), chosen.pictures, grain))
            compare(kind, paths, chosen.rounds)
        many = paths * 16
        one, two = (timed(work, many, time.perf_counter) for work in (ours, ours_on_two_cores))
    print(f"\ntwo cores, by the clock, start of two processes included: x {one / two:.2f}")


if __name__ == "__main__":
    main()
