# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opens the artist's SQLite file: migrations, transactions, and SQLite's errors in our words."""

from __future__ import annotations

import os
import sqlite3
import threading
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from artistguard.errors import Damaged, Kind, Problem, Stopped
from artistguard.store.schema import STEPS

FILE_NAME = "artistguard.sqlite"

W = TypeVar("W", bound=StrEnum)

BUSY_SECONDS = 30.0

_MAKING = threading.Lock()
"""Held while a new file is made, so that no connection is opened before it is closed again."""

_KINDS = {
    sqlite3.SQLITE_FULL: (Stopped, Kind.DISK_FULL),
    sqlite3.SQLITE_READONLY: (Stopped, Kind.DATA_NOT_WRITABLE),
    sqlite3.SQLITE_CANTOPEN: (Stopped, Kind.DATA_NOT_WRITABLE),
    sqlite3.SQLITE_PERM: (Stopped, Kind.DATA_NOT_WRITABLE),
    sqlite3.SQLITE_IOERR: (Stopped, Kind.READ_FAILED),
    sqlite3.SQLITE_BUSY: (Stopped, Kind.DATABASE_BUSY),
    sqlite3.SQLITE_LOCKED: (Stopped, Kind.DATABASE_BUSY),
    sqlite3.SQLITE_CORRUPT: (Damaged, Kind.DATABASE_DAMAGED),
    sqlite3.SQLITE_NOTADB: (Damaged, Kind.DATABASE_DAMAGED),
}


class Database:
    """One connection of one thread; every question goes through it.

    Where the folder or the file cannot be written, it can be looked at all the same. Raises Stopped
    (disk full, not writable, busy) or Damaged from any question.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        read_only = _is_read_only(path)
        with self._translated():
            if not read_only:
                _make_private(path)
            where = f"{path.absolute().as_uri()}?{_how_to_look(path)}" if read_only else path
            self._connection = sqlite3.connect(
                where, timeout=BUSY_SECONDS, isolation_level=None, uri=read_only
            )
            try:
                self._prepare(read_only=read_only)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self, *, read_only: bool) -> None:
        for pragma in (
            *(() if read_only else ("journal_mode = WAL",)),
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        version = self._user_version()
        if version > len(STEPS):
            raise Problem(Kind.DATABASE_NEWER, path=self.path, found=version, known=len(STEPS))
        if read_only and version < len(STEPS):
            raise Stopped(Kind.DATA_NOT_WRITABLE, path=self.path)
        if 0 < version < len(STEPS):
            self._back_up(version)
        for number, step in enumerate(STEPS[version:], start=version + 1):
            self._migrate(number, step)

    def _user_version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _back_up(self, version: int) -> None:
        self.copy(self.path.with_name(f"{self.path.name}.before-{version + 1}"))

    def copy(self, into: Path) -> None:
        """Write all there is into another file, while others may go on writing."""
        with self._translated():
            _make_private(into)
            with sqlite3.connect(into) as copy:
                self._connection.backup(copy)
            copy.close()

    def _migrate(self, number: int, step: str) -> None:
        """Take one step and record it in the same transaction, unless another process just has."""
        with self.writing():
            if self._user_version() >= number:
                return
            for statement in _statements(step):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {number}")

    def ask(self, question: str, values: Sequence[object] = ()) -> Iterator[tuple[object, ...]]:
        """The rows of one SELECT, one at a time."""
        with self._translated():
            # `yield from` would close the cursor of a question that nobody finished reading, which
            # fails when the database was closed before.
            for row in self._connection.execute(question, values):  # noqa: UP028  # see above
                yield row

    def numbers(self, question: str, values: Sequence[object] = ()) -> array[int]:
        """The numbers that one SELECT of one column gives, all at once and therefore quickly."""
        with self._translated():
            return array("q", chain.from_iterable(self._connection.execute(question, values)))

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Several questions that see the same state, whatever others write meanwhile."""
        with self._translated():
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")  # nothing was written

    def first(self, question: str, values: Sequence[object] = ()) -> Any:
        """The first row of one SELECT, or None; nothing is left open."""
        with self._translated():
            return self._connection.execute(question, values).fetchone()

    def say(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement that writes; the number of rows it changed."""
        with self._translated():
            return self._connection.execute(statement, values).rowcount

    def insert(self, statement: str, values: Sequence[object] = ()) -> int:
        """Insert one row; its id."""
        with self._translated():
            row = self._connection.execute(statement, values).lastrowid
        assert row is not None
        return row

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One short transaction, begun IMMEDIATE so that waiting for another writer works."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def check(self) -> list[str]:
        """What SQLite's own check finds wrong with the file; nothing when it is sound."""
        return [str(row[0]) for row in self.ask("PRAGMA quick_check(20)") if row[0] != "ok"]

    def close(self) -> None:
        """Close the connection; the last one folds the write-ahead log back into the file."""
        self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            # Without a code it is Python that cannot take what SQLite gave, such as bad text.
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
            fate = _KINDS.get(code & 0xFF)
            if fate is None:
                raise
            raise fate[0](fate[1], path=self.path) from error


def word(kind: type[W], text: str) -> W:
    """A word of ours as it was written. Raises Damaged for one that we never write."""
    try:
        return kind(text)
    except ValueError:
        raise Damaged(Kind.DATABASE_DAMAGED, path=FILE_NAME) from None


def containing(text: str) -> str:
    """A pattern for `LIKE ? ESCAPE '!'` that finds what has this text somewhere in it."""
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"%{text}%"


def _is_read_only(path: Path) -> bool:
    """Whether a database is there that we may not write to, or not beside."""
    may_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return os.path.isfile(path) and not may_write  # noqa: PTH113  # raises nothing where forbidden


def _how_to_look(path: Path) -> str:
    """How SQLite is told to read a file that it may write nothing beside.

    Without a write-ahead log all that was said is in the file, and nobody has it open; with one,
    SQLite needs its index, and refuses where that is not there.
    """
    log = path.with_name(f"{path.name}-wal")
    return "mode=ro" if log.exists() else "mode=ro&immutable=1"


def _make_private(path: Path) -> None:
    """Let the owner alone read a new database; it names every work and where it lies.

    One that is there is not opened: closing it again would, as POSIX has it, let go of every lock
    that other connections of this process hold on it. The next process to close it would then take
    itself for the last, and delete the log that these go on writing to.
    """
    try:
        with _MAKING:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=path, reason=error.strerror) from error


def _statements(script: str) -> Iterator[str]:
    """The single statements of a script; sqlite3's own `executescript` would commit midway."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
