# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Looks band values up in a table and compares the rows found there, many thousands at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artistguard.packs.layout import BLOCK, Table, Words

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""The number of a query and a row, for each of some pairs."""

AT_ONCE = 1 << 17
"""Probes, and rows, of one round: few enough for the cache, many enough to be worth a round."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Stretches `low` to `high` of a table's order, none empty, each probed for one `query`."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    query: NDArray[np.int64]


def look_up(
    starts: NDArray[np.uint32], values: NDArray[np.int64], flips: NDArray[np.int64]
) -> Ranges:
    """Where the rows of each of `values` and its neighbours are; values are numbered from 0."""
    probes = (flips[:, None] ^ values).reshape(-1)
    low = starts.take(probes, mode="clip")
    probes += 1
    high = starts.take(probes, mode="clip")
    used = np.flatnonzero(low < high)
    query = np.tile(np.arange(len(values)), len(flips))
    return Ranges(low[used].astype(np.int64), high[used].astype(np.int64), query[used])


def compare_copies(
    _words: Words, table: Table, found: Ranges, queries: Words, radius: int
) -> Iterator[Pairs]:
    """Compare whole blocks of copied rows; some are a neighbouring value's, which does no harm."""
    assert table.copies is not None
    copies = table.copies.reshape(-1, BLOCK)
    asked = queries[:, 0]
    for query, block in _spread(found.low // BLOCK, -(-found.high // BLOCK), found.query):
        rows = copies.take(block, axis=0, mode="clip")
        rows ^= asked.take(query)[:, None]
        kept = np.flatnonzero(np.bitwise_count(rows).reshape(-1) <= radius)
        which, place = np.divmod(kept, BLOCK)
        position = block[which] * BLOCK + place
        whole = position < len(table.order)
        yield query[which[whole]], table.order.take(position[whole]).astype(np.int64)


def compare_rows(
    words: Words, table: Table, found: Ranges, queries: Words, radius: int
) -> Iterator[Pairs]:
    """Compare 128 bits after the other, as the first are one read and nearly always enough."""
    step = words.shape[1] // 2
    parts = words.reshape(-1).view(np.complex128)  # 16-byte items, which take() is quick with
    asked = np.ascontiguousarray(queries.view(np.complex128).T)
    for query, position in _spread(found.low, found.high, found.query):
        near, row = query, table.order.take(position, mode="clip").astype(np.int64)
        distance = np.zeros(1, np.uint16)
        for part in range(step):
            theirs = parts.take(row * step + part, mode="clip").view(np.uint64)
            counts = np.bitwise_count(theirs ^ asked[part].take(near).view(np.uint64))
            both = counts.view(np.uint16)  # two counts of one byte each
            distance = distance + (both >> 8) + (both & 0xFF)
            kept = np.flatnonzero(distance <= radius)
            near, row, distance = near[kept], row[kept], distance[kept]
        yield near, row


def _spread(
    low: NDArray[np.int64], high: NDArray[np.int64], query: NDArray[np.int64]
) -> Iterator[Pairs]:
    """The query and each position of many ranges, a bounded number at a time.

    The first position of every range comes first: most ranges have no more, and to take ranges
    apart is the slower part.
    """
    yield query, low
    longer = np.flatnonzero(low + 1 < high)
    first = low[longer] + 1
    ends = (high[longer] - first).cumsum()
    offset = first - np.concatenate(([0], ends[:-1])) if len(ends) else first
    total = int(ends[-1]) if len(ends) else 0
    for start in range(0, total, AT_ONCE):
        upto = np.clip(ends, start, start + AT_ONCE)
        which = np.repeat(np.arange(len(ends)), np.diff(upto, prepend=start))
        yield query[longer[which]], np.arange(start, start + len(which)) + offset[which]


def distances(some: Words, others: Words) -> NDArray[np.uint16]:
    """How many bits differ, row by row."""
    counts: NDArray[np.uint16] = np.bitwise_count(some ^ others).sum(axis=1, dtype=np.uint16)
    return counts
