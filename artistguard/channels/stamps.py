# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of the registry's log that an authority of time has stamped, each in two files.

`N.checkpoint` is the note of a log of N entries, `N.tsr` the authority's answer over just these
bytes, as RFC 3161 has it, and `authority.pem` the root certificates that vouched for it, if any.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from artistguard import proof
from artistguard.channels.storage import stopping
from artistguard.errors import Unreadable
from artistguard.proof import timestamps
from artistguard.writing import write

FOLDER: Final = "stamps"
ROOTS: Final = "authority.pem"

_NAME: Final = re.compile(r"([1-9][0-9]{0,17})\.tsr")


@dataclass(frozen=True, slots=True)
class Stamped:
    """A stamped checkpoint: how many entries it has, its note, and the stamp on it."""

    entries: int
    note: bytes
    stamp: timestamps.Stamp
    path: Path


class Stamps:
    """The stamps beside one log; whatever does not check is passed over, as if not there."""

    def __init__(self, registry: Path) -> None:
        self.folder = registry / FOLDER

    def keep(self, note: bytes, answer: bytes, roots: bytes) -> Path:
        """Put a stamp that was checked beside the log; the answer's file. Raises Stopped."""
        entries = proof.parse_checkpoint(note).checkpoint.size
        with stopping(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        if roots:
            write(self.folder / ROOTS, roots)
        write(self.folder / f"{entries}.checkpoint", note)
        # Last: where it is, the other is too.
        write(self.folder / f"{entries}.tsr", answer)
        return self.folder / f"{entries}.tsr"

    def stamped(self) -> list[Stamped]:
        """All that check, the smallest log first."""
        names = self.folder.iterdir() if self.folder.is_dir() else ()
        found = [one for path in names if (one := self._read(path)) is not None]
        return sorted(found, key=lambda one: one.entries)

    def copy(self, into: Path) -> None:
        """Copy all files into a folder of that name in another. Raises Stopped."""
        if self.folder.is_dir():
            with stopping(into):
                shutil.copytree(self.folder, into / FOLDER, dirs_exist_ok=True)

    def _read(self, path: Path) -> Stamped | None:
        if not _NAME.fullmatch(path.name):
            return None
        try:
            note, stamp = timestamps.check_file(path)
            return Stamped(proof.parse_checkpoint(note).checkpoint.size, note, stamp, path)
        except (Unreadable, OSError):
            return None
