# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Holds a pack's published hashes against the pictures themselves, as they are on the web now."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artistguard import sandbox
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.fetching import Fetcher
from artistguard.fingerprints import ALGORITHMS, SSCD256
from artistguard.models import Progress
from artistguard.packing.looks import Look, Picture, look
from artistguard.packs import Calibration, stamp
from artistguard.packs.pack import Pack

_STEP = "calibrate"
_SECONDS = 60.0
_MEMORY = 2 << 30
WITHIN = {64: 4, 256: 16}
"""Bits, by length of hash, within which two decoders' hashes of one picture lie; those of two
pictures nearly never do."""


def calibrate(
    out: Path, count: int, fetcher: Fetcher, *, checked_at: str, seed: int
) -> Generator[Progress, None, tuple[Calibration, Counter[Kind]]]:
    """Fetch the pictures of `count` random rows, hash them, compare, and stamp the pack.

    Returns what the pack was stamped with, and how many pictures could not be had, by reason.

    Raises:
        Problem: The pack holds no fingerprints that could be checked (NOTHING_TO_DO).
        Damaged: It is not as written (PACK_DAMAGED).
        Stopped: The stamp cannot be written.
    """
    with Pack.open(out) as pack:
        algorithm = _checkable(pack)
        rows, values = pack.sample(algorithm, count, np.random.default_rng(seed))
        urls = [entry.url for entry in pack.entries(rows)]
        revision = pack.manifest.revision
    missed: Counter[Kind] = Counter()
    distances: list[int] = []
    for number, outcome in _looked(urls, fetcher):
        if isinstance(outcome, Problem):
            missed[outcome.kind] += 1
        else:
            distances.append(_distance(outcome, algorithm, values[number]))
        yield Progress(_STEP, len(distances) + missed.total(), len(urls))
    within = WITHIN[ALGORITHMS[algorithm].bits]
    found = Calibration(
        algorithm=algorithm,
        tried=len(urls),
        looked=len(distances),
        agreed=sum(distance <= within for distance in distances),
        within=within,
        revision=revision,
        checked_at=checked_at,
    )
    stamp(out, found)
    return found, missed


def _looked(urls: Sequence[str | None], fetcher: Fetcher) -> Iterator[tuple[int, Look | Problem]]:
    """What each address's picture looks like, by the number of the address."""
    missed: deque[tuple[int, Problem]] = deque()

    def pictures() -> Iterator[Picture]:
        for number, url in enumerate(urls):
            try:
                if url is None:
                    raise Unreadable(Kind.PICTURE_GONE, status="no address")
                yield Picture(number, body=fetcher.fetch(url))
            except Problem as problem:
                missed.append((number, problem))

    for picture, outcome in sandbox.run(
        look, pictures(), workers=os.cpu_count() or 1, seconds=_SECONDS, memory=_MEMORY
    ):
        yield picture.number, outcome
        while missed:
            yield missed.popleft()
    yield from missed


def _distance(look: Look, algorithm: str, published: NDArray[np.uint8]) -> int:
    """The bits that differ between our hash of a picture and the published one."""
    (ours,) = (one.plain for one in look.fingerprints if one.algorithm == algorithm)
    return int(np.bitwise_count(np.frombuffer(ours, np.uint8) ^ published).sum())


def _checkable(pack: Pack) -> str:
    known = [one for one in pack.manifest.algorithms if one in ALGORITHMS and one != SSCD256]
    if not known or not pack.manifest.answers["url"]:
        raise Problem(Kind.NOTHING_TO_DO)
    return known[0]
