# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about what the artist asked: wishes, the outbox of opt-outs, and receipts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from artistguard.models import (
    Band,
    OptOut,
    OptOutState,
    Receipt,
    Scope,
    Subject,
    Wish,
)
from artistguard.store.database import Database, word


class Outbox:
    """Every wish as a row, before anything is sent, and what became of it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # wishes

    def add_wish(self, wish: Wish) -> None:
        """Enter one act of the artist; one that is there already stays as it is."""
        self._db.say(
            """INSERT INTO wishes
                (id, scope, standing, channel, bands, work, domain, folder, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING""",
            (
                *(wish.id, wish.scope, int(wish.standing), wish.channel),
                *(" ".join(wish.bands), wish.work, wish.domain, wish.folder, wish.created_at),
            ),
        )

    def standing_wishes(self) -> list[Wish]:
        """Wishes that also cover what is found or made later, oldest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT id, scope, standing, channel, bands, work, domain, created_at, withdrawn_at,
                folder
            FROM wishes WHERE standing AND withdrawn_at IS NULL ORDER BY created_at, id"""
        )
        return [
            Wish(
                *(wish, word(Scope, scope), bool(standing), channel),
                *(tuple(word(Band, band) for band in bands.split()), *rest),
            )
            for wish, scope, standing, channel, bands, *rest in rows
        ]

    def end_wish(self, wish: str, at: str) -> bool:
        """Let a wish no longer stand; False if there is none by that id, or it has ended."""
        return bool(
            self._db.say(
                "UPDATE wishes SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL",
                (at, wish),
            )
        )

    # the outbox

    def targets(self, channel: str, states: Iterable[OptOutState]) -> set[str]:
        """What has been asked on a channel and stands in one of these states."""
        chosen = tuple(states)
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT DISTINCT target FROM opt_outs
            WHERE channel = ? AND state IN ({", ".join("?" * len(chosen))})""",
            (channel, *chosen),
        )
        return {target for (target,) in rows}

    def queue(self, opt_out: OptOut, target: str, body: str) -> bool:
        """Enter one opt-out with exactly what will be sent; False if its target is asked for."""
        return bool(
            self._db.say(
                """INSERT INTO opt_outs
                    (id, wish, subject, target, work, match, channel, body, state, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
                (
                    *(opt_out.id, opt_out.wish, opt_out.subject, target),
                    *(opt_out.work, opt_out.match, opt_out.channel, body),
                    *(opt_out.state, opt_out.created_at),
                ),
            )
        )

    def waiting(self, channel: str, state: OptOutState, limit: int) -> list[tuple[str, str]]:
        """Id and body of the next opt-outs of a channel in a waiting state, oldest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT id, body FROM opt_outs WHERE channel = ? AND state = ?
            ORDER BY rowid LIMIT ?""",
            (channel, state, limit),
        )
        return list(rows)

    def waiting_channels(self) -> list[str]:
        """Channels that something waits for."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT DISTINCT channel FROM opt_outs WHERE state IN ('queued', 'withdrawing')"""
        )
        return [channel for (channel,) in rows]

    def count_attempt(self, opt_outs: Iterable[str], at: str) -> None:
        """Record, before the first byte leaves, that these are now being sent."""
        for opt_out in opt_outs:
            self._db.say(
                """UPDATE opt_outs SET attempts = attempts + 1, sent_at = ifnull(sent_at, ?1),
                    tried_at = ?1 WHERE id = ?2""",
                (at, opt_out),
            )

    def settle(
        self, opt_out: str, state: OptOutState, at: str | None, reason: str | None = None
    ) -> None:
        """Record where an opt-out now stands."""
        self._db.say(
            """UPDATE opt_outs SET state = ?, answered_at = ifnull(?, answered_at), reason = ?
            WHERE id = ?""",
            (state, at, reason, opt_out),
        )

    def opt_outs(self, of: str | None = None) -> Iterator[OptOut]:
        """Every opt-out, oldest first; with `of`, the one or the whole wish of that id."""
        where, values = ("", ()) if of is None else ("WHERE o.id = ?1 OR o.wish = ?1", (of,))
        return map(_opt_out, self._db.ask(f"{_OPT_OUTS} {where} ORDER BY o.rowid", values))

    def counts(self, channel: str | None = None) -> dict[OptOutState, int]:
        """How many opt-outs stand in each state, on one channel or on all."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT state, count(*) FROM opt_outs
            WHERE ?1 IS NULL OR channel = ?1 GROUP BY state""",
            (channel,),
        )
        found = {word(OptOutState, state): count for state, count in rows}
        return {state: found.get(state, 0) for state in OptOutState}

    # receipts

    def add_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; the first one for an opt-out stays."""
        self._db.say(
            """INSERT INTO receipts (opt_out, withdrawal, channel, body, received_at)
            VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            (
                *(receipt.opt_out, int(receipt.withdrawal), receipt.channel),
                *(receipt.body, receipt.received_at),
            ),
        )

    def count_receipts(self) -> int:
        """How many receipts there are."""
        row = self._db.first("SELECT count(*) FROM receipts")
        return int(row[0])

    def newest_receipts(self, channel: str) -> Iterator[bytes]:
        """The receipts of a channel that came in the last second in which any did."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT body FROM receipts WHERE channel = ?1 AND received_at =
                (SELECT max(received_at) FROM receipts WHERE channel = ?1)""",
            (channel,),
        )
        for (body,) in rows:
            yield body

    def receipts(self) -> Iterator[Receipt]:
        """Every receipt, oldest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT opt_out, channel, body, received_at, withdrawal FROM receipts
            ORDER BY received_at, opt_out, withdrawal"""
        )
        for opt_out, channel, body, received_at, withdrawal in rows:
            yield Receipt(opt_out, channel, body, received_at, bool(withdrawal))


_OPT_OUTS = """SELECT o.id, o.wish, w.scope, o.subject, o.work, o.match, o.channel, o.state,
    o.reason, o.attempts, o.created_at, o.answered_at
FROM opt_outs o JOIN wishes w ON w.id = o.wish"""


def _opt_out(row: tuple[object, ...]) -> OptOut:
    values: Any = row
    opt_out, wish, scope, subject, work, match, channel, state, *rest = values
    return OptOut(
        *(opt_out, wish, word(Scope, scope), word(Subject, subject), work, match, channel),
        *(word(OptOutState, state), *rest),
    )
