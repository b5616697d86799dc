# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about where works were seen: sources, what was checked against them, and matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from artistguard.models import (
    Band,
    Coverage,
    Entry,
    Fingerprint,
    Match,
    Query,
    Source,
    Verdict,
    Witness,
)
from artistguard.store.database import Database, word


class Matches:
    """What was looked up where, and what was found."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add_source(self, source: Source) -> int:
        """The id of a searched collection at one revision, entered now if it is new."""
        key = (source.backend, source.dataset, source.version, source.revision)
        self._db.say(
            """INSERT INTO sources (backend, dataset, version, revision, rows)
            VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            (*key, source.rows),
        )
        found = self.source(source)
        assert found is not None
        return found

    def source(self, source: Source) -> int | None:
        """The id of a collection at one revision, None if it was never searched."""
        row = self._db.first(
            """SELECT id FROM sources
            WHERE backend = ? AND dataset = ? AND version = ? AND revision = ?""",
            (source.backend, source.dataset, source.version, source.revision),
        )
        return int(row[0]) if row else None

    def unsearched(self, source: int, witnesses: Iterable[Witness]) -> list[int]:
        """Versions that these witnesses were not yet asked about in this source, by id."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT id FROM versions v WHERE NOT EXISTS (
                SELECT 1 FROM searches s
                WHERE s.source = ? AND s.version = v.id AND s.witnesses = ?
            ) ORDER BY id""",
            (source, _join(witnesses)),
        )
        return [version for (version,) in rows]

    def queries(self, versions: Sequence[int]) -> list[Query]:
        """The versions as look-up queries, fingerprints included; the key is the version's id."""
        found = []
        for version in versions:
            rows: Iterator[Any] = self._db.ask(
                """SELECT v.id, v.work, v.width, v.height, v.sha256, v.md5,
                    f.algorithm, f.hashes, f.qualities
                FROM versions v LEFT JOIN fingerprints f ON f.version = v.id
                WHERE v.id = ? ORDER BY f.algorithm""",
                (version,),
            )
            parts = list(rows)
            prints = tuple(Fingerprint(*part[6:]) for part in parts if part[6] is not None)
            key, work, width, height, sha256, md5 = parts[0][:6]
            found.append(Query(key, work, width, height, sha256, md5, prints))
        return found

    def mark_searched(
        self, source: int, versions: Iterable[int], witnesses: Iterable[Witness], at: str
    ) -> None:
        """Record that these versions were looked up in this source."""
        asked = _join(witnesses)
        for version in versions:
            self._db.say(
                """INSERT INTO searches (source, version, witnesses, checked_at)
                VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING""",
                (source, version, asked, at),
            )

    def clue(self, source: int) -> str | None:
        """The digest of the clue that a source was last asked, if all was told that it knows."""
        row = self._db.first("SELECT sha256 FROM clues WHERE source = ?", (source,))
        return str(row[0]) if row else None

    def keep_clue(self, source: int, sha256: str) -> None:
        """Record that a source was asked a clue, and told all that it knows."""
        self._db.say("INSERT OR REPLACE INTO clues VALUES (?, ?)", (source, sha256))

    def add(self, match: Match) -> bool:
        """Enter a match, or surer evidence for one already known; whether it is new.

        `match.id` is not looked at. The artist's verdict stays, whatever is found later; a new
        match begins with what they said of its like: that this work is not to be seen in the same
        entry of another version, or that its host may show it.
        """
        entry = match.entry
        key = (match.work, match.backend, entry.dataset, entry.dataset_version, entry.entry)
        new = self._db.first(f"SELECT 1 FROM matches WHERE {_SAME}", key) is None
        self._db.say(
            f"""INSERT INTO matches (work, backend, dataset, dataset_version, entry,
                url, host, caption, width, height, sha256, md5,
                witness, distance, variant, band, evidence, found_at, verdict)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
                ?13, ?14, ?15, ?16, ?17, ?18, {_REMEMBERED})
            ON CONFLICT (ifnull(work, 0), backend, dataset, dataset_version, entry)
            DO UPDATE SET witness = excluded.witness, distance = excluded.distance,
                variant = excluded.variant, band = excluded.band, evidence = excluded.evidence
            WHERE {_RANK.format("excluded.band")} < {_RANK.format("band")}""",
            (
                *key,
                *(entry.url, entry.host, entry.caption),
                *(entry.width, entry.height, entry.sha256, entry.md5),
                *(match.witness, match.distance, match.variant, match.band),
                *(" ".join(match.evidence), match.found_at),
            ),
        )
        return new

    def found(
        self, bands: Iterable[Band] = tuple(Band), work: int | None = None
    ) -> Iterator[Match]:
        """Matches in these bands, of one work or of all, surest first."""
        return self._select("1", bands, work)

    def counted(
        self, bands: Iterable[Band] = tuple(Band), work: int | None = None
    ) -> Iterator[Match]:
        """Matches that are copies of the artist's: those in these bands, unless the artist says no.

        What the artist called theirs counts in whatever band.
        """
        return self._select("m.verdict IS NULL OR m.verdict = 'mine'", bands, work, mine=True)

    def _select(
        self, where: str, bands: Iterable[Band], work: int | None, *, mine: bool = False
    ) -> Iterator[Match]:
        chosen = [str(band) for band in bands]
        rows = self._db.ask(
            f"""{_MATCHES}
            WHERE (m.band IN ({", ".join("?" * len(chosen))}) OR (? AND m.verdict = 'mine'))
            AND ({"1" if work is None else "m.work = ?"}) AND ({where})
            ORDER BY {_RANK.format("m.band")}, m.work, m.distance, m.id""",
            (*chosen, int(mine), *(() if work is None else (work,))),
        )
        return map(_match, rows)

    def chosen(self, ids: Sequence[int]) -> list[Match]:
        """These matches, in this order; one that is not there is left out."""
        rows = self._db.ask(f"{_MATCHES} WHERE m.id IN ({', '.join('?' * len(ids))})", ids)
        found = {match.id: match for match in map(_match, rows)}
        return [found[match] for match in ids if match in found]

    def coverage(self, work: int | None = None) -> Iterator[Coverage]:
        """What each work (or one) was checked against: the latest check of each data set."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT v.work, s.backend, s.dataset, s.version, c.witnesses, max(c.checked_at)
            FROM searches c JOIN sources s ON s.id = c.source JOIN versions v ON v.id = c.version
            WHERE ? IS NULL OR v.work = ?
            GROUP BY v.work, s.backend, s.dataset, s.version ORDER BY v.work, s.dataset""",
            (work, work),
        )
        for found_work, backend, dataset, version, witnesses, at in rows:
            asked = tuple(word(Witness, witness) for witness in witnesses.split())
            yield Coverage(found_work, backend, dataset, version, asked, at)

    def counts(self) -> dict[Band, int]:
        """How many matches stand in each band, without those the artist said no to."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT band, count(*) FROM matches
            WHERE verdict IS NULL OR verdict = 'mine' GROUP BY band"""
        )
        found = {word(Band, band): count for band, count in rows}
        return {band: found.get(band, 0) for band in Band}


_SAME = """ifnull(work, 0) = ifnull(?, 0)
    AND backend = ? AND dataset = ? AND dataset_version = ? AND entry = ?"""
# Values by number: 1 the work, 3 the data set, 6 address, 7 host, 11 SHA-256, 12 MD5.
_REMEMBERED = f"""CASE
    WHEN EXISTS (SELECT 1 FROM matches m WHERE m.work = ?1 AND m.dataset = ?3
        AND m.verdict = '{Verdict.NOT_MINE}' AND (m.url = ?6 OR m.sha256 = ?11 OR m.md5 = ?12))
        THEN '{Verdict.NOT_MINE}'
    WHEN EXISTS (SELECT 1 FROM allowed_hosts WHERE host = ?7) THEN '{Verdict.ALLOWED}' END"""
_RANK = "CASE {} WHEN 'certain' THEN 0 WHEN 'likely' THEN 1 ELSE 2 END"
_MATCHES = """SELECT m.id, m.work, m.backend, m.dataset, m.dataset_version, m.entry,
    m.url, m.host, m.caption, m.width, m.height, m.sha256, m.md5,
    m.witness, m.distance, m.variant, m.band, m.evidence, m.found_at, m.verdict,
    (SELECT path FROM files f JOIN versions v ON v.id = f.version
     WHERE v.work = m.work ORDER BY f.gone_at IS NOT NULL, v.id DESC, f.path LIMIT 1)
FROM matches m"""


def _match(row: tuple[object, ...]) -> Match:
    values: Any = row
    witness, distance, variant, band, evidence, found_at, verdict, path = values[13:]
    return Match(
        id=values[0],
        work=values[1],
        backend=values[2],
        entry=Entry(*values[3:13]),
        witness=word(Witness, witness),
        distance=distance,
        variant=variant,
        band=word(Band, band),
        evidence=tuple(evidence.split()),
        found_at=found_at,
        verdict=word(Verdict, verdict) if verdict else None,
        path=path,
    )


def _join(witnesses: Iterable[Witness]) -> str:
    return " ".join(sorted(witnesses))
