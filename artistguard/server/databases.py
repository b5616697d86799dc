# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The server's small database, in a file or on PostgreSQL: one way to ask for both.

It holds accounts and an index of the registry's log, in which the opt-outs themselves are.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from artistguard.errors import Kind, Offline, Problem

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
    """CREATE TABLE IF NOT EXISTS artistguard_entries (
        start BIGINT PRIMARY KEY,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        party TEXT,
        at TEXT NOT NULL
    )""",
    """CREATE INDEX IF NOT EXISTS artistguard_entries_of
        ON artistguard_entries (party, start)""",
)

_PATIENCE: Final = 10.0


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
    database: Database = SQLite(folder / "accounts.sqlite") if url is None else PostgreSQL(url)
    with database.asking() as ask:
        for table in TABLES:
            ask(table)
    return database


class SQLite:
    """The database in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def asking(self) -> Iterator[Ask]:
        """A transaction; see `Database`."""
        try:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield lambda sql, *values: connection.execute(sql, values).fetchall()
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise Offline(Kind.SERVER_DATABASE, reason=error.sqlite_errorname) from error

    def close(self) -> None:
        """Let go of all connections."""
        for connection in self._all:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._here, "connection", None)
        if found is None:
            found = sqlite3.connect(
                self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "trusted_schema = OFF"):
                found.execute(f"PRAGMA {pragma}")
            self._here.connection = found
            with self._lock:
                self._all.append(found)
        return found


class PostgreSQL:
    """The database on a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        try:
            import pg8000.dbapi  # noqa: PLC0415  # only who asks for PostgreSQL needs it
        except ImportError:
            raise Problem(Kind.SERVER_PART_MISSING, part="pg8000") from None
        self._driver = pg8000.dbapi
        self._where = _where(url)
        self._here = threading.local()

    @contextmanager
    def asking(self) -> Iterator[Ask]:
        """A transaction; see `Database`."""
        errors = (self._driver.Error, OSError, ValueError, IndexError)
        connection = self._connection()
        try:
            cursor = connection.cursor()

            def ask(sql: str, *values: object) -> list[Row]:
                cursor.execute(sql.replace("?", "%s"), values)
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

            yield ask
            connection.commit()
        except errors as error:
            # Whatever it was, the next one starts afresh.
            self._drop()
            raise Offline(Kind.SERVER_DATABASE, reason=type(error).__name__) from error
        except BaseException:
            with suppress(*errors):
                connection.rollback()
            raise

    def close(self) -> None:
        """Let go of this thread's connection; those of others end with their threads."""
        self._drop()

    def _connection(self) -> Any:
        if getattr(self._here, "connection", None) is None:
            try:
                self._here.connection = self._driver.connect(timeout=_PATIENCE, **self._where)
            except (self._driver.Error, OSError) as error:
                raise Offline(Kind.SERVER_DATABASE, reason=type(error).__name__) from error
        return self._here.connection

    def _drop(self) -> None:
        connection = getattr(self._here, "connection", None)
        self._here.connection = None
        if connection is not None:
            with suppress(self._driver.Error, OSError):
                connection.close()


def _where(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or parts.query or parts.fragment:
        raise Problem(Kind.BAD_USAGE, option="--database")
    host = unquote(parts.hostname or "localhost")
    return {
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or None,
        **({"unix_sock": host} if host.startswith("/") else {"host": host}),
        **({"port": parts.port} if parts.port else {}),
    }
