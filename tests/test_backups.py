# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A backup holds every record, and only a whole one is brought back, and only where nothing is."""

import zipfile

import pytest


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
