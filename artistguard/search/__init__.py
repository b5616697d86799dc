# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where a work may be found: one file per kind of backend, all behind one small protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from artistguard.models import Clue, More, Query, Sighting, Source


class Backend(Protocol):
    """One collection that works are looked up in, in bulk."""

    @property
    def source(self) -> Source:
        """What "checked against" names."""

    def look_up(self, queries: Sequence[Query]) -> Iterator[Sighting]:
        """What every witness saw of these works, in any order.

        Raises Damaged when the collection is not whole, Offline or SlowDown when it is elsewhere.
        """

    def look_up_clue(self, clue: Clue) -> Iterator[Sighting | More]:
        """Entries that point to the artist's addresses or sites, or name the artist.

        Where there are too many to list, a `More` says so.
        """
