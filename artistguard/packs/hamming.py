# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""An index of fixed-length hashes by Hamming distance: plain arrays, in memory or in files.

The rows are put in the order of each band's value, with a table that says where each value starts.
One probe is then one look into the table, and its rows lie side by side. Everything is done for
tens of thousands of probes at a time, which is what makes it fast in numpy.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artistguard.packs import arrays, bands
from artistguard.packs.bands import Band, Plan

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]

_QUERIES_AT_ONCE = 1 << 13
_PROBES_AT_ONCE = 1 << 17
_ROWS_AT_ONCE = 1 << 15
_BLOCK = 4  # copied rows compared together: half a cache line
_MAX_ROWS = (1 << 32) - 1


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


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in the order of one band's value.

    The rows with value v are ``order[starts[v]:starts[v + 1]]`` (both uint32). Hashes of one word
    are also copied in that order (`copies`, padded to whole blocks), so that a probe reads one
    place in memory and not one for each row.
    """

    starts: NDArray[np.uint32]
    order: NDArray[np.uint32]
    copies: Words | None


@dataclass(frozen=True, slots=True)
class Ranges:
    """Stretches `low` to `high` of a table's order, none empty, each probed for one `query`."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    query: NDArray[np.int64]


class HammingIndex:
    """Rows of hashes that can be asked, in bulk, for those within some distance; never changed.

    Rows are best distinct: a thousand copies of one hash cost a thousand comparisons.
    """

    def __init__(
        self, bits: int, words: Words, widths: Sequence[int], tables: Sequence[Table]
    ) -> None:
        """Take what `lay_out` and `tables` have made of the hashes."""
        self.bits = bits
        self.widths = tuple(widths)
        self._words = words
        self._tables = dict(zip(starts_of(widths), tables, strict=True))
        self._sound: set[int] = set()

    @classmethod
    def from_hashes(cls, hashes: Bytes) -> Self:
        """Index `hashes` (uint8, shape (rows, bytes)) in memory."""
        bits = hashes.shape[1] * 8
        words = lay_out(hashes)
        widths = bands.cut(bits, len(words))
        return cls(bits, words, widths, list(tables(words, widths)))

    @classmethod
    def open(cls, path: Path, bits: int, rows: int, widths: Sequence[int]) -> Self:
        """Map what `write` has written for `rows` hashes of `bits` bits.

        Raises OSError when it cannot be read and ValueError when it is not that.
        """
        across = _words_across(bits // 8)
        copied = -(-rows // _BLOCK) * _BLOCK if across == 1 else 0
        parts = [("<u8", rows * across)]
        for width in widths:
            parts += [("<u4", (1 << width) + 1), ("<u4", rows), ("<u8", copied)]
        words, *others = arrays.mapped(path, parts)
        opened = [
            Table(starts, order, copies if across == 1 else None)
            for starts, order, copies in zip(others[::3], others[1::3], others[2::3], strict=True)
        ]
        return cls(bits, words.reshape(rows, across), widths, opened)

    @staticmethod
    def write(path: Path, hashes: Bytes) -> tuple[int, ...]:
        """Index `hashes` (uint8, shape (rows, bytes)) in a file; returns the widths of the bands.

        Needs memory for the hashes themselves and about 24 bytes for each row.
        """
        words = lay_out(hashes)
        widths = bands.cut(hashes.shape[1] * 8, len(words))
        none = np.empty(0, np.uint64)
        each = (
            (table.starts, table.order, none if table.copies is None else table.copies)
            for table in tables(words, widths)
        )
        arrays.write(path, itertools.chain([words], itertools.chain.from_iterable(each)))
        return widths

    def __len__(self) -> int:
        return len(self._words)

    def plan(self, radius: int, recall: float | None = None) -> Plan:
        """How a search within `radius` bits would go; see `bands.plan`."""
        return bands.plan(self.bits, radius, len(self), recall=recall, widths=self.widths)

    def search(self, queries: Bytes, radius: int, *, recall: float | None = None) -> Hits:
        """All rows within `radius` bits of each of `queries` (uint8, shape (n, bytes)).

        `recall` is the least share of rows at exactly `radius` to find; None means all of them
        where that is affordable, and `Hits.recall` says what it was.
        """
        found = list(self.blocks(queries, radius, recall=recall))
        return Hits(
            np.concatenate([hits.query for hits in found]),
            np.concatenate([hits.row for hits in found]),
            np.concatenate([hits.distance for hits in found]),
            found[0].recall,
        )

    def blocks(self, queries: Bytes, radius: int, *, recall: float | None = None) -> Iterator[Hits]:
        """`search`, a block of queries at a time, for progress and for stopping between blocks.

        There is always at least one block.
        """
        plan = self.plan(radius, recall)
        for at in range(0, max(1, len(queries)), _QUERIES_AT_ONCE):
            block = lay_out(queries[at : at + _QUERIES_AT_ONCE])
            pairs = self._scan(block, radius) if plan.is_scan else self._probe(block, plan)
            query, row = _each_once(pairs)
            distance = _distances(self._words.take(row, axis=0), block.take(query, axis=0))
            yield Hits(query + at, row, distance, plan.recall)

    def _table(self, band: Band) -> Table:
        """A band's table, looked through once: damaged starts would make a search endless."""
        table = self._tables[band.start]
        if band.start not in self._sound:
            starts = table.starts
            if starts[0] or starts[-1] != len(self) or np.any(starts[1:] < starts[:-1]):
                raise ValueError("starts")
            self._sound.add(band.start)
        return table

    def _scan(self, queries: Words, radius: int) -> Iterator[Pairs]:
        """Compare every query with every row, a tile of both that fits the cache at a time."""
        several = max(1, _ROWS_AT_ONCE // max(1, len(self)))
        for start in range(0, len(self), _ROWS_AT_ONCE):
            rows = self._words[start : start + _ROWS_AT_ONCE]
            lead = np.ascontiguousarray(rows[:, :2].T)
            for at in range(0, len(queries), several):
                block = queries[at : at + several]
                distance = np.bitwise_count(lead[0] ^ block[:, :1])
                if len(lead) > 1:
                    distance += np.bitwise_count(lead[1] ^ block[:, 1:2])
                query, row = np.nonzero(distance <= radius)
                if rows.shape[1] > 2:
                    near = _distances(rows[row], block[query]) <= radius
                    query, row = query[near], row[near]
                yield query + at, row + start

    def _probe(self, queries: Words, plan: Plan) -> Iterator[Pairs]:
        """Look up all values near each query's in each band and compare the rows found there."""
        for band in plan.bands:
            table = self._table(band)
            flips = bands.masks(band.width, band.radius).astype(np.int64)
            flips.sort()
            values = band_values(queries, band).astype(np.int64)
            by_value = np.argsort(values)  # so that probes walk through the table, page by page
            several = max(1, _PROBES_AT_ONCE // len(flips))
            for at in range(0, len(queries), several):
                chosen = by_value[at : at + several]
                found = _look_up(table.starts, values[chosen], flips)
                compare = _compare_rows if table.copies is None else _compare_copies
                for query, row in compare(self._words, table, found, queries[chosen], plan.radius):
                    yield chosen[query], row


def _look_up(
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


def _compare_copies(
    _words: Words, table: Table, found: Ranges, queries: Words, radius: int
) -> Iterator[Pairs]:
    """Compare whole blocks of copied rows; some are a neighbouring value's, which does no harm."""
    assert table.copies is not None
    copies = table.copies.reshape(-1, _BLOCK)
    asked = queries[:, 0]
    for query, block in _spread(found.low // _BLOCK, -(-found.high // _BLOCK), found.query):
        rows = copies.take(block, axis=0, mode="clip")
        rows ^= asked.take(query)[:, None]
        kept = np.flatnonzero(np.bitwise_count(rows).reshape(-1) <= radius)
        which, place = np.divmod(kept, _BLOCK)
        position = block[which] * _BLOCK + place
        whole = position < len(table.order)
        yield query[which[whole]], table.order.take(position[whole]).astype(np.int64)


def _compare_rows(
    words: Words, table: Table, found: Ranges, queries: Words, radius: int
) -> Iterator[Pairs]:
    """Compare the first 128 bits, which is one read and nearly always enough, then the whole."""
    lead = words.reshape(-1).view(np.complex128)  # a 16-byte item that take() is quick with
    step = words.shape[1] // 2
    asked = np.ascontiguousarray(queries[:, :2]).view(np.complex128).reshape(-1)
    for query, position in _spread(found.low, found.high, found.query):
        row = table.order.take(position, mode="clip").astype(np.int64)
        counts = np.bitwise_count(
            lead.take(row * step, mode="clip").view(np.uint64) ^ asked.take(query).view(np.uint64)
        ).view(np.uint16)
        kept = np.flatnonzero((counts >> 8) + (counts & 0xFF) <= radius)
        near, row = query[kept], row[kept]
        whole = words.take(row, axis=0, mode="clip")
        kept = np.flatnonzero(_distances(whole, queries.take(near, axis=0)) <= radius)
        yield near[kept], row[kept]


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
    for start in range(0, total, _PROBES_AT_ONCE):
        upto = np.clip(ends, start, start + _PROBES_AT_ONCE)
        which = np.repeat(np.arange(len(ends)), np.diff(upto, prepend=start))
        yield query[longer[which]], np.arange(start, start + len(which)) + offset[which]


def lay_out(hashes: Bytes) -> Words:
    """Put the bits of `hashes` (uint8, shape (n, bytes)) in the order of `bands.shuffled`.

    Returns little-endian uint64, shape (n, 1) for up to 64 bits, else (n, even number of words):
    place p is bit p % 64 of word p // 64.
    """
    rows, length = hashes.shape
    places = np.array(bands.shuffled(length * 8))
    words = np.zeros((rows, _words_across(length) * 8), np.uint8)
    for block in bands.blocks(rows, 1 << 12):
        bits = np.unpackbits(hashes[block], axis=1).take(places, axis=1)
        words[block, :length] = np.packbits(bits, axis=1, bitorder="little")
    return words.view("<u8")


def _words_across(length: int) -> int:
    return 1 if length <= 8 else 2 * math.ceil(length / 16)


def band_values(words: Words, band: Band) -> NDArray[np.uint64]:
    """The bits of a band of every row of `words`, its first place the lowest bit."""
    word, shift = divmod(band.start, 64)
    values = words[:, word] >> np.uint64(shift)
    if shift + band.width > 64:
        values |= words[:, word + 1] << np.uint64(64 - shift)
    values &= np.uint64((1 << band.width) - 1)
    return values


def starts_of(widths: Sequence[int]) -> list[int]:
    """Where bands of these widths start when they are cut one after the other."""
    return list(itertools.accumulate(widths, initial=0))[:-1]


def tables(words: Words, widths: Sequence[int]) -> Iterator[Table]:
    """One table for each band; needs about 20 bytes of memory for each row."""
    assert len(words) <= _MAX_ROWS
    for start, width in zip(starts_of(widths), widths, strict=True):
        # Sorting value and row as one number is several times faster than an argsort.
        keys = band_values(words, Band(start, width, 0)) << np.uint64(32)
        keys |= np.arange(len(words), dtype=np.uint64)
        keys.sort()
        order = keys.astype(np.uint32)
        keys >>= np.uint64(32)
        starts = np.zeros((1 << width) + 1, np.uint32)
        np.bincount(keys.view(np.int64), minlength=1 << width).cumsum(
            out=starts[1:], dtype=np.uint32
        )
        copies = None
        if words.shape[1] == 1:
            copies = np.zeros(-(-len(words) // _BLOCK) * _BLOCK, np.uint64)
            words[:, 0].take(order, out=copies[: len(words)], mode="clip")
        yield Table(starts, order, copies)


def _distances(some: Words, others: Words) -> NDArray[np.uint16]:
    distances: NDArray[np.uint16] = np.bitwise_count(some ^ others).sum(axis=1, dtype=np.uint16)
    return distances


def _each_once(pairs: Iterator[Pairs]) -> Pairs:
    found = [query << 32 | row for query, row in pairs]
    both = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return both >> 32, both & 0xFFFF_FFFF
