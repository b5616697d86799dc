# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A registry's log is the same in a file and in a table, for one server or for several."""

import json
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta

import httpx
import pytest

from artistguard import proof, wire
from artistguard.channels import lists
from artistguard.channels.registry import Registry
from artistguard.channels.storage import MOVED, LogFile
from artistguard.errors import Damaged, Kind, Offline, Stopped
from artistguard.models import Answer, Declaration, Subject
from artistguard.server import databases, moving, published
from artistguard.server.directory import Directory, key
from artistguard.server.listing import Index
from artistguard.server.logs import LogTable

SIGNER, OTHER = proof.Signer(bytes(range(32))), proof.Signer(bytes(32))
NOW = "2026-11-24T07:00:00Z"


class Place:
    """Where one log lies, as often as it is opened."""

    def __init__(self, folder, url):
        self.folder = folder
        self.url = url
        self.database = databases.opened(url, folder)
        self.opened = 0

    def storage(self):
        return LogTable(self.database) if self.url else LogFile(self.folder / "log.jsonl")

    def registry(self, signer=SIGNER):
        """The registry, for a process that has nothing of it yet but the log."""
        self.opened += 1
        folder = self.folder if self.url is None else self.folder / str(self.opened)
        return Registry(folder, signer, ticking(), self.storage())

    def listing(self, registry):
        return LogTable(self.database) if self.url else Index(registry.storage, self.database)


def ticking():
    """A clock that is a second further whenever it is asked."""
    moment = datetime.fromisoformat(NOW)

    def clock():
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    return clock


@pytest.fixture(params=["file", "table"])
def place(request, tmp_path):
    url = request.getfixturevalue("cluster").fresh() if request.param == "table" else None
    place = Place(tmp_path, url)
    yield place
    place.database.close()


@pytest.fixture
def table(cluster, tmp_path):
    place = Place(tmp_path / "table", cluster.fresh())
    yield place
    place.database.close()


def copy(ident):
    url = f"https://ana.example/{ident}.jpg"
    return Declaration(ident, Subject.COPY, "Aña", NOW, wire.RESERVATION, url=url)


def deliver(registry, *idents, party="ana"):
    return list(registry.deliver([copy(ident) for ident in idents], party))


def text(registry):
    with registry.storage.opened() as file:
        return file.read()


def fill(registry):
    """Something of every kind."""
    deliver(registry, *(f"copy-{number}" for number in range(20)))
    registry.checkpoint()
    list(registry.withdraw(["copy-3"], NOW, "ana"))
    list(registry.record([proof.Dispute("no-1", "copy-4", "Ben", "Mine.", NOW)], "ben"))
    list(registry.record([proof.Revocation("no-1", NOW)], "ben"))
    return registry.checkpoint()


def test_the_log_its_checkpoint_and_the_list_are_the_same_bytes_in_both(table, tmp_path):
    in_file = Registry(tmp_path / "file", SIGNER, ticking())
    in_table = table.registry()
    assert fill(in_file) == fill(in_table)
    assert text(in_file) == text(in_table)
    assert in_file.state() == in_table.state()
    assert in_file.storage.checkpoint() == in_table.storage.checkpoint()
    receipts = text(in_file).splitlines(keepends=True)
    assert [*in_file.bundles(receipts)] == [*in_table.bundles(receipts)]
    assert in_file.consistency(7, 20) == in_table.consistency(7, 20)
    for registry in (in_file, in_table):
        lists.publish(registry)
    for name in (*lists.FILES, lists.MANIFEST):
        ours, theirs = (one.folder / "public" / name for one in (in_file, in_table))
        assert ours.read_bytes() == theirs.read_bytes()


def test_who_opens_it_anew_has_all_of_it(place):
    first = place.registry()
    answers = deliver(first, "a", "b")
    list(first.withdraw(["b"], NOW, "ana"))
    again = place.registry(OTHER)
    assert [one.receipt for one in deliver(again, "a", "b")] == [one.receipt for one in answers]
    assert [one.id for one, _ in again.in_force()] == ["a"]
    assert again.compared([one.receipt for one in answers]) == first.state()
    assert again.verify().valid


def test_two_that_append_in_turns_make_one_log(place):
    one, two = place.registry(), place.registry(OTHER)
    for number in range(5):
        assert deliver(one, f"one-{number}")[0].answer is Answer.FILED
        assert deliver(two, f"two-{number}")[0].answer is Answer.FILED
        assert deliver(two, f"one-{number}")[0].answer is Answer.ALREADY_FILED
        notes = [one.checkpoint(), two.checkpoint()]
    assert one.state() == two.state()
    checked = one.verify(notes)
    assert checked.valid, checked
    assert "signed by 2 keys" in checked.why


def test_what_is_read_of_it_keeps_up(place, tmp_path):
    registry = place.registry()
    directory = Directory(registry.storage, tmp_path / "directory")
    listing = place.listing(registry)
    listing.catch_up()
    assert directory.line(key("id", "a")) is None
    [mine] = deliver(registry, "a")
    deliver(registry, "b", party="ben")
    directory.catch_up()
    listing.catch_up()
    assert directory.line(key("id", "a")) == mine.receipt
    assert [one.id for one in listing.of("ana", -1, 9)] == ["a"]
    assert listing.of("ana", listing.of("ana", -1, 9)[0].start, 9) == []


def test_any_byte_of_it_can_be_read_from(place):
    registry = place.registry()
    deliver(registry, *(f"copy-{number}" for number in range(300)))
    whole = text(registry)
    assert len(whole) > 1 << 17  # several questions
    with registry.storage.opened() as file:
        for start in (0, 1, 700, len(whole) // 2, len(whole) - 1, len(whole), len(whole) + 9):
            file.seek(start)
            assert file.read(70_000) == whole[start : start + 70_000]
            file.seek(start)
            assert file.readline() == (whole[start:].splitlines(keepends=True) or [b""])[0]
    assert registry.storage.size() == len(whole)


def test_nothing_is_kept_of_a_batch_that_failed(place):
    registry = place.registry()
    deliver(registry, "a")
    before = text(registry)

    def batch():
        yield copy("b")
        raise KeyboardInterrupt

    class Batch:
        def __len__(self):
            return 2

        def __getitem__(self, _):
            return batch()

    with pytest.raises(KeyboardInterrupt):
        list(registry.deliver(Batch(), "ana"))
    assert text(registry) == before
    assert deliver(registry, "b")[0].answer is Answer.FILED
    assert registry.verify().valid


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE artistguard_log SET line = overlay(line PLACING 'x' FROM 300) WHERE id = 'copy-2'",
        "DELETE FROM artistguard_log WHERE id = 'copy-2'",
        "UPDATE artistguard_log SET line = substring(line FROM 1 FOR 90) WHERE id = 'copy-3'",
        "DELETE FROM artistguard_log WHERE id = 'copy-3'",
    ],
)
def test_a_table_that_was_changed_by_others_is_found_damaged(table, cluster, damage):
    registry = table.registry()
    deliver(registry, *(f"copy-{number}" for number in range(4)))
    note = registry.checkpoint()
    cluster.ask(damage, url=table.url)
    with pytest.raises(Damaged) as caught:
        table.registry().compared()
    assert caught.value.kind is Kind.REGISTRY_DAMAGED
    assert not table.registry().verify([note]).valid


def test_a_table_keeps_every_id_once_whoever_writes(table, cluster):
    deliver(table.registry(), "a")
    for insert in (
        "1000000, line, id, kind",
        "1000000, line, id, 'dispute'",
        "start, line, 'x', 'y'",
    ):
        with pytest.raises(Offline):
            cluster.ask(
                f"INSERT INTO artistguard_log SELECT {insert}, party, at FROM artistguard_log"
                " WHERE id = 'a'",
                url=table.url,
            )


def test_a_table_that_forgot_and_grew_anew_is_not_appended_to_by_who_remembers(table, cluster):
    registry = table.registry()
    deliver(registry, "a", "b")
    cluster.ask("DELETE FROM artistguard_log WHERE id = 'b'", url=table.url)
    deliver(table.registry(), "c")  # as many bytes, so that nothing seems amiss
    with pytest.raises(Offline):
        deliver(registry, "d")
    assert deliver(registry, "d")[0].answer is Answer.FILED
    assert table.registry().verify().valid


def test_a_directory_of_another_log_is_made_anew(table, place, tmp_path):
    one, other = table.registry(), place.registry(OTHER)
    deliver(one, "a", "b")
    deliver(other, *(f"other-{number}" for number in range(9)))
    folder = tmp_path / "directory"
    directory = Directory(one.storage, folder)
    directory._write_down()
    assert Directory(one.storage, folder).line(key("id", "b"))
    followed = Directory(other.storage, folder)
    assert followed.line(key("id", "b")) is None
    assert followed.line(key("id", "other-8"))


# --- from files into the database -----------------------------------------------------------------


@pytest.fixture
def old(tmp_path):
    """The folder of a server that kept its log in a file."""
    folder = tmp_path / "server"
    registry = Registry(folder / "registry", SIGNER, ticking())
    fill(registry)
    return folder


def test_a_log_is_moved_once_with_all_that_it_says(old, table):
    registry = Registry(old / "registry", SIGNER, ticking())
    whole, note, state = text(registry), registry.storage.checkpoint(), registry.state()
    assert moving.moved(old, table.database, SIGNER, ticking()) == state.entries
    assert moving.moved(old, table.database, SIGNER, ticking()) == 0
    moved = table.registry()
    assert (text(moved), moved.storage.checkpoint(), moved.state()) == (whole, note, state)
    assert (old / "registry" / MOVED).read_bytes() == whole
    with pytest.raises(Stopped) as caught:  # nobody goes on in the file
        deliver(registry, "later")
    assert caught.value.kind is Kind.REGISTRY_MOVED
    assert deliver(moved, "later")[0].answer is Answer.FILED


def test_a_move_that_was_stopped_at_its_end_is_ended_by_the_next(old, table):
    moving.moved(old, table.database, SIGNER, ticking())
    log = old / "registry" / "log.jsonl"
    (old / "registry" / MOVED).rename(log)
    deliver(table.registry(), "later")
    assert moving.moved(old, table.database, SIGNER, ticking()) > 0
    assert not log.exists()


def test_two_registries_do_not_become_one(old, table):
    deliver(table.registry(OTHER), *(f"other-{number}" for number in range(40)))
    before = text(table.registry())
    with pytest.raises(Stopped) as caught:
        moving.moved(old, table.database, SIGNER, ticking())
    assert caught.value.kind is Kind.REGISTRY_OTHER
    assert text(table.registry()) == before
    assert (old / "registry" / "log.jsonl").exists()


def test_a_damaged_log_is_not_moved(old, table):
    log = old / "registry" / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b"copy-9", b"copy-8"))
    with pytest.raises(Damaged):
        moving.moved(old, table.database, SIGNER, ticking())
    assert table.storage().size() == 0


def test_accounts_move_with_the_log_unless_the_database_has_some(old, table, tmp_path):
    again = tmp_path / "again"
    with closing(databases.opened(None, old)) as files, files.asking() as ask:
        ask("INSERT INTO artistguard_keys VALUES ('1', 'ana', 'x', 'search', 5, 'then', NULL)")
    shutil.copytree(old, again)
    moving.moved(old, table.database, SIGNER, ticking())
    with table.database.asking() as ask:
        assert ask("SELECT id, account, per_day FROM artistguard_keys") == [("1", "ana", 5)]
        ask("DELETE FROM artistguard_log")
        ask("DELETE FROM artistguard_keys")
        ask("INSERT INTO artistguard_keys VALUES ('2', 'ben', 'x', 'search', 5, 'then', NULL)")
    moving.moved(again, table.database, SIGNER, ticking())
    with table.database.asking() as ask:
        assert ask("SELECT id FROM artistguard_keys") == [("2",)]


def test_who_moved_publishes_from_the_database_and_is_not_served_from_files_again(
    old, cluster, run, tmp_path
):
    place = ("--data", tmp_path, "--database", cluster.fresh())
    status, lines, said = run("serve", "publish", *place)
    assert (status, lines[0]["opt_outs"]) == (0, 19), said
    status, _, said = run("serve", "publish", "--data", tmp_path)
    assert status != 0
    assert "--database" in said


def test_the_command_says_what_it_moved_and_then_serves_it(old, cluster, tmp_path):
    command = [
        sys.executable,
        "-m",
        "artistguard",
        "serve",
        "--port",
        "0",
        "--json",
        "--public-log",
    ]
    command += ["--data", tmp_path, "--database", cluster.fresh()]
    whole = (old / "registry" / "log.jsonl").read_bytes()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        try:
            moved, serving = (json.loads(process.stdout.readline()) for _ in range(2))
            assert moved == {"event": "moved", "entries": whole.count(b"\n")}
            answer = httpx.get(serving["url"] + published.LOG, trust_env=False)
        finally:
            process.terminate()
    assert answer.content == whole
