# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Rest for as long as the artist wants it: until told otherwise, or for some hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QLocale, QObject, QTime, QTimer

from artistguard import wording
from artistguard.guard import Guard
from artistguard.gui.bridge import Bridge
from artistguard.models import stamp

LOOK_MS: Final = 15_000
"""How often the wall clock is looked at: a timer would not count while the machine sleeps."""


class Rest(QObject):
    """Pauses the background and lets it go on; a time that was named survives a restart."""

    def __init__(self, guard: Guard, bridge: Bridge) -> None:
        super().__init__()
        self._guard = guard
        self._bridge = bridge
        self._told: list[Callable[[], None]] = []
        self._resting = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        if self._until() is not None:
            self._begin()
            self.look()

    def tell(self, told: Callable[[], None]) -> None:
        """Call this whenever rest begins or ends."""
        self._told.append(told)

    def is_on(self) -> bool:
        """Whether the background rests because the artist wants it."""
        return self._resting

    def describe(self) -> str:
        """That it is paused, and until when."""
        until = self._until()
        if until is None:
            return wording.describe_rest("")
        here = until.astimezone()
        shown = QLocale().toString(QTime(here.hour, here.minute), QLocale.FormatType.ShortFormat)
        return wording.describe_rest(shown)

    def pause(self) -> None:
        """Rest until `resume`, or until the app is started again."""
        self._keep("")
        self._begin()

    def snooze(self, minutes: int) -> None:
        """Rest for so long."""
        self._keep(stamp(lambda: self._guard.clock() + timedelta(minutes=minutes)))
        self._begin()

    def resume(self) -> None:
        """Go on now."""
        self._keep("")
        self._resting = False
        self._timer.stop()
        self._bridge.resume()
        self._tell()

    def look(self) -> None:
        """Go on if the time is over."""
        until = self._until()
        if until is not None and until <= self._guard.clock():
            self.resume()

    def _begin(self) -> None:
        self._resting = True
        self._timer.start()
        self._bridge.pause()
        self._tell()

    def _tell(self) -> None:
        for told in self._told:
            told()

    def _until(self) -> datetime | None:
        kept = self._guard.choices.settings.paused_until
        return datetime.fromisoformat(kept) if kept else None

    def _keep(self, moment: str) -> None:
        if moment != self._guard.choices.settings.paused_until:
            self._guard.choices.arrange(paused_until=moment)
