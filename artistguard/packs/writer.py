# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Writes one segment of a pack: rows as they come, the tables that find them at the end."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artistguard.packs import arrays
from artistguard.packs.batches import DIGESTS, Hashes, Prepared
from artistguard.packs.hamming import HammingIndex
from artistguard.packs.hosts import Hosts
from artistguard.packs.keys import SortedKeys
from artistguard.packs.layout import Words, lay_out, order_of, stretches
from artistguard.packs.manifest import File, Held, Segment, file_of
from artistguard.packs.rows import BATCH, RowWriter
from artistguard.packs.spool import Spool
from artistguard.wire import host_of

_LONGEST_LABEL = 63


class SegmentWriter:
    """Takes rows until it is finished; raises OSError when they cannot be written."""

    def __init__(self, folder: Path, postings_cap: int) -> None:
        self.folder = folder
        self._cap = postings_cap
        self.rows = 0
        self._writer = RowWriter(folder / "rows.arrow")
        self._captions = 0
        self._keys = {kind: _Keys(folder, kind) for kind in (*DIGESTS, "url")}
        self._hosts: dict[str, int] = {}
        self._host_of_row = Spool(folder / "host.spool", "<i4")
        self._held: dict[str, _Held] = {}

    def add(self, batch: Prepared) -> None:
        """Take some rows."""
        self._writer.add(batch.rows)
        self._captions += batch.rows.num_rows - batch.rows.column("caption").null_count
        for kind, found in batch.keys.items():
            self._keys[kind].add(found.rows + self.rows, found.keys)
        numbers = np.array([*map(self._number_of, batch.hosts), -1], np.int32)
        self._host_of_row.add(numbers[batch.host])
        for algorithm, hashes in batch.hashes.items():
            if algorithm not in self._held:
                self._held[algorithm] = _Held(self.folder, algorithm, hashes.values.shape[1])
            self._held[algorithm].add(hashes, self.rows)
        self.rows += batch.rows.num_rows

    def finish(self) -> tuple[Segment, dict[str, File]]:
        """Write the tables, flush everything to the disk and describe each file, by its name."""
        with ThreadPoolExecutor(3) as pool:  # sorting and writing free the lock, but take memory
            rows = pool.submit(self._finish_rows)
            held = pool.map(lambda one: one.finish(self._cap), self._held.values())
            counts = pool.map(_Keys.finish, self._keys.values())
            hosts = pool.submit(self._finish_hosts)
            segment = Segment(
                rows=self.rows,
                batch=BATCH,
                caption=self._captions,
                hosts=hosts.result(),
                held=tuple(held),
                **dict(zip(self._keys, counts, strict=True)),
            )
            files = {"rows.arrow": rows.result()}
            others = sorted(path for path in self.folder.iterdir() if path.name not in files)
            files |= zip((path.name for path in others), pool.map(described, others), strict=True)
        self.close()
        return segment, files

    def _finish_rows(self) -> File:
        """The rows are more than all else, so they are read while tables are still being made."""
        self._writer.finish()
        return described(self.folder / "rows.arrow")

    def _finish_hosts(self) -> tuple[int, int, int]:
        return Hosts.write(self.folder / "url.hosts", self._hosts, self._host_of_row.take())

    def _number_of(self, host: str) -> int:
        known = self._hosts.get(host)
        if known is None:
            # All labels of so short a name are short enough, and the rest was looked at.
            sound = len(host) <= _LONGEST_LABEL or host_of(host) == host
            known = len(self._hosts) if sound else -1
            if known >= 0:
                self._hosts[host] = known
        return known

    def close(self) -> None:
        """Close all files, finished or not."""
        self._writer.close()
        self._host_of_row.close()
        for keys_ in self._keys.values():
            keys_.close()
        for held in self._held.values():
            held.close()


def described(path: Path) -> File:
    """What the manifest says of a file."""
    with path.open("rb") as file:
        return File(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


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
        self._left_out = 0
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
        self._left_out += hashes.left_out

    def finish(self, cap: int) -> Held:
        words = lay_out(self._spools[0].take().reshape(-1, self._length))
        rows, quality = (spool.take() for spool in self._spools[1:])
        order, new = _grouped(words, rows)
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
        words = words[first]
        bits = self._length * 8
        widths = HammingIndex.write(self._path.with_suffix(".bands"), bits, words)
        return Held(
            algorithm=self._algorithm,
            bits=bits,
            distinct=len(first),
            postings=int(capped.sum()),
            widths=widths,
            # A full list may have been cut short before.
            capped=int(np.count_nonzero(counts > cap - bool(self._left_out))),
            left_out=int((counts - capped).sum()) + self._left_out,
        )

    def close(self) -> None:
        for spool in self._spools:
            spool.close()


def _grouped(words: Words, rows: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Positions with equal hashes side by side, rows in order, and which begin a new hash.

    Sorting a mixed 64-bit key is much faster than sorting hashes. Should two keys fall together,
    a hash may be listed twice, which a search does not mind. A row with the same hash twice has it
    once.
    """
    key = np.zeros(len(words), np.uint64)
    for column in words.T:
        key = (key ^ column) * _ODD
        key ^= key >> np.uint64(29)
    order = order_of(key)
    new = np.ones(len(order), np.bool_)
    kept = np.ones(len(order), np.bool_)
    for part in stretches(len(order) - 1, 1 << 20):  # in parts, as these are copies
        this, next_ = order[part], order[part.start + 1 : part.stop + 1]
        same = (words[this] == words[next_]).all(axis=1)
        new[part.start + 1 : part.stop + 1] = ~same
        kept[part.start + 1 : part.stop + 1] = ~(same & (rows[this] == rows[next_]))
    return order[kept], new[kept]


_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)  # 2^64 / golden ratio: multiplying spreads low bits upwards
