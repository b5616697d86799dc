# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about the artist's own sites: what they are to say, and what was found there when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from artistguard.store.database import Database


@dataclass(frozen=True, slots=True)
class KeptAudit:
    """One look at a site; `policy`, `findings` and `snapshots` are JSON as they were then."""

    site: str
    at: str
    policy: str
    findings: str
    snapshots: str


class Sites:
    """Sites by their origin."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, site: str, policy: str, at: str) -> None:
        """Remember a site and what it is to say from now on."""
        self._db.say(
            """INSERT INTO sites (site, policy, since) VALUES (?, ?, ?)
            ON CONFLICT (site) DO UPDATE SET policy = excluded.policy, since = excluded.since
            WHERE policy != excluded.policy""",
            (site, policy, at),
        )

    def forget(self, site: str) -> bool:
        """Look at a site no more; what was found there stays. Whether it was known."""
        return bool(self._db.say("DELETE FROM sites WHERE site = ?", (site,)))

    def policies(self) -> list[tuple[str, str]]:
        """Each site with its policy."""
        rows: Iterator[Any] = self._db.ask("SELECT site, policy FROM sites ORDER BY site")
        return list(rows)

    def due(self, before: str) -> list[str]:
        """The sites that were not looked at since a moment."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT site FROM sites s WHERE NOT EXISTS
            (SELECT 1 FROM audits a WHERE a.site = s.site AND a.at >= ?) ORDER BY site""",
            (before,),
        )
        return [site for (site,) in rows]

    def add_audit(self, audit: KeptAudit) -> None:
        """Keep what was found."""
        self._db.say(
            "INSERT INTO audits (site, at, policy, findings, snapshots) VALUES (?, ?, ?, ?, ?)",
            (audit.site, audit.at, audit.policy, audit.findings, audit.snapshots),
        )

    def audits(self, site: str) -> Iterator[KeptAudit]:
        """Every look at a site, the newest first."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT site, at, policy, findings, snapshots FROM audits
            WHERE site = ? ORDER BY at DESC, id DESC""",
            (site,),
        )
        return (KeptAudit(*row) for row in rows)
