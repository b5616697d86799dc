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
    {name: cosine.part(left, place) for name, (left, place) in _CUTS.items()}
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


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How long one hash of an algorithm is, and which forms of a picture a query asks for."""

    bits: int
    variants: tuple[str, ...]


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        PHASH64: Algorithm(64, tuple(DIHEDRAL)),
        DCT256: Algorithm(256, (*DIHEDRAL, "negative", "trim", "block", *SHAPES, *CROPS)),
        SSCD256: Algorithm(256, tuple(TURNS)),
    }
)

FORMS = tuple(DIHEDRAL)
"""The first variants of PHASH64 and DCT256: the whole picture as it is, mirrored and turned."""

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
    shapes = [_framed(width / height, shape, place) for shape, place in SHAPES.values()]
    plain, *parts = cosine.waves(cells, (WHOLE, trim, block, *shapes, *CROPS.values()))
    every = np.concatenate((cosine.turned(plain), [-plain, *parts]))
    prints = _pack(PHASH64, published.dihedral(grey)), _pack(DCT256, cosine.signs(every))
    return prints if embedder is None else (*prints, _embed(embedder.ask(image), prints[1]))


def index(image: Image.Image, embedder: Embedder | None = None) -> tuple[Fingerprint, ...]:
    """Return what a data set stores of an RGB picture: its hashes and its largest block's.

    SSCD256 is left out without an `embedder`.
    """
    grey = image.convert("L")
    cells = cosine.raster(grey)
    block = blocks.largest(cells)
    transforms = cosine.waves(cells, (WHOLE, block) if block else (WHOLE,))
    prints = _pack(PHASH64, published.plain(grey)[None]), _pack(DCT256, cosine.signs(transforms))
    return prints if embedder is None else (*prints, _embed(embedder.store(image), prints[1]))


def _framed(own: float, shape: float, place: float) -> Rectangle:
    """Return the largest part of a picture of ratio `own` that has the ratio `shape`."""
    left = min(1.0, shape / own), min(1.0, own / shape)
    return cosine.part(left, (place, place))


def _pack(algorithm: str, values: NDArray[np.uint8]) -> Fingerprint:
    return Fingerprint(algorithm, values.tobytes(), quality(values).tobytes())


def _embed(values: NDArray[np.uint8], hashes: Fingerprint) -> Fingerprint:
    """Return the embedding's fingerprint with the quality of the picture's plain hash.

    The net's bits look alike for every picture, but it takes all flat pictures for the same one.
    """
    return Fingerprint(SSCD256, values.tobytes(), hashes.qualities[:1] * len(values))
