# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions that sum up: how much was protected, found, sent and answered, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from artistguard.models import Answering, Band, Covered, Summing
from artistguard.store.database import Database

_MOST: Final = 12  # bars that can be read beside each other


class Overview:
    """Sums over everything, each in one question."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def sum_up(self) -> Summing:
        """All of it, as of now."""
        return Summing(
            unsure=self._unsure(),
            protected=self._protected(),
            by_set=self._count("dataset", _MOST),
            by_host=self._count("host", _MOST),
            by_year=tuple(sorted(self._count("substr(found_at, 1, 4)", 100))),
            answering=self._answering(),
            covered=self._covered(),
        )

    def _unsure(self) -> int:
        (count,) = self._db.first(
            "SELECT count(*) FROM matches WHERE verdict IS NULL AND band <> ?", (Band.CERTAIN,)
        )
        return int(count)

    def _protected(self) -> tuple[tuple[str, int], ...]:
        """Day to how many works were reserved by its end; days on which it grew."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT substr(day, 1, 10), count(*) FROM (
                SELECT min(answered_at) AS day FROM opt_outs
                WHERE subject = 'work' AND state = 'acknowledged' AND work IS NOT NULL
                GROUP BY work
            ) GROUP BY 1 ORDER BY 1"""
        )
        total, days = 0, []
        for day, works in rows:
            total += works
            days.append((day, total))
        return tuple(days)

    def _count(self, what: str, most: int) -> tuple[tuple[str, int], ...]:
        """Matches that the artist has not said no to, by something, most first."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT {what}, count(*) FROM matches
            WHERE {what} IS NOT NULL AND (verdict IS NULL OR verdict = 'mine')
            GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?""",
            (most,),
        )
        return tuple(rows)

    def _answering(self) -> tuple[Answering, ...]:
        """Every channel: what was sent, what was answered, and how long that took."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT channel, count(*), count(answered_at) FROM opt_outs
            WHERE attempts > 0 GROUP BY channel ORDER BY channel"""
        )
        return tuple(
            Answering(channel, sent, answered, self._days(channel))
            for channel, sent, answered in rows
        )

    def _days(self, channel: str) -> float | None:
        rows: Iterator[Any] = self._db.ask(
            """SELECT julianday(answered_at) - julianday(created_at) FROM opt_outs
            WHERE channel = ? AND answered_at IS NOT NULL""",
            (channel,),
        )
        waited = [days for (days,) in rows if days is not None]
        return median(waited) if waited else None

    def _covered(self) -> tuple[Covered, ...]:
        """Every data set at the version that was searched last: how many works, and until when."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT s.dataset, s.version, max(s.rows), count(DISTINCT v.work), max(c.checked_at)
            FROM searches c JOIN sources s ON s.id = c.source JOIN versions v ON v.id = c.version
            GROUP BY s.dataset, s.version ORDER BY max(c.checked_at) DESC"""
        )
        return tuple(Covered(*row) for row in rows)
