# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Works are followed through everything that happens to their files."""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from artistguard import reading, works
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import FileState, Reading, ScannedFile
from artistguard.store import Store
from fakes import at

NOON = at("2026-05-01T12:00:00Z")


class Eyes:
    """Reads pictures in this process and remembers which it opened."""

    def __init__(self):
        self.opened = []

    def __call__(self, paths):
        for path in paths:
            self.opened.append(path)
            try:
                yield path, reading.read(path)
            except Problem as problem:
                yield path, problem


@pytest.fixture
def art(tmp_path):
    (tmp_path / "art").mkdir()
    return tmp_path / "art"


@pytest.fixture
def store(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    opened = Store(data)
    yield opened
    opened.close()


@pytest.fixture
def eyes():
    return Eyes()


@pytest.fixture
def scan(store, art, eyes):
    def look(*roots):
        eyes.opened.clear()
        places = [str(root) for root in roots or (art,)]
        news = list(works.scan(store, places, eyes, reading.algorithms(None), NOON))
        return {
            Path(item.path).name: (item.state, item.work)
            for item in news
            if isinstance(item, ScannedFile)
        }

    return look


def test_an_empty_file_is_kept_as_unreadable_and_its_work_waits_for_its_content(
    scan, paint, store, art, eyes
):
    path = paint("a.png", 1, folder=art)
    before = path.read_bytes()
    scan()
    path.write_bytes(b"")
    (art / "b.png").touch()
    assert set(scan().values()) == {(FileState.UNREADABLE, None)}
    named = [(Path(name).name, error) for name, error in store.files.unreadable()]
    assert named == [("a.png", Kind.EMPTY_FILE), ("b.png", Kind.EMPTY_FILE)]
    assert scan() == {}
    assert eyes.opened == []
    path.write_bytes(before)
    assert scan() == {"a.png": (FileState.KNOWN, 1)}


def test_new_files_become_works_and_a_second_run_opens_nothing(scan, paint, art, eyes):
    for seed in range(3):
        paint(f"{seed}.png", seed, folder=art)
    found = scan()
    assert set(found) == {"0.png", "1.png", "2.png"}
    assert set(found.values()) == {(FileState.NEW, work) for work in (1, 2, 3)}
    assert scan() == {}
    assert eyes.opened == []


def test_a_renamed_file_is_the_same_work_and_is_not_opened(scan, paint, art, eyes):
    paint("a.png", folder=art)
    scan()
    (art / "a.png").rename(art / "b.png")
    assert scan() == {"b.png": (FileState.MOVED, 1)}
    assert eyes.opened == []


def test_a_file_moved_by_copying_is_recognised_by_its_bytes(scan, paint, art, tmp_path):
    paint("a.png", folder=art)
    scan()
    shutil.copy(art / "a.png", art / "elsewhere.png")
    os.utime(art / "elsewhere.png", (1, 1))
    (art / "a.png").unlink()
    assert scan() == {"elsewhere.png": (FileState.MOVED, 1)}


def test_the_same_bytes_twice_are_one_work(scan, store, paint, art):
    paint("a.png", folder=art)
    shutil.copy(art / "a.png", art / "b.png")
    found = scan()
    assert Counter(state for state, _ in found.values()) == {FileState.NEW: 1, FileState.KNOWN: 1}
    assert {work for _, work in found.values()} == {1}
    assert store.works.count() == 1


def test_other_content_in_its_place_is_a_new_version(scan, store, paint, art):
    paint("a.png", seed=1, folder=art)
    scan()
    paint("a.png", seed=2, folder=art)
    assert scan() == {"a.png": (FileState.CHANGED, 1)}
    assert [version.work for version in store.works.versions()] == [1, 1]
    paint("a.png", seed=1, folder=art)
    os.utime(art / "a.png", (5, 5))
    assert scan() == {"a.png": (FileState.CHANGED, 1)}
    assert len(store.works.versions()) == 2


def test_a_touched_file_is_still_what_it_was(scan, paint, art):
    paint("a.png", folder=art)
    scan()
    os.utime(art / "a.png", (1, 1))
    assert scan() == {"a.png": (FileState.KNOWN, 1)}


def test_a_deleted_file_is_gone_once_and_its_work_comes_back_with_it(scan, store, paint, art):
    paint("a.png", seed=1, folder=art)
    paint("b.png", seed=2, folder=art)
    scan()
    (art / "b.png").rename(art.parent / "b.png")
    assert scan() == {"b.png": (FileState.GONE, 2)}
    assert scan() == {}
    assert [version.work for version in store.works.versions()] == [1]
    (art.parent / "b.png").rename(art / "b.png")
    assert scan() == {"b.png": (FileState.KNOWN, 2)}
    assert [version.work for version in store.works.versions()] == [1, 2]


def test_a_half_saved_file_stays_the_same_work(scan, store, paint, art):
    whole = paint("a.png", seed=1, folder=art).read_bytes()
    scan()
    (art / "a.png").write_bytes(whole[: len(whole) // 2])
    assert scan() == {"a.png": (FileState.UNREADABLE, None)}
    assert [path for path, _ in store.files.unreadable()] == [str(art / "a.png")]
    paint("a.png", seed=2, folder=art)
    assert scan() == {"a.png": (FileState.CHANGED, 1)}
    assert list(store.files.unreadable()) == []


def test_a_drive_that_is_unplugged_takes_no_work_with_it(scan, store, paint, art):
    paint("a.png", folder=art)
    scan()
    art.rename(art.parent / "unplugged")
    assert scan() == {"art": (FileState.UNREADABLE, None)}
    (art.parent / "unplugged").rename(art)
    assert scan() == {}
    assert len(store.works.versions()) == 1


def test_a_version_without_a_new_algorithm_is_read_again(scan, store, paint, art, eyes):
    path = paint("a.png", folder=art)
    scan()
    eyes.opened.clear()
    news = list(works.scan(store, [str(art)], eyes, (*reading.algorithms(None), "other/1"), NOON))
    assert eyes.opened == [str(path)]
    assert [item.state for item in news if isinstance(item, ScannedFile)] == [FileState.KNOWN]


def test_stopping_in_the_middle_keeps_what_was_read(store, paint, art, eyes):
    count = works.KEPT_TOGETHER + 5
    for seed in range(count):
        paint(f"{seed:03}.png", seed, size=(64, 64), folder=art)
    steps = works.scan(store, [str(art)], eyes, reading.algorithms(None), NOON)
    next(steps)
    steps.close()
    assert store.works.count() == works.KEPT_TOGETHER
    eyes.opened.clear()
    list(works.scan(store, [str(art)], eyes, reading.algorithms(None), NOON))
    assert store.works.count() == count
    assert len(eyes.opened) == 5


def test_a_file_that_could_not_be_read_for_a_passing_reason_is_read_again(store, paint, art):
    paint("a.png", folder=art)

    def forbidden(paths):
        for path in paths:
            yield path, Unreadable(Kind.NOT_PERMITTED, path=path)

    def scan(read):
        news = works.scan(store, [str(art)], read, reading.algorithms(None), NOON)
        return [item.state for item in news if isinstance(item, ScannedFile)]

    assert scan(forbidden) == [FileState.UNREADABLE]
    assert scan(Eyes()) == [FileState.NEW]
    assert list(store.files.unreadable()) == []


def test_renaming_a_damaged_file_does_not_make_it_sound(scan, store, paint, art):
    whole = paint("a.png", seed=1, folder=art).read_bytes()
    scan()
    (art / "a.png").write_bytes(whole[: len(whole) // 2])
    scan()
    (art / "a.png").rename(art / "b.png")
    assert scan() == {"b.png": (FileState.UNREADABLE, None), "a.png": (FileState.GONE, 1)}
    assert [path for path, _ in store.files.unreadable()] == [str(art / "b.png")]


def test_many_files_moved_by_copying_are_recognised_in_one_go(store, art):
    """The same bytes elsewhere under other names: a new drive, and names tidied on the way."""

    def made_up(paths):
        for path in paths:
            number = int(Path(path).stem) % 3000
            digest = number.to_bytes(4) * 8
            yield path, Reading(digest, digest[:16], 10, 10, "PNG", ())

    def scan():
        news = works.scan(store, [str(art)], made_up, (), NOON)
        return Counter(item.state for item in news if isinstance(item, ScannedFile))

    for number in range(3000):
        (art / f"{number}.png").write_bytes(b"x")
    assert scan() == {FileState.NEW: 3000}
    for number in range(3000):
        (art / f"{number + 3000}.png").write_bytes(b"x")
        (art / f"{number}.png").unlink()
    assert scan() == {FileState.MOVED: 3000}
