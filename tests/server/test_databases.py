# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A server may have all that it keeps on PostgreSQL, which may be killed and loses nothing."""

import random
import socket
import threading
from collections import Counter
from dataclasses import replace

import pytest

import logs
from artistguard import proof, server, wire
from artistguard.calls import Caller, Server
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import Kind, Offline, Problem, SlowDown
from artistguard.models import Answer, Declaration, Subject
from servers import now, serving, wait_until

DEATHS = 32
WORK = Declaration(
    id="",
    subject=Subject.WORK,
    declarant="An artist",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
    sha256="ab" * 32,
)


def works(start, count):
    return [replace(WORK, id=f"work-{number}") for number in range(start, start + count)]


def test_a_server_on_postgresql_files_and_remembers(tmp_path, cluster):
    url = cluster.fresh()
    with serving(tmp_path, database=url) as running, running.caller() as caller:
        answers = list(RemoteRegistry(caller).deliver(works(0, 1_200)))
        assert {one.answer for one in answers} == {Answer.FILED}
        [answer] = RemoteRegistry(caller).withdraw(["work-7"], "2026-11-24T08:00:00Z")
        assert answer.answer is Answer.FILED
    kept = {path.name for path in (tmp_path / "server").rglob("*")}
    assert kept == {"registry", "tree"}, "what can be made again"
    kinds = "SELECT kind, count(*) FROM artistguard_log GROUP BY kind ORDER BY 1"
    assert cluster.ask(kinds, url=url) == [
        ("key", 1),
        ("opt-out", 1_200),
        ("terms", 1),
        ("withdrawal", 1),
    ]
    [[kept]] = cluster.ask("SELECT secret_sha256 FROM artistguard_keys", url=url)
    assert running.key.split("_", 2)[2] not in kept


def test_a_database_that_dies_again_and_again_loses_and_repeats_nothing(tmp_path, cluster):
    url = cluster.fresh()
    dice = random.Random(3)
    with serving(tmp_path, database=url) as running:
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
        for death in range(DEATHS):
            count = len(filed)
            wait_until(lambda count=count: len(filed) > count)
            done.wait(dice.uniform(0, 0.1))
            if death % 8:
                cluster.kill_one(dice)
                wait_until(cluster.answers)
            else:
                cluster.kill()
                cluster.start()
        count = len(filed)
        wait_until(lambda: len(filed) > count)
        done.set()
        client.join(30)
    log = logs.copied(url, tmp_path / "log.jsonl")
    assert proof.check_file(log).valid
    lines = log.read_bytes().splitlines(keepends=True)
    assert len(filed) > 50 * DEATHS
    assert max(Counter(lines).values()) == 1
    assert {*filed.values()} <= {*lines}
    ids = [entry.id for entry in logs.entries(log) if entry.kind is proof.EntryKind.OPT_OUT]
    assert len(set(ids)) == len(ids)


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
