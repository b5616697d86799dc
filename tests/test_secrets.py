# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from keyring.backends import chainer, fail, null

from artistguard.errors import Kind, Stopped
from artistguard.secrets import MEMORY, open_vault, signing_seed
from fakes import KNOWN, FakeKeyring


class PlaintextKeyring(FakeKeyring):
    """Works well, and writes a file that anyone can read."""


def vault_of(folder, backend, **more):
    return open_vault(folder, backend, known=KNOWN, **more)


def test_a_working_keyring_keeps_secrets_beyond_the_session(tmp_path):
    backend = FakeKeyring()
    vault = vault_of(tmp_path, backend)
    assert (vault.lasting, vault.where, vault.why) == (True, "fake", None)
    vault.set("token", b"\0secret\xff")
    assert vault_of(tmp_path, backend).get("token") == b"\0secret\xff"
    vault.delete("token")
    vault.delete("token")
    assert vault_of(tmp_path, backend).get("token") is None


def test_the_probe_leaves_nothing_behind(tmp_path):
    backend = FakeKeyring()
    vault_of(tmp_path, backend)
    assert backend.kept == {}


def test_each_data_folder_has_its_own_secrets(tmp_path):
    backend = FakeKeyring()
    first, second = (vault_of(tmp_path / name, backend) for name in ("a", "b"))
    first.set("token", b"one")
    assert second.get("token") is None
    assert signing_seed(first) != signing_seed(second)


@pytest.mark.parametrize(
    "backend, why",
    [
        (fail.Keyring(), Kind.NO_KEYRING),
        (null.Keyring(), Kind.NO_KEYRING),
        (PlaintextKeyring(), Kind.NO_KEYRING),
        (FakeKeyring(forgetful=True), Kind.KEYRING_REFUSED),
        (FakeKeyring(trouble=RuntimeError("Prompt dismissed")), Kind.KEYRING_REFUSED),
    ],
)
def test_what_is_no_reliable_keyring_is_not_used_and_the_vault_says_so(tmp_path, backend, why):
    vault = vault_of(tmp_path, backend)
    assert (vault.lasting, vault.where, vault.why) == (False, MEMORY, why)
    vault.set("token", b"secret")
    assert vault.get("token") == b"secret"
    vault.delete("token")
    assert vault.get("token") is None
    assert getattr(backend, "kept", {}) == {}
    assert list(tmp_path.rglob("*")) == []


def test_the_machine_s_own_choice_is_asked_when_no_keyring_is_given(tmp_path):
    assert open_vault(tmp_path).why is Kind.NO_KEYRING  # tests run with one that only fails


def test_a_keyring_library_that_breaks_while_it_chooses_is_no_keyring(tmp_path, monkeypatch):
    def broken():
        raise ImportError("a backend of someone else's")

    monkeypatch.setattr("keyring.get_keyring", broken)
    assert open_vault(tmp_path).why is Kind.NO_KEYRING


def test_the_real_one_in_a_chain_is_used_and_the_others_are_not(tmp_path, monkeypatch):
    real, plain = FakeKeyring(), PlaintextKeyring()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain, real])
    vault = vault_of(tmp_path, chainer.ChainerBackend())
    vault.set("token", b"secret")
    assert vault.lasting
    assert len(real.kept) == 1
    assert plain.kept == {}


def test_a_keyring_that_waits_for_a_person_is_not_waited_for_for_ever(tmp_path):
    answered = Event()

    class Locked(FakeKeyring):
        def set_password(self, service, username, password):
            answered.wait()

    known = {f"{Locked.__module__}.{Locked.__qualname__}": "locked"}
    try:
        vault = open_vault(tmp_path, Locked(), known=known, patience=0.05)
        assert (vault.lasting, vault.why) == (False, Kind.KEYRING_REFUSED)
    finally:
        answered.set()


def test_a_keyring_that_is_locked_later_is_a_problem_and_never_an_empty_one(tmp_path):
    backend = FakeKeyring()
    vault = vault_of(tmp_path, backend)
    seed = signing_seed(vault)
    backend.trouble = RuntimeError("locked")
    for attempt in (
        lambda: signing_seed(vault),
        lambda: vault.set("token", b"x"),
        lambda: vault.delete("token"),
    ):
        with pytest.raises(Stopped) as caught:
            attempt()
        assert caught.value.kind is Kind.KEYRING_REFUSED
    backend.trouble = None
    assert signing_seed(vault) == seed


def test_what_someone_else_put_in_our_place_is_refused(tmp_path):
    backend = FakeKeyring()
    vault = vault_of(tmp_path, backend)
    for foreign in ("not base64!", "c2hvcnQ="):
        signing_seed(vault)
        backend.kept = dict.fromkeys(backend.kept, foreign)
        with pytest.raises(Stopped):
            signing_seed(vault)
        backend.kept.clear()


def test_the_signing_key_is_made_once(tmp_path):
    backend = FakeKeyring()
    seed = signing_seed(vault_of(tmp_path, backend))
    assert len(seed) == 32
    assert signing_seed(vault_of(tmp_path, backend)) == seed


def test_a_secret_that_some_keyring_could_not_hold_is_refused_everywhere(tmp_path):
    for backend in (FakeKeyring(), fail.Keyring()):
        with pytest.raises(ValueError, match="1025"):
            vault_of(tmp_path, backend).set("token", bytes(1_025))


IN_A_SESSION = """
import sys
from pathlib import Path
from artistguard.secrets import open_vault, signing_seed
vault = open_vault(Path(sys.argv[1]), patience=20)
print(vault.lasting, vault.where, signing_seed(vault).hex(), flush=True)
"""


def test_a_real_secret_service_keeps_the_signing_key_between_two_programs(tmp_path):
    missing = [
        name for name in ("dbus-run-session", "gnome-keyring-daemon") if not shutil.which(name)
    ]
    if missing:
        pytest.skip(f"NOT TESTED with a real keyring: {', '.join(missing)} not installed")
    script = tmp_path / "session.py"
    script.write_text(IN_A_SESSION)
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    unlock = "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
    run = f'"{sys.executable}" "{script}" "{tmp_path}"'
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f"{unlock} && {run} && {run}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("True secret-service ")
    assert second == first
