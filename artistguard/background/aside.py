# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Takes the steps in a process of its own, so that whoever waits in a tray stays light and quick.

No library can be unloaded, and a thread that counts or parses takes the interpreter's lock from the
one that draws. The other process opens a guard over the same data folder, where all it does is
kept, and sends results over a pipe as they are made. It goes when its parent goes.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from artistguard.errors import Kind, Problem, Stopped
from artistguard.guard import Guard, now
from artistguard.models import Clock, Clue

_SPAWN = multiprocessing.get_context("spawn")

GRACE_SECONDS: Final = 10.0
"""For so long a step that is left may come to its next result, before its process is killed."""

_NICE: Final = 2


@dataclass(frozen=True, slots=True)
class _Ended:
    """A step is over: what ended it early, and what the guard has noticed on the way."""

    problem: Problem | None
    notices: tuple[Problem, ...] = ()


class Aside(Guard):
    """A guard that takes its long steps in another process, which is there until `rest`.

    Raises Problem (STEP_CRASHED) when that process ends without a word; what it had done is kept,
    and the next step begins another one. Stopped (WORKER_NOT_STARTED) when it cannot be started.
    """

    def __init__(self, data: Path, clock: Clock = now) -> None:
        super().__init__(data, clock)
        self._other: _Other | None = None

    def close(self) -> None:
        """End the other process, and close everything here."""
        self.rest()
        super().close()

    def rest(self) -> bool:
        """Let the other process go until it is needed again; whether there was one."""
        other, self._other = self._other, None
        if other:
            other.end()
        return other is not None

    def scan(
        self, paths: Sequence[str] = (), restless: Collection[str] = ()
    ) -> Generator[Any, None, None]:
        """As `Guard.scan`."""
        return self._take("scan", paths, restless)

    def search(
        self, clue: Clue, chosen: Sequence[str] = (), *, again: bool = True
    ) -> Generator[Any, None, None]:
        """As `Guard.search`."""
        return self._take("search", clue, chosen, again=again)

    def deliver(self, *, far: bool = True) -> Generator[Any, None, None]:
        """As `Guard.deliver`."""
        return self._take("deliver", far=far)

    def _take(self, verb: str, *what: object, **how: object) -> Generator[Any, None, None]:
        """The results of one step. Closing it ends the step, and the process, at the next one."""
        if self._other is None:
            self._other = _Other(self.data)
        ended = None
        try:
            self._other.ask(verb, what, how)
            while not isinstance(said := self._other.hear(), _Ended):
                yield said
            ended = said
        finally:
            if ended is None:
                self.rest()
        self.notices.extend(ended.notices)
        if ended.problem:
            raise ended.problem


class _Other:
    """The other process and the pipe to it."""

    def __init__(self, data: Path) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        # No daemon, since it has children of its own: those that decode.
        self._process = _SPAWN.Process(target=_work, args=(theirs, data), name="steps")
        try:
            with theirs:
                self._process.start()
        except OSError as error:
            self._pipe.close()
            raise Stopped(Kind.WORKER_NOT_STARTED, reason=error.strerror) from error

    def ask(self, verb: str, what: tuple[object, ...], how: dict[str, object]) -> None:
        """Have a step taken."""
        with contextlib.suppress(ConnectionError):  # if it is gone, `hear` will say so
            self._pipe.send((verb, what, how))

    def hear(self) -> object:
        """What is said next. Raises Problem (STEP_CRASHED)."""
        try:
            return self._pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join(GRACE_SECONDS)
            raise Problem(Kind.STEP_CRASHED, status=self._process.exitcode) from None

    def end(self) -> None:
        """End it, at its next result if it is at something."""
        self._pipe.close()
        self._process.join(GRACE_SECONDS)
        self._process.kill()
        self._process.join()
        self._process.close()


# --- in the other process -------------------------------------------------------------------------


def _work(pipe: Connection, data: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    if sys.platform != "win32":
        os.nice(_NICE)  # a person at the screen comes first
    with contextlib.suppress(EOFError, ConnectionError):  # the parent has hung up
        asked = pipe.recv()
        try:
            with closing(Guard(data)) as guard:
                while True:
                    pipe.send(_take(guard, pipe, *asked))
                    asked = pipe.recv()
        except Problem as problem:  # it could not be opened
            pipe.send(_Ended(problem))


def _take(
    guard: Guard, pipe: Connection, verb: str, what: tuple[Any, ...], how: dict[str, Any]
) -> _Ended:
    problem = None
    try:
        with closing(getattr(guard, verb)(*what, **how)) as results:
            for result in results:
                pipe.send(result)
    except Problem as met:
        problem = met
    notices = tuple(guard.notices)
    guard.notices.clear()
    return _Ended(problem, notices)
