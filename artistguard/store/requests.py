# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions of a window that lists every opt-out: how each stands, a page at a time."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from artistguard.models import Request, RequestState, Subject
from artistguard.store.database import Database, word


class Requests:
    """Opt-outs as they are shown; their numbers are those of rows, newest last."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seek(self, state: RequestState | None, channel: str | None, late: str) -> array[int]:
        """The numbers of opt-outs in a state and channel, newest first.

        What was sent before the moment `late`, and not answered, is overdue.
        """
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT o.rowid FROM opt_outs o WHERE (?2 IS NULL OR o.channel = ?2)
            AND (?3 IS NULL OR {_STATE} = ?3) ORDER BY o.rowid DESC""",
            (late, channel, state),
        )
        return array("q", (number for (number,) in rows))

    def requests(self, numbers: Sequence[int], late: str) -> list[Request]:
        """These opt-outs, in this order."""
        marks = ", ".join("?" * len(numbers))
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT o.rowid, o.id, o.subject, c.name, m.url, m.dataset, w.domain, o.channel,
                {_STATE}, o.reason, o.attempts, o.created_at, o.answered_at,
                EXISTS (SELECT 1 FROM receipts r WHERE r.opt_out = o.id)
            FROM opt_outs o JOIN wishes w ON w.id = o.wish
            LEFT JOIN cards c ON c.work = o.work LEFT JOIN matches m ON m.id = o.match
            WHERE o.rowid IN ({marks})""",
            (late, *numbers),
        )
        found = {}
        for number, id_, subject, name, url, dataset, domain, *rest in rows:
            channel, state, reason, attempts, created, answered, receipt = rest
            found[number] = Request(
                *(number, id_, word(Subject, subject), name, url, dataset, domain),
                *(channel, word(RequestState, state), reason, attempts),
                *(created, answered, bool(receipt)),
            )
        return [found[number] for number in numbers if number in found]

    def body(self, opt_out: str) -> str:
        """Exactly what is sent for one opt-out, as JSON; empty when there is none by that id."""
        row = self._db.first("SELECT body FROM opt_outs WHERE id = ?", (opt_out,))
        return str(row[0]) if row else ""

    def counts(self, late: str) -> dict[RequestState, int]:
        """How many opt-outs are in each state."""
        rows: Iterator[Any] = self._db.ask(
            f"SELECT {_STATE}, count(*) FROM opt_outs o GROUP BY 1", (late,)
        )
        found = {word(RequestState, state): count for state, count in rows}
        return {state: found.get(state, 0) for state in RequestState}


_STATE = f"""CASE WHEN o.state <> 'queued' THEN o.state
    WHEN o.attempts = 0 THEN '{RequestState.QUEUED}'
    WHEN o.created_at < ?1 THEN '{RequestState.OVERDUE}' ELSE '{RequestState.SENT}' END"""
