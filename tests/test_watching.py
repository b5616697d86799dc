# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Hints of changes: how programs save, what settles when, and what a watch cannot see."""

import ctypes
import logging
import os
import shutil
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest

from artistguard.errors import Kind
from artistguard.folder import watching
from artistguard.folder.watching import settle, stir
from waiting import wait_until

SUFFIXES = frozenset({".png", ".jpg"})
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


# --- what settles when ----------------------------------------------------------------------------


def on(path, *times, gone=False):
    return [(time, path, gone) for time in times]


def replay(events):
    """When which paths settle, asked at each moment that anybody would ask."""
    stirs, told = {}, []
    left = sorted(events)
    hints = settle(stirs, 0)
    while left or hints.ask_at is not None:
        moments = [left[0][0]] if left else []
        moments += [hints.ask_at] if hints.ask_at is not None else []
        now = min(moments)
        while left and left[0][0] <= now:
            _, path, gone = left.pop(0)
            stirs[path] = stir(stirs.get(path), now, gone=gone)
        hints = settle(stirs, now)
        for path in hints.settled:
            del stirs[path]
        assert hints.restless == stirs.keys()
        if hints.settled:
            told.append((now, set(hints.settled)))
    return told


SECONDS = range(41)
EXPORT = [event for n in range(1000) for event in on(f"/{n:03}.png", n / 10)]

CASES = {
    "a plain save": (on("a", 0, 0.1, 0.1), [(2.1, {"a"})]),
    "saved beside it and renamed": (on("a", 0.2), [(2.2, {"a"})]),
    "moved to a backup and written anew": (
        on("a", 0, gone=True) + on("a", 0.1, 0.2),
        [(2.2, {"a"})],
    ),
    "deleted and renamed": (on("a", 0, gone=True) + on("a", 0.8), [(2.8, {"a"})]),
    "deleted, and renamed at leisure": (on("a", 0, gone=True) + on("a", 9), [(11, {"a"})]),
    "deleted": (on("a", 0, gone=True), [(10, {"a"})]),
    "a slow write": (on("a", *range(13)), [(14, {"a"})]),
    "a write that never ends": (on("a", *SECONDS), [(30, {"a"}), (42, {"a"})]),
    "a folder renamed": (
        [event for path in ("old", "old/a", "new", "new/a") for event in on(path, 0)],
        [(2, {"old", "old/a", "new", "new/a"})],
    ),
    "a folder moved out": (on("folder", 0, gone=True), [(10, {"folder"})]),
    "moved from one drive to another": (
        on("there/a", 0) + on("here/a", 0.5, gone=True),
        [(10.5, {"here/a", "there/a"})],
    ),
    "saved while another is being written": (
        on("a", 0) + on("b", *SECONDS),
        [(30, {"a", "b"}), (42, {"b"})],
    ),
    "saved late while another is being written": (
        on("a", *SECONDS) + on("b", 29),
        [(30, {"a"}), (42, {"a", "b"})],
    ),
}


@pytest.mark.parametrize("events, told", CASES.values(), ids=CASES.keys())
def test_what_settles_when(events, told):
    assert replay(events) == told


def test_a_storm_is_looked_at_every_half_minute_without_what_it_is_at():
    told = replay(EXPORT)
    assert [round(when) for when, _ in told] == [30, 58, 86, 102]
    assert sum(len(paths) for _, paths in told) == 1000
    assert all(int(max(paths)[1:4]) / 10 <= when - 2 for when, paths in told)


# --- a real watch ---------------------------------------------------------------------------------


NUMBERS = count()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def art(tmp_path):
    (tmp_path / "art" / "inks").mkdir(parents=True)
    (tmp_path / "art" / "a.png").write_bytes(b"a picture")
    (tmp_path / "art" / "inks" / "b.png").write_bytes(b"another")
    return tmp_path / "art"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def begin(clock):
    begun = []

    def start(*roots, wake=lambda: None, **how):
        begun.append(watching.watch(map(str, roots), SUFFIXES, wake, clock, **how))
        return begun[-1]

    yield start
    for one in begun:
        one.close()


def stirred(watch, art):
    """What was noted up to now below `art`; to True if by the last word nothing is there."""
    sentinel = art / f"sentinel-{next(NUMBERS)}.png"
    sentinel.write_bytes(b"")
    wait_until(lambda: str(sentinel) in watch._stirs)
    below = f"{art}/"
    return {
        path.removeprefix(below): each.gone
        for path, each in list(watch._stirs.items())
        if not path.startswith(f"{below}sentinel-")
    }


def save(art):
    (art / "a.png").write_bytes(b"a better picture")


def save_beside_and_rename(art):
    (art / ".a.png.tmp").write_bytes(b"a better picture")
    (art / ".a.png.tmp").replace(art / "a.png")


def back_up_and_rewrite(art):
    (art / "a.png").rename(art / "a.png~")
    (art / "a.png").write_bytes(b"a better picture")


def delete_and_rename(art):
    (art / "ps1f.tmp").write_bytes(b"a better picture")
    (art / "a.png").unlink()
    (art / "ps1f.tmp").rename(art / "a.png")


def copy_tree_in(art):
    shutil.copytree(art / "inks", art / "new" / "copies")


def move_out(art):
    (art / "inks").rename(art.parent.parent / "elsewhere")


def work_on_what_is_no_picture(art):
    for name in ("notes.txt", ".hidden.png", "a.png.part", "Thumbs.db", "a.kra~"):
        (art / name).write_bytes(b"no picture")


WAYS = {
    save: {"a.png": False},
    save_beside_and_rename: {"a.png": False},
    back_up_and_rewrite: {"a.png": False},
    delete_and_rename: {"a.png": False},
    lambda art: (art / "a.png").unlink(): {"a.png": True},
    lambda art: (art / "a.png").rename(art / "b.png"): {"a.png": False, "b.png": False},
    lambda art: (art / "inks").rename(art / "ink"): {
        **dict.fromkeys(["inks", "ink", "inks/b.png", "ink/b.png"], False)
    },
    copy_tree_in: {"new/copies/b.png": False},
    move_out: {"inks": True},
    lambda art: (art / "a.png").read_bytes(): {},
    work_on_what_is_no_picture: {},
}


@LINUX
def test_whatever_way_it_is_saved_the_right_paths_are_restless(art, begin):
    ways = {art / str(number): way for number, way in enumerate(WAYS)}
    for place in ways:
        shutil.copytree(art / "inks", place / "inks")
        shutil.copy(art / "a.png", place)
    watch = begin(art)
    for place, change in ways.items():
        change(place)
    noted = stirred(watch, art)
    for number, (way, expected) in enumerate(WAYS.items()):
        below = f"{number}/"
        seen = {
            path.removeprefix(below): noted.pop(path) for path in [*noted] if path.startswith(below)
        }
        assert seen == expected, way
    assert noted == {}


def test_what_has_settled_is_told_once(art, begin, clock):
    woken = threading.Event()
    watch = begin(art, wake=woken.set)
    assert watch.hints() == watching.Hints()
    save(art)
    assert woken.wait(20)
    assert stirred(watch, art) == {"a.png": False}
    hints = watch.hints()
    assert (hints.settled, hints.ask_at) == (set(), 2.0)
    assert str(art / "a.png") in hints.restless
    clock.now = 2.0
    assert watch.hints().settled == hints.restless
    assert watch.hints() == watching.Hints()


@LINUX
def test_paths_are_told_as_a_scan_spells_them(art, begin, tmp_path):
    (tmp_path / "link").symlink_to(art)
    odd = os.fsdecode(b"\xff.png")
    watch = begin(tmp_path / "link")
    (art / odd).write_bytes(b"a picture")
    assert stirred(watch, tmp_path / "link") == {"//dcff.png": False}


@LINUX
def test_a_single_file_is_watched_whatever_it_is_called(art, begin):
    (art / "inks" / "cover").write_bytes(b"a picture")
    watch = begin(art / "inks" / "cover", art / "inks" / "b.png")
    (art / "inks" / "cover").write_bytes(b"a better picture")
    (art / "inks" / "b.png").unlink()
    (art / "a.png").unlink()
    wait_until(lambda: len(watch._stirs) == 2)
    assert {Path(path).name for path in watch._stirs} == {"cover", "b.png"}


@LINUX
def test_a_folder_that_was_moved_out_is_not_watched_for_ever(art, begin, clock):
    elsewhere = art.parent / "elsewhere"
    watch = begin(art)
    (art / "inks").rename(elsewhere)
    stirred(watch, art)
    clock.now = 10.0
    assert str(art / "inks") in watch.hints().settled
    (elsewhere / "b.png").write_bytes(b"no longer ours")
    assert stirred(watch, art) == {}
    elsewhere.rename(art / "inks")
    assert stirred(watch, art) == {"inks/b.png": False}


def test_a_folder_that_went_or_came_back_is_another_one(art, begin, tmp_path):
    watch = begin(art, tmp_path / "missing")
    roots = [str(art), str(tmp_path / "missing")]
    assert watch.problem is None
    assert watch.is_of(roots)
    assert not watch.is_of(roots[:1])
    art.rename(tmp_path / "gone")
    assert not watch.is_of(roots)
    art.mkdir()
    assert not watch.is_of(roots)
    (tmp_path / "missing").mkdir()
    assert not begin(art).is_of(roots)


@LINUX
def test_an_overflow_is_heard_and_the_artists_folders_stay_out_of_the_log(art, begin, caplog):
    caplog.set_level(logging.INFO, "watchdog.observers.inotify_move_event_grouper")
    caplog.handler.setLevel(logging.DEBUG)
    woken = threading.Event()
    watch = begin(art, wake=woken.set)
    queued = int(Path("/proc/sys/fs/inotify/max_queued_events").read_bytes())
    rename = ctypes.PyDLL(None).rename  # unlike os.rename it lets no other thread run meanwhile
    one, other = (os.fsencode(art / name) for name in ("x.txt", "y.txt"))
    (art / "x.txt").write_bytes(b"")
    before = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        for _ in range(queued):
            rename(one, other)
            rename(other, one)
    finally:
        sys.setswitchinterval(before)
    assert woken.wait(20)
    assert watch.hints().lost
    assert not watch.hints().lost
    assert any("overflow" in record.message for record in caplog.records)
    assert max(record.levelno for record in caplog.records) == logging.DEBUG
    (art / "made meanwhile").mkdir()
    (art / "made meanwhile" / "c.png").write_bytes(b"a picture")
    assert stirred(watch, art) == {"made meanwhile/c.png": False}


def test_of_a_storm_only_its_having_been_is_kept(art, begin, monkeypatch):
    monkeypatch.setattr(watching, "MOST_PATHS", 10)
    watch = begin(art)
    for number in range(10):
        watch.note(f"/{number}.png", gone=False)
    assert not watch.hints().lost
    watch.note("/one too many.png", gone=False)
    assert watch.hints().lost
    assert len(watch.hints().restless) == 10


def test_more_folders_than_the_system_lets_us_watch_are_left_to_scans(art, begin):
    watch = begin(art, limit=1)
    assert watch.problem.kind is Kind.WATCH_LIMIT
    assert watch.problem.facts == {"folders": 2, "limit": 1}
    assert watch.is_of([str(art)])
    assert begin(art, limit=2).problem is None


LIMITED = """
import sys
from pathlib import Path
from artistguard.folder import watching
Path("/proc/sys/user/max_inotify_watches").write_text(sys.argv[2])
watch = watching.watch([sys.argv[1]], frozenset(), lambda: None)
print(watch.problem)
watch.close()
"""


@LINUX
@pytest.mark.parametrize("left, full", [(0, True), (4, True), (6, False)])
def test_watches_that_other_programs_hold_are_missed_too(art, left, full):
    """The system's limit is far away, yet not all folders could be watched, and nobody said so."""
    for number in range(4):
        (art / str(number)).mkdir()
    ran = subprocess.run(
        ["unshare", "--user", "--map-root-user", sys.executable, "-c", LIMITED, art, str(left)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0 and "unshare" in ran.stderr:
        pytest.skip("nobody may have a limit of their own here")
    assert ran.stderr == ""
    assert ran.stdout.startswith("watch_limit" if full else "None")


def test_closing_ends_every_thread(art, begin):
    before = threading.active_count()
    watch = begin(art)
    watch.close()
    watch.close()
    assert threading.active_count() == before
    assert not any(logging.getLogger(name).filters for name in watching._LOGGERS)
