# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about what became of opt-outs: who is away, who objects, what was found again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from artistguard.models import Objection, Subject
from artistguard.store.database import Database, word


@dataclass(frozen=True, slots=True)
class Look:
    """That a work was looked for in a data set at a version, by which witnesses, when first."""

    dataset: str
    version: str
    witnesses: frozenset[str]
    first_at: str
    last_at: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A match as far as it may be another one again; `counts` says that it is surely a copy."""

    match: int
    dataset: str
    version: str
    marks: frozenset[object]
    witness: str
    counts: bool
    found_at: str


@dataclass(frozen=True, slots=True)
class Filed:
    """An opt-out that was acknowledged, of a work or of one `copy` of it."""

    number: int
    subject: Subject
    copy: int | None
    answered_at: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a later `version` of a data set shows of an opt-out; `again` is a match there."""

    number: int
    version: str | None
    at: str | None
    again: int | None


class Aftermath:
    """What became of opt-outs after they were filed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # channels that are away

    def keep_trouble(self, channel: str, kind: str | None, at: str) -> None:
        """Record why a channel cannot be used as of now; None when it can."""
        if kind is None:
            self._db.say("DELETE FROM troubles WHERE channel = ?", (channel,))
        else:
            self._db.say(
                """INSERT INTO troubles VALUES (?, ?, ?) ON CONFLICT (channel)
                DO UPDATE SET kind = excluded.kind, since = excluded.since
                WHERE kind <> excluded.kind""",
                (channel, kind, at),
            )

    # those who object

    def objections(self, channel: str) -> list[Objection]:
        """What is said at a channel against opt-outs of the artist's, by id."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT id, opt_out, channel, claimant, reason, raised_at FROM disputes
            WHERE channel = ? ORDER BY id""",
            (channel,),
        )
        return [Objection(*row) for row in rows]

    def keep_objections(self, channel: str, said: Collection[Objection]) -> bool:
        """Put what is said at a channel now in the place of what was; whether it is news."""
        if sorted(said, key=lambda one: one.id) == self.objections(channel):
            return False
        self._db.say("DELETE FROM disputes WHERE channel = ?", (channel,))
        for one in said:
            self._db.say(
                "INSERT OR IGNORE INTO disputes VALUES (?, ?, ?, ?, ?, ?)",
                (channel, one.id, one.opt_out, one.claimant, one.reason, one.raised_at),
            )
        self._db.say(
            """UPDATE opt_outs SET disputed_at = (SELECT min(d.raised_at) FROM disputes d
                WHERE d.opt_out = opt_outs.id AND d.channel = opt_outs.channel)
            WHERE channel = ?1 AND (disputed_at IS NOT NULL
                OR id IN (SELECT opt_out FROM disputes WHERE channel = ?1))""",
            (channel,),
        )
        return True

    def has_filed(self, channel: str) -> bool:
        """Whether anything that was filed at a channel stands."""
        row = self._db.first(
            "SELECT 1 FROM opt_outs WHERE state = 'acknowledged' AND channel = ? LIMIT 1",
            (channel,),
        )
        return row is not None

    # what was found again

    def versions(self) -> dict[str, list[str]]:
        """The versions of each data set in which works were looked for."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT DISTINCT dataset, version FROM sources s
            WHERE EXISTS (SELECT 1 FROM searches c WHERE c.source = s.id)"""
        )
        found: dict[str, list[str]] = {}
        for dataset, version in rows:
            found.setdefault(dataset, []).append(version)
        return found

    def unfollowed(self, most: int) -> list[int]:
        """Works of which something new is known since their opt-outs were followed."""
        rows: Iterator[Any] = self._db.ask(
            "SELECT work FROM unfollowed ORDER BY work LIMIT ?", (most,)
        )
        return [work for (work,) in rows]

    def followed(self, works: Sequence[int], seen: Collection[Seen]) -> None:
        """Record what was seen of the opt-outs of these works."""
        for one in seen:
            self._db.say(
                """UPDATE opt_outs SET seen_in = ?1, seen_at = ?2, found_again = ?3
                WHERE rowid = ?4 AND (seen_in IS NOT ?1 OR found_again IS NOT ?3)""",
                (one.version, one.at, one.again, one.number),
            )
        for work in works:
            self._db.say("DELETE FROM unfollowed WHERE work = ?", (work,))

    def forget_followed(self) -> None:
        """Take all works for followed."""
        self._db.say("DELETE FROM unfollowed")

    def filed(self, work: int) -> list[Filed]:
        """The opt-outs of a work, or of copies of it, that were acknowledged."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT rowid, subject, match, ifnull(answered_at, created_at) FROM opt_outs
            WHERE work = ? AND state = 'acknowledged'""",
            (work,),
        )
        return [
            Filed(number, word(Subject, subject), copy, at) for number, subject, copy, at in rows
        ]

    def looks(self, work: int) -> list[Look]:
        """Where and when a work was looked for."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT s.dataset, s.version, group_concat(c.witnesses, ' '),
                min(c.checked_at), max(c.checked_at)
            FROM versions v JOIN searches c ON c.version = v.id JOIN sources s ON s.id = c.source
            WHERE v.work = ? GROUP BY s.dataset, s.version""",
            (work,),
        )
        return [Look(name, at, frozenset(by.split()), *when) for name, at, by, *when in rows]

    def copies(self, work: int) -> list[Copy]:
        """The matches of a work, oldest first."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT id, dataset, dataset_version, url, sha256, md5, witness, {_COUNTS}, found_at
            FROM matches WHERE work = ? ORDER BY id""",
            (work,),
        )
        return [
            Copy(ident, name, version, frozenset({url, sha, md5} - {None}), by, bool(sure), at)
            for ident, name, version, url, sha, md5, by, sure, at in rows
        ]


_COUNTS: Final = "ifnull(verdict = 'mine', band IN ('certain', 'likely'))"
