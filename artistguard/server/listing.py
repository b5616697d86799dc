# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What each account has filed, in order."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, Protocol

from artistguard.channels.storage import Storage
from artistguard.server.databases import Database
from artistguard.server.directory import lines

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS artistguard_entries (
        log TEXT NOT NULL,
        start BIGINT NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        party TEXT,
        at TEXT NOT NULL,
        PRIMARY KEY (log, start)
    )""",
    """CREATE INDEX IF NOT EXISTS artistguard_entries_of
        ON artistguard_entries (log, party, start)""",
)

_AT_ONCE: Final = 500  # SQLite counts the values of one statement
_COLUMNS: Final = 6


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the log; `start` is the byte at which it begins there."""

    start: int
    id: str
    kind: str
    at: str


class Listing(Protocol):
    """What a log holds by account. Every method raises Offline when the database is away."""

    def catch_up(self) -> None:
        """Take in what was filed since, whoever did."""

    def of(self, account: str, after: int, limit: int) -> list[Listed]:
        """The entries of an account that begin after a byte of the log, in order."""


class Index:
    """Follows a log that is a file, which is known by its first line; see `Listing`."""

    def __init__(self, log: Storage, database: Database) -> None:
        """Makes the tables when they are not there."""
        self._log = log
        self._database = database
        self._name = ""
        with database.asking() as ask:
            for table in TABLES:
                ask(table)

    def catch_up(self) -> None:
        """Take in what was filed since, whoever did."""
        if not self._log.size():
            return
        rows: list[tuple[object, ...]] = []
        with self._log.opened() as file:
            if not self._name:
                self._name = hashlib.sha256(file.readline()).hexdigest()
            known = self._last()
            for start, line in lines(file, max(known, 0)):
                if start > known:
                    rows.append((self._name, *row_of(start, json.loads(line))))
                if len(rows) == _AT_ONCE:
                    self._add(rows)
                    rows.clear()
        self._add(rows)

    def of(self, account: str, after: int, limit: int) -> list[Listed]:
        """The entries of an account that begin after a byte of the log, in order."""
        with self._database.asking() as ask:
            found = ask(
                "SELECT start, id, kind, at FROM artistguard_entries"
                " WHERE log = ? AND party = ? AND start > ? ORDER BY start LIMIT ?",
                self._name,
                account,
                after,
                limit,
            )
        return [Listed(*row) for row in found]

    def _last(self) -> int:
        with self._database.asking() as ask:
            [(last,)] = ask("SELECT max(start) FROM artistguard_entries WHERE log = ?", self._name)
        return -1 if last is None else int(last)

    def _add(self, rows: list[tuple[object, ...]]) -> None:
        if rows:
            places = ", ".join([f"({', '.join('?' * _COLUMNS)})"] * len(rows))
            with self._database.asking() as ask:
                ask(
                    f"INSERT INTO artistguard_entries VALUES {places} ON CONFLICT DO NOTHING",
                    *(value for row in rows for value in row),
                )


def row_of(start: int, document: dict[str, Any]) -> tuple[object, ...]:
    """Where an entry begins, its id, kind, account and moment."""
    entry = document["entry"]
    party = document.get("party", {}).get("id")
    return start, entry["id"], entry["kind"], party, entry["at"]
