# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The index of the log in the database: what each account has filed, in order."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from artistguard.server.databases import Database
from artistguard.server.directory import lines

_AT_ONCE: Final = 500  # SQLite and PostgreSQL count the values of one statement
_COLUMNS: Final = 6


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the log; `start` is the byte at which it begins there."""

    start: int
    id: str
    kind: str
    at: str


class Listing:
    """Follows a log, which is known by its first line: a database may serve several servers.

    Every method raises Offline when the database is away.
    """

    def __init__(self, log: Path, database: Database) -> None:
        self._log = log
        self._database = database
        self._name = ""

    def catch_up(self) -> None:
        """Take in what was filed since, whoever did."""
        if not self._log.exists():
            return
        rows: list[tuple[object, ...]] = []
        with self._log.open("rb") as file:
            if not self._name:
                self._name = hashlib.sha256(file.readline()).hexdigest()
            known = self._last()
            for start, line in lines(file, max(known, 0)):
                if start > known:
                    rows.append((self._name, *_row(start, json.loads(line))))
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


def _row(start: int, document: dict[str, Any]) -> tuple[object, ...]:
    entry = document["entry"]
    party = document.get("party", {}).get("id")
    return start, entry["id"], entry["kind"], party, entry["at"]
