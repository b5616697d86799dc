# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about the artist's own side: folders, files, works, versions and fingerprints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from artistguard.models import Fingerprint, FoundFile, Reading, Version, Work
from artistguard.store.database import Database


class Portfolio:
    """What the artist made, and where it lies."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # folders and files

    def add_folder(self, path: str, at: str) -> int:
        """The id of a portfolio folder, entered now if it is new."""
        self._db.say(
            "INSERT INTO folders (path, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING", (path, at)
        )
        rows: Iterator[Any] = self._db.ask("SELECT id FROM folders WHERE path = ?", (path,))
        return int(next(rows)[0])

    def folders(self) -> dict[str, int]:
        """Every portfolio folder's path and id."""
        rows: Iterator[Any] = self._db.ask("SELECT path, id FROM folders ORDER BY path")
        return dict(rows)

    def known_files(self, folder: int) -> dict[str, tuple[int, int]]:
        """Path → (size in bytes, mtime in ns) of the folder's files that were there last time."""
        rows: Iterator[Any] = self._db.ask(
            "SELECT path, size, mtime_ns FROM files WHERE folder = ? AND gone_at IS NULL", (folder,)
        )
        return {path: (size, mtime_ns) for path, size, mtime_ns in rows}

    def file(self, path: str) -> tuple[FoundFile, int | None] | None:
        """What is recorded of a path, gone or not, and the version that lies there."""
        for row in self._db.ask(
            "SELECT path, size, mtime_ns, device, inode, version FROM files WHERE path = ?", (path,)
        ):
            values: Any = row
            device, inode = int(values[3]), int(values[4])
            return FoundFile(values[0], values[1], values[2], device, inode), values[5]
        return None

    def place(self, folder: int, found: FoundFile, version: int | None, error: str | None) -> None:
        """Record that a file lies at a path, holding a version or failing with an error."""
        # device and inode are unsigned 64-bit numbers, which SQLite's integers cannot hold
        self._db.say(
            """INSERT INTO files (path, folder, version, size, mtime_ns, device, inode, error)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET folder = excluded.folder, version = excluded.version,
                size = excluded.size, mtime_ns = excluded.mtime_ns, device = excluded.device,
                inode = excluded.inode, error = excluded.error, gone_at = NULL""",
            (
                *(found.path, folder, version, found.size, found.mtime_ns),
                *(str(found.device), str(found.inode), error),
            ),
        )

    def mark_gone(self, paths: Iterable[str], at: str) -> None:
        """Record that files have left; their rows and works stay."""
        for path in paths:
            self._db.say("UPDATE files SET gone_at = ? WHERE path = ?", (at, path))

    # works and versions

    def version_with(self, sha256: bytes) -> Version | None:
        """The version whose bytes hash to `sha256`, if any work ever had it."""
        for row in self._db.ask(f"{_VERSIONS} WHERE sha256 = ?", (sha256,)):
            return _version(row)
        return None

    def version(self, id: int) -> Version:  # noqa: A002  # it is the id
        """One version by its id."""
        return _version(next(self._db.ask(f"{_VERSIONS} WHERE id = ?", (id,))))

    def add_work(self, at: str) -> int:
        """A new work; its id."""
        return self._db.insert("INSERT INTO works (added_at) VALUES (?)", (at,))

    def add_version(self, work: int, reading: Reading, at: str) -> int:
        """A new version of a work, with its fingerprints; its id."""
        version = self._db.insert(
            """INSERT INTO versions (work, sha256, md5, width, height, format, added_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (
                *(work, reading.sha256, reading.md5),
                *(reading.width, reading.height, reading.format, at),
            ),
        )
        for print_ in reading.fingerprints:
            self._db.say(
                """INSERT INTO fingerprints (version, algorithm, hashes, qualities)
                VALUES (?, ?, ?, ?)""",
                (version, print_.algorithm, print_.values, print_.qualities),
            )
        return version

    def works(self) -> Iterator[Work]:
        """Every work with its newest version and the path of one file that is there, by id."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT w.id, w.master,
                (SELECT path FROM files f JOIN versions o ON o.id = f.version
                 WHERE o.work = w.id ORDER BY f.gone_at IS NOT NULL, o.id DESC, f.path LIMIT 1),
                {_VERSION_COLUMNS}
            FROM works w JOIN versions v
            ON v.id = (SELECT max(id) FROM versions WHERE work = w.id) ORDER BY w.id"""
        )
        for work, master, path, *version in rows:
            yield Work(work, path, master, Version(*version))

    def fingerprints(self, version: int) -> tuple[Fingerprint, ...]:
        """The stored fingerprints of one version."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT algorithm, hashes, qualities FROM fingerprints
            WHERE version = ? ORDER BY algorithm""",
            (version,),
        )
        return tuple(Fingerprint(*row) for row in rows)

    def fingerprints_by(self, algorithm: str) -> Iterator[tuple[Version, Fingerprint]]:
        """Every version that has a fingerprint by `algorithm`, with that fingerprint, by id."""
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT f.hashes, f.qualities, {_VERSION_COLUMNS}
            FROM fingerprints f JOIN versions v ON v.id = f.version
            WHERE f.algorithm = ? ORDER BY v.id""",
            (algorithm,),
        )
        for hashes, qualities, *version in rows:
            yield Version(*version), Fingerprint(algorithm, hashes, qualities)

    def set_masters(self, masters: Mapping[int, int | None]) -> None:
        """Record which work each given work is a near-duplicate of."""
        for work, master in masters.items():
            self._db.say("UPDATE works SET master = ? WHERE id = ?", (master, work))


_VERSION_COLUMNS = "v.id, v.work, v.sha256, v.md5, v.width, v.height, v.format"
_VERSIONS = f"SELECT {_VERSION_COLUMNS} FROM versions v"


def _version(row: tuple[object, ...]) -> Version:
    values: Any = row
    return Version(*values)
