# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The 256-bit hash of a rectangle of a picture: the signs of its 256 lowest cosine waves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artistguard.fingerprints.variants import DIHEDRAL, Rectangle

# Area averages of this many rows and columns stand for the picture. A rectangle's edges are placed
# to a fraction of a cell, so a finer raster costs time and moves no bits.
SIDE = 256

# Frequencies 1 to 16 each way, as PDQ takes them: the mean of rows and columns says how light a
# picture is, which a copy changes first.
# PDQ: https://github.com/facebook/ThreatExchange/blob/main/hashing/hashing.pdf
FREQUENCIES = 16

# A wave this little (in quarters of a grey step) above the median counts as at it: the waves that
# a flat, striped or symmetric picture lacks come out as rounding errors, not as zero.
_FAINT = 0.01

# Matrices of so few rows are multiplied on the calling thread. Handing 0.5 ms of work to a second
# one costs up to 20 times the work when other processes hold the cores.
_THIN = 4

_ODD = np.where(np.arange(1, FREQUENCIES + 1) % 2, -1.0, 1.0).astype(np.float32)


def raster(grey: Image.Image) -> NDArray[np.float32]:
    """Return the values (0 to 255) of a mode L image averaged over SIDE by SIDE equal cells."""
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)


def waves(cells: NDArray[np.float32], rectangles: Sequence[Rectangle]) -> NDArray[np.float32]:
    """Return the cosine transforms of `rectangles`, shape (n, 16, 16), vertical frequency first.

    Each is the transform of the cells as a function constant on each cell, which needs no resizing.
    """
    across = np.stack([_span(left, right) for left, _, right, _ in rectangles])
    down = np.stack([_span(top, bottom) for _, top, _, bottom in rectangles])
    rows = (down.reshape(-1, _THIN, SIDE) @ cells).reshape(down.shape)
    transforms: NDArray[np.float32] = np.matmul(rows, across.transpose(0, 2, 1))
    return transforms


def turned(transform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the transforms of one picture turned in all ways of DIHEDRAL, (8, 16, 16)."""
    ways = []
    for swap, odd_across, odd_down in DIHEDRAL.values():
        way = transform.T if swap else transform
        way = way * _ODD if odd_across else way
        ways.append(way * _ODD[:, None] if odd_down else way)
    return np.stack(ways)


def signs(transforms: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the hashes of (n, 16, 16) transforms as (n, 32) bytes: 1 where above the median."""
    flat = transforms.reshape(len(transforms), -1)
    return np.packbits(flat > np.median(flat, axis=1, keepdims=True) + _FAINT, axis=1)


@lru_cache(maxsize=256)
def _span(start: float, stop: float) -> NDArray[np.float32]:
    """Return what each cell adds to each wave on [start, stop], shape (16, SIDE).

    The wave of frequency u is cos(pi u t) with t running from 0 to 1 over the span; its integral
    over a cell is the difference of sin(pi u t) / (pi u) at the cell's edges.
    """
    edges = np.clip((np.linspace(0.0, 1.0, SIDE + 1) - start) / (stop - start), 0.0, 1.0)
    u = np.pi * np.arange(1, FREQUENCIES + 1)[:, None]
    span: NDArray[np.float32] = np.diff(np.sin(u * edges) / u, axis=1).astype(np.float32)
    span.flags.writeable = False  # it is shared by every call
    return span
