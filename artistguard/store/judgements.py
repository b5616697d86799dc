# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the artist said of matches: sought by it, given for many at once, and taken back."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from artistguard.models import Band, Verdict
from artistguard.store.database import Database, containing, word


@dataclass(frozen=True, slots=True)
class SoughtMatches:
    """Which matches are sought; None for whatever it be.

    `decided` says whether by the artist. `text` is looked for in the work's path and in the entry's
    address and caption.
    """

    band: Band | None = None
    decided: bool | None = None
    verdict: Verdict | None = None
    dataset: str | None = None
    host: str | None = None
    work: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing the artist did: so many matches got this verdict (None: it was taken back)."""

    number: int
    verdict: Verdict | None
    matches: int
    decided_at: str


class Judgements:
    """Verdicts on matches, in acts, and the hosts whose copies are allowed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seek(self, sought: SoughtMatches) -> array[int]:
        """The matches that are sought by id, those of one work together, the nearest first."""
        where, values = _where(sought)
        rows: Iterator[Any] = self._db.ask(
            f"SELECT id FROM matches WHERE {where} ORDER BY work, distance, id", values
        )
        return array("q", (match for (match,) in rows))

    def works(self, sought: SoughtMatches) -> list[int]:
        """The works that are seen in the matches that are sought, by id."""
        where, values = _where(sought)
        rows: Iterator[Any] = self._db.ask(
            f"SELECT DISTINCT work FROM matches WHERE {where} AND work IS NOT NULL ORDER BY work",
            values,
        )
        return [work for (work,) in rows]

    def counts(self, sought: SoughtMatches) -> dict[tuple[Band, Verdict | None], int]:
        """How many of the matches that are sought are in which band and have which verdict."""
        where, values = _where(sought)
        rows: Iterator[Any] = self._db.ask(
            f"SELECT band, verdict, count(*) FROM matches WHERE {where} GROUP BY band, verdict",
            values,
        )
        return {
            (word(Band, band), word(Verdict, verdict) if verdict else None): count
            for band, verdict, count in rows
        }

    def datasets(self) -> list[tuple[str, int]]:
        """The data sets in which something was found, with how much."""
        rows: Iterator[Any] = self._db.ask(
            "SELECT dataset, count(*) FROM matches GROUP BY dataset ORDER BY dataset"
        )
        return list(rows)

    def hosts(self, most: int) -> list[tuple[str, int]]:
        """Where copies lie, with how many, at most so many hosts, those with most first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT host, count(*) AS number FROM matches WHERE host IS NOT NULL
            GROUP BY host ORDER BY number DESC, host LIMIT ?""",
            (most,),
        )
        return list(rows)

    def unknown(self, matches: Collection[int]) -> int | None:
        """The first of these that is no match, if there is one."""
        row = self._db.first(
            """SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM matches)
            ORDER BY key LIMIT 1""",
            (json.dumps(list(matches)),),
        )
        return int(row[0]) if row else None

    def waiting(self, matches: Collection[int]) -> list[int]:
        """Those of these that wait for the artist, by id."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT id FROM matches
            WHERE id IN (SELECT value FROM json_each(?)) AND verdict IS NULL ORDER BY id""",
            (json.dumps(list(matches)),),
        )
        return [match for (match,) in rows]

    def decide(self, matches: Collection[int], verdict: Verdict | None, at: str) -> Act | None:
        """Give, or with None take back, a verdict on matches as one act; None if nothing changed.

        `at` is the time as ISO 8601.
        """
        (number,) = self._db.first("SELECT ifnull(max(act), 0) + 1 FROM decisions")
        changed = self._db.say(
            """INSERT INTO decisions (act, match, before, after, decided_at)
            SELECT ?1, id, verdict, ?2, ?3 FROM matches
            WHERE id IN (SELECT value FROM json_each(?4)) AND verdict IS NOT ?2""",
            (number, verdict, at, json.dumps(list(matches))),
        )
        self._db.say(
            """UPDATE matches SET verdict = ?1, decided_at = ?2
            WHERE id IN (SELECT match FROM decisions WHERE act = ?3)""",
            (verdict, at, number),
        )
        return Act(number, verdict, changed, at) if changed else None

    def act(self, number: int | None = None) -> Act | None:
        """An act by its number, or the newest; None when there is none, or it was taken back."""
        row: Any = self._db.first(
            """SELECT act, after, count(*), max(decided_at) FROM decisions
            WHERE act = ifnull(?, (SELECT max(act) FROM decisions))""",
            (number,),
        )
        found, verdict, matches, at = row
        if found is None:
            return None
        return Act(found, word(Verdict, verdict) if verdict else None, matches, at)

    def undo(self, act: int) -> int:
        """Take an act back as if it had never been; how many verdicts changed by it.

        What was said later of the same matches stays. A host that was allowed by the act is so no
        longer.
        """
        # The row of the next decision on the same match now follows what this one followed.
        self._db.say(
            """UPDATE decisions SET before = earlier.before FROM decisions earlier,
                (SELECT match, min(id) AS id FROM decisions WHERE act > ?1 GROUP BY match) later
            WHERE earlier.act = ?1 AND later.match = earlier.match AND decisions.id = later.id""",
            (act,),
        )
        changed = self._db.say(
            """UPDATE matches SET verdict = d.before, decided_at = d.decided_at FROM decisions d
            WHERE d.act = ?1 AND d.match = matches.id
            AND d.match NOT IN (SELECT match FROM decisions WHERE act > ?1)""",
            (act,),
        )
        # Only the act that allowed a host has both its time and matches there.
        self._db.say(
            """DELETE FROM allowed_hosts WHERE EXISTS (SELECT 1 FROM decisions d
                JOIN matches m ON m.id = d.match WHERE d.act = ? AND d.after = 'allowed'
                AND m.host = allowed_hosts.host AND d.decided_at = allowed_hosts.added_at)""",
            (act,),
        )
        self._db.say("DELETE FROM decisions WHERE act = ?", (act,))
        return changed

    def allow_host(self, host: str, at: str) -> None:
        """Allow what will be found at a host."""
        self._db.say(
            "INSERT INTO allowed_hosts (host, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (host, at),
        )

    def forget_host(self, host: str) -> int:
        """Allow a host no longer; what was allowed there by itself waits for the artist again."""
        self._db.say("DELETE FROM allowed_hosts WHERE host = ?", (host,))
        return self._db.say(
            """UPDATE matches SET verdict = NULL, decided_at = NULL WHERE host = ?
            AND verdict = 'allowed' AND id NOT IN (SELECT match FROM decisions)""",
            (host,),
        )

    def allowed_hosts(self) -> list[str]:
        """The hosts whose copies are allowed, by name."""
        rows: Iterator[Any] = self._db.ask("SELECT host FROM allowed_hosts ORDER BY host")
        return [host for (host,) in rows]


def _where(sought: SoughtMatches) -> tuple[str, list[object]]:
    wheres = ["1"]
    values: list[object] = []
    for column in ("band", "verdict", "dataset", "host", "work"):
        if (value := getattr(sought, column)) is not None:
            wheres.append(f"{column} = ?")
            values.append(value)
    if sought.decided is not None:
        wheres.append(f"verdict IS {'NOT' if sought.decided else ''} NULL")
    if sought.text:
        wheres.append(
            """(url LIKE ? ESCAPE '!' OR caption LIKE ? ESCAPE '!' OR work IN (
                SELECT v.work FROM files f JOIN versions v ON v.id = f.version
                WHERE f.path LIKE ? ESCAPE '!'))"""
        )
        values += [containing(sought.text)] * 3
    return " AND ".join(wheres), values
