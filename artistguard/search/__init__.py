# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where a work may be found: one file per kind of backend, all behind one small protocol.

What is here is quick to load; the backends take numpy, pyarrow or httpx.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from artistguard.fingerprints import DCT256, PHASH64, SSCD256
from artistguard.models import Clue, Disclosure, More, Query, Sighting, Source, Witness

WITNESSES: Mapping[str, Witness] = MappingProxyType(
    {DCT256: Witness.DCT256, PHASH64: Witness.PHASH64, SSCD256: Witness.EMBEDDING}
)
"""Whose word the hashes of an algorithm are."""


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


@runtime_checkable
class Telling(Protocol):
    """What a backend on another machine is as well."""

    @property
    def told(self) -> Disclosure:
        """What it was told so far."""
