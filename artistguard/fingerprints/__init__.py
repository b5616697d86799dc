# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Picture to fingerprints: fixed steps, each algorithm under a name with its version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artistguard.fingerprints import blocks, cosine, published
from artistguard.fingerprints.cosine import DIHEDRAL, WHOLE, Rectangle
from artistguard.fingerprints.embedding import TURNS, Embedder, find_model, runtime_installed
from artistguard.fingerprints.gate import quality
from artistguard.models import Fingerprint

PHASH64 = "phash64/1"
DCT256 = "dct256/1"
SSCD256 = "sscd256/1"

# What a copy may have been cut down to, as fractions of width and height.
CROPS: Mapping[str, Rectangle] = MappingProxyType(
    {
        **{
            f"crop-{round(100 * keep)}-centre": (
                (1 - keep) / 2,
                (1 - keep) / 2,
                (1 + keep) / 2,
                (1 + keep) / 2,
            )
            for keep in (0.95, 0.9, 0.85, 0.8, 0.7, 0.6)
        },
        **{
            f"crop-{round(100 * keep)}-{side}": rectangle
            for keep in (0.9, 0.8, 0.7)
            for side, rectangle in {
                "left": (0.0, 0.0, keep, 1.0),
                "right": (1 - keep, 0.0, 1.0, 1.0),
                "top": (0.0, 0.0, 1.0, keep),
                "bottom": (0.0, 1 - keep, 1.0, 1.0),
            }.items()
        },
        **{
            f"crop-{round(100 * keep)}-{corner}": rectangle
            for keep in (0.85,)
            for corner, rectangle in {
                "top-left": (0.0, 0.0, keep, keep),
                "top-right": (1 - keep, 0.0, 1.0, keep),
                "bottom-left": (0.0, 1 - keep, keep, 1.0),
                "bottom-right": (1 - keep, 1 - keep, 1.0, 1.0),
            }.items()
        },
    }
)

SQUARES = ("square-start", "square-centre", "square-end")


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How long one hash of an algorithm is, and which forms of a picture a query asks for."""

    bits: int
    variants: tuple[str, ...]


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        PHASH64: Algorithm(64, tuple(DIHEDRAL)),
        DCT256: Algorithm(256, (*DIHEDRAL, "trim", "block", *SQUARES, *CROPS)),
        SSCD256: Algorithm(256, tuple(TURNS)),
    }
)

FORMS = tuple(DIHEDRAL)
"""The first variants of every algorithm: the whole picture as it is, mirrored and turned."""

__all__ = [
    "ALGORITHMS",
    "DCT256",
    "FORMS",
    "PHASH64",
    "SSCD256",
    "Algorithm",
    "Embedder",
    "find_model",
    "fingerprint",
    "index",
    "quality",
    "runtime_installed",
]


def fingerprint(
    image: Image.Image, width: int, height: int, embedder: Embedder | None = None
) -> tuple[Fingerprint, ...]:
    """Return the fingerprints to ask with: each algorithm's hashes in the order of its variants.

    `image` is an RGB picture, reduced or not; `width` and `height` are those of the full picture.
    SSCD256 is left out without an `embedder`.
    """
    grey = image.convert("L")
    cells = cosine.raster(grey)
    trim = blocks.trimmed(cells)
    block = blocks.largest(cells) or WHOLE
    rectangles = (WHOLE, trim, block, *_squares(width, height), *CROPS.values())
    transforms = cosine.waves(cells, rectangles)
    every = np.concatenate((cosine.turned(transforms[0]), transforms[1:]))
    prints = (
        _pack(PHASH64, published.dihedral(grey)),
        _pack(DCT256, cosine.signs(every)),
    )
    return prints if embedder is None else (*prints, _pack(SSCD256, embedder.ask(image)))


def index(image: Image.Image, embedder: Embedder | None = None) -> tuple[Fingerprint, ...]:
    """Return what a data set stores of an RGB picture: its hashes and its largest block's.

    SSCD256 is left out without an `embedder`.
    """
    grey = image.convert("L")
    cells = cosine.raster(grey)
    block = blocks.largest(cells)
    transforms = cosine.waves(cells, (WHOLE, block) if block else (WHOLE,))
    prints = (
        _pack(PHASH64, published.plain(grey)[None]),
        _pack(DCT256, cosine.signs(transforms)),
    )
    return prints if embedder is None else (*prints, _pack(SSCD256, embedder.store(image)))


def _squares(width: int, height: int) -> tuple[Rectangle, Rectangle, Rectangle]:
    """Return the first, middle and last square of a picture, as thumbnails are cut."""
    if width >= height:
        share = height / width
        starts = (0.0, (1 - share) / 2, 1 - share)
        first, middle, last = ((start, 0.0, start + share, 1.0) for start in starts)
    else:
        share = width / height
        starts = (0.0, (1 - share) / 2, 1 - share)
        first, middle, last = ((0.0, start, 1.0, start + share) for start in starts)
    return first, middle, last


def _pack(algorithm: str, values: NDArray[np.uint8]) -> Fingerprint:
    return Fingerprint(algorithm, values.tobytes(), quality(values).tobytes())
