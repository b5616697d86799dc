# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The registry's log in a table of PostgreSQL, to which several servers may append.

A row is one line, at the byte where it begins in the log: put together in this order, the lines are
what `proof` describes as a log. A batch and the checkpoint over it are one transaction, and those
follow each other, since each begins by taking the same lock. Whatever comes between, a constraint
keeps every id to one entry and every byte to one line.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final

from artistguard import proof
from artistguard.channels.storage import Turn
from artistguard.errors import Kind, Offline
from artistguard.server.databases import Ask, Database
from artistguard.server.listing import Listed, row_of

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS artistguard_log (
        start BIGINT PRIMARY KEY,
        line BYTEA NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        party TEXT,
        at TEXT NOT NULL
    )""",
    # A key and a text introduce themselves once, an entry is filed once and ended once.
    """CREATE UNIQUE INDEX IF NOT EXISTS artistguard_log_once ON artistguard_log (id, (CASE
        WHEN kind IN ('key', 'terms') THEN kind
        WHEN kind IN ('withdrawal', 'revocation') THEN 'end'
        ELSE 'entry' END))""",
    "CREATE INDEX IF NOT EXISTS artistguard_log_of ON artistguard_log (party, start)",
    """CREATE TABLE IF NOT EXISTS artistguard_checkpoint (
        last BOOLEAN PRIMARY KEY CHECK (last),
        note BYTEA NOT NULL
    )""",
)

_LOCK: Final = 0x6172_7469_7374  # any number that other programs are unlikely to take
_PIECE: Final = 1 << 13  # enough for a line or a few ...
_LARGEST: Final = 1 << 20  # ... and for many, once they are read one after the other
_SETTINGS: Final = {
    "lock_timeout": "8s",
    "idle_in_transaction_session_timeout": "60s",  # of a machine that is gone without a word
    "synchronous_commit": "on",  # an answer is given for what is lasting only
}


class LogTable:
    """A log in the database; see `Storage`. Every method raises Offline when it is away."""

    name: Final = "artistguard_log"
    far: Final = True

    def __init__(self, database: Database) -> None:
        """Makes the tables when they are not there."""
        self._database = database
        with database.asking() as ask:
            _lock(ask)  # two servers that start at once would both make them
            for table in TABLES:
                ask(table)

    def size(self) -> int:
        """Bytes of all lines."""
        with self._database.asking() as ask:
            rows = ask(
                "SELECT start + octet_length(line) FROM artistguard_log ORDER BY start DESC LIMIT 1"
            )
        return int(rows[0][0]) if rows else 0

    def opened(self) -> BinaryIO:
        """The lines as one file, read as they are asked for."""
        return io.BufferedReader(_Lines(self._database), _PIECE)

    def checkpoint(self) -> bytes | None:
        """The last checkpoint that a server signed."""
        with self._database.asking() as ask:
            rows = ask("SELECT note FROM artistguard_checkpoint")
        return rows[0][0] if rows else None

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """One transaction, which waits for those of other servers."""
        with self._database.asking() as ask:
            names = ", ".join(["set_config(?, ?, true)"] * len(_SETTINGS))
            ask(f"SELECT {names}", *(part for pair in _SETTINGS.items() for part in pair))
            _lock(ask)
            yield _TableTurn(ask)

    def catch_up(self) -> None:
        """Nothing is to be done: what is filed is listed; see `Listing`."""

    def of(self, account: str, after: int, limit: int) -> list[Listed]:
        """The entries of an account that begin after a byte of the log, in order."""
        with self._database.asking() as ask:
            found = ask(
                "SELECT start, id, kind, at FROM artistguard_log"
                " WHERE party = ? AND start > ? ORDER BY start LIMIT ?",
                account,
                after,
                limit,
            )
        return [Listed(*row) for row in found]


class _TableTurn:
    """The table while this transaction holds the lock."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def append(self, start: int, lines: Sequence[bytes]) -> None:
        """Adds rows, which count once the transaction has ended."""
        rows = []
        at = start
        for line in lines:
            rows.append((len(line), *row_of(at, json.loads(line))))
            at += len(line)
        self._must_follow(start, lines[0])
        lengths, starts, *columns = (list(column) for column in zip(*rows, strict=True))
        # All lines are one value, from which each row cuts its own: that is quickest by far.
        self._ask(
            "INSERT INTO artistguard_log"
            " SELECT start, substring(lines FROM (start - first + 1)::int FOR length),"
            " id, kind, party, at"
            " FROM (SELECT ?::bytea AS lines, ?::bigint AS first) AS sent,"
            " unnest(?::int[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[])"
            " AS each (length, start, id, kind, party, at)",
            b"".join(lines),
            start,
            lengths,
            starts,
            *columns,
        )

    def keep(self, checkpoint: bytes) -> None:
        """Puts the checkpoint in the place of the last one, in the same transaction."""
        self._ask(
            "INSERT INTO artistguard_checkpoint VALUES (true, ?)"
            " ON CONFLICT (last) DO UPDATE SET note = excluded.note",
            checkpoint,
        )

    def set_aside(self, start: int) -> bool:  # noqa: ARG002  # the protocol's
        """No line is ever torn here, so it is damage."""
        return False

    def _must_follow(self, start: int, line: bytes) -> None:
        """Raises Offline when this is no longer the log that the line was linked to.

        So it is after a database was put back from a backup that knew less, and others filed there.
        """
        rows = self._ask(
            "SELECT start + octet_length(line), line FROM artistguard_log"
            " ORDER BY start DESC LIMIT 1"
        )
        end, last = rows[0] if rows else (0, None)
        head = proof.digest(last[:-1]) if last is not None else proof.NO_ENTRY
        if end != start or json.loads(line)["entry"]["prev"] != head:
            raise Offline(Kind.SERVER_DATABASE, reason="its log is another one than before")


class _Lines(io.RawIOBase):
    """The log from a byte on, in a question for each piece."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._at = 0
        self._start, self._held = 0, b""  # what was fetched, and where it begins
        self._piece = _PIECE

    def readable(self) -> bool:
        """It is, and nothing else."""
        return True

    def seekable(self) -> bool:
        """From the beginning, or from where it is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a byte."""
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("its end moves")
        self._at = offset + (self._at if whence == io.SEEK_CUR else 0)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what CPython gives
        """Fills the buffer as far as there are lines."""
        if not 0 <= self._at - self._start < len(self._held):
            self._fetch()
        found = self._held[self._at - self._start :][: len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _fetch(self) -> None:
        """Asks for the lines from here on, for more of them each time that it goes straight on."""
        goes_on = self._held and self._at == self._start + len(self._held)
        self._piece = min(2 * self._piece, _LARGEST) if goes_on else _PIECE
        with self._database.asking() as ask:
            rows = ask(
                "SELECT start, line FROM artistguard_log WHERE start >="
                " (SELECT max(start) FROM artistguard_log WHERE start <= ?)"
                " AND start < ? ORDER BY start",
                self._at,
                self._at + self._piece,
            )
        self._start = rows[0][0] if rows else self._at
        self._held = b"".join(line for _, line in rows)


def _lock(ask: Ask) -> None:
    """Waits until no other transaction holds the lock; it ends with this one."""
    ask("SELECT count(pg_advisory_xact_lock(?))", _LOCK)
