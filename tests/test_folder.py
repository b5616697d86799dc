# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Folders as artists have them: odd names, links, cloud files, unplugged drives."""

import os
import random
import socket
import stat
import subprocess
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest

from artistguard import folder, works
from artistguard.errors import Kind, Unreadable
from artistguard.folder import Gone, changes, from_text, to_text
from artistguard.guard import Guard, now
from artistguard.models import FoundFile, Sought

NOBODY = 65534
SUFFIXES = frozenset({".png", ".jpg", ".kra"})


def draw(path, content=b"picture"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def look(*roots, known=None):
    return list(changes(map(str, roots), known or {}, SUFFIXES))


def found(*roots, known=None):
    return sorted(c.path for c in look(*roots, known=known) if isinstance(c, FoundFile))


def gone(*roots, known):
    return sorted(c.path for c in look(*roots, known=known) if isinstance(c, Gone))


def troubles(*roots, known=None):
    return [c for c in look(*roots, known=known) if isinstance(c, Unreadable)]


def remember(*roots):
    """What the database would hold after a scan."""
    return {
        c.path: (c.size, c.mtime_ns, c.device) for c in look(*roots) if isinstance(c, FoundFile)
    }


def test_every_picture_is_found_with_what_a_second_look_needs(tmp_path):
    path = draw(tmp_path / "a" / "b" / "Signal Night.PNG")
    info = path.stat()
    assert look(tmp_path) == [
        FoundFile(str(path), info.st_size, info.st_mtime_ns, info.st_dev, info.st_ino)
    ]


def test_an_unchanged_folder_says_nothing(tmp_path):
    for number in range(30):
        draw(tmp_path / str(number % 4) / f"{number}.png")
    assert look(tmp_path, known=remember(tmp_path)) == []


def test_a_new_size_or_a_new_time_is_a_change(tmp_path):
    longer, touched, same = (draw(tmp_path / f"{name}.png") for name in ("a", "b", "c"))
    known = remember(tmp_path)
    time = longer.stat().st_mtime_ns
    longer.write_bytes(b"a longer picture")
    os.utime(longer, ns=(time, time))
    os.utime(touched, ns=(time, touched.stat().st_mtime_ns + 1))
    assert found(tmp_path, known=known) == [str(longer), str(touched)]
    assert str(same) not in found(tmp_path, known=known)


def test_deleted_and_renamed_files_are_gone_and_the_new_name_has_the_old_inode(tmp_path):
    draw(tmp_path / "stays.png")
    deleted, old = draw(tmp_path / "deleted.png"), draw(tmp_path / "old.png")
    known, inode = remember(tmp_path), old.stat().st_ino
    deleted.unlink()
    old.rename(tmp_path / "new.png")
    said = look(tmp_path, known=known)
    assert {c.path for c in said if isinstance(c, Gone)} == {str(deleted), str(old)}
    assert [(c.path, c.inode) for c in said if isinstance(c, FoundFile)] == [
        (str(tmp_path / "new.png"), inode)
    ]


def test_files_of_a_deleted_folder_are_gone(tmp_path):
    draw(tmp_path / "stays.png")
    inside = draw(tmp_path / "sub" / "a.png")
    known = remember(tmp_path)
    inside.unlink()
    assert gone(tmp_path, known=known) == [str(inside)]
    inside.parent.rmdir()
    assert gone(tmp_path, known=known) == [str(inside)]


def test_what_belongs_to_another_root_is_left_alone(tmp_path):
    draw(tmp_path / "art" / "a.png")
    draw(tmp_path / "art2" / "b.png")
    known = remember(tmp_path)
    (tmp_path / "art2" / "b.png").unlink()
    assert look(tmp_path / "art", known=known) == []


@pytest.mark.parametrize(
    "name",
    [
        ".Signal Night.png.tmp",
        ".~lock.Signal Night.png#",
        "._Signal Night.png",
        "Signal Night.kra~",
        "Signal Night.png~",
        "ps3F1A.tmp",
        "Signal Night.png.part",
        "Signal Night.jpg.crdownload",
        "Thumbs.db",
        ".DS_Store",
        "Signal Night.png.xmp",
        ".git/a.png",
        ".Trash-1000/files/a.png",
        "$RECYCLE.BIN/a.png",
        "@eaDir/a.png/SYNOPHOTO.jpg",
    ],
)
def test_working_files_thumbnails_and_rubbish_are_not_works(tmp_path, name):
    draw(tmp_path / name)
    assert look(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [
        "絵/猫.png",
        "рисунок.png",
        "لوحة.png",
        "ציור.png",
        "ภาพวาด.png",
        "e\u0301tude.png",
        "🦊.png",
        "a\nb.png",
        " .png",
        "-rf.png",
        "100%.png",
    ],
)
def test_names_in_every_script_come_back_as_they_are(tmp_path, name):
    path = draw(tmp_path / name)
    assert found(tmp_path) == [str(path)]
    assert look(tmp_path, known=remember(tmp_path)) == []


def test_a_name_that_is_not_unicode_is_spelled_in_text_and_can_be_opened(tmp_path):
    raw = os.fsencode(tmp_path) + b"/caf\xe9 \xff/\xf0\x28.png"
    os.mkdir(os.path.dirname(raw))
    with open(raw, "wb") as file:
        file.write(b"picture")
    (text,) = found(tmp_path)
    text.encode()
    assert Path(from_text(text)).read_bytes() == b"picture"
    known = remember(tmp_path)
    assert look(tmp_path, known=known) == []
    os.unlink(raw)
    draw(tmp_path / "other.png")
    assert gone(tmp_path, known={**known, **remember(tmp_path)}) == [text]


def test_the_spelling_is_reversible_for_any_name():
    random.seed(5)
    for _ in range(2_000):
        parts = [random.randbytes(random.randint(1, 12)) for _ in range(4)]
        raw = b"/" + b"/".join(p.replace(b"/", b"d").replace(b"\0", b"0") for p in parts)
        path = os.fsdecode(raw)
        to_text(path).encode()
        assert from_text(to_text(path)) == path


def test_a_unicode_path_is_spelled_as_it_is():
    assert to_text("/home/ŻÓŁW/猫 100%.png") == "/home/ŻÓŁW/猫 100%.png"


def test_a_zero_byte_picture_is_a_file_like_any_other_and_is_not_gone(tmp_path):
    path = draw(tmp_path / "a.png")
    known = remember(tmp_path)
    path.write_bytes(b"")
    fresh = draw(tmp_path / "b.png", b"")
    draw(tmp_path / "notes.txt", b"")
    assert gone(tmp_path, known=known) == []
    assert found(tmp_path, known=known) == [str(path), str(fresh)]
    assert look(tmp_path, known=remember(tmp_path)) == []


def test_pipes_and_sockets_are_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.png"))
        assert look(tmp_path) == []


def test_a_work_replaced_by_a_pipe_or_a_folder_is_gone(tmp_path):
    paths = [draw(tmp_path / "a.png"), draw(tmp_path / "b.png"), draw(tmp_path / "c.png")]
    known = remember(tmp_path)
    for path in paths[:2]:
        path.unlink()
    os.mkfifo(paths[0])
    paths[1].mkdir()
    assert gone(tmp_path, known=known) == [str(paths[0]), str(paths[1])]


def test_loops_of_links_end_and_nothing_is_taken_twice(tmp_path):
    art = tmp_path / "art"
    draw(art / "a" / "a.png")
    draw(art / "b" / "b.png")
    draw(tmp_path / "beside.png")
    (art / "a" / "to b").symlink_to(art / "b")
    (art / "b" / "to a").symlink_to(art / "a")
    (art / "b" / "up").symlink_to(tmp_path)
    (art / "b" / "all").symlink_to("/")
    (art / "self").symlink_to("self")
    assert found(art) == [str(art / "a" / "a.png"), str(art / "b" / "b.png")]
    assert troubles(art) == []


def test_links_lead_to_folders_and_files_elsewhere(tmp_path):
    draw(tmp_path / "drive" / "2021" / "x.png")
    one = draw(tmp_path / "elsewhere" / "one.png")
    draw(tmp_path / "elsewhere" / "two.png")
    art = tmp_path / "art"
    art.mkdir()
    (art / "commissions").symlink_to(tmp_path / "drive")
    (art / "best.png").symlink_to(one)
    assert found(art) == [str(art / "best.png"), str(art / "commissions" / "2021" / "x.png")]
    assert look(art, known=remember(art)) == []


def test_a_linked_folder_does_not_lead_up_to_its_own_parents(tmp_path):
    draw(tmp_path / "drive" / "private.png")
    draw(tmp_path / "drive" / "art" / "x.png")
    (tmp_path / "drive" / "art" / "up").symlink_to(tmp_path / "drive")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "art").symlink_to(tmp_path / "drive" / "art")
    assert found(tmp_path / "root") == [str(tmp_path / "root" / "art" / "x.png")]


def test_works_behind_a_link_that_leads_nowhere_are_kept(tmp_path):
    work = draw(tmp_path / "drive" / "x.png")
    art = tmp_path / "art"
    art.mkdir()
    (art / "folder").symlink_to(work.parent)
    (art / "file.png").symlink_to(work)
    (art / "never worked.png").symlink_to(tmp_path / "nothing")
    known = remember(art)
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    assert gone(art, known=known) == []
    assert [(t.kind, t.facts) for t in troubles(art, known=known)] == [
        (Kind.FOLDER_MISSING, {"path": str(art / "file.png"), "works": 1}),
        (Kind.FOLDER_MISSING, {"path": str(art / "folder"), "works": 1}),
    ]


def test_a_missing_root_keeps_its_works_and_the_other_roots_go_on(tmp_path):
    draw(tmp_path / "drive" / "x.png")
    draw(tmp_path / "art" / "a.png")
    known = remember(tmp_path)
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    draw(tmp_path / "art" / "b.png")
    said = look(tmp_path / "drive", tmp_path / "art", known=known)
    assert [c.path for c in said if isinstance(c, FoundFile)] == [str(tmp_path / "art" / "b.png")]
    (trouble,) = (c for c in said if isinstance(c, Unreadable))
    assert trouble.kind is Kind.FOLDER_MISSING
    assert trouble.facts == {"path": str(tmp_path / "drive"), "works": 1}
    assert not any(isinstance(c, Gone) for c in said)


def test_a_root_that_shows_nothing_any_more_keeps_its_works(tmp_path):
    work = draw(tmp_path / "drive" / "x.png")
    root = work.parent
    known = remember(root)
    work.unlink()
    draw(root / ".hidden")
    (trouble,) = look(root, known=known)
    assert isinstance(trouble, Unreadable)
    assert (trouble.kind, trouble.facts["works"]) == (Kind.FOLDER_EMPTIED, 1)
    assert look(root) == []


def test_an_empty_folder_on_another_device_is_a_drive_that_is_not_mounted(tmp_path):
    draw(tmp_path / "a.png")
    work = draw(tmp_path / "drive" / "year" / "x.png")
    known = remember(tmp_path)
    size, mtime_ns, device = known[str(work)]
    known[str(work)] = (size, mtime_ns, device + 1)
    work.unlink()
    work.parent.rmdir()
    (trouble,) = look(tmp_path, known=known)
    assert isinstance(trouble, Unreadable)
    assert trouble.kind is Kind.FOLDER_EMPTIED
    assert trouble.facts == {"path": str(tmp_path / "drive"), "works": 1}


def test_a_new_device_number_alone_is_no_change(tmp_path):
    draw(tmp_path / "a.png")
    known = {path: (s, m, device + 1) for path, (s, m, device) in remember(tmp_path).items()}
    assert look(tmp_path, known=known) == []


@contextmanager
def without_rights(place):
    """Be someone whom folders can refuse: root may read everything."""
    me = os.geteuid()
    if me == 0:
        os.chown(place, NOBODY, -1)
        os.seteuid(NOBODY)
    yield
    os.seteuid(me)


def refuse(monkeypatch, name, error):
    """Let the system refuse one folder, as it would to anyone but root."""
    scandir = os.scandir

    def refusing(path):
        if os.path.basename(path) == name:
            raise error
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


@pytest.mark.parametrize("error", [PermissionError(13, "no"), OSError(5, "input/output error")])
def test_an_unreadable_folder_is_said_and_the_rest_goes_on(tmp_path, monkeypatch, error):
    locked = draw(tmp_path / "locked" / "deep" / "x.png")
    draw(tmp_path / "open" / "a.png")
    known = {str(locked): (1, 1, 1)}
    refuse(monkeypatch, "locked", error)
    said = look(tmp_path, known=known)
    assert [c.path for c in said if isinstance(c, FoundFile)] == [str(tmp_path / "open" / "a.png")]
    (trouble,) = (c for c in said if isinstance(c, Unreadable))
    assert trouble.kind is Kind.FOLDER_UNREADABLE
    assert trouble.facts == {"path": str(tmp_path / "locked"), "works": 1}
    assert not any(isinstance(c, Gone) for c in said)


def test_folders_without_permission_are_said():
    with TemporaryDirectory() as made, without_rights(made):
        place = Path(made)
        for mode in (0o000, 0o400):
            draw(place / f"{mode:o}" / "x.png").parent.chmod(mode)
        kinds = [t.kind for t in troubles(place)]
        for path in place.iterdir():
            path.chmod(0o700)
    assert kinds == [Kind.FOLDER_UNREADABLE] * 2


def test_a_folder_whose_files_may_not_be_looked_at_is_said_once(tmp_path, monkeypatch):
    paths = [draw(tmp_path / "listed only" / f"{n}.png") for n in range(3)]
    known = {str(path): (1, 1, 1) for path in paths}
    stat_of = os.stat

    def refusing(path, **how):
        if str(path).endswith(".png"):
            raise PermissionError(13, "no")
        return stat_of(path, **how)

    monkeypatch.setattr(os, "stat", refusing)
    (trouble,) = look(tmp_path, known=known)
    assert isinstance(trouble, Unreadable)
    assert (trouble.kind, trouble.facts["works"]) == (Kind.FOLDER_UNREADABLE, 3)


def test_a_single_file_may_be_named_whatever_it_is_called(tmp_path):
    path = draw(tmp_path / ".drafts" / "picture without an ending")
    assert found(path) == [str(path)]
    assert look(path, known=remember(path)) == []


def test_a_file_in_a_hidden_folder_is_not_gone_because_its_parent_was_scanned(tmp_path):
    path = draw(tmp_path / ".drafts" / "a.png")
    draw(tmp_path / "b.png")
    known = remember(path, tmp_path)
    assert look(tmp_path, known=known) == []
    path.unlink()
    assert gone(tmp_path, known=known) == [str(path)]


def test_roots_inside_one_another_are_looked_at_once(tmp_path):
    path = draw(tmp_path / "a" / "b" / "x.png")
    for roots in (
        (tmp_path, path.parent, path),
        (path, path.parent, tmp_path),
        (path.parent, tmp_path / "a", tmp_path),
    ):
        assert found(*roots) == [str(path)]
        assert look(*roots, known=remember(tmp_path)) == []


def test_a_root_may_be_relative(tmp_path, monkeypatch):
    path = draw(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    assert found(".") == found("../" + tmp_path.name) == [str(path)]


def test_a_root_that_is_neither_file_nor_folder_is_said(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (trouble,) = look(tmp_path / "pipe")
    assert trouble.kind is Kind.NOT_A_FOLDER


def test_a_very_deep_tree_needs_no_recursion_and_says_where_the_system_gives_up(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    for depth in range(2_600):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
        if depth == 1_500:
            os.close(os.open("a.png", os.O_CREAT, dir_fd=here))
    os.close(here)
    said = look(tmp_path)
    # Python removes a tree by recursion, so pytest could not clean up after this test.
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)
    picture, end = said
    assert isinstance(picture, FoundFile)
    assert picture.path.count("/d") > 1_500
    assert (end.kind, end.facts["path"].count("/d") > 1_500) == (Kind.FOLDER_UNREADABLE, True)


def test_files_that_lie_in_the_cloud_are_left_there(tmp_path):
    here = draw(tmp_path / "a.png")
    known = remember(tmp_path)
    here.rename(tmp_path / ".a.png.icloud")
    draw(tmp_path / "b.jpg.nextcloud")
    draw(tmp_path / "notes.txt.nextcloud")
    (trouble,) = look(tmp_path, known=known)
    assert isinstance(trouble, Unreadable)
    assert trouble.kind is Kind.IN_THE_CLOUD
    assert trouble.facts["path"] == str(tmp_path / "b.jpg")


@pytest.fixture
def evict(monkeypatch):
    """Mark all files as being in the cloud, as Windows or macOS would."""

    def mark(name, value):
        stat_of = os.stat

        def marked(path, **how):
            info = stat_of(path, **how)
            names = [one for one in dir(info) if one.startswith("st_")]
            return SimpleNamespace(**{**{n: getattr(info, n) for n in names}, name: value})

        monkeypatch.setattr(os, "stat", marked)

    return mark


MARKS = [("st_file_attributes", 0x1000), ("st_file_attributes", 0x400020), ("st_flags", 0x40000000)]


@pytest.mark.parametrize("mark, value", MARKS)
def test_marks_of_windows_and_macos_for_cloud_files_are_heeded(tmp_path, evict, mark, value):
    path = draw(tmp_path / "a.png")
    assert not folder.is_in_the_cloud(str(path))
    evict(mark, value)
    assert folder.is_in_the_cloud(str(path))
    (trouble,) = look(path)
    assert trouble.kind is Kind.IN_THE_CLOUD


def test_nothing_is_downloaded_for_a_thumbnail_or_a_new_fingerprint(tmp_path, paint, evict):
    paint("art/a.png", 1)
    with closing(Guard(tmp_path / "data")) as guard:
        list(guard.scan([str(tmp_path / "art")]))
        (work,) = guard.portfolio.seek(Sought())
        (card,) = guard.store.gallery.cards([work])
        card = replace(card, sha256=bytes(32))  # of which no thumbnail is kept
        evict(*MARKS[0])
        assert list(guard.portfolio.thumbnails([card])) == [(card, None)]
        with pytest.raises(Unreadable) as caught:
            guard.portfolio.preview(str(tmp_path / "art" / "a.png"))
        assert caught.value.kind is Kind.IN_THE_CLOUD
        opened = []

        def read(paths):
            opened.extend(paths)
            return []

        able = ("dct256/1", "phash64/1", "newer/1")
        told = list(works.scan(guard.store, guard.portfolio.folders(), read, able, now))
        assert (opened, told) == ([], [])


def test_a_small_or_sparse_file_without_blocks_is_taken(tmp_path):
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(1_000_000)
    assert stat.S_ISREG(path.stat().st_mode)
    assert found(tmp_path) == [str(path)]


def test_a_file_that_vanishes_during_the_look_stops_nothing(tmp_path, monkeypatch):
    first, second = draw(tmp_path / "a.png"), draw(tmp_path / "b.png")
    stat_of = os.stat

    def vanishing(path, **how):
        if str(path) == str(first):
            first.unlink(missing_ok=True)
        return stat_of(path, **how)

    monkeypatch.setattr(os, "stat", vanishing)
    assert found(tmp_path) == [str(second)]
