# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The key that signs the server's log is told to it or in the keyring, and never in a file."""

import base64
import json
import os
import subprocess
import sys

import httpx
import pytest

from artistguard import cli, proof, protocol, server
from artistguard.errors import Kind
from artistguard.secrets import open_vault, signing_seed
from artistguard.server import signing
from fakes import FakeKeyring
from servers import now, serving

SEED = bytes(range(100, 132))
KEY = proof.Signer(SEED).key.hex()


class Keyring(FakeKeyring):
    """Passes for one of the real ones, which are known by name."""

    __module__ = "keyring.backends.libsecret"


@pytest.fixture
def keyring(monkeypatch):
    """The machine's keyring."""
    backend = Keyring()
    monkeypatch.setattr("keyring.get_keyring", lambda: backend)
    return backend


def sign(data, **how):
    """Has a server sign how far its log has come; the keys that have signed the log so far."""
    with serving(data, **how) as running:
        headers = {"Authorization": f"Bearer {running.key}"}
        answer = httpx.get(running.url + protocol.CHECKPOINT, headers=headers, trust_env=False)
        assert answer.status_code == 200
    lines = (data / "server" / "registry" / "log.jsonl").read_text().splitlines()
    entries = [json.loads(line)["entry"] for line in lines]
    return [entry["id"] for entry in entries if entry["kind"] == "key"]


def said(data, **how):
    """What a server has to say when it comes up."""
    notices = []
    with server.opened(server.Options(data, **how), now, notices.append):
        return notices


def spellings(seed):
    return [seed, seed.hex().encode(), seed.hex().upper().encode(), base64.b64encode(seed)]


def written(data):
    files = [file for file in data.rglob("*") if file.is_file()]
    assert len(files) > 3
    return b"\n".join(file.read_bytes() for file in files)


def test_a_key_that_is_told_signs_comes_before_the_keyring_and_is_not_written(tmp_path, keyring):
    for told in (SEED.hex(), f" {SEED.hex().upper()}\n"):
        assert sign(tmp_path, signing_key=told) == [KEY]
    assert keyring.kept == {}
    assert said(tmp_path, signing_key=SEED.hex()) == []
    assert SEED.hex() not in repr(server.Options(tmp_path, signing_key=SEED.hex()))
    assert not any(spelt in written(tmp_path) for spelt in spellings(SEED))


def test_a_key_in_the_keyring_is_made_once_and_is_not_written(tmp_path, keyring):
    [key] = sign(tmp_path)
    assert sign(tmp_path) == [key]
    assert said(tmp_path) == []
    seed = signing_seed(open_vault(tmp_path / "server", keyring))
    assert proof.Signer(seed).key.hex() == key
    assert not any(spelt in written(tmp_path) for spelt in spellings(seed))


def test_without_a_keyring_each_start_has_a_key_of_its_own_which_is_said(tmp_path, monkeypatch):
    seeds = []

    class Signer(proof.Signer):
        def __init__(self, seed):
            super().__init__(seed)
            seeds.append(seed)

    monkeypatch.setattr(proof, "Signer", Signer)
    first = sign(tmp_path)
    keys = sign(tmp_path)
    assert keys[0] == first[0] != keys[1]
    assert proof.check_file(tmp_path / "server" / "registry" / "log.jsonl").valid
    assert said(tmp_path) == [Kind.NO_KEYRING]
    assert len(seeds) == 3
    assert not any(spelt in written(tmp_path) for seed in seeds for spelt in spellings(seed))


def test_a_keyring_that_is_locked_is_said(tmp_path, keyring):
    keyring.trouble = RuntimeError("locked")
    assert said(tmp_path) == [Kind.KEYRING_REFUSED]


def test_a_key_file_of_an_older_server_is_not_read(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "signing.key").write_bytes(SEED)
    assert KEY not in sign(tmp_path)


@pytest.mark.parametrize("told", ["", "abc", SEED.hex()[:-2], SEED.hex() + "00", "g" * 64])
def test_what_is_no_key_is_told_in_a_sentence_that_does_not_repeat_it(
    tmp_path, monkeypatch, capsys, told
):
    monkeypatch.setenv(signing.VARIABLE, told)
    assert cli.main(["serve", "--port", "0", "--data", str(tmp_path)]) == 2
    told_back = capsys.readouterr().err
    assert signing.VARIABLE in told_back
    assert "64 hex digits" in told_back
    assert not told or told not in told_back


@pytest.mark.parametrize("told", [True, False])
def test_the_command_takes_the_key_from_the_environment_and_says_when_there_is_none(tmp_path, told):
    environment = os.environ | ({signing.VARIABLE: SEED.hex()} if told else {})
    command = [sys.executable, "-m", "artistguard", "serve", "--port", "0", "--data", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        assert process.stdout.readline().startswith("Serving at ")
        process.terminate()
        _, beside = process.communicate(timeout=20)
    assert ("keyring" in beside) is not told
    assert SEED.hex() not in beside
