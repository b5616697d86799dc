# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Keeping up by itself: real folders, a real guard, and a clock that a test turns."""

import json
import logging
import math
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import pytest

from artistguard import cli
from artistguard.background import Background, Changed, Leave, Machine, State, Waits
from artistguard.background.fates import FATES, Fate, fate, pause
from artistguard.errors import (
    Damaged,
    Kind,
    NotSignedIn,
    Offline,
    Problem,
    Refused,
    SlowDown,
    Stopped,
    Unreadable,
)
from artistguard.guard import Guard
from artistguard.models import (
    FileState,
    Match,
    More,
    OptOut,
    Progress,
    ScannedFile,
    Scope,
    Witness,
)
from baking import Row, bake
from waiting import wait_until


class Clockwork:
    """Two clocks that stand still until they are turned, and a wait that goes by the first."""

    def __init__(self):
        self.now = 1000.0
        self.slept = 0.0
        self.waits_until = None

    def wait(self, event, seconds):
        end = self.now + seconds
        self.waits_until = end
        while self.now < end and not event.wait(0.002):
            pass
        self.waits_until = None

    def machine(self):
        return Machine(lambda: self.now, lambda: self.now + self.slept, self.wait, lambda: 0.0)


class Moody(Guard):
    """A real guard that counts its steps, and meets the troubles it is given to meet."""

    def __init__(self, data, counts, troubles):
        super().__init__(data)
        self.counts = counts
        self.troubles = troubles

    def scan(self, paths=(), restless=frozenset()):
        yield from self._meet("scan")
        yield from super().scan(paths, restless)

    def search(self, clue, chosen=(), **how):
        yield from self._meet("search")
        yield from super().search(clue, chosen, **how)

    def deliver(self, **how):
        yield from self._meet("deliver")
        yield from super().deliver(**how)

    def _meet(self, step):
        self.counts.append(step)
        for trouble in self.troubles.get(step, ()):
            yield trouble
            raise trouble


class Running:
    """A background in a thread of its own, and what it has told."""

    def __init__(self, data, leave=None):
        self.data = data
        self.clock = Clockwork()
        self.told = []
        self.counts = []
        self.troubles = {}
        self.ended = None
        self.background = Background(
            lambda: Moody(data, self.counts, self.troubles),
            self.told.append,
            self.clock.machine(),
            leave,
        )
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        try:
            self.background.run()
        except Problem as problem:
            self.ended = problem

    def rests(self):
        return self.clock.waits_until is not None

    def turn(self, seconds):
        """Let so much time pass at once, and wait until all that is due by then is done."""
        wait_until(self.rests)
        self.clock.now += seconds
        wait_until(lambda: not self.thread.is_alive() or self.waits_on())

    def waits_on(self):
        until = self.clock.waits_until
        return until is not None and until > self.clock.now

    def hears(self, true):
        """Let time pass, a quarter of a second at each look, until something true was told."""

        def heard():
            if self.waits_on():
                self.clock.now += 0.25
            return any(true(news) for news in self.told)

        wait_until(heard)
        wait_until(self.rests)

    def news(self):
        """What was told since the last time, without progress."""
        told = [news for news in self.told if not isinstance(news, Progress)]
        self.told.clear()
        return told

    def files(self):
        return [(news.path, news.state) for news in self.news() if isinstance(news, ScannedFile)]

    def states(self):
        return [news.state for news in self.news() if isinstance(news, Changed)]

    def round(self, act):
        """Do something that makes it look at everything, and wait until it has."""
        done = self.counts.count("deliver")
        act()
        wait_until(lambda: self.counts.count("deliver") > done)
        wait_until(self.rests)


@pytest.fixture
def art(tmp_path):
    (tmp_path / "art").mkdir()
    return tmp_path / "art"


@pytest.fixture
def data(tmp_path, art):
    """An artist's data: an empty folder, and a standing wish for all that will be in it."""
    guard = Guard(tmp_path / "data")
    list(guard.scan([str(art)]))
    guard.opt_out(guard.plan(Scope.ALL))
    guard.close()
    return tmp_path / "data"


@pytest.fixture
def work(data, paint):
    """A work that was taken in."""
    path = paint("art/a.png", 1, size=(160, 120))
    guard = Guard(data)
    list(guard.scan())
    list(guard.deliver())
    guard.close()
    return path


@pytest.fixture
def running(data):
    """Start it, see it through its first round, and end it with the test."""
    begun = []

    @contextmanager
    def ended(leave):
        one = Running(data, leave)
        begun.append(one)
        yield one
        one.thread.start()
        wait_until(lambda: one.rests() or not one.thread.is_alive())

    def start(leave=None, **troubles):
        with ended(leave) as one:
            one.troubles.update(troubles)
        return one

    yield start
    for one in begun:
        one.background.stop()
        one.thread.join(20)
        assert not one.thread.is_alive()


UNREADABLE = FileState.UNREADABLE


def named(path, state):
    return lambda news: (
        isinstance(news, ScannedFile) and (news.path, news.state) == (str(path), state)
    )


def is_state(state):
    return lambda news: isinstance(news, Changed) and news.state is state


def after(*states):
    return [*states, State.IDLE]


# --- what becomes of trouble ----------------------------------------------------------------------

FATE = {
    Offline: (Fate.AGAIN, State.OFFLINE),
    SlowDown: (Fate.AGAIN, State.OFFLINE),
    NotSignedIn: (Fate.PERSON, State.NEEDS_YOU),
    Damaged: (Fate.END, State.ERROR),
    Stopped: (Fate.END, State.ERROR),
    Refused: (Fate.AGAIN, State.NEEDS_YOU),
    Unreadable: (Fate.AGAIN, State.NEEDS_YOU),
    Problem: (Fate.AGAIN, State.NEEDS_YOU),
}


def test_every_class_of_problems_has_a_fate():
    kinds = {Problem, *Problem.__subclasses__()}
    assert kinds == FATE.keys()
    assert {kind: fate(kind(Kind.OFFLINE)) for kind in kinds} == FATE
    assert list(FATES)[-1] is Problem


@pytest.mark.parametrize(
    "tries, asked, chance, seconds",
    [
        (0, None, 0.0, 60),
        (1, None, 0.0, 120),
        (3, None, 0.0, 480),
        (9, None, 0.0, 3600),
        (10_000, None, 0.0, 3600),
        (0, None, 1.0, 30),
        (0, None, 0.5, 45),
        (0, 7, 0.0, 60),
        (0, 90, 0.0, 90),
        (0, 7200.0, 1.0, 7200),
    ],
)
def test_pauses_grow_and_are_never_shorter_than_was_asked_for(tries, asked, chance, seconds):
    problem = SlowDown(Kind.SLOW_DOWN, seconds=asked)
    before = pause(None, problem, 0, chance) if tries else None
    for _ in range(tries - 1):
        before = pause(before, problem, 0, chance)
    assert pause(before, problem, 500.0, chance).until == 500 + seconds


def test_a_person_is_waited_for_without_end():
    assert pause(None, NotSignedIn(Kind.NOT_SIGNED_IN), 5.0, 0.0).until == math.inf


# --- with real folders ----------------------------------------------------------------------------


def test_what_is_made_changed_moved_and_deleted_is_news_by_itself(
    running, art, paint, tmp_path, work
):
    one = running()
    assert one.states() == [State.IDLE]

    path = paint("art/b.png", 2, size=(160, 120))
    one.hears(is_state(State.IDLE))
    news = one.news()
    # That there is no keyring is told once something is signed.
    assert [type(each) for each in news] == [Changed, ScannedFile, OptOut, Problem, Changed]
    assert named(path, FileState.NEW)(news[1])
    assert news[2].work == news[1].work

    paint("b.png", 3, size=(160, 120))
    (tmp_path / "b.png").replace(path)
    one.hears(named(path, FileState.CHANGED))
    one.hears(is_state(State.IDLE))
    one.news()

    path.rename(art / "c.png")
    one.hears(is_state(State.IDLE))
    assert one.files() == [(str(art / "c.png"), FileState.MOVED)]

    (art / "c.png").unlink()
    before = one.clock.now
    one.hears(is_state(State.IDLE))
    assert one.clock.now - before >= 10
    assert one.files() == [(str(art / "c.png"), FileState.GONE)]


def test_matches_and_opt_outs_of_a_new_work_follow_it(running, data, paint, tmp_path):
    seen = paint("seen.png", 2, size=(160, 120))
    guard = Guard(data)
    guard.choices.add_packs([str(bake(tmp_path / "pack", [Row("seen", seen)]))])
    guard.close()
    one = running()
    one.news()
    paint("art/b.png", 2, size=(160, 120))
    one.hears(is_state(State.IDLE))
    news = one.news()
    kinds = [type(each) for each in news]
    assert kinds == [Changed, ScannedFile, Match, OptOut, OptOut, Problem, Changed]
    assert {each.work for each in news[1:-2]} == {news[1].work}


def test_nothing_new_is_nothing_said_and_no_step_but_the_rescan(running):
    one = running()
    one.news()
    one.counts.clear()
    one.turn(899)
    assert one.counts == []
    one.turn(2)
    assert one.counts == ["scan", "deliver"]
    one.turn(901)
    assert one.counts == ["scan", "deliver"] * 2
    assert one.told == []


def test_what_no_event_told_of_is_found_a_quarter_of_an_hour_later(running, art, paint, tmp_path):
    (tmp_path / "far").mkdir()
    (art / "link").symlink_to(tmp_path / "far")
    one = running()
    one.news()
    paint("far/b.png", 2, size=(160, 120))
    one.turn(899)
    assert one.told == []
    one.turn(2)
    assert one.files() == [(str(art / "link" / "b.png"), FileState.NEW)]


def slept(one):
    one.clock.slept += 3600
    one.turn(31)


def asked(one):
    one.background.wake()


def overflowed(_):
    logging.getLogger("watchdog.observers.inotify_c").warning("filesystem events were lost")


def paused_and_resumed(one):
    one.background.pause()
    wait_until(lambda: any(map(is_state(State.PAUSED), one.told)))
    one.background.resume()


@pytest.mark.parametrize("happen", [slept, asked, overflowed, paused_and_resumed])
def test_it_looks_at_once_when_something_may_have_been_missed(happen, running):
    one = running()
    scans = one.counts.count("scan")
    before = one.clock.now
    happen(one)
    wait_until(lambda: one.counts.count("scan") == scans + 1)
    assert one.clock.now - before <= 31


def test_a_clock_that_is_set_a_little_is_no_sleep(running):
    one = running()
    one.counts.clear()
    for _ in range(10):
        one.clock.slept += 50
        one.turn(31)
    assert one.counts == []


def test_while_it_is_paused_nothing_is_done_and_afterwards_nothing_was_missed(running, paint):
    one = running()
    one.background.pause()
    one.hears(is_state(State.PAUSED))
    one.news()
    one.counts.clear()
    path = paint("art/b.png", 2, size=(160, 120))
    one.turn(5000)
    assert (one.counts, one.told) == ([], [])
    one.background.resume()
    one.hears(is_state(State.IDLE))
    assert one.files() == [(str(path), FileState.NEW)]


def test_a_pause_cuts_a_round_short_and_the_next_one_does_the_rest(running, paint):
    paint("art/b.png", 2, size=(160, 120))
    one = Running(None)
    told = one.told

    class Pausing(Moody):
        def scan(self, paths=(), restless=frozenset()):
            for news in super().scan(paths, restless):
                if len(self.counts) == 1:
                    one.background.pause()
                yield news

    live = running()
    live.background.stop()
    live.thread.join(20)
    counts = []
    one.background = Background(
        lambda: Pausing(live.data, counts, {}), told.append, one.clock.machine()
    )
    paint("art/c.png", 3, size=(160, 120))
    one.thread.start()
    wait_until(lambda: any(map(is_state(State.PAUSED), told)))
    assert counts == ["scan"]
    one.background.resume()
    wait_until(lambda: any(map(is_state(State.IDLE), told)))
    assert counts == ["scan", "scan", "deliver"]
    one.background.stop()
    one.thread.join(20)
    assert sum(isinstance(news, OptOut) for news in told) == 1


# --- drives that come and go ----------------------------------------------------------------------


@pytest.mark.parametrize("mount_point_stays", [False, True])
def test_an_unplugged_drive_takes_no_work_with_it(
    mount_point_stays, running, art, paint, tmp_path, data, work
):
    one = running()
    one.news()
    art.rename(tmp_path / "drive in a drawer")
    if mount_point_stays:
        art.mkdir()
    kind = Kind.FOLDER_EMPTIED if mount_point_stays else Kind.FOLDER_MISSING
    one.hears(lambda news: named(art, FileState.UNREADABLE)(news) and news.error == kind)
    # A look between the two steps above rightly finds no folder at all.
    told = one.news()
    missing = [news.error for news in told if isinstance(news, ScannedFile)]
    assert missing in ([kind], [Kind.FOLDER_MISSING, kind])
    assert told[-1] == Changed(State.IDLE, away=(ScannedFile(str(art), UNREADABLE, None, kind),))
    one.turn(1000)
    one.turn(1000)
    assert one.told == []

    # In one step, over the empty mount point where that stays.
    (tmp_path / "drive in a drawer").rename(art)
    one.round(lambda: one.turn(31))
    assert one.news() == [Changed(State.IDLE)]
    guard = Guard(data)
    assert [work.path for work in guard.store.works.all()] == [str(work)]
    guard.close()
    path = paint("art/b.png", 2, size=(160, 120))
    one.hears(named(path, FileState.NEW))


def test_a_folder_or_a_pack_named_elsewhere_is_taken_up(running, data, paint, tmp_path):
    one = running()
    one.news()
    guard = Guard(data)
    new = paint("more/b.png", 2, size=(160, 120))
    guard.store.files.add_folders([str(tmp_path / "more")], "2026-05-01T12:00:00Z")
    one.hears(named(new, FileState.NEW))
    guard.choices.add_packs([str(bake(tmp_path / "pack", [Row("seen", new)]))])
    guard.close()
    one.hears(lambda news: isinstance(news, Match))


# --- trouble on the way ---------------------------------------------------------------------------


@pytest.fixture
def searched(data, tmp_path, paint):
    guard = Guard(data)
    seen = paint("seen.png", 1, size=(160, 120))
    guard.choices.add_packs([str(bake(tmp_path / "pack", [Row("other", seen)]))])
    guard.close()


@pytest.mark.usefixtures("searched")
@pytest.mark.parametrize("step", ["search", "deliver"])
def test_who_is_away_is_asked_again_later_and_later(step, running):
    away = Offline(Kind.OFFLINE, host="example.org")
    one = running(**{step: [away]})
    assert [(n.state, n.problem) for n in one.news() if isinstance(n, Changed)][-1] == (
        State.OFFLINE,
        away,
    )
    for rest in (60, 120, 240):
        one.counts.clear()
        one.turn(rest - 1)
        assert step not in one.counts
        one.turn(2)
        assert one.counts == [step]
    assert one.told == []
    one.troubles.clear()
    one.turn(481)
    assert State.IDLE in one.states()


@pytest.mark.usefixtures("searched")
def test_a_pause_that_was_asked_for_is_kept(running):
    one = running(search=[SlowDown(Kind.SLOW_DOWN, host="example.org", seconds=5000)])
    assert one.states()[-1] is State.OFFLINE
    one.counts.clear()
    one.turn(4990)
    assert "search" not in one.counts
    one.turn(20)
    assert "search" in one.counts


@pytest.mark.usefixtures("searched")
def test_a_person_is_waited_for_and_the_rest_goes_on(running, paint):
    one = running(search=[NotSignedIn(Kind.NOT_SIGNED_IN, host="example.org")])
    assert one.states()[-1] is State.NEEDS_YOU
    one.counts.clear()
    one.turn(100_000)
    paint("art/b.png", 2, size=(160, 120))
    one.hears(lambda news: isinstance(news, OptOut))
    assert "search" not in one.counts
    one.troubles.clear()
    one.round(one.background.wake)
    assert "search" in one.counts
    assert one.states()[-1] is State.IDLE


@pytest.mark.parametrize("problem", [Damaged(Kind.DATABASE_DAMAGED), Stopped(Kind.DISK_FULL)])
def test_damage_and_a_full_disk_end_it_after_telling(problem, running):
    one = running(deliver=[problem])
    one.thread.join(20)
    assert one.ended is problem
    assert one.news()[-1] == Changed(State.ERROR, problem)


def test_what_comes_up_every_time_is_told_once(running):
    one = running()
    one.news()
    more = More(Witness.HOST, "example.org", "set", 100)
    told = []

    class Again(Guard):
        def search(self, clue, chosen=(), **how):
            yield more

    one.background.stop()
    one.thread.join(20)
    with closing(Guard(one.data)) as guard:
        guard.choices._choose(packs=("somewhere",))
    again = Running(None)
    again.background = Background(lambda: Again(one.data), told.append, again.clock.machine())
    again.thread.start()
    for _ in range(3):
        again.turn(901)
    again.background.stop()
    again.thread.join(20)
    assert told.count(more) == 1


def test_a_file_being_written_is_left_alone_by_a_scan_for_another_reason(data, art, work, paint):
    guard = Guard(data)
    new = paint("art/new.png", 2, size=(160, 120))
    work.unlink()
    restless = {str(new), str(work)}
    assert list(guard.scan(restless=restless)) == []
    assert list(guard.scan(restless={str(art)})) == []
    states = [news.state for news in guard.scan() if isinstance(news, ScannedFile)]
    assert states == [FileState.NEW, FileState.GONE]
    assert guard.store.files.at(str(work)).version is not None
    guard.close()


# --- what it waits for although nothing is wrong --------------------------------------------------


class Allowing:
    """A person and a machine that allow or forbid, and can change their mind."""

    def __init__(self, *, read=True, call=True, ask=True):
        self.may_read, self.may_call, self.may_ask = read, call, ask

    def leave(self):
        return Leave(
            lambda _chosen: self.may_read,
            lambda _chosen: self.may_call,
            lambda _chosen, _place: self.may_ask,
        )


def standing(one):
    return [(news.state, news.waits) for news in one.news() if isinstance(news, Changed)]


def test_pictures_wait_for_power_and_are_read_when_it_is_back(running, paint):
    allowing = Allowing(read=False)
    # Before anybody watches: what has only just been written is left to settle.
    path = paint("art/b.png", 2, size=(160, 120))
    one = running(allowing.leave())
    assert standing(one) == [(State.WAITING, (Waits.POWER,))]
    one.turn(2000)
    assert "scan" not in one.counts
    assert one.told == []
    allowing.may_read = True
    one.turn(31)
    one.hears(is_state(State.IDLE))
    assert one.files() == [(str(path), FileState.NEW)]


def test_power_that_goes_leaves_the_rest_of_the_pictures_for_later(running, paint):
    for seed in range(2, 6):
        paint(f"art/{seed}.png", seed, size=(160, 120))
    allowing = Allowing()
    one = Running(None)
    begun = running()
    begun.background.stop()
    begun.thread.join(20)
    with closing(Guard(begun.data)) as guard:
        before = guard.summary().works
    assert before == 4

    for seed in range(6, 10):
        paint(f"art/{seed}.png", seed, size=(160, 120))

    class Unplugged(Guard):
        def scan(self, paths=(), restless=frozenset()):
            for news in super().scan(paths, restless):
                if isinstance(news, ScannedFile):
                    allowing.may_read = False
                yield news

    one.background = Background(
        lambda: Unplugged(begun.data), one.told.append, one.clock.machine(), allowing.leave()
    )
    one.thread.start()
    wait_until(lambda: any(map(is_state(State.WAITING), one.told)))
    assert len(one.files()) < 4
    allowing.may_read = True
    while not any(map(is_state(State.IDLE), one.told)):
        allowing.may_read = True
        one.turn(31)
    one.background.stop()
    one.thread.join(20)
    with closing(Guard(begun.data)) as guard:
        assert guard.summary().works == 8


@pytest.mark.parametrize(
    "forbidden, state, waits",
    [("call", State.WAITING, Waits.NETWORK), ("ask", State.NEEDS_YOU, Waits.CONSENT)],
)
def test_a_server_is_not_asked_before_it_may_be(forbidden, state, waits, running, data, work):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        with closing(Guard(data)) as guard:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            guard.choices.add_server(url, None, private=False)
        allowing = Allowing(**{forbidden: False})
        one = running(allowing.leave())
        assert standing(one)[-1] == (state, (waits,))
        one.turn(2000)
        with pytest.raises(BlockingIOError):
            server.accept()
        setattr(allowing, f"may_{forbidden}", True)
        server.settimeout(20)
        one.clock.now += 31
        server.accept()[0].close()


# --- as a command ---------------------------------------------------------------------------------


@contextmanager
def watching(data, *options):
    command = [sys.executable, "-m", "artistguard", "watch", "--data", str(data), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_command_prints_news_line_by_line_and_ctrl_c_ends_it_at_once(data, paint):
    with watching(data, "--json") as process:
        lines = map(json.loads, process.stdout)
        idle = {"event": "state", "state": "idle", "kind": None, "why": None, "away": []}
        assert next(lines) == idle
        path = paint("art/b.png", 2, size=(160, 120))
        told = [next(lines) for _ in range(4)]
        assert [line["event"] for line in told] == ["state", "work", "opt_out", "state"]
        assert (told[1]["path"], told[1]["state"]) == (str(path), "new")
        assert (told[2]["work"], told[2]["state"]) == (told[1]["work"], "acknowledged")
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert time.monotonic() - begun < 3  # on an idle machine well under one
        assert "Traceback" not in process.stderr.read()


def test_the_command_ends_cleanly_when_the_system_asks(data):
    with watching(data) as process:
        assert process.stdout.readline() == "All is done; watching.\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stdout.read() == ""
        assert "Traceback" not in process.stderr.read()


def test_without_a_folder_there_is_nothing_to_watch(tmp_path, capsys):
    assert cli.main(["watch", "--data", str(tmp_path / "empty")]) == 2
    assert "protect FOLDER" in capsys.readouterr().err
