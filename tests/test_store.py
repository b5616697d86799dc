# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The database keeps what it is given, and says clearly when it cannot."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from artistguard.errors import Damaged, Kind, Problem, Stopped
from artistguard.models import Fingerprint, FoundFile, Reading
from artistguard.store import FILE_NAME, Placed, Store
from artistguard.store import database as database_module

AT = "2026-05-01T12:00:00Z"


def reading(number=1):
    return Reading(
        sha256=bytes([number]) * 32,
        md5=bytes([number]) * 16,
        width=640,
        height=480,
        format="PNG",
        fingerprints=(Fingerprint("dct256/1", bytes(64), b"\x50\x50"),),
    )


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


def test_a_work_comes_back_as_it_went_in(store):
    found = FoundFile("/art/ä.png", 7, 2**62, 2**64 - 1, 2**64 - 2)
    with store.writing():
        work = store.works.add(AT)
        version = store.works.add_version(work, reading(), AT)
        store.works.add_fingerprints(version, reading().fingerprints)
        store.files.place(found, version)
    (only,) = store.works.all()
    assert (only.id, only.path, only.master) == (work, "/art/ä.png", None)
    assert only.current.sha256 == reading().sha256
    assert store.works.fingerprints(version) == reading().fingerprints
    assert store.files.at("/art/ä.png") == Placed(found, version, None)
    assert store.files.known() == {"/art/ä.png": (7, 2**62, 2**64 - 1)}


@pytest.mark.parametrize("others", [1, 3])
def test_what_is_written_while_another_program_comes_and_goes_is_kept(tmp_path, others):
    with ExitStack() as stack:
        first, *_rest = (stack.enter_context(closing(Store(tmp_path))) for _ in range(others + 1))
        for number in range(1, 4):
            with first.writing():
                first.works.add(AT)
            # As the command line beside the window.
            look = "import sys; from artistguard.cli import main; sys.exit(main(sys.argv[1:]))"
            command = [sys.executable, "-c", look, "status", "--json", "--data", str(tmp_path)]
            said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
            assert json.loads(said.splitlines()[-1])["works"] == number


def test_a_transaction_is_kept_whole_or_not_at_all(store):
    def fail_halfway():
        with store.writing():
            store.works.add(AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert store.works.count() == 0


def test_two_threads_take_turns(tmp_path, store):
    def add_some():
        mine = Store(tmp_path)
        for _ in range(50):
            with mine.writing():
                mine.works.add(AT)
        mine.close()

    threads = [threading.Thread(target=add_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.works.count() == 200


def test_a_full_disk_says_so_and_keeps_what_was_there(tmp_path, store):
    with store.writing():
        store.works.add(AT)
    (pages,) = next(store._database.ask("PRAGMA page_count"))
    next(store._database.ask(f"PRAGMA max_page_count = {pages}"))
    big = Fingerprint("dct256/1", bytes(100_000), bytes(1))

    def fill():
        with store.writing():
            version = store.works.add_version(1, reading(), AT)
            store.works.add_fingerprints(version, [big])

    with pytest.raises(Stopped) as stopped:
        fill()
    assert stopped.value.kind is Kind.DISK_FULL
    assert store.works.count() == 1
    assert store.works.versions() == []
    assert store.check() == []


@pytest.mark.parametrize("harm", ["no database", "zeroed page", "cut off"])
def test_a_damaged_file_is_told_apart_from_everything_else(tmp_path, harm):
    store = Store(tmp_path)
    with store.writing():
        for number in range(1, 200):
            store.works.add_version(store.works.add(AT), reading(number), AT)
    store.close()
    path = tmp_path / FILE_NAME
    body = path.read_bytes()
    harmed = {
        "no database": b"Not a database. " * 4096,
        "zeroed page": body[:4096] + bytes(len(body) - 4096),
        "cut off": body[: len(body) // 2],
    }[harm]
    path.write_bytes(harmed)

    def use():
        opened = Store(tmp_path)
        try:
            return list(opened._database.ask("SELECT * FROM versions"))
        finally:
            opened.close()

    with pytest.raises(Damaged) as damaged:
        use()
    assert damaged.value.kind is Kind.DATABASE_DAMAGED
    assert path.read_bytes() == harmed


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path):
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    with pytest.raises(Problem) as newer:
        Store(tmp_path)
    assert newer.value.kind is Kind.DATABASE_NEWER
    with sqlite3.connect(tmp_path / FILE_NAME) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (999,)
    raw.close()


def test_a_step_that_fails_leaves_the_database_and_a_backup(tmp_path, monkeypatch):
    store = Store(tmp_path)
    with store.writing():
        store.works.add(AT)
    store.close()
    broken = "CREATE TABLE extra (x INTEGER) STRICT;\nCREATE TABLE works (x INTEGER) STRICT;\n"
    steps = (*database_module.STEPS, broken)
    monkeypatch.setattr(database_module, "STEPS", steps)
    with pytest.raises(sqlite3.OperationalError):
        Store(tmp_path)
    monkeypatch.undo()
    again = Store(tmp_path)
    assert again.works.count() == 1
    assert not any(again._database.ask("SELECT 1 FROM sqlite_schema WHERE name = 'extra'"))
    again.close()
    with sqlite3.connect(tmp_path / f"{FILE_NAME}.before-{len(steps)}") as backup:
        assert backup.execute("SELECT count(*) FROM works").fetchone() == (1,)
    backup.close()


def test_a_folder_that_cannot_be_written_to_says_so(tmp_path):
    with pytest.raises(Stopped) as stopped:
        Store(tmp_path / "missing")
    assert stopped.value.kind is Kind.DATA_NOT_WRITABLE


def test_a_word_that_we_never_write_is_damage(tmp_path):
    shutil.copy(Path(__file__).parent / "databases" / "v1.sqlite", tmp_path / FILE_NAME)
    with sqlite3.connect(tmp_path / FILE_NAME) as raw:
        raw.execute("UPDATE opt_outs SET state = 'ackn/wledged'")
        raw.execute("UPDATE matches SET band = 'certaim'")
    raw.close()
    store = Store(tmp_path)
    for question in (store.outbox.opt_outs, store.outbox.counts, store.matches.counts):
        with pytest.raises(Damaged) as damaged:
            list(question())
        assert damaged.value.kind is Kind.DATABASE_DAMAGED
    store.close()
