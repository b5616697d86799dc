# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Writes one segment of a pack: rows as they come, the tables that find them at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artistguard.packs import arrays, keys
from artistguard.packs.hamming import HammingIndex
from artistguard.packs.hosts import Hosts
from artistguard.packs.keys import SortedKeys
from artistguard.packs.manifest import Held, Segment, file_of
from artistguard.packs.rows import BATCH, SCHEMA, RowWriter
from artistguard.packs.spool import Spool
from artistguard.wire import host_of


@dataclass(frozen=True, slots=True)
class Hashes:
    """Hashes of one algorithm for the rows of one batch; a row may have none, or several.

    `row` (integers, shape (n,)) counts from 0 in the batch, `values` is uint8 of shape (n, bytes),
    `quality` (uint8, shape (n,)) is 0 to 100, or None where it is not known, which counts as 100.
    """

    row: NDArray[np.int64]
    values: NDArray[np.uint8]
    quality: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows of a data set: columns of `rows.SCHEMA`, ``entry`` at least, and their hashes."""

    rows: pa.RecordBatch
    hashes: Mapping[str, Hashes] = field(default_factory=dict)


_KEYS: Mapping[str, Callable[[list[Any]], NDArray[np.uint64]]] = {
    "sha256": keys.digest_keys,
    "md5": keys.digest_keys,
    "url": keys.url_keys,
}


class SegmentWriter:
    """Takes rows until it is finished; raises OSError when they cannot be written."""

    def __init__(self, folder: Path, postings_cap: int) -> None:
        self.folder = folder
        self._cap = postings_cap
        self.rows = 0
        self._writer = RowWriter(folder / "rows.arrow")
        self._captions = 0
        self._keys = {kind: _Keys(folder, kind) for kind in _KEYS}
        self._hosts: dict[str, int] = {}
        self._host_of_row = Spool(folder / "host.spool", "<i4")
        self._held: dict[str, _Held] = {}

    def add(self, batch: RowBatch) -> None:
        """Take some rows."""
        rows = _as_schema(batch.rows)
        self._writer.add(rows)
        self._captions += rows.num_rows - rows.column("caption").null_count
        for kind, key_of in _KEYS.items():
            column = rows.column(kind)
            present = np.flatnonzero(column.is_valid())
            values = column.drop_null().to_pylist()
            self._keys[kind].add(present + self.rows, key_of(values))
        self._host_of_row.add(self._number_hosts(rows.column("url").to_pylist()))
        for algorithm, hashes in batch.hashes.items():
            if algorithm not in self._held:
                self._held[algorithm] = _Held(self.folder, algorithm, hashes.values.shape[1])
            self._held[algorithm].add(hashes, self.rows)
        self.rows += rows.num_rows

    def finish(self) -> Segment:
        """Write the tables and flush everything to the disk."""
        self._writer.finish()
        counts = {kind: one.finish() for kind, one in self._keys.items()}
        hosts = Hosts.write(self.folder / "url.hosts", self._hosts, self._host_of_row.take())
        held = tuple(one.finish(self._cap) for one in self._held.values())
        self.close()
        return Segment(
            rows=self.rows, batch=BATCH, caption=self._captions, hosts=hosts, held=held, **counts
        )

    def _number_hosts(self, urls: list[str | None]) -> NDArray[np.int32]:
        hosts = self._hosts
        names = (None if url is None else host_of(url) for url in urls)
        numbers = (-1 if name is None else hosts.setdefault(name, len(hosts)) for name in names)
        return np.fromiter(numbers, np.int32, len(urls))

    def close(self) -> None:
        """Close all files, finished or not."""
        self._writer.close()
        self._host_of_row.close()
        for keys_ in self._keys.values():
            keys_.close()
        for held in self._held.values():
            held.close()


class _Keys:
    """The keys of one kind of exact look-up."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._path = folder / f"{kind}.keys"
        self._keys = Spool(folder / f"{kind}.keys.spool", "<u8")
        self._rows = Spool(folder / f"{kind}.rows.spool", "<u4")

    def add(self, rows: NDArray[np.int64], keys_: NDArray[np.uint64]) -> None:
        self._keys.add(keys_)
        self._rows.add(rows)

    def finish(self) -> int:
        keys_ = self._keys.take()
        SortedKeys.write(self._path, keys_, self._rows.take())
        return len(keys_)

    def close(self) -> None:
        self._keys.close()
        self._rows.close()


class _Held:
    """The hashes of one algorithm."""

    def __init__(self, folder: Path, algorithm: str, length: int) -> None:
        self._algorithm = algorithm
        self._length = length
        self._path = folder / file_of(algorithm)
        self._spools = [
            Spool(self._path.with_suffix(f".{name}.spool"), kind)
            for name, kind in (("values", "u1"), ("rows", "<u4"), ("quality", "u1"))
        ]

    def add(self, hashes: Hashes, first_row: int) -> None:
        assert hashes.values.shape == (len(hashes.row), self._length)
        known = hashes.quality
        quality = np.full(len(hashes.row), 100, np.uint8) if known is None else known
        values, rows, qualities = self._spools
        values.add(hashes.values)
        rows.add(hashes.row + first_row)
        qualities.add(quality)

    def finish(self, cap: int) -> Held:
        flat, rows, quality = (spool.take() for spool in self._spools)
        hashes = flat.reshape(-1, self._length)
        order, new = _grouped(hashes, rows)
        first = order[new]
        starts = np.append(np.flatnonzero(new), len(order))
        counts = np.diff(starts)
        capped = np.minimum(counts, cap)
        listed = np.arange(len(order)) - np.repeat(starts[:-1], counts) < cap
        arrays.write(
            self._path.with_suffix(".postings"),
            [
                quality[first],
                np.concatenate(([0], capped.cumsum())).astype("<u4"),
                rows[order[listed]],
            ],
        )
        widths = HammingIndex.write(self._path.with_suffix(".bands"), hashes[first])
        return Held(
            algorithm=self._algorithm,
            bits=self._length * 8,
            distinct=len(first),
            postings=int(capped.sum()),
            widths=widths,
            capped=int(np.count_nonzero(counts > cap)),
            left_out=int((counts - capped).sum()),
        )

    def close(self) -> None:
        for spool in self._spools:
            spool.close()


def _as_schema(rows: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        rows.column(one.name).cast(one.type)
        if one.name in rows.schema.names
        else pa.nulls(rows.num_rows, one.type)
        for one in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _grouped(
    hashes: NDArray[np.uint8], rows: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Positions with equal hashes side by side, rows in order, and which begin a new hash.

    Sorting a mixed 64-bit key is much faster than sorting hashes. Should two keys fall together,
    a hash may be listed twice, which a search does not mind. A row with the same hash twice has it
    once.
    """
    padded = np.zeros((len(hashes), -(-hashes.shape[1] // 8) * 8), np.uint8)
    padded[:, : hashes.shape[1]] = hashes
    words = padded.view("<u8")
    key = np.zeros(len(words), np.uint64)
    for column in words.T:
        key = (key ^ column) * _ODD
        key ^= key >> np.uint64(29)
    order = np.argsort(key, kind="stable")
    same = np.zeros(len(order), np.bool_)
    same[1:] = (words[order[1:]] == words[order[:-1]]).all(axis=1)
    again = same.copy()
    again[1:] &= rows[order[1:]] == rows[order[:-1]]
    return order[~again], ~same[~again]


_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)  # 2^64 / golden ratio: multiplying spreads low bits upwards
