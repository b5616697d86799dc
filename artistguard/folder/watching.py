# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Hints of what changes below portfolio folders, once it has settled; only a scan knows.

Systems tell of changes late, twice, under names that are not valid any more, or not at all. So an
event does no more than mark its path as restless, and whoever is told that paths have settled
scans the folders, and scans them now and then without being told.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from watchdog.events import (
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from artistguard.errors import Kind, Problem
from artistguard.folder.scanning import identity, normal, to_text

QUIET_SECONDS: Final = 2.0
"""A path on which nothing has happened for so long is taken for saved."""

GONE_SECONDS: Final = 10.0
"""Some programs delete a file before they put the new one in its place, and take their time."""

MOST_SECONDS: Final = 30.0
"""What never comes to rest is looked at all the same after so long."""

MOST_PATHS: Final = 20_000
"""Restless paths that are kept apart; of a larger storm only its having been is kept."""

_EVENTS: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileModifiedEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent),
    *(DirMovedEvent, DirDeletedEvent),
]
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
_OPEN_FILES = Path("/proc/self/fdinfo")
# Which of watchdog's loggers say that events were lost, and by which words.
_LOGGERS = ("watchdog.observers.inotify_c", "watchdog.observers.inotify")
_LOST = ("events were lost", "Unable to rebuild")
# No watch, or no queue of events, is left for this user.
_FULL = (errno.ENOSPC, errno.EMFILE)


@dataclass(frozen=True, slots=True)
class Stir:
    """What has happened to a path that has not settled: its first and last event, in seconds.

    `gone` says that by the last event there is nothing at the path any more.
    """

    first: float
    last: float
    gone: bool

    @property
    def settles_at(self) -> float:
        """When it may be looked at if nothing more happens."""
        patience = GONE_SECONDS if self.gone else QUIET_SECONDS
        return min(self.last + patience, self.first + MOST_SECONDS)


@dataclass(frozen=True, slots=True)
class Hints:
    """What may be looked at now, what had better be left alone, and when to ask again.

    Paths are in the spelling of `to_text`; that of a folder stands for all below it. `lost` says
    that there were more events than could be told of. `ask_at` is None while nothing is restless.
    """

    settled: frozenset[str] = frozenset()
    restless: frozenset[str] = frozenset()
    ask_at: float | None = None
    lost: bool = False


def stir(before: Stir | None, now: float, *, gone: bool) -> Stir:
    """The state of a path after one more event."""
    return Stir(before.first if before else now, now, gone)


def settle(stirs: Mapping[str, Stir], now: float) -> Hints:
    """Tell what has settled from what has not.

    All is waited for together, so that both ends of a move are looked at in one scan; but nothing
    waits longer than MOST_SECONDS for what others are doing.
    """
    if not stirs:
        return Hints()
    last = max(each.settles_at for each in stirs.values())
    ask_at = min(last, min(each.first for each in stirs.values()) + MOST_SECONDS)
    if now < ask_at:
        return Hints(restless=frozenset(stirs), ask_at=ask_at)
    settled = frozenset(path for path, each in stirs.items() if each.settles_at <= now)
    rest = {path: each for path, each in stirs.items() if path not in settled}
    return replace(settle(rest, now), settled=settled)


class Watch:
    """Folders that are being watched, until `close`.

    `problem` says why not all of them are (WATCH_LIMIT): changes there are found by scans alone.
    """

    def __init__(
        self,
        roots: Iterable[str],
        suffixes: frozenset[str],
        wake: Callable[[], None],
        clock: Callable[[], float],
        limit: int | None,
    ) -> None:
        self.problem: Problem | None = None
        self._roots = _identities(map(normal, roots))
        self._suffixes = suffixes
        self._wake = wake
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._stirs: dict[str, Stir] = {}
        self._lost = False
        self._ghosts = False
        self._ear = _Ear(self.lose)
        self._observer: BaseObserver | None = None
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop watching and end all threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
        for name in _LOGGERS:  # last, for up to then there may be something to hear
            logging.getLogger(name).removeFilter(self._ear)

    def hints(self) -> Hints:
        """What has settled, each path once."""
        with self._lock:
            hints = replace(settle(self._stirs, self._clock()), lost=self._lost)
            for path in hints.settled:
                del self._stirs[path]
            renew = hints.lost or (self._ghosts and bool(hints.settled))
            self._lost = False
            self._ghosts = self._ghosts and not renew
        if renew:
            self.close()
            self._begin()
        return hints

    def is_of(self, roots: Iterable[str]) -> bool:
        """Whether these are the folders that are watched, and still the same ones on the disk.

        A folder on a drive that was unplugged, or plugged in again, is another one.
        """
        return _identities(roots) == self._roots

    def note(self, path: str, *, gone: bool, folder: bool = False) -> None:
        """Mark a path as restless.

        A folder that is gone may have been moved to where it does not concern us. It would be
        watched there, under its old name, were it not forgotten once that has settled.
        """
        text = to_text(path)
        with self._lock:
            self._ghosts |= gone and folder
            if text not in self._stirs and len(self._stirs) >= MOST_PATHS:
                self._lost = True
                return
            first = not self._stirs
            self._stirs[text] = stir(self._stirs.get(text), self._clock(), gone=gone)
        if first:
            self._wake()

    def lose(self) -> None:
        """Remember that events were lost, and that folders made meanwhile may not be watched."""
        with self._lock:
            self._lost = True
        self._wake()

    def _begin(self) -> None:
        """Start to watch; what cannot be watched becomes the `problem`."""
        targets = _targets(self._roots)
        folders = sum(target.count() for target in targets)
        full = self._limit is not None and folders > self._limit
        if not full:
            held = _watches_held()
            try:
                self._observe(targets)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                full = True
            else:
                # A folder further down that could not be watched is passed over without a word.
                least = min(folders, sum(target.count() for target in targets))
                full = self._limit is not None and _watches_held() - held < least
        if full:
            self.close()
        facts = {"folders": folders, "limit": self._limit}
        self.problem = Problem(Kind.WATCH_LIMIT, **facts) if full else None

    def _observe(self, targets: Iterable[_Target]) -> None:
        # It warns, and names folders, when one that had been moved out comes back.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._ear)
        observer = self._observer = Observer()
        observer.start()
        for target in targets:
            handler = _Handler(self, target, self._suffixes, frozenset(self._roots))
            try:
                observer.schedule(
                    handler, target.real, recursive=target.recursive, event_filter=_EVENTS
                )
            except OSError as error:
                if error.errno in _FULL:
                    raise
                # Else it is gone again or out of reach, which is the scan's to tell.


def watch(
    roots: Iterable[str],
    suffixes: frozenset[str],
    wake: Callable[[], None],
    clock: Callable[[], float] = time.monotonic,
    limit: int | None = None,
) -> Watch:
    """Watch folders, and single files, for pictures that come, change and go.

    Args:
        roots: Folders or files as the artist named them; those that are missing are passed over.
        suffixes: Endings of picture files, lower case with the dot.
        wake: Called from another thread when `Watch.hints` has something to say after silence.
        clock: Seconds that never go back.
        limit: How many folders may be watched; by default what Linux says, elsewhere no limit.

    Links to folders below a root are not followed. Nothing is opened.
    """
    return Watch(roots, suffixes, wake, clock, _system_limit() if limit is None else limit)


@dataclass(frozen=True, slots=True)
class _Target:
    """One folder to be watched, as it is named and under its real name."""

    shown: str
    real: str
    recursive: bool

    def count(self) -> int:
        """How many folders that takes; each needs a watch of its own."""
        return sum(1 for _ in os.walk(self.real)) if self.recursive else 1


class _Handler(FileSystemEventHandler):
    """Passes on what concerns pictures, under the names that a scan uses."""

    def __init__(
        self, watch: Watch, target: _Target, suffixes: frozenset[str], named: frozenset[str]
    ) -> None:
        self._watch = watch
        self._target = target
        self._suffixes = suffixes
        self._named = named

    def dispatch(self, event: FileSystemEvent) -> None:
        source = self._wanted(event.src_path, folder=event.is_directory)
        target = self._wanted(event.dest_path, folder=event.is_directory)
        if source:
            # One that has only moved is not waited for: the other end shows where it is.
            gone = not target and not isinstance(
                event, FileCreatedEvent | FileModifiedEvent | FileClosedEvent
            )
            self._watch.note(source, gone=gone, folder=event.is_directory)
        if target:
            self._watch.note(target, gone=False)

    def _wanted(self, real: bytes | str, *, folder: bool) -> str | None:
        """The name under which a scan would find the path, unless none would."""
        if not real:
            return None
        path = self._target.shown + os.fsdecode(real)[len(self._target.real) :]
        name = os.path.basename(path)
        picture = folder or os.path.splitext(name)[1].lower() in self._suffixes
        wanted = path in self._named or (picture and not name.startswith("."))
        return path if wanted else None


class _Ear(logging.Filter):
    """Hears in the log that events were lost, which is told nowhere else.

    Such lines name folders of the artist, so they go on as lines for debugging only.
    """

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__()
        self._lost = lost

    def filter(self, record: logging.LogRecord) -> bool:
        if any(word in str(record.msg) for word in _LOST):
            self._lost()
        record.levelno = logging.DEBUG
        record.levelname = logging.getLevelName(logging.DEBUG)
        return True


def _identities(roots: Iterable[str]) -> dict[str, tuple[int, int] | None]:
    return {root: identity(root) for root in roots}


def _targets(roots: Mapping[str, tuple[int, int] | None]) -> list[_Target]:
    """What to watch for the roots that are there: no folder twice."""
    wanted = {}
    for root, there in roots.items():
        if there is not None:
            recursive = os.path.isdir(root)
            shown = root if recursive else os.path.dirname(root)
            real = os.path.realpath(shown)
            if recursive or real not in wanted:
                wanted[real] = _Target(shown, real, recursive)
    above = [os.path.join(target.real, "") for target in wanted.values() if target.recursive]
    return [target for target in wanted.values() if not target.real.startswith(tuple(above))]


def _system_limit() -> int | None:
    try:
        return int(_LIMIT.read_bytes())
    except (OSError, ValueError):
        return None


def _watches_held() -> int:
    """How many folders this process watches, by Linux's /proc (see proc(5), fdinfo)."""
    held = 0
    for number in os.listdir(_OPEN_FILES) if _OPEN_FILES.exists() else ():
        try:
            lines = (_OPEN_FILES / number).read_bytes().splitlines()
        except OSError:  # closed meanwhile
            continue
        held += sum(line.startswith(b"inotify ") for line in lines)
    return held
