# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One segment of a pack, opened: its rows and the tables that find them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artistguard.errors import Damaged, Kind
from artistguard.models import Entry
from artistguard.packs import arrays, batches, keys, layout, manifest
from artistguard.packs.addresses import normal_form
from artistguard.packs.batches import RowBatch
from artistguard.packs.hamming import HammingIndex
from artistguard.packs.hosts import Hosts
from artistguard.packs.keys import Ranges, SortedKeys
from artistguard.packs.manifest import About, Held
from artistguard.packs.names import Names
from artistguard.packs.rows import Rows

_POSTINGS_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class PackHits:
    """What a search for fingerprints found: pairs of a query and a row.

    `query` and `row` (int64), `distance` (uint16, bits) and `quality` (uint8, 0 to 100, that of the
    row's hash) have shape (n,) and are sorted by query. A row with several hashes may come several
    times. `recall` is the lowest of the plans used, see `bands.recall`.
    """

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    distance: NDArray[np.uint16]
    quality: NDArray[np.uint8]
    recall: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Queries and rows of the segment that answer them (int64, shape (n,)), by query.

    `more` (bool, one for each query) says whose rows are more than were asked for.
    """

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    more: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hashes:
    """The hashes of one algorithm: distinct hash i is that of ``rows[starts[i]:starts[i + 1]]``.

    `quality` has one byte for each distinct hash, 0 to 100.
    """

    index: HammingIndex
    quality: NDArray[np.uint8]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint32]

    @classmethod
    def open(cls, path: Path, held: Held, index: HammingIndex) -> Hashes:
        """Map the listed rows of an index; raises OSError or ValueError when they are not that."""
        parts = [("u1", held.distinct), ("<u4", held.distinct + 1), ("<u4", held.postings)]
        quality, starts, rows = arrays.mapped(path, parts)
        if starts[0] or starts[-1] != held.postings or np.any(starts[1:] < starts[:-1]):
            raise ValueError("starts")
        return cls(index, quality, starts, rows)

    def postings(
        self, distinct: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The position in `distinct` and the row, for every row of each of these hashes.

        A bounded number at a time, as few hashes may stand for very many rows; at least once.
        """
        low = self.starts[distinct].astype(np.int64)
        high = self.starts[distinct + 1].astype(np.int64)
        parts = (high - low).cumsum() // _POSTINGS_AT_ONCE
        bounds = [0, *(np.flatnonzero(np.diff(parts)) + 1).tolist(), len(distinct)]
        for first, last in itertools.pairwise(bounds):
            which, position = Ranges(low[first:last], high[first:last]).flat()
            yield which + first, self.rows[position].astype(np.int64)


class Segment:
    """Answers for one segment; each file is opened when it is first needed.

    `require` is told the name of a file, relative to the pack, before it is used, and raises
    Damaged for one that must not be. Every method raises Damaged, naming the file, for what is not
    as it was written.
    """

    def __init__(
        self,
        pack: Path,
        described: manifest.Segment,
        require: Callable[[str], None],
    ) -> None:
        self.described = described
        self._require = require
        self._pack = pack
        self._name = manifest.folder_of(described.number)
        self._folder = pack / self._name
        self._hashes: dict[str, Hashes] = {}
        self._rows: Rows | None = None

    def close(self) -> None:
        """Let go of all files."""
        self._hashes.clear()
        if self._rows is not None:
            self._rows.close()
            self._rows = None

    def near(
        self, algorithm: str, values: NDArray[np.uint8], radius: int, recall: float | None
    ) -> Iterator[PackHits]:
        """Rows with a hash near one of `values`, a block of those at a time."""
        hashes = self._hashes_of(algorithm)
        if hashes is None:
            return
        if hashes.index.bits != values.shape[1] * 8:  # an algorithm has one length
            raise Damaged(Kind.PACK_DAMAGED, path=self._pack, file=manifest.NAME)
        name = manifest.file_of(algorithm)
        blocks = hashes.index.blocks(values, radius, recall=recall)
        while True:
            with self._reading(f"{name}.bands"):
                hits = next(blocks, None)
                if hits is None:
                    return
                quality = hashes.quality[hits.row]
            for which, row in hashes.postings(hits.row):
                with self._reading(f"{name}.postings"):
                    self._check(row)
                yield PackHits(
                    hits.query[which], row, hits.distance[which], quality[which], hits.recall
                )

    def by_digest(self, kind: str, digests: Sequence[bytes], limit: int) -> Pairs:
        """Rows whose file hash of a kind (``sha256``, ``md5``) is one of `digests`."""
        wanted = keys.digest_keys(digests)
        return self._by_key(kind, wanted, limit, lambda query, value: digests[query] == value)

    def by_url(self, urls: Sequence[str], limit: int) -> Pairs:
        """Rows with one of these addresses, in whatever spelling."""
        asked = [normal_form(url) for url in urls]
        wanted = keys.url_keys(urls)
        return self._by_key(
            "url", wanted, limit, lambda query, value: asked[query] == normal_form(value)
        )

    def by_host(self, hosts: Sequence[str], limit: int) -> Pairs:
        """Rows from these hosts and their subdomains."""
        with self._reading("url.hosts") as path:
            table = Hosts.open(path, *self.described.hosts)
            return self._rows_at(table.rows, table.find(hosts), limit)

    def by_name(self, names: Names) -> Iterator[tuple[int, int]]:
        """The number of a name and a row whose caption has it, for each such pair."""
        with self._reading("rows.arrow"):
            for start, batch in self._opened().batches():
                for number, place in names.among(batch.column("caption")):
                    yield number, start + place

    def entries(self, rows: NDArray[np.int64], about: About) -> list[Entry]:
        """Rows as the rest of the program knows them."""
        with self._reading("rows.arrow"):
            return self._opened().entries(rows, about)

    def contents(self) -> Iterator[RowBatch]:
        """All that was written into the segment, some rows at a time, all hashes with the first.

        Of rows that share a hash with too many others, those that were not listed are without it.
        """
        hashes = {one.algorithm: self._all_hashes(one) for one in self.described.held}
        with self._reading("rows.arrow"):
            for _, batch in self._opened().batches():
                yield RowBatch(batch, hashes)
                hashes = {}

    def sample(
        self, algorithm: str, distinct: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """The first row (n,) and the value (n, bytes) of hashes by their numbers."""
        (held,) = (one for one in self.described.held if one.algorithm == algorithm)
        found = self._hashes_of(algorithm)
        assert found is not None
        with self._reading(f"{manifest.file_of(algorithm)}.postings"):
            rows = found.rows[found.starts[distinct]].astype(np.int64)
            self._check(rows)
        with self._reading(f"{manifest.file_of(algorithm)}.bands") as path:
            return rows, layout.taken_back(_words(path, held)[distinct], held.bits // 8)

    def _all_hashes(self, held: Held) -> batches.Hashes:
        found = self._hashes_of(held.algorithm)
        assert found is not None
        with self._reading(f"{manifest.file_of(held.algorithm)}.bands") as path:
            values = layout.taken_back(_words(path, held), held.bits // 8)
        starts: NDArray[np.int64] = found.starts.astype(np.int64)
        rows = found.rows.astype(np.int64)
        order = np.argsort(rows, kind="stable")
        which = np.repeat(np.arange(held.distinct), starts[1:] - starts[:-1])[order]
        with self._reading(f"{manifest.file_of(held.algorithm)}.postings"):
            self._check(rows)
        return batches.Hashes(rows[order], values[which], found.quality[which], held.left_out)

    def _by_key(
        self, kind: str, wanted: NDArray[np.uint64], limit: int, agree: Callable[[int, Any], bool]
    ) -> Pairs:
        """Rows with these keys whose column `kind` also agrees, as keys may fall together."""
        with self._reading(f"{kind}.keys") as path:
            table = SortedKeys.open(path, getattr(self.described, kind))
            found = self._rows_at(table.rows, table.find(wanted), limit)
        with self._reading("rows.arrow"):
            values = self._opened().column(kind, found.row)
        same = list(map(agree, found.query.tolist(), values))
        return Pairs(found.query[same], found.row[same], found.more)

    def _rows_at(self, listed: NDArray[np.uint32], ranges: Ranges, limit: int) -> Pairs:
        query, position = ranges.limited(limit).flat()
        row = listed[position].astype(np.int64)
        self._check(row)
        return Pairs(query, row, ranges.high - ranges.low > limit)

    def _check(self, row: NDArray[np.int64]) -> None:
        if len(row) and row.max() >= self.described.rows:
            raise ValueError("row")

    def _hashes_of(self, algorithm: str) -> Hashes | None:
        for held in self.described.held:
            if held.algorithm == algorithm and algorithm not in self._hashes:
                name = manifest.file_of(algorithm)
                with self._reading(f"{name}.bands") as path:
                    index = HammingIndex.open(path, held.bits, held.distinct, held.widths)
                with self._reading(f"{name}.postings") as path:
                    self._hashes[algorithm] = Hashes.open(path, held, index)
        return self._hashes.get(algorithm)

    def _opened(self) -> Rows:
        if self._rows is None:
            path = self._folder / "rows.arrow"
            self._rows = Rows(path, self.described.rows, self.described.batch)
        return self._rows

    @contextmanager
    def _reading(self, file: str) -> Iterator[Path]:
        named = f"{self._name}/{file}"
        self._require(named)
        try:
            yield self._folder / file
        except (OSError, ValueError, IndexError, pa.ArrowException) as error:
            raise Damaged(Kind.PACK_DAMAGED, path=self._pack, file=named) from error


def _words(path: Path, held: Held) -> NDArray[np.uint64]:
    """The hashes as they are laid out, which is what the file of an index begins with."""
    across = layout.words_across(held.bits // 8)
    if not held.distinct:
        return np.empty((0, across), np.uint64)
    return np.memmap(path, np.dtype("<u8"), "r", shape=(held.distinct, across))
