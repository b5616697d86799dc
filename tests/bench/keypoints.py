# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Measures on how many points altered copies agree with their originals, and strangers at most.

    python tests/bench/keypoints.py [--pictures DIR ...] [--originals 40] [--most 1200]

The strangers are of two kinds: drawn at random, and for each picture those that its fingerprints
take for its nearest, since only such pairs ever come before an artist. OpenCV's ORB with its own
RANSAC sees the same pictures at the same size where it is installed (opencv-python-headless). See
corpus.py for what a stranger is, and attacks.py for the changes.
"""

import argparse
import importlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from PIL import Image, ImageOps

from artistguard import pictures
from artistguard.fingerprints import DCT256, ENOUGH
from artistguard.fingerprints.keypoints import agree, see
from attacks import ATTACKS
from corpus import (
    FILLERS,
    PACKAGES,
    SMALLEST_ORIGINAL,
    Print,
    Relations,
    choose,
    fetch,
    gather,
    web_sized,
)

NEAREST = 6
"""Strangers for each picture that its fingerprints take for most alike, and as many at random."""

# Screenshots of one program in many languages, which are the same picture for all but their words.
SAME_BUT_FOR_WORDS = "/doc/wesnoth"

SHARES = (0.5, 0.9, 0.99, 0.999, 1.0)

EDGE, TOLERANCE = 480, 4.0  # pixels, the same for the peer


@dataclass
class Seen:
    """A picture, its mirror image, and both as the peer sees them."""

    plain: Any
    mirrored: Any
    peer: Any = None
    mirrored_peer: Any = None


def look(image: Image.Image) -> Seen:
    """All that a picture would be known by."""
    turned = ImageOps.mirror(image)
    seen = Seen(see(image), see(turned))
    if _opencv():
        seen.peer, seen.mirrored_peer = _orb(image), _orb(turned)
    return seen


def hold(one: Seen, other: Seen) -> tuple[int, int]:
    """On how many points two pictures agree, and as the peer says."""
    theirs = max(_vote(one.peer, other.peer), _vote(one.mirrored_peer, other.peer))
    return agree(one.plain, one.mirrored, other.plain).inliers, theirs


# --- the peer -------------------------------------------------------------------------------------


def _opencv() -> Any:
    try:
        return importlib.import_module("cv2")
    except ImportError:
        return None


def _orb(image: Image.Image) -> Any:
    grey = image.convert("L")
    grey.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    points, words = _opencv().ORB_create(nfeatures=1120).detectAndCompute(np.asarray(grey), None)
    return np.array([point.pt for point in points], np.float32), words


def _vote(one: Any, other: Any) -> int:
    if one is None or other is None or one[1] is None or other[1] is None:
        return 0
    cv2 = _opencv()
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(one[1], other[1])
    if len(pairs) < 3:
        return 0
    mine = one[0][[pair.queryIdx for pair in pairs]]
    theirs = other[0][[pair.trainIdx for pair in pairs]]
    how = {"ransacReprojThreshold": TOLERANCE, "maxIters": 3000}
    _, inside = cv2.estimateAffinePartial2D(mine, theirs, method=cv2.RANSAC, **how)
    if inside is None:
        return 0
    at = inside.ravel().astype(bool)
    places = (np.unique(np.rint(each[at] / (2 * TOLERANCE)), axis=0) for each in (mine, theirs))
    return min(map(len, places))


# --- in the processes of the pool -----------------------------------------------------------------


def look_at(path: Path) -> Seen:
    return look(pictures.read(path).image)


def hold_copies(job: tuple[int, Path], fillers: list[Path]) -> list[tuple[str, int, int]]:
    """Every altered copy of a picture, encoded and read again: kind of change, points, peer's."""
    number, path = job
    image = web_sized(path)
    others = [pictures.read(each).image for each in Random(number).sample(fillers, 7)]
    mine = look(image)
    held = []
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "copy")
        for attack, change in ATTACKS.items():
            file.write_bytes(change(image, Random(f"{number} {attack}"), others))
            held.append((attack, *hold(mine, look(pictures.read(file).image))))
    return held


def hold_pair(pair: tuple[Seen, Seen]) -> tuple[int, int]:
    return hold(*pair)


# --- pairs ----------------------------------------------------------------------------------------


def are_strangers(prints: list[Print], relation: Relations, one: int, other: int) -> bool:
    """Whether two pictures have nothing to do with each other."""
    if any(SAME_BUT_FOR_WORDS in prints[at].name for at in (one, other)):
        return False
    return relation(one, other) == "strangers"


def nearest(prints: list[Print], relation: Relations) -> list[tuple[int, int]]:
    """For each picture the strangers whose stored hashes lie nearest to any of its variants."""
    stored = [each.stored[DCT256][0].view(np.uint64) for each in prints]
    whose = np.repeat(np.arange(len(prints)), [len(each) for each in stored])
    everything = np.concatenate(stored)
    pairs = set()
    for at, each in enumerate(prints):
        asked = each.asked[DCT256][0].view(np.uint64)
        apart = np.bitwise_count(asked[:, None] ^ everything).sum(2, dtype=np.int32).min(0)
        least = np.full(len(prints), 256)
        np.minimum.at(least, whose, apart)
        others = (int(other) for other in np.argsort(least, kind="stable"))
        strange = (other for other in others if are_strangers(prints, relation, at, other))
        pairs |= {(min(at, other), max(at, other)) for other in islice(strange, NEAREST)}
    return sorted(pairs)


def drawn(prints: list[Print], relation: Relations) -> list[tuple[int, int]]:
    """As many pairs of strangers at random."""
    rng, pairs = Random(1), set()
    while len(pairs) < NEAREST * len(prints):
        one, other = sorted(rng.sample(range(len(prints)), 2))
        if are_strangers(prints, relation, one, other):
            pairs.add((one, other))
    return sorted(pairs)


# --- what is printed ------------------------------------------------------------------------------


def report_strangers(said: str, pairs: list, held: list[tuple[int, int]], prints: list) -> None:
    counts = np.array(held)
    for name, points in zip(("ours", "OpenCV ORB"), counts.T, strict=True):
        shares = "  ".join(f"{share:.1%} {np.quantile(points, share):.0f}" for share in SHARES)
        print(f"{said}, {len(pairs)} pairs, {name}: points at most in {shares}")
    for at in np.argsort(-counts[:, 0])[:40]:
        print(f"  {counts[at, 0]:4d}  {' | '.join(prints[one].name[-60:] for one in pairs[at])}")


def report_copies(held: list[tuple[str, int, int]], limits: tuple[int, int]) -> None:
    """`limits` are as many points as let no stranger through, ours and the peer's."""
    by_kind = defaultdict(list)
    for attack, points, theirs in held:
        by_kind[attack].append((points, theirs))
    said = f"{ENOUGH} points, with {limits[0]} points, with {limits[1]} of ORB's"
    print(f"copies, share with {said}")
    rows = [(attack, np.array(each)) for attack, each in by_kind.items()]
    for attack, each in [*rows, ("all", np.array([one[1:] for one in held]))]:
        shares = (each[:, [0, 0, 1]] >= (ENOUGH, *limits)).mean(0)
        cells = "".join(f"{share:8.3f}" for share in shares)
        print(f"  {attack:32s}{cells}   median {np.median(each[:, 0]):.0f}")
    ours = np.array([points for _, points, _ in held])
    for limit in sorted({8, 10, 12, 16, 20, 24, 32, ENOUGH}):
        print(f"  with {limit} points: {(ours >= limit).mean():.3f} of all copies")


def timed(said: str, work: Callable[[], list]) -> list:
    start = time.monotonic()
    done = work()
    print(f"{said} in {time.monotonic() - start:.0f} s", flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, nargs="+", help="folders to use instead")
    parser.add_argument("--originals", type=int, default=40)
    parser.add_argument("--most", type=int, default=1200, help="how many pictures at most")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir(), "artistguard-pictures")
    )
    args = parser.parse_args()
    fillers = choose(fetch(args.cache, FILLERS))
    paths = choose(args.pictures or fetch(args.cache, PACKAGES))[: args.most]
    prints, _ = timed("pictures described", lambda: [*gather(paths, fillers, 0, args.jobs, None)])
    relation = Relations(prints)
    originals = [each for each in prints if min(each.size) >= SMALLEST_ORIGINAL][: args.originals]
    jobs = [(at, Path(each.name)) for at, each in enumerate(originals)]
    copy = partial(hold_copies, fillers=fillers)
    with ProcessPoolExecutor(args.jobs, get_context("spawn")) as pool:
        files = [Path(each.name) for each in prints]
        seen = timed("points seen", lambda: [*pool.map(look_at, files, chunksize=8)])
        most = np.zeros(2, int)
        for said, find in (("random strangers", drawn), ("nearest strangers", nearest)):
            pairs = find(prints, relation)
            both = [(seen[one], seen[other]) for one, other in pairs]
            work = partial(pool.map, hold_pair, both, chunksize=32)
            held = timed(said, lambda work=work: [*work()])
            report_strangers(said, pairs, held, prints)
            most = np.maximum(most, np.max(held, axis=0))
        made = timed("copies", lambda: [*pool.map(copy, jobs)])
    report_copies([one for each in made for one in each], (int(most[0]) + 1, int(most[1]) + 1))


if __name__ == "__main__":
    main()
