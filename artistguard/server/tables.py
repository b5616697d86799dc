# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A table of 16-byte keys in order, each with a place in the log, read by memory map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artistguard.packs import arrays
from artistguard.packs.keys import Ranges

Words = NDArray[np.uint64]


class Table:
    """Keys as two words each, sorted by the first; `start` says where in the log. Never changed."""

    def __init__(self, high: Words, low: Words, start: Words, name: str = "") -> None:
        self._high = high
        self._low = low
        self._start = start
        self.name = name

    def __len__(self) -> int:
        return len(self._high)

    @classmethod
    def of(cls, held: Mapping[bytes, Sequence[int]]) -> Self:
        """The keys of a mapping."""
        pairs = [(one, start) for one, starts in held.items() for start in starts]
        words = np.frombuffer(b"".join(one for one, _ in pairs), "<u8").reshape(-1, 2)
        start = np.fromiter((start for _, start in pairs), np.uint64, len(pairs))
        return cls._sorted(words[:, 0], words[:, 1], start)

    @classmethod
    def _sorted(cls, high: Words, low: Words, start: Words) -> Self:
        order = np.argsort(high, kind="stable")
        return cls(high[order], low[order], start[order])

    def joined(self, other: Table) -> Table:
        """The keys of both."""
        return self._sorted(
            np.concatenate((self._high, other._high)),
            np.concatenate((self._low, other._low)),
            np.concatenate((self._start, other._start)),
        )

    def written(self, path: Path) -> Self:
        """The same table, in a new file and read from there."""
        arrays.write(path, [self._high, self._low, self._start])
        return self.open(path, len(self))

    @classmethod
    def open(cls, path: Path, count: int) -> Self:
        """Map a file of `count` keys; raises OSError or ValueError, see `arrays.mapped`."""
        high, low, start = arrays.mapped(path, [("<u8", count)] * 3)
        return cls(high, low, start, path.name)

    def find(self, keys: Sequence[bytes]) -> tuple[NDArray[np.int64], Words]:
        """The number of a key and a place in the log, for each pair of these."""
        words = np.frombuffer(b"".join(keys), "<u8").reshape(-1, 2)
        # In order, questions walk through the table page by page.
        order = np.argsort(words[:, 0])
        asked = words[order, 0]
        low = np.searchsorted(self._high, asked)
        near = np.flatnonzero(self._high.take(low, mode="clip") == asked) if len(self) else low[:0]
        high = np.searchsorted(self._high, asked[near], "right")
        which, position = Ranges(low[near], high).flat()
        query = order[near[which]]
        same = self._low[position] == words[query, 1]
        return query[same], self._start[position[same]]
