# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Exact look-ups: rows by a 64-bit key of a file hash or an address, sorted in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artistguard.packs import addresses, arrays
from artistguard.packs.layout import order_of


@dataclass(frozen=True, slots=True)
class Ranges:
    """For each query, the stretch of a table's rows that may answer it (int64, shape (n,))."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]

    def limited(self, most: int) -> Ranges:
        """The same with at most `most` rows each."""
        return Ranges(self.low, np.minimum(self.high, self.low + most))

    def flat(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The number of the query and the position, for each position of each stretch."""
        counts = np.maximum(self.high - self.low, 0)
        query = np.repeat(np.arange(len(counts)), counts)
        before = counts.cumsum() - counts
        return query, np.arange(len(query)) - before[query] + self.low[query]


class SortedKeys:
    """Keys (uint64) in order with a row (uint32) each; several rows may share a key."""

    def __init__(self, keys: NDArray[np.uint64], rows: NDArray[np.uint32]) -> None:
        self._keys = keys
        self.rows = rows

    @classmethod
    def open(cls, path: Path, count: int) -> Self:
        """Map a file of `count` keys; raises OSError or ValueError, see `arrays.mapped`."""
        return cls(*arrays.mapped(path, [("<u8", count), ("<u4", count)]))

    @staticmethod
    def write(path: Path, keys: NDArray[np.uint64], rows: NDArray[np.uint32]) -> None:
        """Sort by key, then row, and write."""
        order = order_of(keys)
        arrays.write(path, [keys[order], rows[order]])

    def find(self, keys: NDArray[np.uint64]) -> Ranges:
        """Where the rows of each of `keys` are in `rows`."""
        return Ranges(
            np.searchsorted(self._keys, keys, "left").astype(np.int64),
            np.searchsorted(self._keys, keys, "right").astype(np.int64),
        )

    def within(
        self, bits: int, value: int, limit: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint32], bool]:
        """Keys whose first `bits` bits are `value`, with their rows, and whether there are more."""
        first, last = value << (64 - bits), ((value + 1) << (64 - bits)) - 1
        low = int(np.searchsorted(self._keys, np.uint64(first), "left"))
        high = int(np.searchsorted(self._keys, np.uint64(last), "right"))
        some = slice(low, min(high, low + limit))
        return self._keys[some], self.rows[some], high - low > limit


def digest_keys(digests: Sequence[bytes]) -> NDArray[np.uint64]:
    """The first 8 bytes of each file hash, which are as good as random already."""
    return np.frombuffer(b"".join(digest[:8].ljust(8, b"\0") for digest in digests), "<u8")


def url_keys(urls: Sequence[str]) -> NDArray[np.uint64]:
    """A key of each address, the same for all spellings that `normalise_url` takes for one."""
    return addresses.keys(pa.array(map(addresses.normal_form, urls), pa.string()))
