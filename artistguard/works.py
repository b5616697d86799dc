# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""File changes become new, changed, moved and gone works, and what is new is fingerprinted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice

from artistguard import folder
from artistguard.errors import Kind, Problem
from artistguard.models import (
    Clock,
    FileState,
    FoundFile,
    Progress,
    Reading,
    ScannedFile,
    stamp,
)
from artistguard.store import Placed, Store

Reader = Callable[[Iterable[str]], Iterator[tuple[str, Reading | Problem]]]
"""Reads picture files, in any order, each to a reading or to what is wrong with it."""

PASSING = (
    Kind.NOT_PERMITTED,
    Kind.FILE_VANISHED,
    Kind.READ_FAILED,
    Kind.DECODER_CRASHED,
    Kind.DECODER_TIMEOUT,
    Kind.UNSUPPORTED_PICTURE,
    Kind.MODEL_UNUSABLE,
)
"""Errors that need not be the file's: it is read again, though it looks the same as before."""

KEPT_TOGETHER = 32
"""Readings per transaction: a stop loses at most these, and the disk is not waited for each time"""


def scan(
    store: Store,
    roots: Iterable[str],
    read: Reader,
    algorithms: Iterable[str],
    clock: Clock,
    *,
    restless: Collection[str] = (),
) -> Iterator[Progress | ScannedFile]:
    """Compare the folders with what is known and take in what has changed.

    `algorithms` are those that `read` gives; files that lack one are read again. `restless` paths
    are being written just now and are left for another time.

    Unchanged files are neither opened nor mentioned. A file found elsewhere is the same work, and
    has moved; other content in the same place is a new version of the same work; the same bytes in
    two places are one work. Works whose files are gone stay, with all that was found or filed.
    """
    fresh: dict[str, FoundFile] = {}
    left = _Left()
    known = store.files.known(PASSING)
    changes = folder.changes(roots, known, folder.PICTURES, restless)
    yield from _sort(store, changes, fresh, left)
    yield from _follow_moves(store, fresh, left, clock)
    for algorithm in algorithms:
        for found in store.files.lacking(algorithm):
            # A work that has gone into the cloud since keeps the fingerprints that it has.
            if found.path not in left.files and not folder.is_in_the_cloud(found.path):
                fresh.setdefault(found.path, found)
    yield from _take_in(store, fresh, left, read, clock)
    with store.writing():
        for path in left.files:
            store.files.mark_gone(path, stamp(clock))
    for path in left.files:
        yield ScannedFile(path, FileState.GONE, _work_at(store, path))


class _Left:
    """Known files that are not where they were, to be recognised where they are now."""

    def __init__(self) -> None:
        self.files: dict[str, Placed] = {}
        self._by_identity: dict[tuple[int, int, int, int], str] = {}
        self._by_version: dict[int | None, list[str]] = {}

    def add(self, placed: Placed) -> None:
        path = placed.found.path
        self.files[path] = placed
        self._by_version.setdefault(placed.version, []).append(path)
        if placed.error is None:
            self._by_identity[_identity(placed.found)] = path

    def like(self, found: FoundFile) -> Placed | None:
        """The sound file that this one was before it was renamed, which touches nothing else."""
        path = self._by_identity.get(_identity(found))
        return self.files.get(path) if path is not None else None

    def with_version(self, version: int) -> str | None:
        """Where a version lay before."""
        paths = self._by_version.get(version, [])
        while paths and paths[-1] not in self.files:
            paths.pop()
        return paths[-1] if paths else None

    def drop(self, path: str) -> None:
        del self.files[path]


def _sort(
    store: Store, changes: Iterable[folder.Change], fresh: dict[str, FoundFile], left: _Left
) -> Iterator[ScannedFile]:
    """Put each change where it belongs, and say what is out of reach."""
    for change in changes:
        if isinstance(change, Problem):
            path = str(change.facts["path"])
            yield ScannedFile(path, FileState.UNREADABLE, None, change.kind)
        elif isinstance(change, folder.Gone):
            before = store.files.at(change.path)
            assert before is not None  # only known files can be gone
            left.add(before)
        else:
            fresh[change.path] = change


def _follow_moves(
    store: Store, fresh: dict[str, FoundFile], left: _Left, clock: Clock
) -> Iterator[ScannedFile]:
    """Recognise renamed files by what a rename does not touch, so that they need no decoding."""
    moved = []
    with store.writing():
        for found in list(fresh.values()):
            before = left.like(found)
            if before is not None:
                store.files.place(found, before.version)
                store.files.mark_gone(before.found.path, stamp(clock))
                left.drop(before.found.path)
                moved.append(fresh.pop(found.path))
    for found in moved:
        yield ScannedFile(found.path, FileState.MOVED, _work_at(store, found.path))


def _take_in(
    store: Store, fresh: dict[str, FoundFile], left: _Left, read: Reader, clock: Clock
) -> Iterator[Progress | ScannedFile]:
    readings = iter(read(fresh))
    done = 0
    while batch := list(islice(readings, KEPT_TOGETHER)):
        with store.writing():
            scanned = [
                _settle(store, fresh[path], reading, left, stamp(clock)) for path, reading in batch
            ]
        store.thumbnails.put(
            {read.sha256: read.thumbnail for _, read in batch if isinstance(read, Reading)}
        )
        done += len(batch)
        yield from scanned
        yield Progress("scan", done, len(fresh))


def _settle(
    store: Store, found: FoundFile, reading: Reading | Problem, left: _Left, now: str
) -> ScannedFile:
    """Decide whose work one file is, and make that a row."""
    if isinstance(reading, Problem):
        store.files.place(found, None, reading.kind)
        return ScannedFile(found.path, FileState.UNREADABLE, None, reading.kind)
    before = store.files.at(found.path)
    held = before.version if before else None
    version = store.works.version_with(reading.sha256)
    if version is not None:
        work, id_ = version.work, version.id
        state = _state_of_known(store, id_, held, left, now)
    else:
        work = _work_of(store, held, reading.sha256) or store.works.add(now)
        id_ = store.works.add_version(work, reading, now)
        state = FileState.CHANGED if held else FileState.NEW
    store.works.add_fingerprints(id_, reading.fingerprints)
    store.files.place(found, id_)
    return ScannedFile(found.path, state, work)


def _work_of(store: Store, held: int | None, sha256: bytes) -> int | None:
    """The work that was in this place, or of which this file is a marked copy, or has one."""
    return store.works.version(held).work if held else store.marks.work_of(sha256)


def _state_of_known(
    store: Store, version: int, held: int | None, left: _Left, now: str
) -> FileState:
    """A version that is already known has been touched, moved, put back or copied."""
    if held == version:
        return FileState.KNOWN
    old = left.with_version(version)
    if old is not None:
        store.files.mark_gone(old, now)
        left.drop(old)
        return FileState.MOVED
    return FileState.CHANGED if held else FileState.KNOWN


def _identity(found: FoundFile) -> tuple[int, int, int, int]:
    return found.device, found.inode, found.size, found.mtime_ns


def _work_at(store: Store, path: str) -> int | None:
    placed = store.files.at(path)
    return store.works.version(placed.version).work if placed and placed.version else None
