# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions of a window that lists every opt-out: how each stands, a page at a time."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Final

from artistguard.errors import Kind
from artistguard.models import (
    Band,
    Objection,
    OptOutState,
    Receipt,
    Request,
    RequestState,
    Scope,
    SoughtRequests,
    StandingWish,
    Subject,
    Wish,
)
from artistguard.store.database import Database, containing, word


class Requests:
    """Opt-outs as they are shown; their numbers are those of rows, newest last."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seek(self, sought: SoughtRequests) -> array[int]:
        """The numbers of the opt-outs that are sought, newest first."""
        wheres = ["?1 IS NOT NULL"]
        values: list[object] = [sought.late]
        if sought.state is not None:
            wheres += [f"+o.state = '{_STATES[sought.state]}'", f"{_STATE} = ?"]
            values.append(sought.state)
        for column in ("channel", "wish"):
            if (value := getattr(sought, column)) is not None:
                wheres.append(f"o.{column} = ?")
                values.append(value)
        if sought.text:
            wheres.append(_TEXT)
            values += [containing(sought.text)] * _TEXT.count("?")
        rows: Iterator[Any] = self._db.ask(
            # Without the plus signs, pages with all that was sent would be read for a few words.
            f"SELECT o.rowid FROM opt_outs o WHERE {' AND '.join(wheres)} ORDER BY +o.rowid DESC",
            values,
        )
        return array("q", (number for (number,) in rows))

    def requests(self, numbers: Sequence[int], late: str) -> list[Request]:
        """These opt-outs, in this order; what is late is as in `SoughtRequests`."""
        marks = ", ".join("?" * len(numbers))
        rows: Iterator[Any] = self._db.ask(
            f"{_REQUESTS} WHERE o.rowid IN ({marks})", (late, *numbers)
        )
        found = {row[0]: _request(row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def ids(self, numbers: Sequence[int]) -> list[str]:
        """The ids of these opt-outs, in this order."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT o.id FROM json_each(?) n JOIN opt_outs o ON o.rowid = n.value
            ORDER BY n.key""",
            (json.dumps(list(numbers)),),
        )
        return [ident for (ident,) in rows]

    def body(self, opt_out: str) -> str:
        """Exactly what is sent for one opt-out, as JSON; empty when there is none by that id."""
        row = self._db.first("SELECT body FROM opt_outs WHERE id = ?", (opt_out,))
        return str(row[0]) if row else ""

    def receipts(self, opt_out: str) -> list[Receipt]:
        """The receipts of one opt-out: that it was filed, and that it was taken back."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT opt_out, channel, body, received_at, withdrawal FROM receipts
            WHERE opt_out = ? ORDER BY withdrawal""",
            (opt_out,),
        )
        return [
            Receipt(opt_out, channel, body, at, bool(taken_back))
            for opt_out, channel, body, at, taken_back in rows
        ]

    def objections(self, opt_out: str) -> list[Objection]:
        """What others say against one opt-out, oldest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT id, opt_out, channel, claimant, reason, raised_at FROM disputes
            WHERE opt_out = ? ORDER BY raised_at, id""",
            (opt_out,),
        )
        return [Objection(*row) for row in rows]

    def counts(self, late: str) -> dict[RequestState, int]:
        """How many opt-outs are in each state."""
        rows: Iterator[Any] = self._db.ask(
            f"SELECT {_STATE}, count(*) FROM opt_outs o GROUP BY 1", (late,)
        )
        found = {word(RequestState, state): count for state, count in rows}
        return {state: found.get(state, 0) for state in RequestState}

    def channels(self) -> list[tuple[str, int]]:
        """Every channel that something was asked on, with how much."""
        rows: Iterator[Any] = self._db.ask(
            "SELECT channel, count(*) FROM opt_outs GROUP BY channel ORDER BY channel"
        )
        return list(rows)

    def wishes(self) -> list[StandingWish]:
        """The wishes that stand, newest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT w.id, w.scope, w.standing, w.channel, w.bands, w.work, w.domain,
                w.created_at, w.withdrawn_at, w.folder, c.name,
                (SELECT count(*) FROM opt_outs o WHERE o.wish = w.id)
            FROM wishes w LEFT JOIN cards c ON c.work = w.work
            WHERE w.standing AND w.withdrawn_at IS NULL ORDER BY w.created_at DESC, w.id"""
        )
        found = []
        for ident, scope, standing, channel, bands, *rest, name, count in rows:
            wish = Wish(
                *(ident, word(Scope, scope), bool(standing), channel),
                *(tuple(word(Band, band) for band in bands.split()), *rest),
            )
            found.append(StandingWish(wish, name, count))
        return found


# What the outbox says of those in each state.
_STATES: Final = {
    RequestState.DRAFTED: "drafted",  # of which there are no rows
    **dict.fromkeys(
        (
            RequestState.QUEUED,
            RequestState.SENT,
            RequestState.OVERDUE,
            RequestState.ACTION_NEEDED,
        ),
        OptOutState.QUEUED,
    ),
    **dict.fromkeys(
        (
            RequestState.ACKNOWLEDGED,
            RequestState.IN_PROGRESS,
            RequestState.DONE,
            RequestState.REAPPEARED,
            RequestState.DISPUTED,
        ),
        OptOutState.ACKNOWLEDGED,
    ),
    RequestState.REFUSED: OptOutState.REFUSED,
    RequestState.WITHDRAWING: OptOutState.WITHDRAWING,
    RequestState.WITHDRAWN: OptOutState.WITHDRAWN,
}

# Who is away is tried again by itself; all other troubles wait for the artist.
_STATE: Final = f"""CASE o.state
    WHEN '{OptOutState.QUEUED}' THEN CASE
        WHEN o.channel IN (SELECT channel FROM troubles
            WHERE kind NOT IN ('{Kind.OFFLINE}', '{Kind.SLOW_DOWN}'))
            THEN '{RequestState.ACTION_NEEDED}'
        WHEN ifnull(o.sent_at, o.created_at) < ?1 THEN '{RequestState.OVERDUE}'
        WHEN o.attempts = 0 OR o.channel IN (SELECT channel FROM troubles)
            THEN '{RequestState.QUEUED}'
        ELSE '{RequestState.SENT}' END
    WHEN '{OptOutState.ACKNOWLEDGED}' THEN CASE
        WHEN o.disputed_at IS NOT NULL THEN '{RequestState.DISPUTED}'
        WHEN o.found_again IS NOT NULL THEN '{RequestState.REAPPEARED}'
        WHEN o.seen_in IS NOT NULL THEN '{RequestState.DONE}'
        WHEN o.subject = '{Subject.COPY}' THEN '{RequestState.IN_PROGRESS}'
        ELSE '{RequestState.ACKNOWLEDGED}' END
    ELSE o.state END"""

_TEXT: Final = f"""(o.work IN (SELECT work FROM cards WHERE name LIKE ? ESCAPE '!')
    OR o.match IN (SELECT id FROM matches
        WHERE url LIKE ? ESCAPE '!' OR dataset LIKE ? ESCAPE '!')
    OR o.subject = '{Subject.DOMAIN}' AND o.target LIKE ? ESCAPE '!')"""

# What was brought back from a registry has no match: its own words say what it is about.
_REQUESTS: Final = f"""SELECT o.rowid, o.id, o.subject, o.work, c.name,
    ifnull(m.url, json_extract(o.body, '$.place.url')),
    ifnull(m.dataset, json_extract(o.body, '$.place.dataset')),
    ifnull(m.dataset_version, json_extract(o.body, '$.place.dataset_version')),
    json_extract(o.body, '$.place.domain'), o.channel, {_STATE}, o.reason, t.kind, o.attempts,
    o.created_at, o.sent_at, o.tried_at, o.answered_at, o.disputed_at, o.seen_in, o.seen_at,
    CASE WHEN a.id IS NULL THEN NULL ELSE ifnull(a.url, a.entry) END,
    a.dataset || ' ' || a.dataset_version,
    EXISTS (SELECT 1 FROM receipts r WHERE r.opt_out = o.id)
FROM opt_outs o LEFT JOIN cards c ON c.work = o.work LEFT JOIN matches m ON m.id = o.match
LEFT JOIN matches a ON a.id = o.found_again LEFT JOIN troubles t ON t.channel = o.channel"""


def _request(row: Any) -> Request:
    number, ident, subject, *about, channel, state, reason, trouble = row[:13]
    return Request(
        *(number, ident, word(Subject, subject), *about, channel),
        *(word(RequestState, state), reason, trouble, *row[13:23], bool(row[23])),
    )
