# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Keeps up with the folders by itself: when to run which step, and what becomes of trouble.

One loop in one thread, with a guard of its own. It looks at the folders at the start, when changes
have settled, every quarter of an hour, and whenever something may have been missed; new works are
searched, and what standing wishes cover is filed. When nothing is new it says nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing

from artistguard import settings
from artistguard.background.aside import Aside
from artistguard.background.leave import Leave, Waits
from artistguard.background.news import Changed, Herald, News, State
from artistguard.background.rounds import TICK_SECONDS, Machine, Session
from artistguard.errors import Damaged, Stopped
from artistguard.guard import Guard

__all__ = ["Aside", "Background", "Changed", "Leave", "Machine", "News", "State", "Waits"]


class Background:
    """Keeps watch in the thread that calls `run`; all else may be called from any thread.

    `opened` opens a guard, which stays in that thread. `tell` is called there with everything that
    is new, and must not take long. `leave` says what may be done now.
    """

    def __init__(
        self,
        opened: Callable[[], Guard],
        tell: Callable[[News], None],
        machine: Machine | None = None,
        leave: Leave | None = None,
    ) -> None:
        self._opened = opened
        self._herald = Herald(tell)
        self._machine = machine or Machine()
        self._leave = leave or Leave()
        self._wake = threading.Event()
        self._asked = False
        self._paused = False
        self._stopped = False

    def pause(self) -> None:
        """Do nothing until `resume`; what is under way ends at its next result."""
        self._paused = True
        self._wake.set()

    def resume(self) -> None:
        """Go on, and look at everything."""
        self._paused = False
        self.wake()

    def wake(self) -> None:
        """Look at everything now: a person asks, has signed in, or has made a wish."""
        self._asked = True
        self._wake.set()

    def stop(self) -> None:
        """End `run`; what is under way ends at its next result, and nothing is lost."""
        self._stopped = True
        self._wake.set()

    def run(self) -> None:
        """Keep watch until `stop`.

        Whatever ends it, running again goes on where it was. Raises Damaged or Stopped, once that
        was told, when it cannot go on.
        """
        try:
            while not self._stopped:
                with closing(self._opened()) as guard:
                    self._keep(guard)
        except (Damaged, Stopped) as problem:
            self._herald.become(State.ERROR, problem)
            raise

    def _keep(self, guard: Guard) -> None:
        """Keep watch with one guard, which is good for as long as the settings stay the same."""
        session = Session(
            guard,
            self._herald,
            self._machine,
            self._leave,
            wake=self._wake,
            is_interrupted=self._is_interrupted,
        )
        with closing(session):
            while not self._stopped and not _is_outdated(guard):
                if self._paused:
                    self._herald.become(State.PAUSED)
                    seconds = TICK_SECONDS
                else:
                    if self._asked:
                        self._asked = False
                        session.ask()
                    seconds = session.turn()
                self._machine.wait(self._wake, seconds)
                self._wake.clear()

    def _is_interrupted(self) -> bool:
        return self._stopped or self._paused


def _is_outdated(guard: Guard) -> bool:
    """Whether the settings were changed by another window or command."""
    return settings.load(guard.data, guard.clock)[0] != guard.choices.settings
