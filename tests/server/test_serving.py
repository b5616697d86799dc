# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The commands of those who run a server, as a person would type them."""

import json
import signal
import socket
import ssl
import subprocess
import sys

import pytest

from artistguard import cli
from artistguard.calls import Caller, Server
from artistguard.search import remote
from servers import certify


@pytest.fixture
def run(capsys):
    """Run a command with ``--json``: exit status, lines, what was said beside them."""

    def call(*arguments):
        status = cli.main([*map(str, arguments), "--json"])
        said = capsys.readouterr()
        return status, [json.loads(line) for line in said.out.splitlines()], said.err

    return call


def start(*arguments):
    command = [sys.executable, "-m", "artistguard", "serve", "--port", "0", "--json", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_server_starts_knows_its_keys_and_stops_when_told(run, tmp_path):
    status, [made], said = run("serve", "key", "add", "--account", "union", "--data", tmp_path)
    assert (status, made["account"]) == (0, "union")
    assert "once" in said
    with start("--data", str(tmp_path)) as process:
        url = json.loads(process.stdout.readline())["url"]
        with Caller(Server(url, made["key"])) as caller:
            assert remote.sources(caller) == []
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGTERM)
    routes = [json.loads(line)["route"] for line in said.splitlines() if line.startswith("{")]
    assert routes == ["/api/v1/sources"]
    assert made["key"].split("_", 2)[2] not in said


def test_keys_are_listed_and_revoked_by_their_public_half(run, tmp_path):
    data = ("--data", tmp_path)
    run("serve", "key", "add", "--account", "a", "--scopes", "search", "--per-day", 5, *data)
    _, [key], _ = run("serve", "key", "list", *data)
    assert (key["account"], key["scopes"], key["per_day"]) == ("a", ["search"], 5)
    assert run("serve", "key", "revoke", key["id"], *data)[:2] == (
        0,
        [{"id": key["id"], "revoked": True}],
    )
    status, lines, said = run("serve", "key", "revoke", key["id"], *data)
    assert (status, lines) == (1, [])
    assert key["id"] in said
    _, [key], _ = run("serve", "key", "list", *data)
    assert key["revoked_at"] is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ("key", "add", "--account", "../a b"),
        ("key", "add", "--account", "a", "--scopes", "all"),
        ("--database", "mysql://x"),
        ("--pack", "no/such/pack"),
        ("--index", "file:///etc"),
        ("--tls-certificate", "no/such/file"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(run, tmp_path, arguments):
    status, lines, said = run("serve", *arguments, "--data", tmp_path)
    assert (status, lines) == (2, [])
    assert "Traceback" not in said
    assert len(said) > 20


def test_a_port_that_is_taken_is_told(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, said = run("serve", "--port", port, "--data", tmp_path)
    assert status == 2
    assert str(port) in said


def test_https_is_served_with_a_certificate_of_ones_own(tmp_path):
    chain, key = certify(tmp_path)
    arguments = ("--tls-certificate", str(chain), "--tls-key", str(key), "--anonymous")
    with start(*arguments, "--data", str(tmp_path / "data")) as process:
        url = json.loads(process.stdout.readline())["url"]
        assert url.startswith("https://")
        trusted = ssl.create_default_context(cafile=chain)
        with Caller(Server(url), trusted=trusted) as caller:
            assert remote.sources(caller) == []
        process.terminate()
        process.communicate(timeout=20)
