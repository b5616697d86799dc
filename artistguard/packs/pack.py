# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A pack, opened: one data set at one version, asked in bulk and without a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artistguard.errors import Damaged, Kind
from artistguard.models import Entry
from artistguard.packs import manifest as manifests
from artistguard.packs.integrity import Integrity
from artistguard.packs.manifest import Manifest
from artistguard.packs.names import Names
from artistguard.packs.segment import PackHits, Pairs, Segment


@dataclass(frozen=True, slots=True)
class Found:
    """What an exact look-up found: pairs of a query and a row (int64, shape (n,)), in order.

    `more` (bool, one for each query) says whose rows are more than the limit.
    """

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    more: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FileCheck:
    """Whether one file of a pack, of `size` bytes, is what the manifest says."""

    name: str
    size: int
    whole: bool


class Pack:
    """Look-ups in one pack; rows are numbered through all its segments from 0.

    Every method raises Damaged (PACK_DAMAGED) with the name of the file that is not as written:
    each is read through before its first use, see `integrity.Integrity`.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._integrity = Integrity(folder, manifest.files)
        self._segments = [
            Segment(folder, one, self._integrity.require) for one in manifest.segments
        ]
        self._starts = np.cumsum([0, *(one.rows for one in manifest.segments)])

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a pack after a look at its manifest and the sizes of its files.

        Raises:
            Problem: There is none (PACK_MISSING), or a newer version made it (PACK_NEWER).
            Damaged: A file is missing or of another size (PACK_DAMAGED).
        """
        manifest = manifests.read(folder)
        for name, file in manifest.files.items():
            if _size(folder / name) != file.size:
                raise Damaged(Kind.PACK_DAMAGED, path=folder, file=name)
        return cls(folder, manifest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files, and remember which were found whole."""
        for segment in self._segments:
            segment.close()
        self._integrity.keep()

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Its parts, in the order of their rows; they are closed with it."""
        return tuple(self._segments)

    def require(self, name: str) -> None:
        """Go on only with a file that is as written; for those who read files by themselves."""
        self._integrity.require(name)

    def verify(self, folders: Iterable[str] | None = None) -> Iterator[FileCheck]:
        """Read every byte of every file and compare its SHA-256; one answer for each file.

        `folders` names those whose files are looked at, None means all.
        """
        chosen = None if folders is None else set(folders)
        for name, file in self.manifest.files.items():
            if chosen is not None and name.partition("/")[0] not in chosen:
                continue
            yield FileCheck(name, file.size, self._integrity.read(name))

    def search(
        self, algorithm: str, values: NDArray[np.uint8], radius: int, *, recall: float | None = None
    ) -> PackHits:
        """All rows with a hash of `algorithm` within `radius` bits of each of `values`.

        `values` is uint8 of shape (n, bytes). For `recall` see `hamming.HammingIndex.search`. A
        pack without this algorithm has no hits.
        """
        found = list(self.blocks(algorithm, values, radius, recall=recall))
        query = np.concatenate([hits.query for hits in found] or [np.empty(0, np.int64)])
        order = np.argsort(query, kind="stable")
        return PackHits(
            query[order],
            np.concatenate([hits.row for hits in found] or [np.empty(0, np.int64)])[order],
            np.concatenate([hits.distance for hits in found] or [np.empty(0, np.uint16)])[order],
            np.concatenate([hits.quality for hits in found] or [np.empty(0, np.uint8)])[order],
            min((hits.recall for hits in found), default=1.0),
        )

    def blocks(
        self, algorithm: str, values: NDArray[np.uint8], radius: int, *, recall: float | None = None
    ) -> Iterator[PackHits]:
        """`search`, a block of queries in a segment at a time, for progress and for stopping."""
        for segment, start in zip(self._segments, self._starts.tolist(), strict=False):
            for hits in segment.near(algorithm, values, radius, recall):
                yield replace(hits, row=hits.row + start)

    def find_sha256(self, digests: Sequence[bytes], limit: int = 10_000) -> Found:
        """Rows whose file has one of these SHA-256 hashes (32 bytes each)."""
        return self._gather(
            len(digests), limit, lambda one: one.by_digest("sha256", digests, limit)
        )

    def find_md5(self, digests: Sequence[bytes], limit: int = 10_000) -> Found:
        """Rows whose file has one of these MD5 hashes (16 bytes each)."""
        return self._gather(len(digests), limit, lambda one: one.by_digest("md5", digests, limit))

    def find_urls(self, urls: Sequence[str], limit: int = 10_000) -> Found:
        """Rows with one of these addresses, in whatever spelling (`wire.normalise_url`)."""
        return self._gather(len(urls), limit, lambda one: one.by_url(urls, limit))

    def find_hosts(self, hosts: Sequence[str], limit: int = 10_000) -> Found:
        """Rows from these hosts or their subdomains; `hosts` may be whole addresses."""
        return self._gather(len(hosts), limit, lambda one: one.by_host(hosts, limit))

    def find_names(self, names: Sequence[str], limit: int = 1_000) -> Found:
        """Rows whose caption holds one of these names as whole words, in any case.

        Reads all captions once, however many names there are.
        """
        ready = Names(names)
        count: Counter[int] = Counter()
        pairs: list[tuple[int, int]] = []
        for segment, start in zip(self._segments, self._starts.tolist(), strict=False):
            for name, row in segment.by_name(ready):
                count[name] += 1
                if count[name] <= limit:
                    pairs.append((name, row + start))
                elif count[name] == limit + 1:
                    ready.forget(name)
        both = np.array(sorted(pairs), np.int64).reshape(-1, 2)
        more = np.array([count[name] > limit for name in range(len(names))], np.bool_)
        return Found(both[:, 0], both[:, 1], more)

    def entries(self, rows: Sequence[int] | NDArray[np.int64]) -> list[Entry]:
        """The entries of the data set at `rows`, in that order.

        Raises IndexError for a row that the pack does not have.
        """
        entries: list[Entry | None] = [None] * len(rows)
        wanted = np.asarray(rows, np.int64)
        if len(wanted) and not 0 <= wanted.min() <= wanted.max() < self.manifest.rows:
            raise IndexError
        segments = np.searchsorted(self._starts, wanted, "right") - 1
        for number in np.unique(segments).tolist():
            places = np.flatnonzero(segments == number)
            inside = wanted[places] - self._starts[number]
            found = self._segments[number].entries(inside, self.manifest.about)
            for place, entry in zip(places.tolist(), found, strict=True):
                entries[place] = entry
        return [entry for entry in entries if entry is not None]

    def sample(
        self, algorithm: str, count: int, dice: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """At most `count` rows (n,), each hash as likely as any other, and the hashes (n, bytes).

        Each distinct hash comes once at most, so that what very many rows share weighs no more.
        """
        held = [
            next((one.distinct for one in segment.held if one.algorithm == algorithm), 0)
            for segment in self.manifest.segments
        ]
        ends = np.cumsum(held)
        total = int(ends[-1]) if held else 0
        chosen = np.sort(dice.choice(total, min(count, total), replace=False))
        of_segment = np.searchsorted(ends, chosen, "right")
        rows, values = [np.empty(0, np.int64)], []
        for number in np.unique(of_segment).tolist():
            inside = chosen[of_segment == number] - (ends[number] - held[number])
            row, value = self._segments[number].sample(algorithm, inside)
            rows.append(row + self._starts[number])
            values.append(value)
        return np.concatenate(rows), np.concatenate(values or [np.empty((0, 0), np.uint8)])

    def _gather(self, queries: int, limit: int, ask: Callable[[Segment], Pairs]) -> Found:
        """One answer from those of all segments, with at most `limit` rows for each query."""
        found = [ask(segment) for segment in self._segments]
        query = np.concatenate([pairs.query for pairs in found] or [np.empty(0, np.int64)])
        row = np.concatenate(
            [pairs.row + start for pairs, start in zip(found, self._starts.tolist(), strict=False)]
            or [np.empty(0, np.int64)]
        )
        order = np.lexsort((row, query))
        query, row = query[order], row[order]
        counts = np.bincount(query, minlength=queries)
        within = np.arange(len(query)) - (counts.cumsum() - counts)[query] < limit
        more = np.logical_or.reduce([counts > limit, *(pairs.more for pairs in found)])
        return Found(query[within], row[within], more)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
