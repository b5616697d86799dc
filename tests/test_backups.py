# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A backup holds every record, and only a whole one is brought back, and only where nothing is."""

import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from artistguard import backups
from artistguard.errors import Damaged, Stopped
from artistguard.guard import Guard, now
from artistguard.store import Store


@pytest.fixture
def filed(paint, run, tmp_path):
    paint("a.png", 1, folder=tmp_path / "art")
    data = tmp_path / "data"
    assert run("protect", tmp_path / "art", "--data", data, "--yes", "--as", "Mira")[0] == 0
    return data


def test_what_was_saved_comes_back_with_every_record(filed, run, tmp_path):
    file, new = tmp_path / "all.zip", tmp_path / "new"
    assert run("backup", "save", file, "--data", filed)[0] == 0
    assert run("backup", "restore", file, "--data", new)[0] == 0
    before, after = (run("status", "--data", data)[1] for data in (filed, new))
    assert before == after
    assert (new / "settings.json").read_bytes() == (filed / "settings.json").read_bytes()
    assert run("verify", new / "registry" / "log.jsonl")[0] == 0
    assert run("receipts", "--data", new)[1] == run("receipts", "--data", filed)[1]
    assert sorted(zipfile.ZipFile(file).namelist()) == [
        "artistguard.sqlite",
        "registry/checkpoint",
        "registry/log.jsonl",
        "settings.json",
    ]


def test_nothing_is_brought_back_over_what_is_there(filed, run, tmp_path):
    assert run("backup", "save", tmp_path / "all.zip", "--data", filed)[0] == 0
    before = (filed / "artistguard.sqlite").read_bytes()
    status, _, said = run("backup", "restore", tmp_path / "all.zip", "--data", filed)
    assert (status, "records in" in said) == (2, True)
    assert (filed / "artistguard.sqlite").read_bytes() == before


@pytest.mark.parametrize("spoil", [lambda body: body[:-200], lambda body: b"no zip", None])
def test_what_is_no_whole_backup_is_refused(filed, run, tmp_path, spoil):
    file, new = tmp_path / "all.zip", tmp_path / "new"
    run("backup", "save", file, "--data", filed)
    if spoil:
        file.write_bytes(spoil(file.read_bytes()))
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("../../escaped", "x")
    status, _, said = run("backup", "restore", file, "--data", new)
    assert (status, "no whole backup" in said) == (2, True)
    assert not (new / "artistguard.sqlite").exists()


def placed(data, file):
    """Unpack a backup, accept it and let it take its place; where the rest is then."""
    for _progress in backups.stage(file, data):
        pass
    backups.accept(data, now)
    return backups.settle(data)


def test_a_backup_takes_the_place_of_what_is_here_and_that_is_kept(filed, paint, run, tmp_path):
    file = tmp_path / "all.zip"
    run("backup", "save", file, "--data", filed)
    paint("b.png", 2, folder=tmp_path / "art")
    run("protect", tmp_path / "art", "--data", filed, "--yes", "--as", "Somebody else")
    newer = run("status", "--data", filed)[1]
    aside = placed(filed, file)
    with closing(Guard(filed)) as guard, closing(Store(aside)) as before:
        assert guard.choices.settings.declarant == "Mira"
        assert backups.count(guard.store) == backups.Held(works=1, opt_outs=1, receipts=1)
        assert backups.count(before).works == 2
    assert run("verify", filed / "registry" / "log.jsonl", aside / "registry" / "log.jsonl")[0] == 0
    assert run("status", "--data", aside)[1] == newer
    assert not (filed / "restore").exists()


def test_what_was_unpacked_and_not_accepted_changes_nothing(filed, run, tmp_path):
    file = tmp_path / "all.zip"
    run("backup", "save", file, "--data", filed)
    before = run("status", "--data", filed)[1]
    for _progress in backups.stage(file, filed):
        pass
    assert backups.staged(filed).works == 1
    assert backups.settle(filed) is None
    assert run("status", "--data", filed)[1] == before
    assert not (filed / "restore").exists()


def test_a_damaged_backup_leaves_nothing_behind(filed, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    with pytest.raises(Damaged):
        list(backups.stage(tmp_path / "bad.zip", filed))
    assert not (filed / "restore").exists()


@pytest.mark.parametrize("moves", range(7))
def test_a_restore_that_broke_off_is_finished_at_the_next_start(
    filed, run, tmp_path, monkeypatch, moves
):
    """Whatever number of files had been moved when the power went."""
    file = tmp_path / "all.zip"
    run("backup", "save", file, "--data", filed)
    left = iter([True] * moves)
    rename = Path.rename

    def renamed(path, target):
        if not next(left, False):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    with monkeypatch.context() as failing:
        failing.setattr(Path, "rename", renamed)
        with pytest.raises(Stopped):
            placed(filed, file)
    backups.settle(filed)
    (aside,) = filed.glob("before-restore-*")
    for folder in (filed, aside):
        with closing(Store(folder)) as store:
            assert backups.count(store) == backups.Held(works=1, opt_outs=1, receipts=1)
        assert (folder / "settings.json").is_file()
        assert (folder / "registry" / "log.jsonl").is_file()
