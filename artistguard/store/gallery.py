# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions of a window that shows every work: cards, sorted and filtered, a page at a time."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Final

from artistguard.models import (
    Card,
    Edition,
    OptOutState,
    Order,
    Sought,
    Standing,
    Subject,
    Verdict,
)
from artistguard.store.database import Database, containing, word

BATCH: Final = 2_000
"""Works per transaction: a tenth of a second, for which other writers wait."""


class Gallery:
    """What is shown of each work: one card, derived from all that is known of it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def refresh(self) -> Iterator[int]:
        """Bring the cards of works that were touched up to date; how many, batch after batch."""
        while True:
            with self._db.writing():
                row = self._db.first(
                    "SELECT max(work) FROM (SELECT work FROM stale_cards ORDER BY work LIMIT ?)",
                    (BATCH,),
                )
                if row[0] is None:
                    return
                self._db.say(_REFRESH, (row[0], os.sep))
                done = self._db.say("DELETE FROM stale_cards WHERE work <= ?", (row[0],))
            yield done

    def works(self, sought: Sought) -> array[int]:
        """The works that are sought, in their order, by id."""
        where, values = _condition(sought)
        return self._db.numbers(
            f"SELECT work FROM cards WHERE {where} ORDER BY {_ORDERS[sought.order]}", values
        )

    def in_folders(self, sought: Sought) -> tuple[array[int], list[tuple[str, int]]]:
        """The works that are sought, by place, and their folders with how many each holds of them.

        The order that is sought is left aside.
        """
        where, values = _condition(sought)
        with self._db.looking():
            works = self._db.numbers(
                f"SELECT work FROM cards WHERE {where} ORDER BY {_ORDERS[Order.PLACE]}", values
            )
            rows: Iterator[Any] = self._db.ask(
                f"SELECT folder, count(*) FROM cards WHERE {where} GROUP BY folder ORDER BY folder",
                values,
            )
            return works, list(rows)

    def cards(self, works: Sequence[int]) -> list[Card]:
        """The cards of these works, in this order; one that is not there is left out."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT c.work, c.folder, c.name, v.sha256, v.width, v.height, c.standing, c.copies,
                c.gone, w.added_at
            FROM cards c JOIN versions v ON v.id = c.version JOIN works w ON w.id = c.work
            WHERE c.work IN ({", ".join("?" * len(works))})""",
            works,
        )
        found = {}
        for work, folder, name, sha256, width, height, standing, copies, gone, at in rows:
            found[work] = Card(
                *(work, folder, name, sha256, width, height),
                *(word(Standing, standing), copies, bool(gone), at),
            )
        return [found[work] for work in works if work in found]

    def editions(self, work: int) -> list[Edition]:
        """Every version of a work, the newest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT v.added_at, v.width, v.height, v.format, EXISTS (
                SELECT 1 FROM files f WHERE f.version = v.id AND f.gone_at IS NULL)
            FROM versions v WHERE v.work = ? ORDER BY v.id DESC""",
            (work,),
        )
        return [
            Edition(at, width, height, form, bool(there)) for at, width, height, form, there in rows
        ]

    def places(self, work: int) -> list[str]:
        """Where files of a work lie, by path."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT f.path FROM files f JOIN versions v ON v.id = f.version
            WHERE v.work = ? AND f.gone_at IS NULL ORDER BY f.path""",
            (work,),
        )
        return [path for (path,) in rows]

    def requests(self, work: int) -> array[int]:
        """The numbers of opt-outs of a work and its copies: the work's own first, newest first."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT rowid FROM opt_outs WHERE work = ?
            ORDER BY subject <> '{Subject.WORK}', rowid DESC""",
            (work,),
        )
        return array("q", (number for (number,) in rows))

    def counts(self, sought: Sought | None = None) -> dict[Standing, int]:
        """How many works stand how, of all or of those that are sought."""
        where, values = _condition(sought or Sought())
        rows: Iterator[Any] = self._db.ask(
            f"SELECT standing, count(*) FROM cards WHERE {where} GROUP BY standing", values
        )
        found = {word(Standing, standing): count for standing, count in rows}
        return {standing: found.get(standing, 0) for standing in Standing}

    def folders(self) -> list[tuple[str, int]]:
        """Every folder that holds works, with how many, by path."""
        rows: Iterator[Any] = self._db.ask(
            "SELECT folder, count(*) FROM cards GROUP BY folder ORDER BY folder"
        )
        return list(rows)


def _condition(sought: Sought) -> tuple[str, list[object]]:
    """What is sought as a condition on cards, and its values."""
    wheres = ["1"]
    values: list[object] = []
    if sought.text:
        wheres.append("(name LIKE ? ESCAPE '!' OR folder LIKE ? ESCAPE '!')")
        values += [containing(sought.text)] * 2
    if sought.standing:
        wheres.append("standing = ?")
        values.append(sought.standing)
    if sought.folder is not None:
        wheres.append("folder = ?")
        values.append(sought.folder)
    if sought.within is not None:
        # All paths that begin so, as a range that an index knows.
        wheres.append("folder >= ? AND folder < ?")
        values += [sought.within, sought.within[:-1] + chr(ord(sought.within[-1]) + 1)]
    return " AND ".join(wheres), values


_ORDERS = {
    Order.PLACE: "folder, name, work",
    Order.NAME: "name, work",
    Order.NEWEST: "work DESC",
    Order.COPIES: "copies DESC, work DESC",
}

# CROSS JOIN: in the order that is written here, which looks at nothing but the works in question.
# The more a state asks of the artist, or promises, the earlier it comes.
_STANDING = f"""CASE
    WHEN EXISTS (SELECT 1 FROM opt_outs o WHERE o.work = w.id AND o.disputed_at IS NOT NULL
        AND o.state = '{OptOutState.ACKNOWLEDGED}') THEN '{Standing.DISPUTED}'
    WHEN EXISTS (SELECT 1 FROM opt_outs o WHERE o.work = w.id AND o.subject = 'work'
        AND o.state = '{OptOutState.ACKNOWLEDGED}') THEN '{Standing.RESERVED}'
    WHEN EXISTS (SELECT 1 FROM matches m WHERE m.work = w.id
        AND (m.verdict = '{Verdict.MINE}' OR m.verdict IS NULL AND m.band = 'certain'))
        THEN '{Standing.CONFIRMED}'
    WHEN EXISTS (SELECT 1 FROM matches m WHERE m.work = w.id AND m.verdict IS NULL)
        THEN '{Standing.POSSIBLE}'
    WHEN EXISTS (SELECT 1 FROM matches m WHERE m.work = w.id AND m.verdict = '{Verdict.ALLOWED}')
        THEN '{Standing.ALLOWED}'
    WHEN EXISTS (SELECT 1 FROM versions v CROSS JOIN sources o CROSS JOIN searches s
        WHERE v.work = w.id AND s.source = o.id AND s.version = v.id)
        THEN '{Standing.CLEAR}'
    ELSE '{Standing.UNCHECKED}' END"""

# rtrim takes from a path all that is no separator, and leaves the folder.
_REFRESH = f"""INSERT OR REPLACE INTO cards (work, folder, name, version, standing, copies, gone)
    SELECT work, folder, substr(path, length(folder) + 1), version, standing, copies, gone FROM (
        SELECT w.id AS work, f.path AS path, f.version AS version, f.gone_at IS NOT NULL AS gone,
            rtrim(f.path, replace(f.path, ?2, '')) AS folder,
            {_STANDING} AS standing,
            (SELECT count(*) FROM matches m WHERE m.work = w.id
                AND (m.verdict IS NULL OR m.verdict = '{Verdict.MINE}')) AS copies
        FROM stale_cards s CROSS JOIN works w ON w.id = s.work JOIN files f ON f.id = (
            SELECT f.id FROM files f JOIN versions v ON v.id = f.version WHERE v.work = w.id
            ORDER BY f.gone_at IS NOT NULL, v.id DESC, f.path LIMIT 1)
        WHERE s.work <= ?1
    )"""
