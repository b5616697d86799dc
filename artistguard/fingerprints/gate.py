# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How much a hash can say, judged from its bits alone: stripes, specks and blanks say little."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Rows of hashes worked on at once: keeps the intermediate values of a big pack in the cache.
_BLOCK = 1 << 14


def quality(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the quality, 0 to 100, of hashes of 64 or 256 bits given as (n, 8) or (n, 32) bytes.

    The bits are read as a square matrix of signs S. The hash of a flat, striped or near-empty
    picture is nearly an outer product of two patterns, so S has few singular values s that
    count. Their effective number is (sum s^2)^2 / sum s^4, from 1 for one pattern to `side` for
    the most varied matrix; pure chance gives about `side` / 2. Quality is that number less one, in
    percent of `side` less one. Counting equal bits of the rows gives it in whole numbers, the same
    on every machine.
    """
    side = {8: 8, 32: 16}[values.shape[1]]
    rows = np.ascontiguousarray(values).view(np.uint8 if side == 8 else np.uint16)
    out = np.empty(len(rows), dtype=np.uint8)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK].T.copy()
        squares = np.full(block.shape[1], side**3, dtype=np.int32)
        for i in range(side):
            # The scalar product of two rows of signs is `side` less twice the bits that differ.
            products = side - 2 * np.bitwise_count(block[i] ^ block[i + 1 :]).astype(np.int32)
            squares += 2 * (products * products).sum(axis=0, dtype=np.int32)
        effective = side**4 / squares
        out[start : start + _BLOCK] = np.rint(100 * (effective - 1) / (side - 1))
    return out
