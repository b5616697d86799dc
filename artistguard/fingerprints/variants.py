# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The algorithms by name, and the forms in which each asks for a picture; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

PHASH64 = "phash64/1"
DCT256 = "dct256/1"
SSCD256 = "sscd256/1"

# left, top, right, bottom as fractions of the width and height
Rectangle: TypeAlias = tuple[float, float, float, float]

# x = a u + c v + e and y = b u + d v + f, as (a, b, c, d, e, f), in shares of width and height: how
# the point (u, v) of one picture lies on another (the order of SVG 2, section 8.5).
Placing: TypeAlias = tuple[float, float, float, float, float, float]

WHOLE: Rectangle = (0.0, 0.0, 1.0, 1.0)

# How each of the eight ways to turn or mirror a picture acts on its waves: whether rows and columns
# change places, then whether the odd waves across and down change sign.
DIHEDRAL: dict[str, tuple[bool, bool, bool]] = {
    "plain": (False, False, False),
    "mirror": (False, True, False),
    "flip": (False, False, True),
    "turn180": (False, True, True),
    "transpose": (True, False, False),
    "turn90": (True, False, True),
    "turn270": (True, True, False),
    "transverse": (True, True, True),
}

QUARTER_TURNS = ("plain", "turn90", "turn180", "turn270")
"""The variants of SSCD256, see `embedding`."""


def part(left: tuple[float, float], place: tuple[float, float]) -> Rectangle:
    """Return the rectangle with the shares `left` of width and height, lying at `place`.

    `place` runs from 0, at the left or top, to 1, at the right or bottom.
    """
    (width, height), (x, y) = left, place
    across, down = x * (1 - width), y * (1 - height)
    return across, down, across + width, down + height


# Where a copy may have been cut: name → how much of the width and height is left, and where it lies
# (0 at the left or top, 1 at the right or bottom). Set on the crops of tests/bench/copies.py: a
# hash forgives an edge off by 2 % of the side, so deeper cuts have more places than can be asked.
_CUTS: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = MappingProxyType(
    {
        "crop-95-centre": ((0.95, 0.95), (0.5, 0.5)),
        "crop-95-top-left": ((0.95, 0.95), (0.0, 0.0)),
        "crop-95-top-right": ((0.95, 0.95), (1.0, 0.0)),
        "crop-95-bottom-left": ((0.95, 0.95), (0.0, 1.0)),
        "crop-95-bottom-right": ((0.95, 0.95), (1.0, 1.0)),
        "crop-90-centre": ((0.9, 0.9), (0.5, 0.5)),
        "crop-90-top-left": ((0.9, 0.9), (0.25, 0.25)),
        "crop-90-top-right": ((0.9, 0.9), (0.75, 0.25)),
        "crop-90-bottom-left": ((0.9, 0.9), (0.25, 0.75)),
        "crop-90-bottom-right": ((0.9, 0.9), (0.75, 0.75)),
        "crop-80-centre": ((0.8, 0.8), (0.5, 0.5)),
        "crop-90-top": ((1.0, 0.9), (0.0, 0.0)),
        "crop-90-bottom": ((1.0, 0.9), (0.0, 1.0)),
        "crop-80-top": ((1.0, 0.8), (0.0, 0.0)),
        "crop-80-bottom": ((1.0, 0.8), (0.0, 1.0)),
        "crop-85-left": ((0.85, 1.0), (0.0, 0.0)),
        "crop-85-right": ((0.85, 1.0), (1.0, 0.0)),
    }
)
CROPS: Mapping[str, Rectangle] = MappingProxyType(
    {name: part(left, place) for name, (left, place) in _CUTS.items()}
)

# Shapes that thumbnails and posts are cut to: width / height, and where along the longer way.
SHAPES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "square-start": (1.0, 0.0),
        "square-centre": (1.0, 0.5),
        "square-end": (1.0, 1.0),
        "16x9-centre": (16 / 9, 0.5),
        "4x3-centre": (4 / 3, 0.5),
        "4x5-centre": (4 / 5, 0.5),
    }
)


def placing(variant: str) -> Placing | None:
    """How a copy that was found by a variant lies on its work, None where that is not known."""
    if variant in CROPS:
        left, top, right, bottom = CROPS[variant]
        return (right - left, 0.0, 0.0, bottom - top, left, top)
    if variant not in DIHEDRAL:
        return None
    swapped, across, down = DIHEDRAL[variant]
    along, begin = (-1.0, 1.0) if across else (1.0, 0.0)
    upright, top = (-1.0, 1.0) if down else (1.0, 0.0)
    if swapped:
        return (0.0, along, upright, 0.0, top, begin)
    return (along, 0.0, 0.0, upright, begin, top)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How long one hash of an algorithm is, and which forms of a picture a query asks for."""

    bits: int
    variants: tuple[str, ...]


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        PHASH64: Algorithm(64, tuple(DIHEDRAL)),
        DCT256: Algorithm(256, (*DIHEDRAL, "negative", "trim", "block", *SHAPES, *CROPS)),
        SSCD256: Algorithm(256, QUARTER_TURNS),
    }
)

FORMS = tuple(DIHEDRAL)
"""The first variants of PHASH64 and DCT256: the whole picture as it is, mirrored and turned."""
