# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""When to run which step: scan, search and deliver, in rounds, with one guard."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from artistguard import folder, places
from artistguard.background.fates import Fate, Pause, fate, pause
from artistguard.background.leave import Leave, Waits
from artistguard.background.news import Herald, State
from artistguard.errors import Problem
from artistguard.folder.watching import Watch, watch
from artistguard.guard import REGISTRY, Guard
from artistguard.marking import MarkedFile, MarkState
from artistguard.models import Disclosure, FileState, Match, More, OptOut, Progress, ScannedFile

RESCAN_SECONDS: Final = 900.0
"""A whole look at 50,000 files takes a third of a second, and finds what no event told of."""

RESCAN_UNWATCHED_SECONDS: Final = 300.0
"""The same where folders cannot be watched."""

TICK_SECONDS: Final = 30.0
"""How often it is looked whether drives came or went, settings changed, or the machine slept."""

SLEPT_SECONDS: Final = 60.0
"""By so much the wall clock gets ahead of the other while a machine sleeps."""

# Names of steps, beside those of the places that are searched.
_SCAN: Final = "scan"
_DELIVERY: Final = "delivery"
_SITES: Final = "sites"
_EXPORTS: Final = "exports"


@dataclass(frozen=True, slots=True)
class Machine:
    """What the loop needs of the machine: two clocks in seconds, a wait that can be cut, chance.

    The wall clock goes on while the machine sleeps and may be set; the other does neither.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    wait: Callable[[threading.Event, float], object] = field(
        default=lambda event, seconds: event.wait(seconds)
    )
    chance: Callable[[], float] = random.random


class _Interrupted(Exception):  # noqa: N818  # no error: somebody wants it so
    """A step was left in the middle; everything it has done is kept."""


class Session:
    """What is to be done with one guard, and when."""

    def __init__(
        self,
        guard: Guard,
        herald: Herald,
        machine: Machine,
        leave: Leave,
        *,
        wake: threading.Event,
        is_interrupted: Callable[[], bool],
    ) -> None:
        self._guard = guard
        self._herald = herald
        self._machine = machine
        self._leave = leave
        self._wake = wake
        self._is_interrupted = is_interrupted
        self._watch: Watch | None = None
        self._pauses: dict[str, Pause] = {}
        self._held: dict[str, Waits] = {}  # steps that are due, and what they wait for
        self._look = True  # at the folders
        self._ask = True  # at every place whether there is more, and send what waits
        self._rescan_at = 0.0
        self._ahead = machine.wall() - machine.monotonic()

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.close()

    def ask(self) -> None:
        """Do everything at the next turn, and try again what was waiting for a person."""
        self._ask = True
        self._pauses = {name: one for name, one in self._pauses.items() if one.until < math.inf}

    def turn(self) -> float:
        """Do what is due; the seconds until more may be."""
        now = self._machine.monotonic()
        ahead = self._machine.wall() - now
        slept = ahead - self._ahead > SLEPT_SECONDS
        self._ahead = ahead
        self._ask |= slept or now >= self._rescan_at
        hints = self._watched().hints()
        self._look |= self._ask or hints.lost or bool(hints.settled)
        rested = any(one.until <= now for one in self._pauses.values())
        if self._look or self._held or rested:
            try:
                self._round(hints.restless)
            except _Interrupted:
                return 0.0  # whoever resumes asks for everything
        times = [now + TICK_SECONDS, self._rescan_at]
        times += [one.until for one in self._pauses.values()]
        times += [hints.ask_at] if hints.ask_at is not None else []
        return max(0.0, min(times) - self._machine.monotonic())

    def _watched(self) -> Watch:
        """The watch over the folders as they are now: named since, unplugged, or back again."""
        exports = self._guard.choices.settings.marks.export_from
        roots = [*self._guard.portfolio.folders(), *([exports] if exports else [])]
        if self._watch is None or not self._watch.is_of(roots):
            self.close()
            clock = self._machine.monotonic
            self._watch = watch(roots, folder.PICTURES, self._wake.set, clock)
            self._ask = True
        if self._watch.problem:
            self._herald.tell_once(self._watch.problem)
        return self._watch

    def _round(self, restless: Collection[str]) -> None:
        """Every step that is due, in the order of the flow."""
        renews = self._look or self._ask
        fresh = False
        if self._look and self._allows(_SCAN):
            fresh = self._step(_SCAN, partial(self._guard.scan, restless=restless))
        self._look = _SCAN in self._held
        exports = self._guard.choices.settings.marks.export_from
        wanted = bool(exports) and (renews or _EXPORTS in self._held)
        if self._is_due(_EXPORTS, wanted=wanted) and self._allows(_EXPORTS):
            self._step(_EXPORTS, partial(self._guard.marking.mark_exports, restless))
        for place in self._guard.choices.places():
            wanted = self._ask or fresh or place in self._held
            if self._is_due(place, wanted=wanted) and self._allows(place):
                clue = self._guard.choices.clue()
                fresh |= self._step(place, partial(self._guard.search, clue, [place], again=False))
        self._deliver(fresh=fresh)
        wanted = self._ask and bool(self._guard.sites.due())
        if self._is_due(_SITES, wanted=wanted) and self._leave.call(self._guard.choices.settings):
            self._step(_SITES, self._guard.sites.look_again)
        self._ask = False
        if renews:
            watched = self._watch and not self._watch.problem
            rest = RESCAN_SECONDS if watched else RESCAN_UNWATCHED_SECONDS
            self._rescan_at = self._machine.monotonic() + rest
        for notice in self._guard.notices:
            self._herald.tell_once(notice)
        self._herald.become(*self._standing())

    def _deliver(self, *, fresh: bool) -> None:
        """Send what waits: to the registry here always, to others when they may be called.

        Channels that are away hold up no other, so what is new is sent even while one rests.
        """
        far = self._leave.call(self._guard.choices.settings)
        wanted = self._ask or (far and _DELIVERY in self._held)
        if fresh or self._is_due(_DELIVERY, wanted=wanted):
            self._step(_DELIVERY, partial(self._guard.deliver, far=far))
        if far or {*self._guard.store.outbox.waiting_channels()} <= {REGISTRY}:
            self._held.pop(_DELIVERY, None)
        else:
            self._held[_DELIVERY] = Waits.NETWORK

    def _allows(self, name: str) -> bool:
        """Whether a step may be taken, or go on; if not, it is held until it may."""
        chosen = self._guard.choices.settings
        waits = None
        if name in (_SCAN, _EXPORTS):
            waits = None if self._leave.read(chosen) else Waits.POWER
        elif places.is_far(name):
            if not self._leave.ask(chosen, name):
                waits = Waits.CONSENT
            elif not self._leave.call(chosen):
                waits = Waits.NETWORK
        if waits:
            self._held[name] = waits
        else:
            self._held.pop(name, None)
        return waits is None

    def _is_due(self, name: str, *, wanted: bool) -> bool:
        rests = self._pauses.get(name)
        return rests.until <= self._machine.monotonic() if rests else wanted

    def _step(self, name: str, begin: Callable[[], Any]) -> bool:
        """Take one step; whether there is something new for the next ones."""
        fresh = False
        troubles = []
        try:
            with closing(begin()) as results:
                for result in results:
                    if isinstance(result, ScannedFile) and result.state is FileState.UNREADABLE:
                        troubles.append(result)
                    else:
                        fresh |= self._pass_on(result)
                    if self._is_interrupted():
                        raise _Interrupted
                    if name != _DELIVERY and not self._allows(name):
                        return fresh
        except Problem as problem:
            if fate(problem)[0] is Fate.END:
                raise
            moment, chance = self._machine.monotonic(), self._machine.chance()
            self._pauses[name] = pause(self._pauses.get(name), problem, moment, chance)
        else:
            self._pauses.pop(name, None)
            if name == _SCAN:
                self._herald.tell_troubles(troubles)
        return fresh

    def _pass_on(self, result: object) -> bool:
        """Tell one result of a step if it is news; whether the next steps have to do with it."""
        match result:
            case Problem():
                raise result
            case More():
                self._herald.tell_once(result)
            case Progress(done=done, total=total):
                if done != total:
                    self._herald.become(State.WORKING)
                self._herald.tell(result)
            case MarkedFile(state=MarkState.FAILED):
                self._herald.tell_once(result)
            case MarkedFile(state=MarkState.MARKED):
                self._herald.become(State.WORKING)
                self._herald.tell(result)
            case Disclosure(works=0, buckets=0) | ScannedFile(state=FileState.KNOWN):
                pass
            case ScannedFile() | Match() | Disclosure() | OptOut():
                self._herald.become(State.WORKING)
                self._herald.tell(result)
        new = (FileState.NEW, FileState.CHANGED)
        return isinstance(result, Match) or (
            isinstance(result, ScannedFile) and result.state in new
        )

    def _standing(self) -> tuple[State, Problem | None, tuple[Waits, ...]]:
        """How things stand after a round: what a person can mend comes first."""
        problems = {fate(one.problem)[1]: one.problem for one in self._pauses.values()}
        waits = tuple(sorted(set(self._held.values())))
        if problem := problems.get(State.NEEDS_YOU):
            return State.NEEDS_YOU, problem, ()
        if Waits.CONSENT in waits:
            return State.NEEDS_YOU, None, (Waits.CONSENT,)
        if problem := problems.get(State.OFFLINE):
            return State.OFFLINE, problem, ()
        return (State.WAITING if waits else State.IDLE), None, waits
