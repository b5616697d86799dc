# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's own database: every question the program asks of it has a name here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artistguard.store.aftermath import Aftermath, Look, Seen
from artistguard.store.database import FILE_NAME, Database
from artistguard.store.files import Files, Placed
from artistguard.store.gallery import Gallery
from artistguard.store.judgements import Act, Judgements, SoughtMatches
from artistguard.store.marks import KeptMark, KeptSigner, Marks
from artistguard.store.matches import Matches
from artistguard.store.notices import KeptNotice, Notices
from artistguard.store.outbox import Outbox
from artistguard.store.overview import Overview
from artistguard.store.requests import Requests
from artistguard.store.sites import KeptAudit, Sites
from artistguard.store.thumbnails import Thumbnails
from artistguard.store.works import Works

__all__ = [
    "FILE_NAME",
    "Act",
    "Aftermath",
    "Files",
    "Gallery",
    "Judgements",
    "KeptAudit",
    "KeptMark",
    "KeptNotice",
    "KeptSigner",
    "Look",
    "Marks",
    "Matches",
    "Notices",
    "Outbox",
    "Overview",
    "Placed",
    "Requests",
    "Seen",
    "Sites",
    "SoughtMatches",
    "Store",
    "Thumbnails",
    "Works",
]


class Store:
    """One thread's way into the database: its files, works, matches, outbox, notices, gallery.

    Reading needs no ceremony; whatever writes does so inside ``with store.writing():``, which is
    never held open across hashing or network.
    """

    def __init__(self, data: Path) -> None:
        self._database = Database(data / FILE_NAME)
        self.files = Files(self._database)
        self.works = Works(self._database)
        self.matches = Matches(self._database)
        self.marks = Marks(self._database)
        self.judgements = Judgements(self._database)
        self.outbox = Outbox(self._database)
        self.notices = Notices(self._database)
        self.gallery = Gallery(self._database)
        self.overview = Overview(self._database)
        self.requests = Requests(self._database)
        self.aftermath = Aftermath(self._database)
        self.sites = Sites(self._database)
        self.thumbnails = Thumbnails(data)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One short transaction: all of it is kept, or none."""
        with self._database.writing():
            yield

    def check(self) -> list[str]:
        """What is wrong with the database file; nothing when it is sound."""
        return self._database.check()

    def copy(self, into: Path) -> None:
        """Write the whole database into another file, while others may go on writing."""
        self._database.copy(into)

    def close(self) -> None:
        """Close the connection."""
        self.thumbnails.close()
        self._database.close()
