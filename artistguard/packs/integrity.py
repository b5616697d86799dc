# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whether the files of a pack still are what its manifest says, found out before they are used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from artistguard.errors import Damaged, Kind, Problem
from artistguard.packs.manifest import File
from artistguard.writing import write

NAME = "verified.json"
FORMAT = 1

# So little is read in some hundredths of a second, and then nothing needs to be remembered.
_SMALL = 32 << 20
_MAX_SIZE = 64 << 20

# What a file was when it was found whole: its SHA-256, size, times of change and number.
_Mark = list[str | int]


class Integrity:
    """The files of one pack, each read through before its first use.

    A changed byte in a table makes a search miss copies without a word, and the works would count
    as searched. Reading all of a large pack whenever it is opened would take seconds a time, though
    (about one for each GB), and a search need not touch all of it. So a file is read when a look-up
    first asks for it. That it was whole is kept beside the manifest, together with what any change
    to the file changes as well, and with the number that a copy does not share, as a copy can be
    spoilt and keep its times. Where nothing can be written there, the files are read once in each
    opening: a slower start, but never an unread file.
    """

    def __init__(self, folder: Path, files: Mapping[str, File]) -> None:
        self._folder = folder
        self._files = files
        self._small = sum(file.size for file in files.values()) <= _SMALL
        self._known = {} if self._small else _marks_in(folder)
        self._new: dict[str, _Mark] = {}
        self._usable: set[str] = set()

    def require(self, name: str) -> None:
        """Go on only with a file that is whole; raises Damaged (PACK_DAMAGED), naming it."""
        if name in self._usable:
            return
        mark = self._mark(name)
        if (mark is None or self._known.get(name) != mark) and not self.read(name):
            raise Damaged(Kind.PACK_DAMAGED, path=self._folder, file=name)
        self._usable.add(name)

    def read(self, name: str) -> bool:
        """Read every byte of a file, whatever is known of it, and say whether it is whole."""
        before = self._mark(name)
        whole = before is not None and _sha256(self._folder / name) == self._files[name].sha256
        if before is not None and whole:
            self._new[name] = before
        else:
            self._new.pop(name, None)
        return whole

    def keep(self) -> None:
        """Remember what was found whole, if that can be written down."""
        if self._small or not self._new:
            return
        marks = {**_marks_in(self._folder), **self._new}
        body = {
            "format": FORMAT,
            "files": {name: mark for name, mark in marks.items() if name in self._files},
        }
        with suppress(Problem):
            write(self._folder / NAME, json.dumps(body, indent=1).encode())
        self._new.clear()

    def _mark(self, name: str) -> _Mark | None:
        with suppress(OSError):
            now = (self._folder / name).stat()
            times = (now.st_mtime_ns, now.st_ctime_ns)
            return [self._files[name].sha256, now.st_size, *times, now.st_ino]
        return None


def _marks_in(folder: Path) -> dict[str, _Mark]:
    """What was remembered of a pack; nothing where there is no file that makes sense."""
    path = folder / NAME
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        if path.stat().st_size <= _MAX_SIZE:
            parts = json.loads(path.read_bytes())
            if parts["format"] == FORMAT:
                return dict(parts["files"])
    return {}


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
