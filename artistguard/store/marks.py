# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about marked copies: which file was made of which, what it declares, who signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Any

from artistguard.store.database import Database


@dataclass(frozen=True, slots=True)
class KeptMark:
    """One marked copy: paths as `folder.to_text` spells them, hashes of the files' bytes.

    `beside` is the file that has the credentials if the copy has not; `means` are words joined by
    commas; `declared` is JSON; `signer` is the SHA-256 of the certificate in hex. Sizes are in
    bytes, times in nanoseconds since 1970.
    """

    source: str
    source_size: int
    source_mtime_ns: int
    source_sha256: bytes
    copy: str
    copy_size: int
    copy_mtime_ns: int
    copy_sha256: bytes
    beside: str | None
    means: str
    declared: str
    signer: str | None
    marked_at: str


@dataclass(frozen=True, slots=True)
class KeptSigner:
    """A certificate that copies were signed with, by its SHA-256 in hex; `chain`, `root` are PEM.

    `root` is None for a certificate that was bought.
    """

    sha256: str
    name: str
    chain: bytes
    root: bytes | None
    made_at: str


class Marks:
    """Every marked copy, and every certificate they were signed with; nothing is ever forgotten."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, mark: KeptMark) -> int:
        """Enter a copy that is about to get its name; the number to `drop` it by."""
        return self._db.insert(
            f"INSERT INTO marks ({_COLUMNS}) VALUES ({', '.join('?' * 13)})", astuple(mark)
        )

    def drop(self, number: int) -> None:
        """Take back a copy that got no name after all."""
        self._db.say("DELETE FROM marks WHERE id = ?", (number,))

    def at(self, copy: str) -> list[KeptMark]:
        """What was written at one place, newest first."""
        return list(self._rows("copy = ? ORDER BY id DESC", copy))

    def all(self) -> Iterator[KeptMark]:
        """Every marked copy, oldest first."""
        return self._rows("? ORDER BY id", 1)

    def work_of(self, sha256: bytes) -> int | None:
        """The work of which a file with this hash is a marked copy, or which has one like it."""
        row = self._db.first(
            """SELECT v.work FROM marks m JOIN versions v ON v.sha256 = m.source_sha256
                WHERE m.copy_sha256 = ?1
            UNION ALL SELECT v.work FROM marks m JOIN versions v ON v.sha256 = m.copy_sha256
                WHERE m.source_sha256 = ?1 LIMIT 1""",
            (sha256,),
        )
        return None if row is None else int(row[0])

    def add_signer(self, signer: KeptSigner) -> None:
        """Keep a certificate; one that is there already stays."""
        self._db.say(
            """INSERT INTO signers (sha256, name, chain, root, made_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING""",
            (signer.sha256, signer.name, signer.chain, signer.root, signer.made_at),
        )

    def signers(self) -> list[KeptSigner]:
        """Every certificate, newest first."""
        rows: Iterator[Any] = self._db.ask(
            "SELECT sha256, name, chain, root, made_at FROM signers ORDER BY rowid DESC"
        )
        return [KeptSigner(*row) for row in rows]

    def _rows(self, where: str, value: object) -> Iterator[KeptMark]:
        rows: Iterator[Any] = self._db.ask(f"SELECT {_COLUMNS} FROM marks WHERE {where}", (value,))
        for row in rows:
            yield KeptMark(*row)


_COLUMNS = ", ".join(field.name for field in fields(KeptMark))
