# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Runs picture work in processes of its own, so that a hostile file ends one worker and no more.

It keeps crashes, endless loops and hunger for memory away from the program. It is no jail: a
worker is the same user and may open the same files.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from multiprocessing import connection
from typing import Any, Generic, TypeVar

from artistguard.errors import Kind, Problem, Stopped, Unreadable

if sys.platform != "win32":
    import resource

T = TypeVar("T")
R = TypeVar("R")

_SPAWN = multiprocessing.get_context("spawn")
# Loading the decoders takes a fraction of a second; on a cold and busy disk it may take long.
_START_SECONDS = 120.0
# How long a worker that has hung up is waited for, and how long after its deadline one ends by
# itself should nobody be left to end it.
_GRACE_SECONDS = 2.0
# The item a worker is at, and one to go on with while the caller is busy with the last result.
_AHEAD = 2


def run(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    workers: int,
    seconds: float,
    memory: int,
    needs: Sequence[str] = (),
) -> Iterator[tuple[T, R | Problem]]:
    """Yield each item with what `function` made of it, or with the Problem, as they get done.

    `function` belongs to a module and takes and gives small values that pickle. At most `workers`
    processes start, each when an item needs it, and items are taken only as there is room. An item
    may take `seconds`; a worker may take `memory` bytes on top of what it starts with, where the
    system can hold it to that (Linux). Workers begin by loading the modules named in `needs`: those
    that `function` loads only when it is called, so that this process can do without. A Problem
    that `function` raises is yielded as it is, every other end as an Unreadable: DECODER_TIMEOUT,
    or DECODER_CRASHED with the reason. Closing the iterator ends the workers at once, and they end
    by themselves when the program does.

    Raises:
        Stopped: WORKER_NOT_STARTED when a worker cannot even begin, which is no item's fault.
    """
    pool = _Pool(lambda: _Worker(function, seconds, memory, needs), workers, iter(items))
    try:
        pool.feed()
        while pool.busy():
            for worker in pool.due():
                done = worker.hear()
                if worker.ended:
                    pool.drop(worker)
                pool.feed()
                yield from done
    finally:
        pool.end()


class _Worker(Generic[T, R]):
    """One process, the pipe to it, and the items it was given, the one it is at first."""

    def __init__(
        self, function: Callable[[T], R], seconds: float, memory: int, needs: Sequence[str]
    ) -> None:
        self.given: deque[T] = deque()
        self.deadline = time.monotonic() + _START_SECONDS
        self._seconds = seconds
        self._begun = False
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=_work, args=(theirs, function, seconds, memory, needs), daemon=True
        )
        try:
            with theirs, _interrupts_held():
                self._process.start()
        except OSError as error:
            raise Stopped(Kind.WORKER_NOT_STARTED, reason=error.strerror) from error

    @property
    def ended(self) -> bool:
        """Whether this worker will do nothing more."""
        return self.pipe.closed

    def give(self, item: T) -> None:
        """Send `item`; its time begins once the worker is there and done with those before it."""
        self.given.append(item)
        with contextlib.suppress(OSError):  # if the worker is gone, `hear` will say so
            self.pipe.send(item)

    def hear(self) -> list[tuple[T, R | Problem]]:
        """Return the first item given and what became of it; nothing if the worker just began.

        To be called when the worker has spoken or its time is over; it may have `ended` then.
        """
        try:
            spoken = self.pipe.poll()
            outcome: Any = self.pipe.recv() if spoken else None
        except Exception:  # noqa: BLE001  # it is gone, or what it says makes no sense
            self._process.join(_GRACE_SECONDS)
            return self._failed(Kind.DECODER_CRASHED, reason=_ending(self._process.exitcode))
        if not spoken:
            return self._failed(Kind.DECODER_TIMEOUT, seconds=self._seconds)
        self.deadline = time.monotonic() + self._seconds
        if not self._begun:
            self._begun = True
            return []
        return [(self.given.popleft(), outcome)]

    def _failed(self, kind: Kind, **facts: object) -> list[tuple[T, R | Problem]]:
        self.end()
        if not self._begun:
            raise Stopped(Kind.WORKER_NOT_STARTED, reason=facts.get("reason", "no answer"))
        return [(self.given.popleft(), Unreadable(kind, **facts))]

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self.ended:
            return
        self._process.kill()
        self._process.join(_GRACE_SECONDS)
        with contextlib.suppress(ValueError):  # it is held fast by a drive that does not answer
            self._process.close()
        self.pipe.close()


class _Pool(Generic[T, R]):
    """The workers of one run and the items that they are still to get."""

    def __init__(self, start: Callable[[], _Worker[T, R]], size: int, items: Iterator[T]) -> None:
        self._start = start
        self._size = size
        self._items = items
        self._again: deque[T] = deque()
        self._workers: list[_Worker[T, R]] = []

    def feed(self) -> None:
        """Give out items while there are any and a worker has room for one, or may be started."""
        while len(self._workers) < self._size or any(len(w.given) < _AHEAD for w in self._workers):
            try:
                item = self._again.popleft() if self._again else next(self._items)
            except StopIteration:
                return
            if len(self._workers) < self._size:
                self._workers.append(self._start())
            min(self._workers, key=lambda worker: len(worker.given)).give(item)

    def busy(self) -> list[_Worker[T, R]]:
        """Return the workers that have something to do."""
        return [worker for worker in self._workers if worker.given]

    def due(self) -> list[_Worker[T, R]]:
        """Wait until a worker has spoken or its time is over; return those of which that is so."""
        busy = self.busy()
        soonest = min(worker.deadline for worker in busy)
        pause = max(0.0, soonest - time.monotonic())
        spoken = connection.wait([worker.pipe for worker in busy], pause)
        now = time.monotonic()
        return [worker for worker in busy if worker.pipe in spoken or worker.deadline <= now]

    def drop(self, worker: _Worker[T, R]) -> None:
        """Forget an ended worker; what was waiting behind its last item comes next."""
        self._workers.remove(worker)
        self._again.extend(worker.given)

    def end(self) -> None:
        """End all workers at once."""
        for worker in self._workers:
            worker.end()


def _ending(code: int | None) -> str:
    if code is None:
        return "no answer"
    if code < 0:
        return f"signal {-code}"
    return f"exit status {code}"


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let a process that is started in here never be interrupted, not even while it starts."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- inside the worker ----------------------------------------------------------------------------


def _work(
    pipe: connection.Connection,
    function: Callable[[T], object],
    seconds: float,
    memory: int,
    needs: Sequence[str],
) -> None:
    for module in needs:
        import_module(module)
    _confine(memory)
    with contextlib.suppress(EOFError, OSError):  # the other side is gone: so are we
        pipe.send(None)
        while True:
            item = pipe.recv()
            _end_by_itself_in(seconds + _GRACE_SECONDS)
            outcome = _tried(function, item)
            _end_by_itself_in(0)
            pipe.send(outcome)


def _tried(function: Callable[[T], object], item: T) -> object:
    try:
        return function(item)
    except Problem as problem:
        return problem
    except MemoryError:
        return Unreadable(Kind.DECODER_CRASHED, reason="memory")
    except Exception as error:  # noqa: BLE001  # whatever it is, it ends with this item
        return Unreadable(Kind.DECODER_CRASHED, reason=repr(error))


def _confine(memory: int) -> None:
    """Keep this process quiet, within `memory` more bytes, and alive no longer than its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides (on Windows too)
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # decoders write there, into the middle of our own output
        os.dup2(silence, stream)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError, ValueError):  # macOS knows the limit but not its use
            limit = _mapped() + memory
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _mapped() -> int:
    """Return how many bytes of address space this process has taken, by Linux's /proc."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123  # as plain as can be
        return int(statm.read().split()[0]) * resource.getpagesize()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _end_by_itself_in(seconds: float) -> None:
    """Have the system end this process then (0: never), even if no thread of it gets to run."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
