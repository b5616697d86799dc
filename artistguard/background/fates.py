# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a step that failed: plain functions over problems and the clock's time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from artistguard.background.news import State
from artistguard.errors import Damaged, NotSignedIn, Offline, Problem, SlowDown, Stopped

FIRST_PAUSE_SECONDS: Final = 60.0
LONGEST_PAUSE_SECONDS: Final = 3600.0


class Fate(StrEnum):
    """What becomes of a step that failed."""

    AGAIN = "again"
    PERSON = "person"
    END = "end"


FATES: Final[dict[type[Problem], tuple[Fate, State]]] = {
    Offline: (Fate.AGAIN, State.OFFLINE),
    SlowDown: (Fate.AGAIN, State.OFFLINE),
    NotSignedIn: (Fate.PERSON, State.NEEDS_YOU),
    Damaged: (Fate.END, State.ERROR),
    Stopped: (Fate.END, State.ERROR),
    Problem: (Fate.AGAIN, State.NEEDS_YOU),
}
"""The fate of each class of problems; the last row is that of all others."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A step that failed so many times in a row, and until when it rests, for which reason."""

    tries: int
    until: float
    problem: Problem


def fate(problem: Problem) -> tuple[Fate, State]:
    """What becomes of the step that met the problem, and the state that puts us into."""
    return next(row for kind, row in FATES.items() if isinstance(problem, kind))


def pause(before: Pause | None, problem: Problem, now: float, chance: float) -> Pause:
    """How long a step rests after a problem: longer each time, never less than was asked for.

    `chance`, 0 to 1, takes up to half of it off, so that not all ask again at once. What waits for
    a person waits for ever.
    """
    tries = before.tries + 1 if before else 1
    if fate(problem)[0] is Fate.PERSON:
        return Pause(tries, math.inf, problem)
    most = min(FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 16), LONGEST_PAUSE_SECONDS)
    asked = problem.facts.get("seconds")
    least = asked if isinstance(asked, float | int) else 0.0
    return Pause(tries, now + max(least, most * (1 - chance / 2)), problem)
