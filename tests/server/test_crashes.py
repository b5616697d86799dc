# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A server killed under load, again and again, loses and repeats nothing that it acknowledged."""

import os
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

import logs
from artistguard import proof, protocol, server, wire
from artistguard.calls import Caller, Server
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import Offline, SlowDown
from artistguard.models import Declaration, OptOutState, Subject
from artistguard.server import published, spawning
from artistguard.store import Store
from servers import now, wait_until

DEATHS = 100
DEATHS_OF_EACH = 20
DEATHS_OF_CLIENT = 30
BATCH = 25
COPY = Declaration(
    id="",
    subject=Subject.COPY,
    declarant="An artist",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
)


def copies(start, count):
    return [
        replace(COPY, id=f"copy-{number}", url=f"https://a.test/{number}.jpg")
        for number in range(start, start + count)
    ]


@contextmanager
def dying(data, deaths, seed, database=None):
    """The address of a server that dies so many times, and what waits until it lives on."""
    script = Path(__file__).parent / "dying.py"
    command = [sys.executable, script, data, str(deaths), str(seed), *filter(None, [database])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        url = process.stdout.readline().decode().strip()
        yield url, lambda: process.stdout.readline() == b"alive\n"
        process.stdin.close()


@contextmanager
def filing(*clients):
    """So many threads that file, each (url, key, first number); what each was answered."""
    done = threading.Event()
    filed = [{} for _ in clients]
    threads = [
        threading.Thread(target=file_on, args=(*client, answers, done))
        for client, answers in zip(clients, filed, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield filed
    finally:
        done.set()
        for thread in threads:
            thread.join(30)


def file_on(url, key, number, filed, done):
    """File batch after batch; each is sent until it is answered."""
    while not done.is_set():
        try:
            with Caller(Server(url, key), sleep=lambda _: None) as caller:
                for answer in RemoteRegistry(caller).deliver(copies(number, BATCH)):
                    filed[answer.id] = answer.receipt
        except (Offline, SlowDown):
            done.wait(0.01)
            continue
        number += BATCH


def keys(options, *accounts):
    scopes = [server.Scope.DECLARE, server.Scope.SEARCH]
    with server.accounts(options, now) as opened:
        return [opened.add_key(account, scopes) for account in accounts]


def opted_out(url, key, idents):
    asked = "\n".join(f"https://a.test/{ident.split('-')[1]}.jpg" for ident in idents)
    headers = {"Authorization": f"API {key}"}
    answer = httpx.post(url + spawning.PATH, content=asked, headers=headers, trust_env=False)
    return [one["optOut"] for one in answer.json()["urls"]]


def must_hold_once(log, filed):
    """Every receipt is a line of the log, which is whole and has every id once."""
    assert proof.check_file(log).valid
    lines = log.read_bytes().splitlines(keepends=True)
    assert len(set(lines)) == len(lines)
    assert {receipt for answers in filed for receipt in answers.values()} <= set(lines)
    ids = [entry.id for entry in logs.entries(log) if entry.kind is proof.EntryKind.OPT_OUT]
    assert len(set(ids)) == len(ids)


def test_every_acknowledged_opt_out_is_there_once_wherever_the_server_was_killed(tmp_path):
    one, two = keys(server.Options(tmp_path), "artist-0", "artist-1")
    with dying(tmp_path, DEATHS, seed=1) as (url, lives):
        with filing((url, one, 0), (url, two, 1_000_000)) as filed:
            assert lives()
        told = opted_out(url, one, {**filed[0], **filed[1]})
    assert len(told) > BATCH  # it did work in between
    assert all(told)
    must_hold_once(tmp_path / "server" / "registry" / "log.jsonl", filed)


def test_two_servers_on_one_database_make_one_log_however_often_each_is_killed(tmp_path, cluster):
    database = cluster.fresh()
    options = server.Options(tmp_path / "keys", database=database)
    one, two = keys(options, "artist-0", "artist-1")
    with (
        dying(tmp_path / "a", DEATHS_OF_EACH, 2, database) as (url_a, a_lives),
        dying(tmp_path / "b", DEATHS_OF_EACH, 3, database) as (url_b, b_lives),
    ):
        # The last two file the same, which is answered by whichever server comes first.
        clients = (url_a, one, 0), (url_b, two, 1_000_000), (url_a, one, 2_000_000)
        with filing(*clients, (url_b, one, 2_000_000)) as filed:
            assert a_lives()
            assert b_lives()
            wait_until(lambda: all(len(answers) > BATCH for answers in filed))
            notes = [tmp_path / f"{number}.txt" for number in range(6)]
            for url, note in zip((url_a, url_b) * 3, notes, strict=True):
                note.write_bytes(get(url, protocol.CHECKPOINT))
        told = [opted_out(url, one, ident) for url in (url_a, url_b) for ident in filed]
        mirrors = [get(url, published.LOG) for url in (url_a, url_b)]
    assert all(map(all, told))
    assert mirrors[0] == mirrors[1]
    log = tmp_path / "log.jsonl"
    log.write_bytes(mirrors[0])
    assert log.read_bytes() == logs.copied(database, tmp_path / "table.jsonl").read_bytes()
    must_hold_once(log, filed)
    assert proof.check_consistency(log, notes).valid
    both = filed[2].keys() & filed[3].keys()
    assert both
    assert all(filed[2][ident] == filed[3][ident] for ident in both)


def get(url, path):
    return httpx.get(url + path, trust_env=False).raise_for_status().content


def test_a_client_killed_anywhere_has_every_opt_out_filed_once_when_it_is_run_again(
    tmp_path, cluster, run
):
    database = cluster.fresh()
    [key] = keys(server.Options(tmp_path / "keys", database=database), "artist")
    data = tmp_path / "art"
    with dying(tmp_path / "server", 0, 1, database) as (url, _):
        assert run("server", "add", url, "--data", data)[0] == 0
        command = [sys.executable, Path(__file__).parent / "leaving.py"]
        channel = url.replace("http://", "server:")
        command += [data, channel, str(DEATHS_OF_CLIENT), "4", str(BATCH)]
        known = os.environ | {"ARTISTGUARD_SERVER_KEY": key}
        ended = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout[-2_000:] + ended.stderr[-2_000:]
    with closing(Store(data)) as store:
        mine = [one for one in store.outbox.opt_outs() if one.channel == channel]
        receipts = {one.opt_out: one.body for one in store.outbox.receipts()}
    assert len(mine) == (DEATHS_OF_CLIENT + 1) * BATCH
    assert {one.state for one in mine} == {OptOutState.ACKNOWLEDGED}
    log = logs.copied(database, tmp_path / "log.jsonl")
    must_hold_once(log, [{one.id: receipts[one.id] for one in mine}])
    domains = [one.declaration.domain for one in logs.entries(log) if one.declaration]
    assert len(domains) == len(set(domains)) == len(mine)
