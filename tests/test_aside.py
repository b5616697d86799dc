# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Steps in a process of their own: the same results, and nothing lost however it ends."""

import multiprocessing
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from artistguard.background import Aside
from artistguard.background.fates import Fate, fate
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.guard import Guard
from artistguard.models import Clue, FileState, Match, ScannedFile, Scope
from baking import Row, bake
from waiting import wait_until

ROUND = """
import multiprocessing, sys
from contextlib import closing
from pathlib import Path
from artistguard.background import Aside

def main():
    data, art = sys.argv[1:]
    with closing(Aside(Path(data))) as guard:
        for step in guard.scan([art]), guard.search(guard.choices.clue()), guard.deliver():
            assert list(step)
        (other,) = multiprocessing.active_children()
        large = ("PIL", "cryptography", "numpy", "pyarrow")
        print(other.pid, *(name for name in large if name in sys.modules), flush=True)
        sys.stdin.read()

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def art(paint, tmp_path):
    for seed in range(6):
        paint(f"{seed}.png", seed, size=(160, 120), folder=tmp_path / "art")
    return tmp_path / "art"


@pytest.fixture
def guard(tmp_path):
    with closing(Aside(tmp_path / "data")) as one:
        yield one
    assert multiprocessing.active_children() == []


def test_all_steps_give_what_they_give_here(guard, art, tmp_path):
    pack = bake(tmp_path / "pack", [Row("seen", art / "1.png")])
    guard.choices.add_packs([str(pack)])
    guard.rest()  # or it would go on with the choices of before
    scanned = [said for said in guard.scan([str(art)]) if isinstance(said, ScannedFile)]
    assert {said.state for said in scanned} == {FileState.NEW}
    found = [said for said in guard.search(Clue()) if isinstance(said, Match)]
    assert [match.entry.entry for match in found] == ["seen"]
    guard.opt_out(guard.plan(Scope.ALL))
    assert list(guard.deliver())
    assert guard.summary().receipts > 0


def test_what_was_noticed_and_what_went_wrong_comes_over(guard, art, tmp_path):
    with pytest.raises(Unreadable) as caught:
        list(guard.scan([str(tmp_path / "nothing")]))
    assert caught.value.kind is Kind.FOLDER_MISSING
    assert caught.value.facts["path"] == str(tmp_path / "nothing")
    list(guard.scan([str(art)]))
    guard.opt_out(guard.plan(Scope.ALL))
    list(guard.deliver())
    assert Kind.NO_KEYRING in {notice.kind for notice in guard.notices}


def test_a_step_that_is_left_ends_and_the_next_one_goes_on(guard, art):
    steps = guard.scan([str(art)])
    next(said for said in steps if isinstance(said, ScannedFile))
    steps.close()
    assert multiprocessing.active_children() == []
    list(guard.scan([str(art)]))
    assert guard.summary().works == 6


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_is_said_and_loses_nothing(guard, art):
    steps = guard.scan([str(art)])
    next(said for said in steps if isinstance(said, ScannedFile))
    (other,) = multiprocessing.active_children()
    os.kill(other.pid, signal.SIGKILL)
    with pytest.raises(Problem) as caught:
        list(steps)
    assert caught.value.kind is Kind.STEP_CRASHED
    assert caught.value.facts["status"] == -signal.SIGKILL
    assert fate(caught.value)[0] is Fate.AGAIN
    list(guard.scan([str(art)]))
    assert guard.summary().works == 6


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_its_parent_stays_light_and_when_that_is_killed_it_ends(art, tmp_path):
    pack = bake(tmp_path / "pack", [Row("seen", art / "1.png")])
    with closing(Guard(tmp_path / "data")) as guard:
        guard.choices.add_packs([str(pack)])
        list(guard.scan([str(art / "0.png")]))
        guard.opt_out(guard.plan(Scope.ALL))
    script = tmp_path / "round.py"
    script.write_text(ROUND)
    command = [sys.executable, script, tmp_path / "data", art]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        other, *loaded = parent.stdout.readline().split()
        running = Path("/proc", other)
        assert running.exists()
        parent.kill()
    assert loaded == []
    wait_until(lambda: not running.exists())
