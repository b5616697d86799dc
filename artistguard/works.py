# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""File changes become new, changed, moved and gone works, and what is new is fingerprinted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice

from artistguard import folder, pictures
from artistguard.errors import Problem
from artistguard.models import (
    Clock,
    FileState,
    FoundFile,
    Progress,
    Reading,
    ScannedFile,
    stamp,
)
from artistguard.store import Store

Reader = Callable[[Iterable[str]], Iterator[tuple[str, Reading | Problem]]]
"""Reads picture files, in any order, each to a reading or to what is wrong with it."""

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
    gone: dict[str, FoundFile] = {}
    changes = folder.changes(roots, store.files.known(), pictures.SUFFIXES, restless)
    yield from _sort(store, changes, fresh, gone)
    yield from _follow_moves(store, fresh, gone, clock)
    for algorithm in algorithms:
        for found in store.files.lacking(algorithm):
            if found.path not in gone:
                fresh.setdefault(found.path, found)
    yield from _take_in(store, fresh, gone, read, clock)
    with store.writing():
        for path in gone:
            store.files.mark_gone(path, stamp(clock))
    for path in gone:
        yield ScannedFile(path, FileState.GONE, _work_at(store, path))


def _sort(
    store: Store,
    changes: Iterable[folder.Change],
    fresh: dict[str, FoundFile],
    gone: dict[str, FoundFile],
) -> Iterator[ScannedFile]:
    """Put each change where it belongs, and say what is out of reach."""
    for change in changes:
        if isinstance(change, Problem):
            path = str(change.facts["path"])
            yield ScannedFile(path, FileState.UNREADABLE, None, change.kind)
        elif isinstance(change, folder.Gone):
            before = store.files.at(change.path)
            assert before is not None  # only known files can be gone
            gone[change.path] = before[0]
        else:
            fresh[change.path] = change


def _follow_moves(
    store: Store, fresh: dict[str, FoundFile], gone: dict[str, FoundFile], clock: Clock
) -> Iterator[ScannedFile]:
    """Recognise renamed files by what a rename does not touch, so that they need no decoding."""
    left = {_identity(found): found.path for found in gone.values()}
    moved = [
        (found, old)
        for found in fresh.values()
        if (old := left.pop(_identity(found), None)) is not None
    ]
    with store.writing():
        for found, old in moved:
            before = store.files.at(old)
            if before is None or before[1] is None:
                continue
            store.files.place(found, before[1])
            store.files.mark_gone(old, stamp(clock))
            del fresh[found.path], gone[old]
    for found, _ in moved:
        if found.path not in fresh:
            yield ScannedFile(found.path, FileState.MOVED, _work_at(store, found.path))


def _take_in(
    store: Store,
    fresh: dict[str, FoundFile],
    gone: dict[str, FoundFile],
    read: Reader,
    clock: Clock,
) -> Iterator[Progress | ScannedFile]:
    readings = iter(read(fresh))
    done = 0
    while batch := list(islice(readings, KEPT_TOGETHER)):
        with store.writing():
            scanned = [
                _settle(store, fresh[path], reading, gone, stamp(clock)) for path, reading in batch
            ]
        done += len(batch)
        yield from scanned
        yield Progress("scan", done, len(fresh))


def _settle(
    store: Store,
    found: FoundFile,
    reading: Reading | Problem,
    gone: dict[str, FoundFile],
    now: str,
) -> ScannedFile:
    """Decide whose work one file is, and make that a row."""
    if isinstance(reading, Problem):
        store.files.place(found, None, reading.kind)
        return ScannedFile(found.path, FileState.UNREADABLE, None, reading.kind)
    before = store.files.at(found.path)
    held = before[1] if before else None
    version = store.works.version_with(reading.sha256)
    if version is not None:
        work, id_ = version.work, version.id
        state = _state_of_known(store, id_, held, gone, now)
    else:
        work = store.works.version(held).work if held else store.works.add(now)
        id_ = store.works.add_version(work, reading, now)
        state = FileState.CHANGED if held else FileState.NEW
    store.works.add_fingerprints(id_, reading.fingerprints)
    store.files.place(found, id_)
    return ScannedFile(found.path, state, work)


def _state_of_known(
    store: Store, version: int, held: int | None, gone: dict[str, FoundFile], now: str
) -> FileState:
    """A version that is already known has been touched, moved, put back or copied."""
    if held == version:
        return FileState.KNOWN
    for path in gone:
        before = store.files.at(path)
        if before is not None and before[1] == version:
            store.files.mark_gone(path, now)
            del gone[path]
            return FileState.MOVED
    return FileState.CHANGED if held else FileState.KNOWN


def _identity(found: FoundFile) -> tuple[int, int, int, int]:
    return found.device, found.inode, found.size, found.mtime_ns


def _work_at(store: Store, path: str) -> int | None:
    before = store.files.at(path)
    return store.works.version(before[1]).work if before and before[1] else None
