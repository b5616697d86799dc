# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Two pictures held against each other point by point: how many points lie where they should.

Corners (Harris and Stephens 1988) at several scales are described by 256 comparisons of
brightness, turned with the corner (Rublee et al., "ORB", 2011); those that resemble each other in
both directions vote for one similarity (Fischler and Bolles, "RANSAC", 1981), mirrored or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from artistguard.fingerprints.agreement import Agreement
from artistguard.fingerprints.variants import Placing

Floats = NDArray[np.float32]
Points = NDArray[np.complex128]

_EDGE: Final = 480  # longest edge in pixels at the finest scale
_STEP: Final = 1.25  # from one scale to the next
_SCALES: Final = 7
_POINTS: Final = 160  # per scale at most
_RADIUS: Final = 15  # of the patch that is described, in pixels of its scale
_FARTHEST: Final = 64  # bits by which two descriptions of one point may differ
_TRIES: Final = 3_000
_TOLERANCE: Final = 4.0  # pixels of the finest scale
_SEED: Final = 20260101

_dice = np.random.default_rng(_SEED)
# Pairs of places in the patch, near the middle more often than not (Calonder et al., "BRIEF").
_PAIRS: Final = np.clip(_dice.normal(0.0, _RADIUS / 2.5, (2, 256, 2)), -_RADIUS + 4, _RADIUS - 4)


@dataclass(frozen=True, slots=True)
class Sight:
    """The points of a picture as x + iy in pixels of its `size`, (n,), and what is about each.

    `words` are descriptions of 256 bits each, (n, 4).
    """

    size: tuple[int, int]
    points: Points
    words: NDArray[np.uint64]


def compare(first: Image.Image, second: Image.Image) -> Agreement:
    """How well two pictures agree, point by point, whatever their sizes."""
    return agree(see(first), see(ImageOps.mirror(first)), see(second))


def see(image: Image.Image) -> Sight:
    """The points of a picture that it would be known by."""
    scale = min(1.0, _EDGE / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = image.convert("L").resize((width, height), Image.Resampling.LANCZOS)
    return Sight((width, height), *_describe(np.asarray(small, np.float32)))


def agree(mine: Sight, mirrored: Sight, theirs: Sight) -> Agreement:
    """How well a picture, or else its mirror image, agrees with another."""
    votes = {False: _vote(mine, theirs), True: _vote(mirrored, theirs)}
    way = votes[True].inliers > votes[False].inliers
    vote = votes[way]
    placing = _place(vote, mine.size, theirs.size, mirrored=way) if vote.inliers else None
    return Agreement(vote.inliers, vote.residual, way, placing)


def _describe(grey: Floats) -> tuple[Points, NDArray[np.uint64]]:
    """Corners as x + iy in pixels of `grey`, (n,), and their descriptions, (n, 4) words."""
    places, words = [], []
    picture = Image.fromarray(grey)
    for level in range(_SCALES):
        factor = _STEP**level
        size = (round(picture.width / factor), round(picture.height / factor))
        if min(size) < 2 * _RADIUS + 8:
            break
        small = np.asarray(picture.resize(size, Image.Resampling.BILINEAR), np.float32)
        at = _corners(small)
        if at.size:
            words.append(_words(_blurred(small, 2), at))
            spread = np.array([picture.width / size[0], picture.height / size[1]])
            places.append(((at + 0.5) * spread - 0.5) @ np.array([1, 1j]))
    if not places:
        return np.empty(0, np.complex128), np.empty((0, 4), np.uint64)
    return np.concatenate(places), np.concatenate(words)


def _blurred(grey: Floats, radius: int) -> Floats:
    """Box means of 2 radius + 1 pixels squared, twice: nearly a Gaussian."""
    side = 2 * radius + 1
    for _ in range(2):
        padded = np.pad(grey, radius + 1, mode="edge")[:-1, :-1].astype(np.float64)
        total = padded.cumsum(0).cumsum(1)
        rows = total[side:] - total[:-side]
        grey = ((rows[:, side:] - rows[:, :-side]) / side**2).astype(np.float32)
    return grey


def _corners(grey: Floats) -> NDArray[np.int64]:
    """The strongest corners that are no neighbours of each other, as (n, 2) of x and y."""
    soft = _blurred(grey, 1)
    down: Floats = np.gradient(soft, axis=0)
    right: Floats = np.gradient(soft, axis=1)
    xx, yy, xy = (_blurred(part, 1) for part in (right * right, down * down, right * down))
    strength = xx * yy - xy * xy - 0.05 * (xx + yy) ** 2
    margin = _RADIUS + 2
    inner = strength[margin:-margin, margin:-margin]
    best = np.ones(inner.shape, bool)
    height, width = strength.shape
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            if dx or dy:
                near = strength[
                    margin + dy : height - margin + dy, margin + dx : width - margin + dx
                ]
                best &= inner > near if (dy, dx) < (0, 0) else inner >= near
    best &= inner > 1.0
    rows, columns = np.nonzero(best)
    strongest = np.argsort(-inner[rows, columns], kind="stable")[:_POINTS]
    return np.stack([columns[strongest], rows[strongest]], axis=1) + margin


_SPAN: Final = np.arange(-_RADIUS, _RADIUS + 1)
_DISC: Final = _SPAN[:, None] ** 2 + _SPAN**2 <= _RADIUS**2


def _words(soft: Floats, at: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The descriptions of corners in a smoothed picture, turned by where its patch is bright."""
    x, y = at[:, 0, None, None], at[:, 1, None, None]
    patches = soft[y + _SPAN[:, None], x + _SPAN] * _DISC
    angle = np.arctan2((patches.sum(2) * _SPAN).sum(1), (patches.sum(1) * _SPAN).sum(1))
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    seen = []
    for pair in _PAIRS:
        dx = np.rint(pair[:, 0] * cos - pair[:, 1] * sin).astype(np.int64)
        dy = np.rint(pair[:, 0] * sin + pair[:, 1] * cos).astype(np.int64)
        seen.append(soft[at[:, 1, None] + dy, at[:, 0, None] + dx])
    bits = np.packbits(seen[0] < seen[1], axis=1)
    words: NDArray[np.uint64] = np.ascontiguousarray(bits).view(np.uint64)
    return words


def _pair(
    mine: NDArray[np.uint64], theirs: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which descriptions are each other's nearest, and near."""
    if len(mine) < 2 or len(theirs) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    apart = np.zeros((len(mine), len(theirs)), np.int32)
    for word in range(mine.shape[1]):
        apart += np.bitwise_count(mine[:, word, None] ^ theirs[None, :, word])
    nearest = apart.argmin(1)
    rows = np.arange(len(mine))
    distance = apart[rows, nearest]
    mutual = apart.argmin(0)[nearest] == rows
    kept = rows[mutual & (distance <= _FARTHEST)]
    return kept, nearest[kept]


@dataclass(frozen=True, slots=True)
class _Vote:
    """The similarity z → az + b, from pixels to pixels, and how many pairs of points were for it.

    They are off by `residual` pixels on average.
    """

    inliers: int = 0
    residual: float = 0.0
    a: complex = 1.0
    b: complex = 0.0


def _vote(ours: Sight, others: Sight) -> _Vote:
    """The similarity on which most pairs of points agree, tried with two pairs at a time."""
    one, two = _pair(ours.words, others.words)
    mine, theirs = ours.points[one], others.points[two]
    if len(mine) < 3:
        return _Vote()
    dice = np.random.default_rng(_SEED)
    one, two = dice.integers(0, len(mine), (2, _TRIES))
    span = mine[one] - mine[two]
    apart = np.abs(span) > 5 * _TOLERANCE
    one, two, span = one[apart], two[apart], span[apart]
    turn = (theirs[one] - theirs[two]) / span
    sane = (np.abs(turn) > 0.15) & (np.abs(turn) < 7.0)
    one, turn = one[sane], turn[sane]
    shift = theirs[one] - turn * mine[one]
    if not len(turn):
        return _Vote()
    off = np.abs(turn[:, None] * mine + shift[:, None] - theirs)
    near = off <= _TOLERANCE * np.maximum(1.0, np.abs(turn))[:, None]
    inside = near[near.sum(1).argmax()]
    mine, theirs = mine[inside], theirs[inside]
    # Several scales see one corner: it counts once.
    places = (len(np.unique(np.rint(each / (2 * _TOLERANCE)))) for each in (mine, theirs))
    a, b = _fit(mine, theirs)
    return _Vote(min(places), float(np.abs(a * mine + b - theirs).mean()), a, b)


def _fit(mine: Points, theirs: Points) -> tuple[complex, complex]:
    """The similarity z → az + b with the least squares of what is off."""
    middle, other = mine.mean(), theirs.mean()
    from_middle = mine - middle
    a = complex(np.vdot(from_middle, theirs - other) / np.vdot(from_middle, from_middle).real)
    return a, complex(other - a * middle)


def _place(
    vote: _Vote, mine: tuple[int, int], theirs: tuple[int, int], *, mirrored: bool
) -> Placing:
    """How their picture lies on mine, with the sizes of both in pixels."""
    half = 0.5 + 0.5j  # the middle of the first pixel
    back = 1 / vote.a
    shift = half - back * (vote.b + half)
    across, down = mine
    wide, high = theirs
    a, b = back.real * wide / across, back.imag * wide / down
    c, d = -back.imag * high / across, back.real * high / down
    e, f = shift.real / across, shift.imag / down
    return (-a, b, -c, d, 1 - e, f) if mirrored else (a, b, c, d, e, f)
