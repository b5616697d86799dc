# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The accounts of a server may be on PostgreSQL, and survive it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from artistguard import proof, server, wire
from artistguard.calls import Caller, Server
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import Kind, Offline, Problem, SlowDown
from artistguard.models import Answer, Declaration, Subject
from artistguard.server import databases
from servers import now, serving, wait_until

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
WORK = Declaration(
    id="",
    subject=Subject.WORK,
    declarant="An artist",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
    sha256="ab" * 32,
)


@dataclass
class Cluster:
    """A PostgreSQL of our own, run by somebody with no rights."""

    folder: Path
    port: int
    user: str | None
    process: subprocess.Popen | None = None

    @property
    def url(self):
        return f"postgresql://artistguard@127.0.0.1:{self.port}/postgres"

    def run(self, program, *arguments):
        command = [str(BIN / program), *arguments]
        return subprocess.run(command, user=self.user, check=True, capture_output=True, cwd="/tmp")

    def start(self):
        command = [BIN / "postgres", "-D", self.folder, "-p", str(self.port), "-k", self.folder]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=16MB"]
        self.process = subprocess.Popen(
            command, user=self.user, cwd="/tmp", stderr=subprocess.DEVNULL
        )
        wait_until(self.answers)

    def ask(self, sql, *values):
        with closing(databases.PostgreSQL(self.url)) as database, database.asking() as ask:
            return ask(sql, *values)

    def answers(self):
        try:
            return self.ask("SELECT 1") == [(1,)]
        except Offline:
            assert self.process.poll() is None, "PostgreSQL does not start"
            return False

    def kill(self):
        """End it as a power cut would: the first process, then all it has left behind."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.process.kill()
        self.process.wait()
        for child in map(int, children):
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue
            wait_until(lambda child=child: not Path(f"/proc/{child}").exists())


@pytest.fixture(scope="module")
def cluster():
    if BIN is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="artistguard-pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    cluster = Cluster(folder / "data", port, user)
    try:
        options = ["--auth=trust", "--username=artistguard", "--no-sync", "--no-instructions"]
        cluster.run("initdb", "-D", str(cluster.folder), *options)
        cluster.start()
        yield cluster
    finally:
        if cluster.process and cluster.process.poll() is None:
            cluster.process.send_signal(signal.SIGQUIT)
            cluster.process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def works(start, count):
    return [replace(WORK, id=f"work-{number}") for number in range(start, start + count)]


def test_a_server_with_its_accounts_on_postgresql_files_and_remembers(tmp_path, cluster):
    with serving(tmp_path, database=cluster.url) as running, running.caller() as caller:
        answers = list(RemoteRegistry(caller).deliver(works(0, 1_200)))
        assert {one.answer for one in answers} == {Answer.FILED}
        [answer] = RemoteRegistry(caller).withdraw(["work-7"], "2026-11-24T08:00:00Z")
        assert answer.answer is Answer.FILED
    assert not (tmp_path / "server" / "accounts.sqlite").exists()
    kinds = cluster.ask("SELECT kind, count(*) FROM artistguard_entries GROUP BY kind ORDER BY 1")
    [[kept]] = cluster.ask("SELECT secret_sha256 FROM artistguard_keys")
    assert kinds == [("key", 1), ("opt-out", 1_200), ("terms", 1), ("withdrawal", 1)]
    assert running.key.split("_", 2)[2] not in kept


def test_a_database_that_dies_again_and_again_loses_and_repeats_nothing(tmp_path, cluster):
    with serving(tmp_path, database=cluster.url) as running:
        key = running.key_of("crash", "declare")
        filed, done = {}, threading.Event()

        def file_on():
            number = 10_000
            while not done.is_set():
                batch = works(number, 50)
                try:
                    with Caller(Server(running.url, key), patience=0) as caller:
                        answers = list(RemoteRegistry(caller).deliver(batch))
                except (Offline, SlowDown):
                    done.wait(0.02)
                    continue
                filed.update((one.id, one.receipt) for one in answers)
                number += 50

        client = threading.Thread(target=file_on)
        client.start()
        for _ in range(2):
            count = len(filed)
            wait_until(lambda count=count: len(filed) > count)
            cluster.kill()
            cluster.start()
        count = len(filed)
        wait_until(lambda: len(filed) > count)
        done.set()
        client.join(30)
    log = tmp_path / "server" / "registry" / "log.jsonl"
    assert proof.check_file(log).valid
    lines = log.read_bytes().splitlines(keepends=True)
    for receipt in filed.values():
        assert lines.count(receipt) == 1
    listed = cluster.ask("SELECT id FROM artistguard_entries WHERE party = ?", "crash")
    assert len(listed) == len(set(listed))
    assert {ident for (ident,) in listed} >= filed.keys()


@pytest.mark.parametrize(
    "url", ["mysql://localhost/x", "postgresql://localhost:port/x", "postgresql://h/x?sslmode=off"]
)
def test_an_address_that_is_none_is_told_before_anything_is_tried(tmp_path, url):
    with (
        pytest.raises(Problem) as caught,
        server.accounts(server.Options(tmp_path, database=url), now),
    ):
        pass
    assert caught.value.kind is Kind.BAD_USAGE


def test_a_database_that_is_away_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = server.Options(tmp_path, database=f"postgresql://a@127.0.0.1:{port}/b")
    with pytest.raises(Offline) as caught, server.accounts(options, now):
        pass
    assert caught.value.kind is Kind.SERVER_DATABASE
