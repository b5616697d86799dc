# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Between the screen and the threads that work: what they tell comes over as three signals.

Two threads work, each with a guard of its own: the background, which keeps watch and has long steps
taken in another process, and one that answers what the screen asks, since a question may take
longer than a frame. The screen writes its wishes itself, as short transactions, and wakes the
background.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from PySide6.QtCore import QMetaObject, QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from artistguard.background import Aside, Background, Changed, Leave, Machine, News, State
from artistguard.errors import Damaged, Problem, Stopped
from artistguard.guard import Guard
from artistguard.gui.machine import give_back
from artistguard.models import Disclosure, Match, More, OptOut, Progress, ScannedFile

T = TypeVar("T")

GATHER_MS: Final = 100
"""What is told is gathered for so long: the screen is renewed ten times a second at most."""

LINGER_SECONDS: Final = 5.0
"""So soon the next step often follows: what has settled, or what the artist decides."""

_log = logging.getLogger(__name__)


class Topic(Enum):
    """What a page may have to show anew."""

    STATE = auto()
    WORKS = auto()
    MATCHES = auto()
    OPT_OUTS = auto()
    SETTINGS = auto()


@dataclass(frozen=True, slots=True)
class Update:
    """What has changed since the last one; `told` are things to be said to the artist."""

    topics: frozenset[Topic]
    told: tuple[Match | More | Disclosure | OptOut | ScannedFile, ...] = ()


_TOPICS: Final[dict[type, Topic]] = {
    Changed: Topic.STATE,
    ScannedFile: Topic.WORKS,
    Match: Topic.MATCHES,
    OptOut: Topic.OPT_OUTS,
}

_MOST_TOLD: Final = 1_000


@dataclass(slots=True)
class _Gathered:
    """What the background has told and the screen has not heard of yet."""

    topics: set[Topic] = field(default_factory=set)
    told: list[Any] = field(default_factory=list)
    progress: Progress | None = None
    problems: list[Problem] = field(default_factory=list)


class Bridge(QObject):
    """Starts the threads and carries what they tell into the thread of the screen."""

    changed = Signal(object)
    """An Update."""
    progress = Signal(object)
    """A Progress, the latest."""
    problem = Signal(object)
    """A Problem that the artist has not heard of."""

    def __init__(self, data: Path, leave: Leave | None = None) -> None:
        super().__init__()
        self.state = Changed(State.WORKING)
        self._data = data
        self._lock = threading.Lock()
        self._gathered = _Gathered()
        self._scheduled = False
        self._answers: deque[Callable[[], None]] = deque()
        self._questions: SimpleQueue[Callable[[Guard], None] | None] = SimpleQueue()
        self._jobs: list[tuple[threading.Thread, threading.Event]] = []
        self._aside: Aside | None = None
        machine = Machine(wait=self._rest)
        self._background = Background(self._open_aside, self._tell, machine, leave)
        self._threads = [
            threading.Thread(target=run, name=name)
            for name, run in (("background", self._keep_watch), ("questions", self._keep_answering))
        ]

    def start(self) -> None:
        """Let both threads begin."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End both threads; what is under way ends at its next result, and nothing is lost."""
        self._background.stop()
        self._questions.put(None)
        for job, stopped in self._jobs:
            stopped.set()
            job.join()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._answers.clear()  # nobody is there to hear them

    # what the screen wants

    def ask(
        self,
        question: Callable[[Guard], T],
        answer: Callable[[T], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Ask off the screen's thread; `answer` is called in it, or `failed` or `problem`."""

        def run(guard: Guard) -> None:
            try:
                result = question(guard)
            except Problem as problem:
                self._settle_later(partial(failed or self.problem.emit, problem))
            else:
                self._settle_later(partial(answer, result))

        self._questions.put(run)

    def work(
        self,
        job: Callable[[], Iterator[Progress]],
        done: Callable[[Problem | None], None],
        told: Callable[[Progress], None],
    ) -> Callable[[], None]:
        """Do something long in a thread of its own; what is given back stops it.

        `told` is called with its progress, and `done` at its end, with what ended it early; a job
        that was stopped says nothing more.
        """
        stopped = threading.Event()

        def run() -> None:
            problem = None
            try:
                for progress in job():
                    if stopped.is_set():
                        return
                    self._settle_later(partial(told, progress))
            except Problem as met:
                problem = met
            self._settle_later(partial(done, problem))

        thread = threading.Thread(target=run, name="job")
        self._jobs.append((thread, stopped))
        thread.start()
        return stopped.set

    def wake(self, *topics: Topic) -> None:
        """A wish was written, which touches these topics: show it, and see to it."""
        self._background.wake()
        if topics:
            self.changed.emit(Update(frozenset(topics)))

    def pause(self) -> None:
        """Let the background rest until `resume`."""
        self._background.pause()

    def resume(self) -> None:
        """Let the background go on."""
        self._background.resume()

    # what the threads do

    def _open_aside(self) -> Guard:
        self._aside = Aside(self._data)
        return self._aside

    def _rest(self, woken: threading.Event, seconds: float) -> None:
        """Wait; what was loaded for the last steps is let go once nothing follows soon."""
        if not woken.wait(min(seconds, LINGER_SECONDS)) and self._aside:
            if self._aside.rest():
                give_back()
            woken.wait(max(0.0, seconds - LINGER_SECONDS))

    def _keep_watch(self) -> None:
        try:
            self._background.run()
        except (Damaged, Stopped):
            pass  # it was told as the state
        except Exception:  # noqa: BLE001  # the window stays, and says that nothing is watched
            _log.exception("The background has stopped.")
            self._tell(Changed(State.ERROR))

    def _keep_answering(self) -> None:
        question = self._questions.get()
        try:
            while question is not None:
                # A guard is good for as long as the settings stay the same.
                with closing(Guard(self._data)) as guard:
                    while question is not None and not guard.choices.is_outdated():
                        question(guard)
                        question = self._questions.get()
        except Problem as problem:
            self._settle_later(partial(self.problem.emit, problem))

    def _tell(self, news: News) -> None:
        with self._lock:
            match news:
                case Progress():
                    self._gathered.progress = news
                case Problem():
                    self._gathered.problems.append(news)
                case _:
                    if isinstance(news, Changed):
                        self.state = news
                    elif len(self._gathered.told) < _MOST_TOLD:
                        self._gathered.told.append(news)
                    if topic := _TOPICS.get(type(news)):
                        self._gathered.topics.add(topic)
            scheduled, self._scheduled = self._scheduled, True
        if not scheduled:
            self._settle_later(partial(QTimer.singleShot, GATHER_MS, self, self._hand_over))

    def _settle_later(self, answer: Callable[[], None]) -> None:
        self._answers.append(answer)
        QMetaObject.invokeMethod(self, "_settle", Qt.ConnectionType.QueuedConnection)

    # in the thread of the screen again

    @Slot()
    def _settle(self) -> None:
        while self._answers:
            answer = self._answers.popleft()
            if _is_there(answer):
                answer()

    @Slot()
    def _hand_over(self) -> None:
        with self._lock:
            gathered, self._gathered = self._gathered, _Gathered()
            self._scheduled = False
        if gathered.progress:
            self.progress.emit(gathered.progress)
        if gathered.topics or gathered.told:
            self.changed.emit(Update(frozenset(gathered.topics), tuple(gathered.told)))
        for problem in gathered.problems:
            self.problem.emit(problem)


def _is_there(answer: object) -> bool:
    """Whether the widget that waits for an answer still is; a page may close while it is sought."""
    while isinstance(answer, partial):
        if not all(map(_is_there, answer.args)):
            return False
        answer = answer.func
    held = [cell.cell_contents for cell in getattr(answer, "__closure__", None) or ()]
    owners = [getattr(answer, "__self__", answer), *held]
    return all(not isinstance(owner, QObject) or isValid(owner) for owner in owners)
