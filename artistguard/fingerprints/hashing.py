# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Picture to fingerprints: what a query asks with, and what a data set stores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artistguard.fingerprints import blocks, cosine, published
from artistguard.fingerprints.embedding import Embedder
from artistguard.fingerprints.gate import quality
from artistguard.fingerprints.variants import (
    CROPS,
    DCT256,
    PHASH64,
    SHAPES,
    SSCD256,
    WHOLE,
    Rectangle,
    part,
)
from artistguard.models import Fingerprint


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
    return part(left, (place, place))


def _pack(algorithm: str, values: NDArray[np.uint8]) -> Fingerprint:
    return Fingerprint(algorithm, values.tobytes(), quality(values).tobytes())


def _embed(values: NDArray[np.uint8], hashes: Fingerprint) -> Fingerprint:
    """Return the embedding's fingerprint with the quality of the picture's plain hash.

    The net's bits look alike for every picture, but it takes all flat pictures for the same one.
    """
    return Fingerprint(SSCD256, values.tobytes(), hashes.qualities[:1] * len(values))
