# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Data that may not be written, as on a mounted backup, can be looked at all the same."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from artistguard import proof
from artistguard.errors import Kind, Stopped
from artistguard.store import FILE_NAME, Store, schema

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions as on POSIX")


# Where we are root, permissions bind us only without the powers to override them.
_LIKE_OTHERS = ["--bounding-set=-dac_override", "--inh-caps=-dac_override"]


@pytest.fixture
def data(tmp_path, paint, run):
    """An artist's data with one work that was opted out, which may not be written."""
    folder = tmp_path / "data"
    art = paint("art/a.png", 1).parent
    status, _, said = run("protect", art, "--yes", "--data", folder)
    assert status == 0, said
    _let(folder, 0o555, 0o444)
    yield folder
    _let(folder, 0o755, 0o644)


def _let(folder, folders, files):
    for path in (*folder.rglob("*"), folder):
        path.chmod(folders if path.is_dir() else files)


def _look(*arguments):
    """Run a command as who may only do what permissions say."""
    powers = []
    if os.geteuid() == 0:
        if not (setpriv := shutil.which("setpriv")):
            pytest.skip("permissions do not bind root, and there is no setpriv to change that")
        powers = [setpriv, *_LIKE_OTHERS]
    command = [*powers, sys.executable, "-m", "artistguard", *map(str, arguments), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_what_may_only_be_read_is_shown_and_its_receipts_are_exported(data, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    status, lines, said = _look("status", "--data", data)
    assert (status, lines[-1]["works"], lines[-1]["receipts"]) == (0, 1, 1), said
    assert _look("matches", "--data", data)[:2] == (0, [])
    out = tmp_path / "out"
    status, (line,), said = _look("receipts", "--export", out, "--data", data)
    assert (status, line["valid"]) == (0, True)
    assert "cannot write" in said
    assert proof.check_file(Path(line["path"])).valid
    assert before == {path: path.stat().st_mtime_ns for path in data.rglob("*")}


def test_whatever_writes_says_why_it_cannot(data, tmp_path):
    art = tmp_path / "art"
    for arguments in (("scan", art), ("protect", art, "--yes"), ("pack", "remove", "none")):
        status, lines, said = _look(*arguments, "--data", data)
        assert (status, lines) == (2, []), arguments
        assert "cannot write" in said
        assert "Traceback" not in said


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A database that the system says may not be written."""
    Store(tmp_path).close()
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    return tmp_path


def test_a_database_of_an_earlier_version_cannot_be_brought_up_to_date_there(locked):
    with sqlite3.connect(locked / FILE_NAME) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.STEPS) - 1}")
    connection.close()
    with pytest.raises(Stopped) as raised:
        Store(locked)
    assert raised.value.kind is Kind.DATA_NOT_WRITABLE


def test_what_another_is_writing_is_seen_and_nothing_can_be_added(tmp_path, monkeypatch):
    writing = Store(tmp_path)
    with writing.writing():
        writing.works.add("2026-05-01T12:00:00Z")
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    looking = Store(tmp_path)
    assert looking.works.count() == 1
    with pytest.raises(Stopped) as raised, looking.writing():
        looking.works.add("2026-05-01T12:00:00Z")
    assert raised.value.kind is Kind.DATA_NOT_WRITABLE
    for store in (looking, writing):
        store.close()
