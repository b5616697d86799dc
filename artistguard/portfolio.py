# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's folders and works as a window shows them: sorted, as small pictures and large."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from artistguard import folder, reading, sandbox
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import Card, Clock, Sought, stamp
from artistguard.store import Store

SECONDS: Final = 20.0
"""Nobody waits longer for a picture on the screen."""

MEMORY: Final = 2 << 30  # bytes, as for a first reading

_apart = partial(sandbox.run, workers=1, seconds=SECONDS, memory=MEMORY, needs=reading.DECODERS)


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

    def seek(self, sought: Sought) -> array[int]:
        """The works that are sought, in their order, by id; as of now."""
        for _ in self._store.gallery.refresh():
            pass
        return self._store.gallery.works(sought)

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


def path_of(card: Card) -> str:
    """Where a work's file lies, as the system spells it."""
    return folder.from_text(card.folder + card.name)
