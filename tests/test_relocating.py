# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A folder that lies elsewhere, on this computer or the next, is gone on with: no work is new."""

from contextlib import closing

import pytest

from artistguard.errors import Unreadable
from artistguard.guard import Guard
from artistguard.models import FileState, FoundFile, ScannedFile, Sought

AT = "2026-05-01T12:00:00Z"


@pytest.fixture
def guard(tmp_path):
    with closing(Guard(tmp_path / "data")) as opened:
        yield opened


def scan(guard, *folders):
    results = guard.scan([str(folder) for folder in folders])
    return [one for one in results if isinstance(one, ScannedFile)]


def cards(guard):
    works = guard.portfolio.seek(Sought())
    return [(card.folder + card.name, card.gone) for card in guard.store.gallery.cards(works)]


def test_works_of_a_moved_folder_are_recognised_where_they_lie_now(guard, paint, tmp_path):
    old, new = tmp_path / "art", tmp_path / "disk" / "my art"
    paint("a.png", 1, folder=old)
    paint("b.png", 2, folder=old / "sea")
    scan(guard, old)
    new.parent.mkdir()
    old.rename(new)
    assert guard.portfolio.missing() == [str(old)]
    assert guard.portfolio.relocate(str(old), str(new)) == 2
    assert (guard.portfolio.missing(), guard.portfolio.folders()) == ([], [str(new)])
    assert scan(guard) == []
    assert cards(guard) == [(str(new / "a.png"), False), (str(new / "sea" / "b.png"), False)]
    assert guard.store.works.count() == 2


def test_a_folder_with_other_files_is_not_taken_for_it(guard, paint, tmp_path):
    old, other = tmp_path / "art", tmp_path / "other"
    paint("a.png", 1, folder=old)
    paint("x.png", 2, folder=other)
    scan(guard, old)
    old.rename(tmp_path / "away")
    assert guard.portfolio.relocate(str(old), str(other)) is None
    assert guard.portfolio.folders() == [str(old)]
    with pytest.raises(Unreadable):
        guard.portfolio.relocate(str(old), str(tmp_path / "nowhere"))


def test_what_was_taken_in_again_already_is_not_taken_twice(guard, paint, tmp_path):
    old, new = tmp_path / "art", tmp_path / "copy"
    for folder in (old, new):
        paint("a.png", 1, folder=folder)
    scan(guard, old)
    scan(guard, new)
    (old / "a.png").unlink()
    old.rmdir()
    assert guard.portfolio.relocate(str(old), str(new)) == 1
    assert guard.portfolio.folders() == [str(new)]
    assert cards(guard) == [(str(new / "a.png"), False)]


def test_a_folder_from_another_system_is_spelled_as_this_one_does(guard, paint, tmp_path):
    path = paint("b.png", 2, folder=tmp_path / "art" / "sea")
    (found,) = scan(guard, tmp_path / "art")
    info = path.stat()
    with guard.store.writing():
        guard.store.files.mark_gone(str(path), AT)
        guard.store._database.say("DELETE FROM files")
        far = FoundFile(r"C:\Art\sea\b.png", info.st_size, info.st_mtime_ns, 1, 1)
        guard.store.files.place(far, found.work)
        guard.store.files.remove_folder(str(tmp_path / "art"))
        guard.store.files.add_folders([r"C:\Art"], AT)
    assert guard.portfolio.relocate(r"C:\Art", str(tmp_path / "art")) == 1
    assert [one.state for one in scan(guard)] in ([], [FileState.KNOWN])
    assert cards(guard) == [(str(path), False)]
