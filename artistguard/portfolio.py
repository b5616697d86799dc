# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's folders and works as a window shows them: sorted, as small pictures and large."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from artistguard import folder, reading, sandbox
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import Card, Clock, Order, Sought, Standing, stamp
from artistguard.store import Store

SECONDS: Final = 20.0
"""Nobody waits longer for a picture on the screen."""

MEMORY: Final = 2 << 30  # bytes, as for a first reading

_TRIED: Final = 500
"""So many known files are looked for in a folder that is said to be one that has moved."""

_apart = partial(sandbox.run, workers=1, seconds=SECONDS, memory=MEMORY, needs=reading.DECODERS)


@dataclass(frozen=True, slots=True)
class Arranged:
    """Works in order, by id, and in which folders they lie: each with how many follow each other.

    In an order other than by place there are no `sections`.
    """

    works: array[int]
    sections: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder with works in it or further down, `depth` folders below one that is watched."""

    path: str
    depth: int
    works: int


@dataclass(frozen=True, slots=True)
class Around:
    """What there is beside the works that are shown.

    `counts` are of works that would be shown if it did not matter how they stand; `works` and
    `unreadable` files are all there are.
    """

    counts: dict[Standing, int]
    shelves: tuple[Shelf, ...]
    works: int
    unreadable: int


class Portfolio:
    """The folders and works of one store, for one thread of a window."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def folders(self) -> list[str]:
        """The portfolio folders, and single files, that were ever named."""
        return [folder.from_text(path) for path in self._store.files.folders()]

    def add(self, paths: Sequence[str]) -> int:
        """Name folders and files, to be taken in by the next scan; how many of them are there."""
        there = [root for path in paths if Path(root := folder.normal(path)).exists()]
        with self._store.writing():
            self._store.files.add_folders(map(folder.to_text, there), stamp(self._clock))
        return len(there)

    def leave(self, path: str) -> None:
        """Watch a folder or file no longer; its works stay, with all that was found or filed."""
        with self._store.writing():
            self._store.files.remove_folder(folder.to_text(path))

    def missing(self) -> list[str]:
        """The folders and files of the portfolio that are not there now."""
        return [path for path in self.folders() if not Path(path).exists()]

    def relocate(self, old: str, new: str) -> int | None:
        """Go on with a folder, and all that is known of its files, where it lies now; how many.

        None when none of those files is there, and nothing is changed. Raises Unreadable
        (FOLDER_MISSING).
        """
        new = folder.normal(new)
        if not Path(new).exists():
            raise Unreadable(Kind.FOLDER_MISSING, path=new)
        before, after = folder.to_text(old), folder.to_text(new)
        known = self._store.files.below(before, _TRIED)
        if known and not any(
            Path(folder.from_text(after + _spelled_here(path.removeprefix(before)))).exists()
            for path in known
        ):
            return None
        with self._store.writing():
            return self._store.files.move_folder(before, after, stamp(self._clock))

    def seek(self, sought: Sought) -> array[int]:
        """The works that are sought, in their order, by id; as of now."""
        self._refresh()
        return self._store.gallery.works(sought)

    def arrange(self, sought: Sought) -> Arranged:
        """The works that are sought, in their order and in their folders; as of now."""
        if sought.order is not Order.PLACE:
            return Arranged(self.seek(sought), ())
        self._refresh()
        works, folders = self._store.gallery.in_folders(sought)
        return Arranged(works, tuple(folders))

    def look_around(self, sought: Sought) -> Around:
        """What there is beside the works that are sought."""
        folders = self._store.gallery.folders()
        return Around(
            counts=self._store.gallery.counts(replace(sought, standing=None)),
            shelves=tuple(_shelve(folders, self._store.files.folders())),
            works=sum(works for _, works in folders),
            unreadable=sum(1 for _ in self._store.files.unreadable()),
        )

    def thumbnails(self, cards: Sequence[Card]) -> Iterator[tuple[Card, bytes | None]]:
        """Each card with its thumbnail as JPEG, None where no file of the work can be read.

        Those that are there come first; the others are made, and kept.
        """
        missing = {}
        for card in cards:
            jpeg = self._store.thumbnails.get(card.sha256)
            path = card.folder + card.name
            if jpeg is None and not card.gone and not folder.is_in_the_cloud(path):
                missing[path] = card
            else:
                yield card, jpeg
        if not missing:
            return
        for path, made in _apart(reading.shrink, missing):
            jpeg = None if isinstance(made, Problem) else made
            if jpeg:
                self._store.thumbnails.put({missing[path].sha256: jpeg})
            yield missing[path], jpeg

    def preview(self, path: str) -> bytes:
        """The picture at `path` (as `folder.to_text` spells it) as a large JPEG.

        Raises Unreadable; with IN_THE_CLOUD where looking at it would download it.
        """
        if folder.is_in_the_cloud(path):
            raise Unreadable(Kind.IN_THE_CLOUD, path=path)
        ((_, made),) = _apart(reading.enlarge, [path])
        if isinstance(made, Problem):
            raise made
        return made

    def _refresh(self) -> None:
        for _ in self._store.gallery.refresh():
            pass


def _shelve(folders: Sequence[tuple[str, int]], roots: Sequence[str]) -> Iterator[Shelf]:
    """Folders that hold works, and those on the way to them from a folder that is watched."""
    watched = [root.rstrip(os.sep) + os.sep for root in roots]
    depths: dict[str, int] = {}
    works: Counter[str] = Counter()
    for folder_, count in folders:
        root = next((root for root in watched if folder_.startswith(root)), folder_)
        steps = folder_.removeprefix(root).split(os.sep)[:-1]  # noqa: PTH206  # any spelling
        for depth in range(len(steps) + 1):
            path = root + "".join(step + os.sep for step in steps[:depth])
            depths.setdefault(path, depth)
            works[path] += count
    for path in sorted(depths):
        yield Shelf(path, depths[path], works[path])


def _spelled_here(path: str) -> str:
    """A path within a folder, perhaps of another system, as this one spells it."""
    return path.replace("\\" if path.startswith("\\") else "/", os.sep)


def path_of(card: Card) -> str:
    """Where a work's file lies, as the system spells it."""
    return folder.from_text(card.folder + card.name)
