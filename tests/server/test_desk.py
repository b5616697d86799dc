# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What one server takes on is bounded, and what it writes down names no work, hash or key."""

import hashlib
import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from artistguard import protocol, wire
from artistguard.channels.locks import held
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import NotSignedIn
from artistguard.models import Declaration, Subject
from artistguard.server import Limits, spawning
from servers import serving, wait_until

LIMITS = Limits(
    body=100_000,
    seconds_to_send=0.3,
    seconds_to_wait=0.3,
    at_once=1,
    waiting=2,
)
WORK = Declaration(
    id="one-work",
    subject=Subject.WORK,
    declarant="A secret name",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
    sha256=hashlib.sha256(b"a secret work").hexdigest(),
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("data"), limits=LIMITS) as running:
        yield running


def ask(running, path, key=None, **how):
    headers = {"Authorization": f"Bearer {key or running.key}"}
    return httpx.post(running.url + path, headers=headers, trust_env=False, timeout=10, **how)


def place(running):
    host, port = running.url.removeprefix("http://").split(":")
    return host, int(port)


def test_a_body_that_is_too_long_is_refused_before_it_is_read(running):
    answer = ask(running, protocol.OPT_OUTS, content=b"x" * 100_001)
    assert (answer.status_code, answer.json()) == (413, {"reason": "bytes"})


def test_a_body_that_does_not_say_how_long_it_is_is_refused_when_it_gets_too_long(running):
    answer = ask(running, protocol.OPT_OUTS, content=(b"x" * 10_000 for _ in range(20)))
    assert answer.status_code == 413


def test_more_entries_than_a_request_may_have_are_too_large(running):
    body = json.dumps({"ids": [1] * 10_001, "withdrawn_at": ""})
    answer = ask(running, protocol.WITHDRAWALS, content=body)
    assert (answer.status_code, answer.json()) == (413, {"reason": "entries"})


def test_who_sends_too_slowly_is_not_waited_for(running):
    with socket.create_connection(place(running)) as line:
        head = f"POST {protocol.OPT_OUTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
        line.sendall(f"{head}Authorization: Bearer {running.key}\r\n\r\n{{".encode())
        line.settimeout(10)
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")


@contextmanager
def occupied(running):
    """Somebody's request takes long, so that nobody else has a turn."""
    body = protocol.declarations_body([replace(WORK, id=str(uuid4()))])
    lock = running.options.folder / "registry" / "log.lock"
    lock.parent.mkdir(exist_ok=True)
    with ThreadPoolExecutor() as threads, held(lock, 5):
        first = threads.submit(ask, running, protocol.OPT_OUTS, content=body)
        wait_until(lambda: ask(running, protocol.SEARCH, content=b"").status_code == 503)
        yield threads
    assert first.result().status_code == 200


def test_who_comes_while_all_are_served_waits_and_then_is_told_when_to_come_again(running):
    with occupied(running):
        answer = ask(running, protocol.SEARCH, content=b"")
        assert (answer.status_code, answer.json()) == (503, {"reason": "busy"})
        assert int(answer.headers["Retry-After"]) > 0
        assert ask(running, spawning.PATH, content=b"").status_code == 200  # short work goes on
    assert ask(running, protocol.SEARCH, content=b"").status_code == 400


def test_more_than_may_wait_are_told_at_once(running):
    with occupied(running) as threads:
        crowd = [threads.submit(ask, running, protocol.SEARCH, content=b"") for _ in range(6)]
        answers = [one.result() for one in crowd]
    assert [answer.status_code for answer in answers] == [503] * 6
    assert {answer.headers["Retry-After"] for answer in answers} == {"2", "5"}


def test_a_quota_is_for_a_day_and_said_with_when_it_ends(tmp_path):
    clock = [datetime(2026, 11, 24, 23, 0, tzinfo=UTC)]
    with serving(tmp_path, clock=lambda: clock[0]) as running:
        key = running.key_of("small", "search", per_day=5)
        assert ask(running, spawning.PATH, key, content=b"\n\n").status_code == 200
        answer = ask(running, spawning.PATH, key, content=b"\n\n")
        assert (answer.status_code, answer.json()) == (429, {"reason": "quota"})
        assert answer.headers["Retry-After"] == "3601"
        again = ask(
            running, spawning.PATH, running.key_of("small", "search", per_day=5), content=b""
        )
        assert again.status_code == 200  # what was refused was not counted; two were left
        clock[0] = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
        assert ask(running, spawning.PATH, key, content=b"\n\n\n\n").status_code == 200


def test_who_shows_no_key_has_a_quota_that_their_network_shares(tmp_path):
    clock = [datetime(2026, 11, 24, 23, 0, tzinfo=UTC)]
    limits = Limits(anonymous_per_day=5)
    with serving(tmp_path, clock=lambda: clock[0], limits=limits, anonymous=True) as running:

        def anyone(network, lines):
            # A proxy on this machine, which is believed, says for whom it asks.
            headers = {"X-Forwarded-For": network}
            url, body = running.url + spawning.PATH, b"\n" * (lines - 1)
            return httpx.post(url, content=body, headers=headers, trust_env=False)

        assert anyone("203.0.113.7", 4).status_code == 200  # and one for the request
        answer = anyone("203.0.113.200", 1)
        assert (answer.status_code, answer.json()) == (429, {"reason": "quota"})
        assert answer.headers["Retry-After"] == "3601"
        assert anyone("203.0.112.7", 1).status_code == 200
        health = {"X-Forwarded-For": "203.0.113.7"}
        assert httpx.get(running.url + "/healthz", headers=health, trust_env=False).is_success
        assert ask(running, spawning.PATH, content=b"\n" * 20).status_code == 200  # has a key
        clock[0] = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
        assert anyone("203.0.113.7", 1).status_code == 200


def test_a_revoked_key_is_good_for_nothing(running):
    admin = running.key_of("boss", "admin")
    key = running.key_of("fired", "declare")
    headers = {"Authorization": f"Bearer {admin}"}
    listed = httpx.get(running.url + "/api/v1/keys", headers=headers, trust_env=False)
    [ident] = [one["id"] for one in listed.json()["keys"] if one["account"] == "fired"]
    assert key not in listed.text
    for status in (200, 404):
        path = f"/api/v1/keys/{ident}"
        answer = httpx.delete(running.url + path, headers=headers, trust_env=False)
        assert answer.status_code == status
    with running.caller(key) as caller, pytest.raises(NotSignedIn):
        list(RemoteRegistry(caller).deliver([WORK]))
    refused = httpx.get(
        running.url + "/api/v1/keys",
        headers={"Authorization": f"Bearer {running.key}"},
        trust_env=False,
    )
    assert (refused.status_code, refused.json()) == (403, {"reason": "scope"})


def test_keys_are_on_the_disk_as_hashes_only(running):
    secret = running.key.split("_", 2)[2].encode()
    for file in running.options.folder.rglob("*"):
        assert file.is_dir() or secret not in file.read_bytes()


def test_the_log_of_requests_names_no_work_hash_or_key(running, caplog):
    caplog.set_level(logging.INFO)
    with running.caller() as caller:
        list(RemoteRegistry(caller).deliver([WORK]))
        list(RemoteRegistry(caller).deliver([WORK]))
    headers = {"Authorization": f"Bearer {running.key}"}
    for path in (f"{protocol.OPT_OUTS}/{WORK.id}", "/no/such/path?secret"):
        httpx.get(running.url + path, headers=headers, trust_env=False)
    said = [
        record for record in caplog.records if record.name.startswith(("artistguard", "uvicorn"))
    ]
    text = "\n".join(record.getMessage() for record in said)
    for secret in (WORK.id, WORK.sha256, WORK.declarant, running.key, "no/such", 'artist"'):
        assert secret not in text
    told = [json.loads(record.getMessage()) for record in said if "route" in record.getMessage()]
    assert [one["route"] for one in told] == [protocol.OPT_OUTS] * 2 + [protocol.OPT_OUTS + "/{id}"]
    assert [one["entries"] for one in told] == [1, 1, 0]


def test_health_and_counters_are_for_anyone(running):
    get = lambda path: httpx.get(running.url + path, trust_env=False)  # noqa: E731  # short
    assert get("/healthz").json() == {"status": "ok"}
    lines = get("/metrics").text.splitlines()
    assert 'artistguard_requests_total{route="/healthz",status="200"} 1' in lines
    assert "artistguard_requests_under_way 1" in lines
    assert get("/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    "path",
    ["/api/v1/sources/", "/api/v1/../../etc/passwd", "//healthz", "/%2e%2e/", "/api/v1/keys/"],
)
def test_other_paths_are_not_there(running, path):
    answer = httpx.get(running.url + path, trust_env=False)
    assert answer.status_code == 404


@pytest.mark.parametrize("value", ["Bearer", "API x\ty", "Basic YTpi", "Bearer ag_" + "0" * 900])
def test_headers_that_are_no_key_are_refused(running, value):
    answer = httpx.get(
        running.url + protocol.SOURCES, headers={"Authorization": value}, trust_env=False
    )
    assert answer.status_code == 401


def test_a_request_cannot_be_smuggled_in_behind_another(running, caplog):
    with socket.create_connection(place(running)) as line:
        line.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
        )
        line.settimeout(10)
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")
    assert "Invalid HTTP request received." in caplog.text
