# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""An exact index of fixed-length hashes by Hamming distance, in plain arrays that may be files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artistguard.packs import bands
from artistguard.packs.bands import Band, Plan

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]

_PROBES_AT_ONCE = 1 << 17
_PAIRS_AT_ONCE = 1 << 18
_QUERIES_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: pairs of a query and a row that are within the radius.

    `query` and `row` (int64, shape (n,)) count from 0 in the arrays searched with and in;
    `distance` (uint16, shape (n,)) is in bits. Sorted by query, then row; each pair once. `recall`
    is that of the plan used, see `bands.recall`.
    """

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    distance: NDArray[np.uint16]
    recall: float


class HammingIndex:
    """Rows of hashes, ordered once by each of several bands of their bits; never changed.

    Rows are best distinct: a thousand copies of one hash cost a thousand comparisons.
    """

    def __init__(
        self, bits: int, widths: tuple[int, ...], arrays: Mapping[str, NDArray[Any]]
    ) -> None:
        self.bits = bits
        self.widths = widths
        self._arrays = arrays

    @classmethod
    def from_hashes(cls, hashes: Bytes) -> Self:
        """Index `hashes` (uint8, shape (rows, bytes)) in memory."""
        bits = hashes.shape[1] * 8
        words = shuffle(hashes)
        widths = bands.cut(bits, len(words))
        arrays: dict[str, NDArray[Any]] = {"words": words}
        for at, (start, width) in enumerate(_starts(widths)):
            keys = band_values(words, Band(start, width, 0))
            order = np.argsort(keys, kind="stable").astype(np.uint32)
            ends = np.bincount(keys, minlength=1 << width).cumsum()
            arrays[f"starts{at}"] = np.concatenate(([0], ends)).astype(np.uint32)
            arrays[f"order{at}"] = order
        return cls(bits, widths, arrays)

    def __len__(self) -> int:
        return len(self._arrays["words"])

    def plan(self, radius: int, recall: float | None = None) -> Plan:
        """How a search within `radius` bits would go; see `bands.plan`."""
        return bands.plan(self.bits, radius, len(self), recall=recall, widths=self.widths)

    def search(self, queries: Bytes, radius: int, *, recall: float | None = None) -> Hits:
        """All rows within `radius` bits of each of `queries` (uint8, shape (n, bytes)).

        `recall` is the least share of rows at exactly `radius` to find; None means all of them
        where that is affordable, and `Hits.recall` says what it was.
        """
        found = list(self.blocks(queries, radius, recall=recall))
        if not found:
            return _no_hits(self.plan(radius, recall).recall)
        return Hits(
            np.concatenate([hits.query for hits in found]),
            np.concatenate([hits.row for hits in found]),
            np.concatenate([hits.distance for hits in found]),
            found[0].recall,
        )

    def blocks(self, queries: Bytes, radius: int, *, recall: float | None = None) -> Iterator[Hits]:
        """`search`, a block of queries at a time, for progress and for stopping between blocks."""
        plan = self.plan(radius, recall)
        wanted = shuffle(queries)
        for block in bands.blocks(len(wanted), _QUERIES_AT_ONCE):
            part = wanted[block]
            pairs = self._scan(part, radius) if plan.is_scan else self._probe(part, plan)
            query, row, distance = _unique(pairs)
            yield Hits(query + block.start, row, distance, plan.recall)

    def _scan(self, queries: Words, radius: int) -> list[Pairs]:
        words = self._arrays["words"]
        found = []
        for at in range(len(queries)):
            for rows in bands.blocks(len(words), 1 << 16):
                distance = np.bitwise_count(words[rows] ^ queries[at]).sum(axis=1, dtype=np.uint16)
                near = np.flatnonzero(distance <= radius)
                found.append((np.full(len(near), at), near + rows.start, distance[near]))
        return found

    def _probe(self, queries: Words, plan: Plan) -> list[Pairs]:
        found = []
        places = {start: at for at, (start, _) in enumerate(_starts(self.widths))}
        for band in plan.bands:
            starts = self._arrays[f"starts{places[band.start]}"]
            order = self._arrays[f"order{places[band.start]}"]
            flips = bands.masks(band.width, band.radius)
            values = band_values(queries, band)
            for block in bands.blocks(len(queries), max(1, _PROBES_AT_ONCE // len(flips))):
                probes = (values[block, None] ^ flips).ravel().astype(np.int64)
                low = starts.take(probes, mode="clip").astype(np.int64)
                count = starts.take(probes + 1, mode="clip") - low
                full = np.flatnonzero(count)
                low, count = low[full], count[full]
                query = np.repeat(full // len(flips) + block.start, count)
                ends = count.cumsum()
                row = order.take(
                    np.arange(len(query)) + np.repeat(low - ends + count, count), mode="clip"
                )
                distance = np.bitwise_count(
                    self._arrays["words"].take(row, axis=0) ^ queries.take(query, axis=0)
                ).sum(axis=1, dtype=np.uint16)
                near = np.flatnonzero(distance <= plan.radius)
                found.append((query[near], row[near], distance[near]))
        return found


def shuffle(hashes: Bytes) -> Words:
    """Lay out the bits of `hashes` (uint8, shape (n, bytes)) in the order of `bands.shuffled`.

    Returns little-endian uint64, shape (n, ceil(bytes / 8)): place p is bit p % 64 of word p // 64.
    """
    rows, length = hashes.shape
    places = np.array(bands.shuffled(length * 8))
    words = np.zeros((rows, math.ceil(length / 8) * 8), np.uint8)
    for block in bands.blocks(rows, 1 << 14):
        bits = np.unpackbits(hashes[block], axis=1).take(places, axis=1)
        words[block, :length] = np.packbits(bits, axis=1, bitorder="little")
    return words.view("<u8")


def band_values(words: Words, band: Band) -> NDArray[np.uint32]:
    """The bits of a band, lowest place first, of every row of `words`."""
    word, shift = divmod(band.start, 64)
    values = words[:, word] >> np.uint64(shift)
    if shift + band.width > 64:
        values = values | (words[:, word + 1] << np.uint64(64 - shift))
    return (values & np.uint64((1 << band.width) - 1)).astype(np.uint32)


def _starts(widths: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(sum(widths[:at]), width) for at, width in enumerate(widths)]


def _no_hits(recall: float) -> Hits:
    return Hits(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16), recall)


def _unique(
    pairs: list[Pairs],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
    query = np.concatenate([pair[0] for pair in pairs]).astype(np.int64)
    row = np.concatenate([pair[1] for pair in pairs]).astype(np.int64)
    distance = np.concatenate([pair[2] for pair in pairs])
    _, first = np.unique(query << 32 | row, return_index=True)
    return query[first], row[first], distance[first]
