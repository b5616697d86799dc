# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about what the artist made: works, their versions and their fingerprints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from artistguard.models import Fingerprint, Reading, Version, Work
from artistguard.store.database import Database


class Works:
    """The works, whatever their files are called and wherever they lie."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> Iterator[Work]:
        """Every work with its newest version and one of its files, by id."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT w.id, w.master,
                (SELECT path FROM files f JOIN versions o ON o.id = f.version
                 WHERE o.work = w.id ORDER BY f.gone_at IS NOT NULL, o.id DESC, f.path LIMIT 1),
                {_COLUMNS}
            FROM works w JOIN versions v
            ON v.id = (SELECT max(id) FROM versions WHERE work = w.id) ORDER BY w.id"""
        )
        for work, master, path, *version in rows:
            yield Work(work, path, master, Version(*version))

    def count(self) -> int:
        """How many works there are, those whose files are gone included."""
        row = self._db.first("SELECT count(*) FROM works")
        return int(row[0])

    def add(self, at: str) -> int:
        """A new work; its id."""
        return self._db.insert("INSERT INTO works (added_at) VALUES (?)", (at,))

    def add_version(self, work: int, reading: Reading, at: str) -> int:
        """A new version of a work, without fingerprints yet; its id."""
        return self._db.insert(
            """INSERT INTO versions (work, sha256, md5, width, height, format, added_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (
                *(work, reading.sha256, reading.md5),
                *(reading.width, reading.height, reading.format, at),
            ),
        )

    def version_with(self, sha256: bytes) -> Version | None:
        """The version whose bytes hash to `sha256`, if any work ever had it."""
        return next(iter(self._versions("v.sha256 = ?1", sha256)), None)

    def version(self, id_: int) -> Version:
        """One version by its id."""
        return self._versions("v.id = ?1", id_)[0]

    def versions(self, work: int | None = None) -> list[Version]:
        """Every version, old ones too, of one work or of all works that still have a file."""
        there = """v.work = ?1 OR ?1 IS NULL AND EXISTS (
            SELECT 1 FROM files f JOIN versions o ON o.id = f.version
            WHERE o.work = v.work AND f.gone_at IS NULL
        )"""
        return self._versions(there, work)

    def group(self, work: int) -> list[int]:
        """A work and its near-duplicates, by id; none when there is no such work."""
        row = self._db.first("SELECT ifnull(master, id) FROM works WHERE id = ?", (work,))
        rows: Iterator[Any] = self._db.ask(
            "SELECT id FROM works WHERE id = ?1 OR master = ?1 ORDER BY id", row or (None,)
        )
        return [member for (member,) in rows]

    def _versions(self, where: str, value: object) -> list[Version]:
        rows: Iterator[Any] = self._db.ask(
            f"SELECT {_COLUMNS} FROM versions v WHERE {where} ORDER BY v.id", (value,)
        )
        return [Version(*row) for row in rows]

    def add_fingerprints(self, version: int, prints: Iterable[Fingerprint]) -> None:
        """Keep a version's fingerprints; what is there by the same algorithm stays."""
        for print_ in prints:
            self._db.say(
                """INSERT INTO fingerprints (version, algorithm, hashes, qualities)
                VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING""",
                (version, print_.algorithm, print_.values, print_.qualities),
            )

    def count_faint(self, algorithm: str, quality: int) -> int:
        """How many works have looks of less than this quality, 0 to 100, in every version."""
        row = self._db.first(
            """SELECT count(*) FROM (
                SELECT v.work FROM versions v JOIN fingerprints p ON p.version = v.id
                WHERE p.algorithm = ? GROUP BY v.work HAVING max(substr(p.qualities, 1, 1)) < ?
            )""",
            (algorithm, bytes([quality])),
        )
        return int(row[0])

    def fingerprints(self, version: int) -> tuple[Fingerprint, ...]:
        """The fingerprints of one version, by algorithm."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT algorithm, hashes, qualities FROM fingerprints
            WHERE version = ? ORDER BY algorithm""",
            (version,),
        )
        return tuple(Fingerprint(*row) for row in rows)

    def fingerprints_by(self, algorithm: str) -> Iterator[tuple[Version, Fingerprint]]:
        """Every version that has a fingerprint by `algorithm`, with that fingerprint, by id."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT p.hashes, p.qualities, {_COLUMNS}
            FROM fingerprints p JOIN versions v ON v.id = p.version
            WHERE p.algorithm = ? ORDER BY v.id""",
            (algorithm,),
        )
        for hashes, qualities, *version in rows:
            yield Version(*version), Fingerprint(algorithm, hashes, qualities)

    def newest_version(self) -> int:
        """The id of the version taken in last, 0 when there is none."""
        row = self._db.first("SELECT ifnull(max(id), 0) FROM versions")
        return int(row[0])

    def grouped_to(self) -> int:
        """Versions up to this id have been compared with the rest of the portfolio."""
        row = self._db.first("SELECT ifnull(max(version), 0) FROM grouped")
        return int(row[0])

    def set_masters(self, masters: Mapping[int, int | None], up_to: int) -> None:
        """Record which work each given work is a near-duplicate of, and how far that was looked."""
        for work, master in masters.items():
            self._db.say("UPDATE works SET master = ? WHERE id = ?", (master, work))
        self._db.say("INSERT INTO grouped (version) VALUES (?) ON CONFLICT DO NOTHING", (up_to,))


_COLUMNS = "v.id, v.work, v.sha256, v.md5, v.width, v.height, v.format"
