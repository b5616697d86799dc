# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which rows look like an opted-out picture, going by published fingerprints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artistguard.datasets.opt_out_list import UNKNOWN_SHAPE, Looks, shapes_of
from artistguard.datasets.table import Columns
from artistguard.packs.hamming import HammingIndex
from artistguard.tables import Bytes, Rows

# Hundredths of a logarithm: thumbnails of 256 pixels are rounded by up to 1 % a side.
_SAME_SHAPE = 3


@dataclass(frozen=True, slots=True)
class Radius:
    """How many bits may differ, inclusive: between pictures of one shape, and between any."""

    same_shape: int
    any_shape: int


PHASH64 = Radius(same_shape=4, any_shape=2)
"""Wider than for a claim: a row lost wrongly costs the one who trains next to nothing, while a copy
let through is what the artist asked to stop. Even so, chance puts only some 2e-5 strangers of the
7e8 rows of the largest published set within 4 bits of a picture, and real pictures fall together
about twice as often."""

DCT256 = Radius(same_shape=31, any_shape=31)
"""No two different pictures of those measured were as close; `evidence.py` has the wider bands."""


class Resemblance:
    """Opted-out looks of one algorithm, ready to be compared with those of rows."""

    def __init__(self, looks: Looks, radius: Radius) -> None:
        self._looks = looks
        self._radius = radius
        count, size = looks.values.shape
        self._index = HammingIndex.from_hashes(looks.values) if count else None
        self._nearby = _Nearby(looks.values) if count and size == 8 else None

    def among(self, rows: Rows, values: Bytes, columns: Columns) -> Rows:
        """Give those of `rows` (n,) whose hash in `values` (n, bytes) is close to an opted-out one.

        `columns` are the table's, for the sizes of the pictures.
        """
        if self._index is None or not rows.size:
            return rows[:0]
        if self._nearby is not None:
            likely = self._nearby.among(values)
            rows, values = rows[likely], values[likely]
        hits = self._index.search(values, self._radius.same_shape)
        found = rows[hits.query]
        ours, theirs = self._looks.shapes[hits.row], shapes_of(columns, found)
        known = (ours != UNKNOWN_SHAPE) & (theirs != UNKNOWN_SHAPE)
        same = known & (np.abs(ours.astype(np.int32) - theirs) <= _SAME_SHAPE)
        limit = np.where(same, self._radius.same_shape, self._radius.any_shape)
        return np.unique(found[hits.distance <= limit])


class _Nearby:
    """Which hashes of 64 bits can be within 5 bits of an opted-out one: nearly none.

    Two that are differ by at most one bit in one of three bands, so three looks into tables of
    what lies one bit around the opted-out bands settle nearly every row.
    """

    _WIDTHS = (21, 21, 22)

    def __init__(self, values: Bytes) -> None:
        self._tables = [np.zeros(1 << width, np.bool_) for width in self._WIDTHS]
        for table, width, band in zip(self._tables, self._WIDTHS, self._bands(values), strict=True):
            table[band] = True
            for bit in range(width):
                table[band ^ (1 << bit)] = True

    def among(self, values: Bytes) -> Rows:
        """Give the positions of those of `values` (n, 8) that can be."""
        near = np.zeros(len(values), np.bool_)
        for table, band in zip(self._tables, self._bands(values), strict=True):
            near |= table[band]
        return np.flatnonzero(near)

    def _bands(self, values: Bytes) -> list[Rows]:
        whole = np.ascontiguousarray(values).view("<u8")[:, 0]
        first, second, _ = self._WIDTHS
        return [
            (whole & np.uint64((1 << first) - 1)).astype(np.int64),
            (whole >> np.uint64(first) & np.uint64((1 << second) - 1)).astype(np.int64),
            (whole >> np.uint64(first + second)).astype(np.int64),
        ]
