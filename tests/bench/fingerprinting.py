# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How fast a folder of 12-megapixel JPEGs is taken in, against imagehash and against the decoder.

    python tests/bench/fingerprinting.py [--pictures 12] [--rounds 3]

The peer is the loop everybody writes, ``imagehash.phash(Image.open(path))``: one hash a picture.
Ours reads the file's SHA-256 and MD5 besides, and makes some forty hashes a picture. The limit is
libjpeg-turbo's own scaled decode of the same files, with nothing done to what comes out.
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
SAMPLE = Path(__file__).parents[2] / "resources" / "sample" / "portfolio"


def make_pictures(folder, count):
    """Large pictures with the grain of a scan: the sample's paintings, enlarged, and noise."""
    dice = np.random.default_rng(12)
    sources = sorted(SAMPLE.glob("*/*.jpg"))
    for number in range(count):
        with Image.open(sources[number % len(sources)]) as source:
            large = source.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
        grain = dice.normal(0, 6, (SIZE[1], SIZE[0], 1))
        pixels = np.clip(np.asarray(large) + grain, 0, 255).astype(np.uint8)
        path = folder / f"{number:03}.jpg"
        Image.fromarray(pixels).save(path, quality=90, subsampling="4:2:0")
        yield path


def everybodys_loop(paths):
    for path in paths:
        imagehash.phash(Image.open(path))


def bare_decode(paths):
    for path in paths:
        with Image.open(path) as picture:
            picture.draft("RGB", (500, 375))
            picture.load()


def ours_on_one_core(paths):
    for path in paths:
        reading.read(str(path))


def ours_on_two_cores(paths):
    names = [str(path) for path in paths]
    found = sandbox.run(reading.read, names, workers=2, seconds=60, memory=3 << 30)
    assert all(isinstance(read, reading.Reading) for _, read in found)


def timed(work, paths):
    start = time.perf_counter()
    work(paths)
    return (time.perf_counter() - start) / len(paths)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--pictures", type=int, default=12)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    works = (everybodys_loop, bare_decode, ours_on_one_core, ours_on_two_cores)
    with tempfile.TemporaryDirectory() as folder:
        paths = list(make_pictures(Path(folder), chosen.pictures))
        size = statistics.mean(path.stat().st_size for path in paths) / 1e6
        print(
            f"{len(paths)} JPEGs of {SIZE[0]} x {SIZE[1]}, {size:.1f} MB each, read once before\n"
        )
        ours_on_one_core(paths[:2])
        # In turn, so that a machine that slows down slows all of them.
        seconds = {work: [] for work in works}
        for _ in range(chosen.rounds):
            for work in works:
                seconds[work].append(timed(work, paths))
    middle = {work: statistics.median(seconds[work]) for work in works}
    peer, limit = middle[everybodys_loop], middle[bare_decode]
    print(f"{'':<20}{'ms a picture':>14}{'x everybody':>14}{'of the limit':>14}")
    for work in works:
        ratio, share = peer / middle[work], limit / middle[work]
        print(f"{work.__name__:<20}{1000 * middle[work]:>14.1f}{ratio:>14.2f}{share:>14.2f}")


if __name__ == "__main__":
    main()
