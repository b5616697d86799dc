# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The sandbox: whatever an item does to its worker, the others come through."""

import contextlib
import itertools
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from artistguard import sandbox
from artistguard.errors import Kind, Problem, Refused, Stopped, Unreadable
from hostile import (
    double,
    held_signals,
    is_loaded,
    misbehave,
    note_id_and_hang,
    note_id_and_hang_in_c,
    own_id,
)

ROOMY = 512 << 20


# --- how they are asked ---------------------------------------------------------------------------


def outcomes(*items: str, workers: int = 2, seconds: float = 30.0) -> dict[str, str | Problem]:
    return dict(
        sandbox.run(misbehave, items, workers=workers, seconds=seconds, memory=ROOMY),
    )


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        os.sched_yield()


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children() -> set[int]:
    lists = [task / "children" for task in Path("/proc/self/task").iterdir()]
    ids = {int(child) for listed in lists for child in listed.read_text().split()}
    return {child for child in ids if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


# --- the tests ------------------------------------------------------------------------------------


def test_what_the_work_needs_is_loaded_by_the_worker_alone():
    needs, how = ("wave",), {"workers": 1, "seconds": 30, "memory": ROOMY}
    assert list(sandbox.run(is_loaded, needs, **how)) == [("wave", False)]
    assert list(sandbox.run(is_loaded, needs, needs=needs, **how)) == [("wave", True)]
    assert "wave" not in sys.modules


def test_every_item_comes_back_once_with_its_result():
    results = list(sandbox.run(double, range(50), workers=3, seconds=30, memory=ROOMY))
    assert sorted(results) == [(n, 2 * n) for n in range(50)]


def test_no_item_starts_no_process():
    before = children()
    assert list(sandbox.run(double, [], workers=2, seconds=30, memory=ROOMY)) == []
    assert children() == before


def test_few_items_start_few_processes():
    ids = dict(sandbox.run(own_id, ["one"], workers=8, seconds=30, memory=ROOMY))
    assert len(ids) == 1
    with contextlib.closing(
        sandbox.run(own_id, ["one"], workers=8, seconds=30, memory=ROOMY)
    ) as results:
        next(results)
        assert len(children()) == 1


def test_items_are_taken_only_as_there_is_room():
    taken = []

    def endless():
        for number in itertools.count():
            taken.append(number)
            yield number

    with contextlib.closing(
        sandbox.run(double, endless(), workers=2, seconds=30, memory=ROOMY)
    ) as results:
        for _ in range(5):
            next(results)
        assert len(taken) <= 5 + 2 * 2


def test_a_crash_fails_only_its_item_and_says_how():
    harms = {
        "segfault": f"signal {signal.SIGSEGV:d}",
        "abort": f"signal {signal.SIGABRT:d}",
        "kill": f"signal {signal.SIGKILL:d}",
        "leave": "exit status 3",
        "eat": "memory",
        "bug": "ZeroDivisionError('by nought')",
    }
    results = outcomes("first", *harms, "last", workers=1)
    assert results.pop("first") == "FIRST"
    assert results.pop("last") == "LAST"
    assert {item: result.facts for item, result in results.items()} == {
        item: {"reason": reason} for item, reason in harms.items()
    }
    assert {(type(result), result.kind) for result in results.values()} == {
        (Unreadable, Kind.DECODER_CRASHED)
    }


def test_other_ends_fail_only_their_item_too():
    results = outcomes("first", "nibble", "recursion", "unsendable", "last", workers=1)
    assert results.pop("first") == "FIRST"
    assert results.pop("last") == "LAST"
    assert {result.kind for result in results.values()} == {Kind.DECODER_CRASHED}


def test_an_item_that_takes_too_long_is_given_up():
    results = outcomes("hang", "next", "hang in C", "last", workers=1, seconds=0.2)
    assert results["next"] == "NEXT"
    assert results["last"] == "LAST"
    for harm in ("hang", "hang in C"):
        assert results[harm].kind is Kind.DECODER_TIMEOUT
        assert results[harm].facts == {"seconds": 0.2}


def test_crash_after_crash_leaves_the_rest_unharmed():
    items = [f"{'kill' if n % 2 else 'fine'}:{n}" for n in range(6)]
    results = outcomes(*items)
    assert len(results) == len(items)
    for item in items:
        if item.startswith("fine"):
            assert results[item] == item.upper()
        else:
            assert results[item].kind is Kind.DECODER_CRASHED


def test_a_problem_travels_back_with_its_facts():
    problem = outcomes("problem")["problem"]
    assert isinstance(problem, Unreadable)
    assert problem.kind is Kind.TOO_MANY_PIXELS
    assert problem.facts == {"width": 9, "height": 8}


def test_problems_of_every_class_pickle():
    for problem in (Refused(Kind.REFUSED, reason="no"), Stopped(Kind.DISK_FULL)):
        copy = pickle.loads(pickle.dumps(problem))
        assert (type(copy), copy.kind, copy.facts) == (type(problem), problem.kind, problem.facts)


def test_what_decoders_print_is_not_seen(capfd):
    assert outcomes("shout")["shout"] == "SHOUT"
    assert capfd.readouterr() == ("", "")


def test_workers_ignore_an_interrupt():
    assert outcomes("interrupt")["interrupt"] == "INTERRUPT"


def test_workers_cannot_be_interrupted_while_they_start_either():
    [(_, held)] = sandbox.run(held_signals, [0], workers=1, seconds=30, memory=ROOMY)
    assert signal.SIGINT in held
    assert signal.SIGINT not in held_signals(0)


def test_a_worker_that_cannot_begin_stops_the_run_instead_of_failing_every_item():
    with pytest.raises(Stopped) as caught:
        list(sandbox.run(Unloadable(), ["a", "b"], workers=2, seconds=30, memory=ROOMY))
    assert caught.value.kind is Kind.WORKER_NOT_STARTED
    assert not children()


def test_a_worker_that_never_begins_stops_the_run_too(monkeypatch):
    monkeypatch.setattr(sandbox, "_START_SECONDS", 0.0)
    with pytest.raises(Stopped) as caught:
        list(sandbox.run(double, [1, 2], workers=1, seconds=30, memory=ROOMY))
    assert caught.value.kind is Kind.WORKER_NOT_STARTED
    assert not children()


class Unloadable:
    """A function that ends the process that receives it."""

    def __reduce__(self):
        return os._exit, (7,)

    def __call__(self, item):
        return item


def test_an_error_among_the_items_ends_the_workers():
    def broken():
        yield 1
        raise RuntimeError

    with pytest.raises(RuntimeError):
        list(sandbox.run(double, broken(), workers=2, seconds=30, memory=ROOMY))
    assert not children()


def test_closing_ends_busy_workers_at_once(tmp_path):
    results = sandbox.run(misbehave, ["fine", "hang", "hang"], workers=3, seconds=600, memory=ROOMY)
    assert next(results) == ("fine", "FINE")
    started = time.monotonic()
    results.close()
    assert not children()
    assert time.monotonic() - started < 5


PARENT = """
import sys
from artistguard import sandbox
from hostile import {function}
if __name__ == "__main__":
    list(sandbox.run({function}, sys.argv[1:], workers=2, seconds={seconds}, memory=1 << 29))
"""


def start_parent(tmp_path, function, seconds):
    """Start a program with two busy workers; return it and the workers' process ids."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(function=function.__name__, seconds=seconds))
    notes = [tmp_path / "one", tmp_path / "two"]
    parent = subprocess.Popen(
        [sys.executable, script, *notes],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_until(lambda: all(note.exists() and note.read_text() for note in notes))
    return parent, [int(note.read_text()) for note in notes]


@pytest.mark.parametrize(
    "function, seconds", [(note_id_and_hang, 600), (note_id_and_hang_in_c, 0.5)]
)
def test_killing_the_program_ends_its_workers(tmp_path, function, seconds):
    parent, workers = start_parent(tmp_path, function, seconds)
    with parent:
        parent.kill()
    wait_until(lambda: not any(alive(worker) for worker in workers))


def test_interrupting_the_program_ends_its_workers_quietly(tmp_path):
    parent, workers = start_parent(tmp_path, note_id_and_hang, 600)
    with parent:
        os.killpg(parent.pid, signal.SIGINT)  # as Ctrl-C does: to everyone at once
        errors = parent.stderr.read().decode()
    assert errors.count("Traceback") == 1
    assert "KeyboardInterrupt" in errors
    wait_until(lambda: not any(alive(worker) for worker in workers))
