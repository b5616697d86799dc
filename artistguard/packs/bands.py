# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Plans a search for near hashes: which bits are cut into which bands, and how far each is probed.

Two hashes of `bits` bits that differ in at most `radius` bits cannot differ much in every one of
several disjoint bands: if band i is probed out to `r_i` flipped bits and ``sum(r_i + 1) > radius``,
at least one band meets (Norouzi, Punjani and Fleet, "Fast exact search in Hamming space with
multi-index hashing", 2014; the unequal form is the generalised pigeonhole of Qin et al., "GPH:
similarity search in Hamming space", 2018). A search therefore looks up every value near the query's
in each band and compares the few whole hashes found there.

The planner knows no files and no engine. Whatever can answer "the rows whose band i has one of
these values" can run its plans.
"""

from __future__ import annotations

import bisect
import hashlib
import heapq
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

# What one step costs in nanoseconds on one core; only the proportions matter. Measured with the
# searches of `hamming.py` (tests/bench/search.py). Rows of one word are copied in band order there.
PROBE_COST = 15.0
COPIED_ROW_COST = 12.0
ROW_COST = 30.0
SCAN_COST = 0.75  # for each 64-bit word that is compared of each row
PATIENCE = 2_000_000.0  # an exact plan dearer than this for one query gives way ...
FAIR_RECALL = 0.99  # ... to one that finds this share of the rows at exactly the radius

_SMALL = 1 << 12  # so few rows are always scanned
_MAX_WIDTH = 28
_STARTS_PER_ROW = 128  # bytes
_MAX_PROBES = 1 << 20


@dataclass(frozen=True, slots=True)
class Band:
    """Bits `start` to `start + width` of the shuffled hash, probed out to `radius` flipped bits.

    A radius of -1 leaves the band out.
    """

    start: int
    width: int
    radius: int

    @property
    def probes(self) -> int:
        """How many values are looked up for one query."""
        return ball(self.width, self.radius)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to find all rows within `radius` of a query: by its bands or, when it has none, a scan.

    `probes` and `candidates` are the values looked up and the rows expected to be compared for one
    query when hashes are uniform (real ones come to about 1.2 times that at 256 bits, 2 times at
    64). `recall` is the probability that a row at exactly `radius` flipped bits is found; nearer
    rows are found more often. 1.0 is a guarantee.
    """

    bits: int
    radius: int
    bands: tuple[Band, ...]
    probes: int
    candidates: float
    recall: float
    cost: float

    @property
    def is_scan(self) -> bool:
        """Whether every row is compared."""
        return not self.bands


def ball(width: int, radius: int) -> int:
    """The number of `width`-bit values within `radius` flipped bits of one value."""
    return sum(math.comb(width, flips) for flips in range(radius + 1))


def words_ahead(bits: int, radius: int) -> int:
    """How many 64-bit words of every row a scan compares; the rest only where those are near.

    Random hashes differ by 64 bits in their first two words, and by less than 45 in one case of
    2,000.
    """
    words = -(-bits // 64)
    return min(2, words) if radius < 45 else words


@cache
def shuffled(bits: int) -> tuple[int, ...]:
    """The fixed order in which bits are laid out before cutting: place -> bit, 0 the first bit.

    Neighbouring bits of a picture hash are related; mixing them makes the bands' values more even.
    Bit 0 comes last, where no band need cover it: in a hash whose first coefficient is the mean
    brightness (pHash) it is the same for every picture.
    """
    mixed = sorted(range(1, bits), key=lambda bit: hashlib.sha256(b"band bit %d" % bit).digest())
    return (*mixed, 0)


@lru_cache(maxsize=64)
def masks(width: int, radius: int) -> NDArray[np.uint32]:
    """All `width`-bit values with at most `radius` bits set, in ascending order; not to be changed.

    Each, XORed with a query's band value, is one probe.
    """
    flips = (
        sum(1 << bit for bit in bits)
        for count in range(radius + 1)
        for bits in itertools.combinations(range(width), count)
    )
    found = np.sort(np.fromiter(flips, np.uint32, ball(width, radius)))
    found.flags.writeable = False
    return found


def recall(bits: int, radius: int, bands: Iterable[tuple[int, int]]) -> float:
    """The probability that a row which differs in exactly `radius` random bits meets some band.

    `bands` are pairs of width and radius. A row is missed when each band i takes more than r_i of
    the flips. The ways to place the flips so are the coefficient of x^radius in
    ``(1 + x)^rest * prod_i sum_{j > r_i} C(w_i, j) x^j``, `rest` being the bits in no band; divided
    by C(bits, radius) that is the share missed. Computed in whole numbers.
    """
    pairs = list(bands)
    if sum(reach + 1 for _, reach in pairs) > radius:
        return 1.0
    rest = bits - sum(width for width, _ in pairs)
    ways = [math.comb(rest, flips) for flips in range(radius + 1)]
    for width, reach in pairs:
        missed = [math.comb(width, flips) if flips > reach else 0 for flips in range(radius + 1)]
        ways = [
            sum(ways[flips - here] * missed[here] for here in range(reach + 1, flips + 1))
            for flips in range(radius + 1)
        ]
    return 1.0 - ways[radius] / math.comb(bits, radius)


@cache
def cut(bits: int, rows: int) -> tuple[int, ...]:
    """The widths of the bands to build an index of `rows` distinct hashes with; none for few rows.

    Chosen for the cheapest exact search at an eighth of the bits (radius 8 of 64, 32 of 256), the
    distance up to which packs are asked, of those whose tables of starts (4 bytes for each value)
    stay small beside the rows.
    """
    if rows < _SMALL:
        return ()
    widest = min(_MAX_WIDTH, rows.bit_length() + 2, bits)
    choices = []
    for width in range(max(1, widest - 9), widest + 1):
        widths = (width,) * (bits // width)
        found = _grow(bits, bits // 8, rows, widths, 1.0)
        if found is not None and len(widths) * 4 << width <= _STARTS_PER_ROW * rows:
            choices.append((found.cost, widths))
    return min(choices, default=(0.0, ()))[1]


def plan(
    bits: int,
    radius: int,
    rows: int,
    *,
    recall: float | None = None,
    widths: Sequence[int] | None = None,
) -> Plan:
    """The cheapest way to find rows within `radius` flipped bits among `rows` hashes.

    Args:
        bits: length of a hash, a multiple of 8.
        radius: greatest Hamming distance of interest, at least 0.
        rows: how many distinct hashes are searched.
        recall: the least share of rows at exactly `radius` that must be found. None asks for all
            of them, unless that is so dear that `FAIR_RECALL` has to do.
        widths: the cuts of an index that exists; by default those of `cut`.
    """
    scan = Plan(bits, radius, (), 0, float(rows), 1.0, rows * SCAN_COST * words_ahead(bits, radius))
    widths = cut(bits, rows) if widths is None else tuple(widths)
    found = _grow(bits, radius, rows, widths, 1.0 if recall is None else recall)
    best = scan if found is None or found.cost >= scan.cost else found
    if recall is None and best.cost > PATIENCE:
        fair = _grow(bits, radius, rows, widths, FAIR_RECALL)
        best = best if fair is None or fair.cost >= best.cost else fair
    return best


@lru_cache(maxsize=256)
def _grow(bits: int, radius: int, rows: int, widths: tuple[int, ...], target: float) -> Plan | None:
    """The cheapest radii for these bands with at least this recall; None if all too dear."""
    row_cost = COPIED_ROW_COST if bits <= 64 else ROW_COST
    each = [PROBE_COST + row_cost * rows / (1 << width) for width in widths]
    steps = _steps(widths, each, radius)
    if target < 1.0:
        few = bisect.bisect_left(
            range(len(steps)),
            target,
            key=lambda count: recall(bits, radius, _reached(steps[:count], widths)),
        )
        steps = steps[:few]
    reached = recall(bits, radius, _reached(steps, widths))
    if reached < target:
        return None
    starts = itertools.accumulate(widths, initial=0)
    bands = tuple(
        Band(start, *band)
        for start, band in zip(starts, _reached(steps, widths), strict=False)
        if band[1] >= 0
    )
    probes = sum(band.probes for band in bands)
    candidates = sum(band.probes * rows / (1 << band.width) for band in bands)
    cost = probes * PROBE_COST + candidates * row_cost
    return Plan(bits, radius, bands, probes, candidates, reached, cost)


def _steps(widths: tuple[int, ...], each: list[float], radius: int) -> list[int]:
    """The bands, each as often as one flip more is allowed in it, the cheapest flip first.

    The next flip in a band costs more than the last (up to half its width), so to take the cheapest
    each time, until the plan is exact, gives the cheapest exact plan, and good ones on the way.
    """
    radii = [-1] * len(widths)
    next_ = [(price, at) for at, price in enumerate(each)]
    heapq.heapify(next_)
    steps: list[int] = []
    while next_ and len(steps) <= radius and next_[0][0] <= _MAX_PROBES * PROBE_COST:
        _, at = heapq.heappop(next_)
        steps.append(at)
        radii[at] += 1
        if radii[at] < widths[at]:
            heapq.heappush(next_, (math.comb(widths[at], radii[at] + 1) * each[at], at))
    return steps


def _reached(steps: list[int], widths: tuple[int, ...]) -> list[tuple[int, int]]:
    """Widths and radii after some of the steps."""
    taken = Counter(steps)
    return [(width, taken[at] - 1) for at, width in enumerate(widths)]
