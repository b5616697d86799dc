# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A file is the old one or the new one, never half of each."""

import errno
import os
import stat

import pytest

from artistguard.errors import Kind, Stopped
from artistguard.writing import OWNER_ONLY, replacing, write


def test_the_new_file_takes_the_old_ones_place(tmp_path):
    path = tmp_path / "list.txt"
    for body in (b"old", b"new"):
        write(path, body)
        assert path.read_bytes() == body
    assert list(tmp_path.iterdir()) == [path]


def test_readers_see_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "list.txt"
    write(path, b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_a_failure_half_way_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "list.txt"
    write(path, b"old")

    def interrupted():
        with replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "number, kind",
    [
        (errno.ENOSPC, Kind.DISK_FULL),
        (errno.EDQUOT, Kind.DISK_FULL),
        (errno.EIO, Kind.DATA_NOT_WRITABLE),
    ],
)
def test_a_disk_that_gives_up_is_said_and_the_old_file_stays(tmp_path, monkeypatch, number, kind):
    path = tmp_path / "list.txt"
    write(path, b"old")

    def give_up(_descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", give_up)
    with pytest.raises(Stopped) as stopped:
        write(path, b"new")
    assert stopped.value.kind is kind
    assert stopped.value.facts["path"] == path
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/list.txt", "file/list.txt"])
def test_a_folder_that_is_not_there_is_said(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(Stopped) as stopped:
        write(tmp_path / place, b"new")
    assert stopped.value.kind is Kind.DATA_NOT_WRITABLE


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_permissions_follow_the_umask_unless_the_file_is_the_owners_alone(tmp_path):
    before = os.umask(0o022)
    try:
        write(tmp_path / "public", b"")
        write(tmp_path / "private", b"", mode=OWNER_ONLY)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600
