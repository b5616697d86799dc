# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about the artist's disk: portfolio folders, and which version lies in which file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from artistguard.models import FoundFile
from artistguard.store.database import Database


@dataclass(frozen=True, slots=True)
class Placed:
    """What is recorded of a path: the file, the last version that was read there, and its error."""

    found: FoundFile
    version: int | None
    error: str | None


class Files:
    """Where works lie. Paths are in the reversible spelling of `folder.to_text`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add_folders(self, paths: Iterable[str], at: str) -> None:
        """Remember portfolio folders; one that is known already stays as it is."""
        for path in paths:
            self._db.say(
                "INSERT INTO folders (path, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (path, at),
            )

    def remove_folder(self, path: str) -> None:
        """Forget a portfolio folder; what is recorded of its files stays."""
        self._db.say("DELETE FROM folders WHERE path = ?", (path,))

    def below(self, folder: str, limit: int) -> list[str]:
        """The paths of some files that are recorded in a folder, or are that very file."""
        rows: Iterator[Any] = self._db.ask(
            f"SELECT path FROM files WHERE gone_at IS NULL AND ({_BELOW}) ORDER BY path LIMIT ?3",
            (folder, _end_of(folder), limit),
        )
        return [path for (path,) in rows]

    def move_folder(self, old: str, new: str, at: str) -> int:
        """Record that a folder lies elsewhere now, with all that is in it; how many files.

        What is recorded at its new place already stays, and the same at the old one is gone. A path
        of another system is spelled as this one does.
        """
        bounds = _end_of(old)
        values = (old, bounds, len(old) + 1, new, bounds[0], os.sep)
        moved = self._db.say(
            f"""UPDATE OR IGNORE files SET path = ?4 || replace(substr(path, ?3), ?5, ?6)
            WHERE {_BELOW}""",
            values,
        )
        left = self._db.say(
            f"UPDATE files SET gone_at = ?3 WHERE gone_at IS NULL AND ({_BELOW})",
            (old, _end_of(old), at),
        )
        self._db.say("UPDATE OR IGNORE folders SET path = ? WHERE path = ?", (new, old))
        self.remove_folder(old)
        return moved + left

    def folders(self) -> list[str]:
        """Every portfolio folder, by path."""
        rows: Iterator[Any] = self._db.ask("SELECT path FROM folders ORDER BY path")
        return [path for (path,) in rows]

    def known(self, passing: Iterable[str] = ()) -> dict[str, tuple[int, int, int]]:
        """Path to (size in bytes, mtime in ns, device) of every file that was there last time.

        A file with a `passing` error may be readable now though it looks the same, so its size is
        given as -1.
        """
        errors = tuple(passing)
        rows: Iterator[Any] = self._db.ask(
            f"""SELECT path, iif(error IN ({", ".join("?" * len(errors))}), -1, size),
                mtime_ns, device FROM files WHERE gone_at IS NULL""",
            errors,
        )
        return {path: (size, mtime_ns, int(device)) for path, size, mtime_ns, device in rows}

    def at(self, path: str) -> Placed | None:
        """What is recorded of a path, gone or not."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT size, mtime_ns, device, inode, version, error FROM files
            WHERE path = ?""",
            (path,),
        )
        for size, mtime_ns, device, inode, version, error in rows:
            found = FoundFile(path, size, mtime_ns, int(device), int(inode))
            return Placed(found, version, error)
        return None

    def place(self, found: FoundFile, version: int | None, error: str | None = None) -> None:
        """Record that a file lies at a path, and holds a version or cannot be read.

        A file that cannot be read keeps the version it held before, so that its next good content
        is a new version of the same work.
        """
        # Device and inode are unsigned 64-bit numbers, which SQLite's integers cannot hold.
        self._db.say(
            """INSERT INTO files (path, version, size, mtime_ns, device, inode, error)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET version = ifnull(excluded.version, version),
                size = excluded.size, mtime_ns = excluded.mtime_ns, device = excluded.device,
                inode = excluded.inode, error = excluded.error, gone_at = NULL""",
            (
                *(found.path, version, found.size, found.mtime_ns),
                *(str(found.device), str(found.inode), error),
            ),
        )

    def mark_gone(self, path: str, at: str) -> None:
        """Record that a file has left; its row and its work stay."""
        self._db.say("UPDATE files SET gone_at = ? WHERE path = ?", (at, path))

    def works_in(self, folder: str) -> list[int]:
        """The works that lie in a folder or below it, by id; its path ends as a folder's does."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT DISTINCT v.work FROM files f JOIN versions v ON v.id = f.version
            WHERE f.path >= ?1 AND f.path < ?1 || char(1114111) AND f.gone_at IS NULL
            ORDER BY v.work""",
            (folder,),
        )
        return [work for (work,) in rows]

    def unreadable(self) -> Iterator[tuple[str, str]]:
        """Path and error of each file that is there but could not be read."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT path, error FROM files WHERE gone_at IS NULL AND error IS NOT NULL
            ORDER BY path"""
        )
        return rows

    def lacking(self, algorithm: str) -> list[FoundFile]:
        """One file of each version that has no fingerprint by this algorithm yet."""
        rows: Iterator[Any] = self._db.ask(
            """SELECT min(path), size, mtime_ns, device, inode FROM files
            WHERE version IN (
                SELECT version FROM files WHERE gone_at IS NULL AND error IS NULL
                EXCEPT SELECT version FROM fingerprints WHERE algorithm = ?
            ) AND gone_at IS NULL AND error IS NULL GROUP BY version""",
            (algorithm,),
        )
        return [
            FoundFile(path, size, mtime_ns, int(device), int(inode))
            for path, size, mtime_ns, device, inode in rows
        ]


# A folder's path by itself, or what is in it: as a range, which the index on paths knows.
_BELOW = "path = ?1 OR path >= ?1 || substr(?2, 1, 1) AND path < ?1 || substr(?2, 2, 1)"


def _end_of(folder: str) -> str:
    """The separator in a path, which may be of another system, and what comes right after it."""
    separator = "\\" if re.match(r"[A-Za-z]:\\|\\\\", folder) else "/"
    return separator + chr(ord(separator) + 1)
