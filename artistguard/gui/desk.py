# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What every page has before it: the screen's own guard, the bridge to the threads, the theme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from artistguard.guard import Guard
from artistguard.gui.bridge import Bridge
from artistguard.gui.theme import Theme
from artistguard.models import Card


@dataclass(frozen=True, slots=True)
class Desk:
    """`guard` is for quick questions and short wishes; what may take longer asks the `bridge`."""

    data: Path
    guard: Guard
    bridge: Bridge
    theme: Theme

    def thumbnails(self) -> Finder:
        """A way to thumbnails for a thread of its own."""
        return Finder(self.data)


class Finder:
    """Finds thumbnails, and makes those that are missing."""

    def __init__(self, data: Path) -> None:
        self._guard = Guard(data)

    def __call__(self, cards: list[Card]) -> Iterator[tuple[Card, bytes | None]]:
        """Each card with its thumbnail as JPEG, None where no file of the work can be read."""
        return self._guard.portfolio.thumbnails(cards)
