# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the lines of the registry's log lie: the little that a log asks for, and a file.

A server may keep them in a database instead; see `server.logs`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from artistguard.channels.locks import held
from artistguard.errors import Kind, Stopped
from artistguard.writing import OWNER_ONLY, write

PATIENCE: Final = 60.0
"""Seconds to wait for another process that is writing; a batch takes less than one."""

MOVED: Final = "log.moved.jsonl"
"""What a log file is called once its entries were taken into a database."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Turn(Protocol):
    """A storage while no other process writes to it."""

    def append(self, start: int, lines: Sequence[bytes]) -> None:
        """Adds whole lines, the first of which begins at the byte `start`: all of them or none."""

    def keep(self, checkpoint: bytes) -> None:
        """Puts a signed checkpoint in the place of the last one."""

    def set_aside(self, start: int) -> bool:
        """Takes away the torn line that begins at a byte; whether that was all there was."""


class Storage(Protocol):
    """The lines of one log, one after the other, and the last checkpoint that was signed."""

    @property
    def name(self) -> str:
        """Where that is, for the person who is told of damage there."""

    @property
    def far(self) -> bool:
        """Whether it is on another machine, where a turn has to be short."""

    def size(self) -> int:
        """Bytes of the log so far, whoever wrote them."""

    def opened(self) -> BinaryIO:
        """The log for reading, from its beginning or any byte; what is there stays as it is."""

    def checkpoint(self) -> bytes | None:
        """The checkpoint that was kept last."""

    def turn(self) -> AbstractContextManager[Turn]:
        """Keeps other processes from writing, and waits until they have written.

        When it ends, all that was added in it is lasting. Raises Stopped (REGISTRY_BUSY,
        REGISTRY_MOVED) and OSError, or Offline when it is on another machine.
        """


class LogFile:
    """A log in a file, with its checkpoint and its lock beside it."""

    far: Final = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._checkpoint = path.with_name("checkpoint")

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def size(self) -> int:
        """Bytes of the file, the last of which may be of a torn line."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def opened(self) -> BinaryIO:
        """The file; raises FileNotFoundError before the first entry."""
        return self.path.open("rb")

    def checkpoint(self) -> bytes | None:
        """The checkpoint beside it."""
        try:
            return self._checkpoint.read_bytes()
        except FileNotFoundError:
            return None

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Holds the lock beside the file."""
        with held(self.path.with_suffix(".lock"), PATIENCE):
            if self.path.with_name(MOVED).exists():  # or a second log would begin here
                raise Stopped(Kind.REGISTRY_MOVED, path=str(self.path.parent))
            yield self

    def append(self, start: int, lines: Sequence[bytes]) -> None:
        """Writes to the file and onto the disk."""
        with _open_to_append(self.path) as file:
            try:
                _write_all(file, b"".join(lines))
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    os.truncate(self.path, start)
                raise
        if start == 0 and os.name != "nt":  # a new file's name is to last, too
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def keep(self, checkpoint: bytes) -> None:
        """Writes the checkpoint in one step."""
        write(self._checkpoint, checkpoint, mode=OWNER_ONLY)

    def set_aside(self, start: int) -> bool:
        """Moves what a crash left of a last line into a file beside the log.

        It was never answered for: its sender still holds it, and will send it again.
        """
        with self.opened() as file:
            file.seek(start)
            torn = file.read()
        if b"\n" in torn:
            return False
        with _open_to_append(self.path.with_suffix(".torn")) as aside:
            _write_all(aside, torn + b"\n")
            os.fsync(aside.fileno())
        os.truncate(self.path, start)
        return True


@contextmanager
def stopping(place: Path) -> Iterator[None]:
    """Turns what the system says against writing at `place` into Stopped."""
    try:
        yield
    except OSError as error:
        kind = Kind.DISK_FULL if error.errno in _FULL else Kind.DATA_NOT_WRITABLE
        raise Stopped(kind, path=str(place), reason=error.strerror) from error


def _open_to_append(path: Path) -> FileIO:
    """Opens for the owner only, and without a buffer that would still write after an error."""
    return open(path, "ab", buffering=0, opener=partial(os.open, mode=0o600))


def _write_all(file: FileIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
