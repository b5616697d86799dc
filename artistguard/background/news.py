# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the background tells: how things stand, and what is new, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from artistguard.background.leave import Waits
from artistguard.errors import Kind, Problem
from artistguard.marking import MarkedFile
from artistguard.models import Disclosure, Match, More, OptOut, Progress, ScannedFile


class State(StrEnum):
    """How things stand, in one word for a tray."""

    IDLE = "idle"
    WORKING = "working"
    WAITING = "waiting"
    PAUSED = "paused"
    OFFLINE = "offline"
    NEEDS_YOU = "needs_you"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Changed:
    """The state has changed; `problem` is why, when it is not simply well.

    `waits` names what steps have to wait for although nothing is wrong. `away` are the folders of
    the portfolio that are out of reach, each as the last scan told of it: drives that are not
    connected, folders that were moved. Their works are kept.
    """

    state: State
    problem: Problem | None = None
    waits: tuple[Waits, ...] = ()
    away: tuple[ScannedFile, ...] = ()


_AWAY: Final = frozenset({Kind.FOLDER_MISSING, Kind.FOLDER_EMPTIED, Kind.FOLDER_UNREADABLE})

News = Changed | Progress | ScannedFile | Match | More | Disclosure | OptOut | MarkedFile | Problem
"""What is told. A `Problem` by itself has stopped nothing, and is told once."""


class Herald:
    """Tells what is new, and only that."""

    def __init__(self, tell: Callable[[News], None]) -> None:
        self.tell = tell
        self._stands: tuple[State, str, tuple[Waits, ...], tuple[ScannedFile, ...]] | None = None
        self._said: set[object] = set()
        self._troubles: frozenset[ScannedFile] = frozenset()

    def become(
        self, state: State, problem: Problem | None = None, waits: tuple[Waits, ...] = ()
    ) -> None:
        """Tell the state if it is another one, or for another reason."""
        out_of_reach = (trouble for trouble in self._troubles if trouble.error in _AWAY)
        away = tuple(sorted(out_of_reach, key=lambda trouble: trouble.path))
        stands = (state, problem.kind if problem else "", waits, away)
        if stands != self._stands:
            self._stands = stands
            self.tell(Changed(state, problem, waits, away))

    def tell_once(self, news: More | MarkedFile | Problem) -> None:
        """Tell what comes up again and again, the first time."""
        key = str(news)
        if key not in self._said:
            self._said.add(key)
            self.tell(news)

    def tell_troubles(self, troubles: Collection[ScannedFile]) -> None:
        """Tell which of the files and folders that a scan could not read it could read before."""
        for trouble in troubles:
            if trouble not in self._troubles:
                self.tell(trouble)
        self._troubles = frozenset(troubles)
