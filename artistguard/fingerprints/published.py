# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""imagehash's 64-bit pHash, bit for bit, because public data sets are published with it."""

from __future__ import annotations

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

# imagehash.phash: 32 x 32 grey values, the 8 x 8 lowest frequencies of the type-II cosine
# transform, its scale (2 per dimension) included.
_SIDE = 32
_LOW = 8
_BASIS = 2 * np.cos(np.pi * np.outer(np.arange(_LOW), 2 * np.arange(_SIDE) + 1) / (2 * _SIDE))

# Transforms of whole numbers up to 255 * 32 * 32 * 4 in double precision: rounding moves no
# coefficient further than this, so only a nearer one may fall on either side of the median.
_ROUNDING = 1e-6

# Ways to turn and mirror, as Pillow calls them, in the order of cosine.DIHEDRAL after "plain".
_TURNS = (
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.ROTATE_180,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSVERSE,
)


def plain(grey: Image.Image) -> NDArray[np.uint8]:
    """Return the 8 bytes of ``imagehash.phash(grey)`` for a mode L image."""
    return np.packbits(_bits(grey, grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)))


def dihedral(grey: Image.Image) -> NDArray[np.uint8]:
    """Return the hashes of a mode L image turned as in DIHEDRAL, (8, 8) bytes."""
    small = grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    turned = [_above_median(_low(small.transpose(turn))) for turn in _TURNS]
    return np.packbits(np.stack([_bits(grey, small), *turned]), axis=1)


def _bits(grey: Image.Image, small: Image.Image) -> NDArray[np.bool_]:
    low = _low(small)
    if np.any(np.abs(low - np.median(low)) < _ROUNDING):
        # Flat and symmetric pictures: their bits are the rounding errors of imagehash's own code.
        bits: NDArray[np.bool_] = imagehash.phash(grey).hash.ravel()
        return bits
    return _above_median(low)


def _above_median(low: NDArray[np.float64]) -> NDArray[np.bool_]:
    return low > np.median(low)


def _low(small: Image.Image) -> NDArray[np.float64]:
    """Return the lowest frequencies of a SIDE by SIDE image, vertical first, as (64,)."""
    low: NDArray[np.float64] = _BASIS @ np.asarray(small, dtype=np.float64) @ _BASIS.T
    return low.ravel()
