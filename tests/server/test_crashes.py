# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A server killed under load, again and again, loses and repeats nothing that it acknowledged."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import httpx

from artistguard import proof, server, wire
from artistguard.calls import Caller, Server
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import Offline, SlowDown
from artistguard.models import Declaration, Subject
from artistguard.server import spawning
from servers import now

DEATHS = 100
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


def test_every_acknowledged_opt_out_is_there_once_wherever_the_server_was_killed(tmp_path):
    with server.accounts(server.Options(tmp_path), now) as accounts:
        scopes = [server.Scope.DECLARE, server.Scope.SEARCH]
        keys = [accounts.add_key(f"artist-{number}", scopes) for number in range(2)]
    command = [sys.executable, Path(__file__).parent / "dying.py", tmp_path, str(DEATHS), "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        url = process.stdout.readline().decode().strip()
        done = threading.Event()
        filed = [{}, {}]
        clients = [
            threading.Thread(target=file_on, args=(url, keys[at], at, filed[at], done))
            for at in range(2)
        ]
        for client in clients:
            client.start()
        assert process.stdout.readline() == b"alive\n"
        done.set()
        for client in clients:
            client.join(30)
        asked = [f"https://a.test/{ident.split('-')[1]}.jpg" for ident in {**filed[0], **filed[1]}]
        told = httpx.post(
            url + spawning.PATH,
            content="\n".join(asked),
            headers={"Authorization": f"API {keys[0]}"},
            trust_env=False,
        ).json()["urls"]
        process.stdin.close()
    assert len(asked) > BATCH  # it did work in between
    assert all(one["optOut"] for one in told)
    log = tmp_path / "server" / "registry" / "log.jsonl"
    assert proof.check_file(log).valid
    lines = log.read_bytes().splitlines(keepends=True)
    assert len(set(lines)) == len(lines)
    assert {*filed[0].values(), *filed[1].values()} <= set(lines)
    ids = [entry.id for entry in entries(log) if entry.kind is proof.EntryKind.OPT_OUT]
    assert len(set(ids)) == len(ids)


def file_on(url, key, which, filed, done):
    """File batch after batch; each is sent until it is answered."""
    number = which * 1_000_000
    while not done.is_set():
        try:
            with Caller(Server(url, key), sleep=lambda _: None) as caller:
                for answer in RemoteRegistry(caller).deliver(copies(number, BATCH)):
                    filed[answer.id] = answer.receipt
        except (Offline, SlowDown):
            done.wait(0.01)
            continue
        number += BATCH


def entries(log):
    with log.open("rb") as file:
        yield from proof.read_log(file)
