# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Small pictures of the artist's works in a file beside the database, which may be deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

FILE_NAME: Final = "thumbnails.sqlite"

_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Thumbnails:
    """Thumbnails by the SHA-256 of the file they are of, for one thread.

    Nothing rests on them: a file that is full or in use gives none and takes none, and one that is
    damaged or gone is begun anew and fills up again.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / FILE_NAME
        self._connection: sqlite3.Connection | None = None

    def get(self, sha256: bytes) -> bytes | None:
        """One thumbnail as JPEG, if there is one."""
        rows = self._try("SELECT jpeg FROM thumbnails WHERE sha256 = ?", [(sha256,)])
        return bytes(rows[0][0]) if rows else None

    def put(self, thumbnails: Mapping[bytes, bytes]) -> None:
        """Keep these, in one transaction."""
        self._try("INSERT OR IGNORE INTO thumbnails VALUES (?, ?)", list(thumbnails.items()))

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _try(self, statement: str, values: Sequence[tuple[bytes, ...]]) -> list[tuple[bytes, ...]]:
        """The rows that a statement gives for each of the values; none if it cannot be run."""
        try:
            if self._connection is None:
                self._connection = self._open()
            with self._connection as connection:
                return [row for value in values for row in connection.execute(statement, value)]
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                self._begin_anew()
        except OSError:
            pass  # a folder that cannot be written to
        return []

    def _open(self) -> sqlite3.Connection:
        self._path.touch(mode=0o600)  # they show what the artist has not published
        connection = sqlite3.connect(self._path, timeout=1.0)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")  # what is lost is made again
            connection.execute(
                "CREATE TABLE IF NOT EXISTS thumbnails (sha256 BLOB PRIMARY KEY, jpeg BLOB)"
            )
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin_anew(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                self._path.with_name(FILE_NAME + suffix).unlink()
