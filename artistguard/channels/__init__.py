# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How a reservation is made known: one file per channel, and the small protocol they all speak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from artistguard.models import Answered, Declaration

REGISTRY: Final = "registry"
"""The channel that is always there: the registry inside the data folder."""


class Channel(Protocol):
    """A place where opt-outs are filed.

    Both verbs give one answer for each id, in any order, and may be called again with the same
    entries at any time: what is filed already is answered with the receipt it got then. An answer
    that was given is lasting. They raise Problem when a whole batch could not be handed over; the
    entries that were not answered are then to be sent again.
    """

    @property
    def name(self) -> str:
        """The machine word that the outbox keeps."""

    @property
    def recipient(self) -> str:
        """Who receives what is filed, in words for the plan."""

    @property
    def leaves_machine(self) -> bool:
        """Whether anything goes to another machine."""

    @property
    def batch(self) -> int:
        """Most entries that are filed in one go."""

    def deliver(self, declarations: Sequence[Declaration]) -> Iterator[Answered]:
        """Files opt-outs."""

    def withdraw(self, ids: Sequence[str], at: str) -> Iterator[Answered]:
        """Takes opt-outs back as of a moment (ISO 8601), with a record of it."""
