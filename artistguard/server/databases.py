# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The server's small database, in a file or on PostgreSQL: one way to ask for both.

It holds accounts. Of the registry's log, a file holds an index (`listing`) and PostgreSQL all of it
(`logs`).
"""

from __future__ import annotations

import queue
import socket
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from artistguard.errors import Kind, Offline, Problem, Stopped

Row = tuple[Any, ...]
Ask = Callable[..., list[Row]]
"""A question in SQL with `?` for its values, which follow; its rows."""

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS artistguard_keys (
        id TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        secret_sha256 TEXT NOT NULL,
        scopes TEXT NOT NULL,
        per_day BIGINT NOT NULL,
        created_at TEXT NOT NULL,
        revoked_at TEXT
    )""",
    """CREATE TABLE IF NOT EXISTS artistguard_spent (
        account TEXT NOT NULL,
        day TEXT NOT NULL,
        entries BIGINT NOT NULL,
        PRIMARY KEY (account, day)
    )""",
)

FILE: Final = "accounts.sqlite"
ACCOUNTS: Final = ("artistguard_keys", "artistguard_spent")

_PATIENCE: Final = 10.0
_PORT: Final = 5432


class Database(Protocol):
    """Short transactions, each thread on a connection of its own."""

    def asking(self) -> Any:
        """A transaction as a context: gives `Ask`, and at its end all that was written is lasting.

        Raises Offline(SERVER_DATABASE, reason) when the database cannot be used now.
        """

    def close(self) -> None:
        """Let go of all connections."""


def opened(url: str | None, folder: Path) -> Database:
    """The database at a ``postgresql://`` address, or without one in a file in the folder.

    Its tables are made when they are not there. Raises Problem (BAD_USAGE, SERVER_PART_MISSING)
    and Offline.
    """
    database: Database = SQLite(folder / FILE) if url is None else PostgreSQL(url)
    with database.asking() as ask:
        for table in TABLES:
            ask(table)
    return database


class SQLite:
    """The database in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()

    @contextmanager
    def asking(self) -> Iterator[Ask]:
        """A transaction; see `Database`."""
        try:
            connection = self._connection()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield lambda sql, *values: connection.execute(sql, values).fetchall()
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._idle.put(connection)
        except sqlite3.Error as error:
            raise Offline(Kind.SERVER_DATABASE, reason=error.sqlite_errorname) from error

    def close(self) -> None:
        """Let go of all connections."""
        while not self._idle.empty():
            self._idle.get().close()

    def _connection(self) -> sqlite3.Connection:
        with suppress(queue.Empty):
            return self._idle.get_nowait()
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        return connection


class PostgreSQL:
    """The database on a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        try:
            import pg8000.dbapi  # noqa: PLC0415  # only who asks for PostgreSQL needs it
        except ImportError:
            raise Problem(Kind.SERVER_PART_MISSING, part="pg8000") from None
        self._driver = pg8000.dbapi
        self._where, self._who = _where(url)
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    @contextmanager
    def asking(self) -> Iterator[Ask]:
        """A transaction; see `Database`."""
        # The driver says some of what goes wrong on the line in errors of the parts it is made of.
        errors = (self._driver.Error, OSError, ValueError, IndexError, struct.error)
        try:
            connection = self._connection()
        except errors as error:
            raise Offline(Kind.SERVER_DATABASE, reason=type(error).__name__) from error
        sound = False
        try:
            cursor = connection.cursor()

            def ask(sql: str, *values: object) -> list[Row]:
                try:
                    cursor.execute(sql.replace("?", "%s"), values)
                    return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
                except errors as error:
                    raise _fault(error) from error

            yield ask
            try:
                connection.commit()
            except errors as error:
                raise Offline(Kind.SERVER_DATABASE, reason=type(error).__name__) from error
            sound = True
        except Offline:
            self.close()  # what cut this one off has mostly cut off those that wait, too
            raise
        finally:
            if sound:
                self._idle.put(connection)
            else:  # whatever it was, the next one starts afresh
                with suppress(*errors):
                    connection.close()

    def close(self) -> None:
        """Let go of all connections."""
        while not self._idle.empty():
            with suppress(self._driver.Error, OSError):
                self._idle.get().close()

    def _connection(self) -> Any:
        with suppress(queue.Empty):
            return self._idle.get_nowait()
        line = _connected(self._where)
        try:
            return self._driver.connect(sock=line, **self._who)
        except BaseException:
            line.close()
            raise


def _fault(error: Exception) -> Problem:
    """What to say of an error of the driver."""
    match error.args:
        case ({"C": "55P03"},):  # lock_not_available: others held it for too long
            return Stopped(Kind.REGISTRY_BUSY)
    return Offline(Kind.SERVER_DATABASE, reason=type(error).__name__)


def _connected(where: str | tuple[str, int]) -> socket.socket:
    if isinstance(where, tuple):
        return socket.create_connection(where, _PATIENCE)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(_PATIENCE)
    try:
        line.connect(where)
    except OSError:
        line.close()
        raise
    return line


def _where(url: str) -> tuple[str | tuple[str, int], dict[str, str | None]]:
    """Where to connect to, and as whom; a host that begins with a slash is a socket's folder."""
    parts = urlsplit(url)
    host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0]) or "localhost"
    try:
        port = parts.port or _PORT
    except ValueError:
        port = 0
    if parts.scheme not in {"postgres", "postgresql"} or parts.query or parts.fragment or not port:
        raise Problem(Kind.BAD_USAGE, option="--database")
    who = {
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or None,
    }
    return (f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)), who
