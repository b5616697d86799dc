# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about the notices that go to servers: each a row before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from artistguard.models import OptOutState
from artistguard.store.database import Database, word


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice for a channel as it is sent, and what became of it.

    `body` is the JSON of its members. `state` is queued, acknowledged (with `receipt`) or refused
    (with `reason`).
    """

    channel: str
    id: str
    kind: str
    body: str
    created_at: str
    state: OptOutState = OptOutState.QUEUED
    reason: str | None = None
    answered_at: str | None = None
    receipt: bytes | None = None


class Notices:
    """Every notice that was made for a server. One and its revocation have the same id."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, notice: KeptNotice) -> None:
        """Enter a notice with exactly what will be sent; one that is there already stays."""
        self._db.say(
            """INSERT INTO notices (channel, id, kind, body, state, created_at)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            (
                *(notice.channel, notice.id, notice.kind),
                *(notice.body, notice.state, notice.created_at),
            ),
        )

    def settle(self, notice: KeptNotice) -> None:
        """Record the answer to a notice."""
        self._db.say(
            """UPDATE notices SET state = ?, reason = ?, answered_at = ?, receipt = ?
            WHERE channel = ? AND id = ? AND kind = ?""",
            (
                *(notice.state, notice.reason, notice.answered_at, notice.receipt),
                *(notice.channel, notice.id, notice.kind),
            ),
        )

    def all(self, channel: str | None = None) -> Iterator[KeptNotice]:
        """Every notice, or those for one channel, oldest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT channel, id, kind, body, created_at, state, reason, answered_at, receipt
            FROM notices WHERE ?1 IS NULL OR channel = ?1 ORDER BY number""",
            (channel,),
        )
        for channel_, ident, kind, body, created_at, state, *answer in rows:
            named = (channel_, ident, kind, body, created_at)
            yield KeptNotice(*named, word(OptOutState, state), *answer)

    def waiting_channels(self) -> list[str]:
        """Channels that a notice waits for."""
        rows: Iterator[Any] = self._db.ask(
            "SELECT DISTINCT channel FROM notices WHERE state = 'queued'"
        )
        return [channel for (channel,) in rows]
