# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""An index of fixed-length hashes by Hamming distance: plain arrays, in memory or in files.

The rows are put in the order of each band's value, with a table that says where each value starts.
One probe is then one look into the table, and its rows lie side by side. Everything is done for
tens of thousands of probes at a time, which is what makes it fast in numpy.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artistguard.packs import arrays, bands
from artistguard.packs.bands import Band, Plan
from artistguard.packs.layout import (
    BLOCK,
    Bytes,
    Table,
    Words,
    band_values,
    lay_out,
    starts_of,
    tables,
    taken_back,
    words_across,
)
from artistguard.packs.probing import (
    AT_ONCE,
    Pairs,
    compare_copies,
    compare_rows,
    distances,
    look_up,
)

_QUERIES_AT_ONCE = 1 << 13
_PAIRS_AT_ONCE = 1 << 22
_ROWS_AT_ONCE = 1 << 15  # of a scan, so that a tile of them stays in the cache


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
        across = words_across(bits // 8)
        copied = -(-rows // BLOCK) * BLOCK if across == 1 else 0
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
    def write(path: Path, bits: int, words: Words) -> tuple[int, ...]:
        """Index hashes of `bits` bits, as laid out, in a file; returns the widths of the bands.

        Needs about 24 bytes of memory more for each row.
        """
        widths = bands.cut(bits, len(words))
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

        Blocks are smaller where there is much to be found. There is always at least one.
        """
        plan = self.plan(radius, recall)
        at, size = 0, _QUERIES_AT_ONCE
        while at == 0 or at < len(queries):
            block = lay_out(queries[at : at + size])
            pairs = self._pairs(block, plan)
            if pairs is None:
                size = len(block) // 2
                continue
            query, row = pairs
            distance = distances(self._words.take(row, axis=0), block.take(query, axis=0))
            yield Hits(query + at, row, distance, plan.recall)
            at, size = at + max(1, len(block)), min(2 * size, _QUERIES_AT_ONCE)

    def _pairs(self, queries: Words, plan: Plan) -> Pairs | None:
        """Each pair once, in order; None when there are too many to hold for so many queries."""
        found: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        held = 0
        source = self._scan(queries, plan.radius) if plan.is_scan else self._probe(queries, plan)
        for query, row in source:
            found.append(query << 32 | row)
            held += len(query)
            if held > _PAIRS_AT_ONCE and len(queries) > 1:
                return None
        both = np.unique(np.concatenate(found))
        return both >> 32, both & 0xFFFF_FFFF

    def bucket(self, start: int, value: int) -> tuple[NDArray[np.int64], Bytes]:
        """The rows whose band that starts at bit `start` has this value, and their hashes.

        Raises KeyError or IndexError where there is no such band or value.
        """
        table = self._table(Band(start, 0, 0))
        rows = table.order[table.starts[value] : table.starts[value + 1]].astype(np.int64)
        return rows, self.hashes(rows)

    def hashes(self, rows: NDArray[np.int64]) -> Bytes:
        """The hashes at some rows (uint8, shape (n, bytes))."""
        length = self.bits // 8
        return taken_back(self._words[rows], length) if len(rows) else np.empty((0, length), "u1")

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
        across = self._words.shape[1]
        ahead = bands.words_ahead(self.bits, radius)
        kind = np.uint8 if ahead < 4 else np.uint16
        for start in range(0, len(self), _ROWS_AT_ONCE):
            rows = self._words[start : start + _ROWS_AT_ONCE]
            columns = np.ascontiguousarray(rows[:, :ahead].T)
            for at in range(0, len(queries), several):
                block = queries[at : at + several]
                distance = np.bitwise_count(columns[0] ^ block[:, :1])
                for word in range(1, ahead):
                    counts = np.bitwise_count(columns[word] ^ block[:, word : word + 1])
                    distance = np.add(distance, counts, dtype=kind)
                near = np.flatnonzero(distance.reshape(-1) <= radius)
                query, row = np.divmod(near, len(rows))
                if ahead < across:
                    whole = distances(rows[row], block[query]) <= radius
                    query, row = query[whole], row[whole]
                yield query + at, row + start

    def _probe(self, queries: Words, plan: Plan) -> Iterator[Pairs]:
        """Look up all values near each query's in each band and compare the rows found there."""
        for band in plan.bands:
            table = self._table(band)
            flips = bands.masks(band.width, band.radius).astype(np.int64)
            values = band_values(queries, band).astype(np.int64)
            by_value = np.argsort(values)  # so that probes walk through the table, page by page
            several = max(1, AT_ONCE // len(flips))
            for at in range(0, len(queries), several):
                chosen = by_value[at : at + several]
                found = look_up(table.starts, values[chosen], flips)
                compare = compare_rows if table.copies is None else compare_copies
                for query, row in compare(self._words, table, found, queries[chosen], plan.radius):
                    yield chosen[query], row
