# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Parts of a pack that tell little of what is looked for: all that shares some bits with it.

Whoever asks for such a *bucket* compares what is in it by themselves. The buckets of a fingerprint
are the rows with one value of one band, exactly as they lie in the index; those of a file hash or
an address the rows whose key begins with some bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from artistguard.errors import Damaged, Kind
from artistguard.packs import keys, manifest
from artistguard.packs.bands import Band
from artistguard.packs.hamming import HammingIndex
from artistguard.packs.keys import SortedKeys
from artistguard.packs.layout import band_values, lay_out, starts_of
from artistguard.packs.manifest import Held
from artistguard.packs.pack import Pack
from artistguard.packs.segment import Hashes

EXACT: Final = ("sha256", "md5", "url")
"""What has keys."""

_KEY_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """How the hashes of an algorithm are cut in one segment, numbered from 0 in the manifest.

    `distinct` hashes of `bits` bits have bands of `widths`; without any, they are only handed out
    whole.
    """

    segment: int
    algorithm: str
    bits: int
    distinct: int
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Rows (int64, shape (n,)) with their hashes (uint8, shape (n, bytes)) and qualities (uint8).

    `more` says that the bucket holds more than was asked for.
    """

    row: NDArray[np.int64]
    values: NDArray[np.uint8]
    quality: NDArray[np.uint8]
    more: bool


class Buckets:
    """The buckets of one pack. Raises Damaged for a file that is not as written."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._segments = pack.manifest.segments
        self._starts = np.cumsum([0, *(one.rows for one in self._segments)]).tolist()
        self._open: dict[tuple[int, str], Hashes] = {}

    @property
    def shapes(self) -> list[Shape]:
        """How everything is cut."""
        return [
            Shape(number, held.algorithm, held.bits, held.distinct, held.widths)
            for number, segment in enumerate(self._segments)
            for held in segment.held
        ]

    def keyed(self, segment: int, kind: str) -> int:
        """How many rows of a segment have a key of a kind."""
        return int(getattr(self._segments[segment], kind))

    def near(self, segment: int, algorithm: str, band: int, value: int, limit: int) -> Bucket:
        """The rows whose band, numbered from 0, has this value.

        Raises IndexError or KeyError where there is no such band or value.
        """
        held = self._held(segment, algorithm)
        hashes = self._hashes(segment, held)
        if not 0 <= value < 1 << held.widths[band]:
            raise IndexError(value)
        with self._reading(segment, f"{manifest.file_of(algorithm)}.bands"):
            distinct, values = hashes.index.bucket(starts_of(held.widths)[band], value)
        return self._bucket(segment, hashes, distinct[:limit], values, limit)

    def slice(self, segment: int, algorithm: str, start: int, limit: int) -> Bucket:
        """Hashes from one on, in the order in which they lie there."""
        hashes = self._hashes(segment, self._held(segment, algorithm))
        if not 0 <= start <= len(hashes.index):
            raise IndexError(start)
        distinct = np.arange(start, min(start + limit, len(hashes.index)))
        with self._reading(segment, f"{manifest.file_of(algorithm)}.bands"):
            values = hashes.index.hashes(distinct)
        found = self._bucket(segment, hashes, distinct, values, limit)
        return Bucket(found.row, found.values, found.quality, start + limit < len(hashes.index))

    def exact(self, segment: int, kind: str, bits: int, value: int, limit: int) -> Bucket:
        """The rows whose key of a kind begins with these bits; the keys are the values."""
        if kind not in EXACT or not 0 <= bits < _KEY_BITS or not 0 <= value < 1 << bits:
            raise IndexError(value)
        with self._reading(segment, f"{kind}.keys") as path:
            table = SortedKeys.open(path, self.keyed(segment, kind))
            found, rows, more = table.within(bits, value, limit)
        values = found.astype("<u8").view(np.uint8).reshape(-1, 8)
        quality = np.full(len(rows), 100, np.uint8)
        return Bucket(rows + np.int64(self._starts[segment]), values, quality, more)

    def _bucket(
        self,
        segment: int,
        hashes: Hashes,
        distinct: NDArray[np.int64],
        values: NDArray[np.uint8],
        limit: int,
    ) -> Bucket:
        which, row = next(hashes.postings(distinct))
        which, row = which[:limit], row[:limit]
        return Bucket(
            row + self._starts[segment],
            values[which],
            hashes.quality[distinct[which]],
            len(values) > len(distinct) or len(row) == limit,
        )

    def _held(self, segment: int, algorithm: str) -> Held:
        held = {one.algorithm: one for one in self._segments[segment].held}
        return held[algorithm]

    def _hashes(self, segment: int, held: Held) -> Hashes:
        found = self._open.get((segment, held.algorithm))
        if found is None:
            name = manifest.file_of(held.algorithm)
            with self._reading(segment, f"{name}.bands") as path:
                index = HammingIndex.open(path, held.bits, held.distinct, held.widths)
            with self._reading(segment, f"{name}.postings") as path:
                found = Hashes.open(path, held, index)
            self._open[segment, held.algorithm] = found
        return found

    @contextmanager
    def _reading(self, segment: int, file: str) -> Iterator[Path]:
        name = f"{manifest.folder_of(self._segments[segment].number)}/{file}"
        self._pack.require(name)
        try:
            yield self._pack.folder / name
        except (OSError, ValueError) as error:
            raise Damaged(Kind.PACK_DAMAGED, path=self._pack.folder, file=name) from error


def band_values_of(hashes: NDArray[np.uint8], widths: Sequence[int]) -> NDArray[np.int64]:
    """The value of every band of each hash (uint8, shape (n, bytes)); shape (n, bands)."""
    words = lay_out(hashes)
    bands = (Band(*pair, 0) for pair in zip(starts_of(widths), widths, strict=True))
    values = [band_values(words, band).astype(np.int64) for band in bands]
    return np.array(values, np.int64).reshape(len(widths), len(hashes)).T


def first_bits(key: bytes, bits: int) -> int:
    """The first bits of a key, of which a bucket is told."""
    return int.from_bytes(key, "little") >> (_KEY_BITS - bits)


def url_key(url: str) -> bytes:
    """The key of an address, 8 bytes."""
    return keys.url_keys([url]).astype("<u8").tobytes()


def digest_key(digest: bytes) -> bytes:
    """The key of a file hash, 8 bytes."""
    return keys.digest_keys([digest]).astype("<u8").tobytes()
