# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Tokens and the signing key in the system keyring, or, where there is none, for this session only.

Nothing secret is ever written to a file of ours. Keyring libraries may choose places that are no
keyring (a plain file, a place that forgets); only the ones named here are used, and only once they
have given back what was put in.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Final, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

from artistguard.errors import Kind, Stopped

T = TypeVar("T")

MEMORY: Final = "memory"
"""What `Vault.where` is when secrets are gone at the end of the session."""

KEYRINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "keyring.backends.SecretService.Keyring": "secret-service",
        "keyring.backends.kwallet.DBusKeyring": "kwallet",
        "keyring.backends.kwallet.DBusKeyringKWallet4": "kwallet",
        "keyring.backends.libsecret.Keyring": "libsecret",
        "keyring.backends.Windows.WinVaultKeyring": "windows",
        "keyring.backends.macOS.Keyring": "macos",
    }
)
"""The classes that keep secrets in a real keyring, and our word for each."""

PATIENCE: Final = 60.0
"""Seconds a keyring may take, which includes the time a person needs to unlock it."""

_SERVICE: Final = "ArtistGuard"
_SIGNING_KEY: Final = "signing-key"
_CREDENTIALS_KEY: Final = "credentials-key"
_SEED_SIZE: Final = 32


class Vault:
    """A place for small secrets, each under a name; every data folder has its own names.

    `lasting` says whether they outlive the session, `where` is a machine word for the place, and
    `why` is set when they do not last: NO_KEYRING when there is none to be trusted,
    KEYRING_REFUSED when there is one and it did not keep what it was given.
    """

    def __init__(
        self,
        backend: KeyringBackend | None,
        profile: str,
        where: str,
        why: Kind | None,
        patience: float,
    ) -> None:
        """Made by `open_vault`; without a backend, secrets stay in this object."""
        self.lasting = backend is not None
        self.where = where
        self.why = why
        self._backend = backend
        self._profile = profile
        self._patience = patience
        self._session: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        """The secret, or None when there is none; raises Stopped(KEYRING_REFUSED, where)."""
        backend = self._backend
        if backend is None:
            return self._session.get(name)
        text = self._ask(lambda: backend.get_password(_SERVICE, self._user(name)))
        try:
            return None if text is None else b64decode(text, validate=True)
        except binascii.Error as error:
            raise Stopped(Kind.KEYRING_REFUSED, where=self.where) from error

    def set(self, name: str, value: bytes) -> None:
        """Keeps a secret of at most 1,024 bytes, and reads it back.

        Raises Stopped(KEYRING_REFUSED, where) when the keyring did not keep it, and ValueError when
        it is too long: Windows keeps no more.
        """
        if len(value) > 1_024:
            raise ValueError(len(value))
        backend = self._backend
        if backend is None:
            self._session[name] = value
            return
        text = b64encode(value).decode()
        self._ask(lambda: backend.set_password(_SERVICE, self._user(name), text))
        if self.get(name) != value:
            raise Stopped(Kind.KEYRING_REFUSED, where=self.where)

    def delete(self, name: str) -> None:
        """Forgets a secret, if there is one; raises Stopped(KEYRING_REFUSED, where)."""
        backend = self._backend
        if backend is None:
            self._session.pop(name, None)
        elif self.get(name) is not None:
            self._ask(lambda: backend.delete_password(_SERVICE, self._user(name)))

    def _user(self, name: str) -> str:
        return f"{name}@{self._profile}"

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return _within(self._patience, question)
        except Exception as error:  # every keyring raises errors of its own libraries
            raise Stopped(Kind.KEYRING_REFUSED, where=self.where) from error


def open_vault(
    folder: Path,
    backend: KeyringBackend | None = None,
    *,
    known: Mapping[str, str] = KEYRINGS,
    patience: float = PATIENCE,
) -> Vault:
    """The vault of one data folder, in the system's keyring when that can be relied on.

    `backend` is used in place of the one that the keyring library chooses, `known` in place of
    `KEYRINGS`. May wait up to `patience` seconds for each answer, so call it off the screen's
    thread. Never raises for a keyring that is missing, locked or broken: the vault says so.
    """
    profile = _profile_of(folder)
    try:
        chosen = _known_one(backend or _within(patience, keyring.get_keyring), known)
    except Exception:  # noqa: BLE001  # choosing loads whatever is installed, which raises anything
        chosen = None
    if chosen is None:
        return Vault(None, profile, MEMORY, Kind.NO_KEYRING, patience)
    vault = Vault(chosen, profile, known[_class_of(chosen)], None, patience)
    probe = f"probe-{secrets.token_hex(4)}"  # its own, as several programs may start at once
    try:
        vault.set(probe, secrets.token_bytes(16))
        vault.delete(probe)
    except Stopped:
        return Vault(None, profile, MEMORY, Kind.KEYRING_REFUSED, patience)
    return vault


def signing_seed(vault: Vault) -> bytes:
    """The artist's Ed25519 seed, 32 bytes; made and kept when there is none yet.

    Raises Stopped(KEYRING_REFUSED, where) rather than replace a key that cannot be read now.
    """
    seed = vault.get(_SIGNING_KEY)
    if seed is None:
        seed = secrets.token_bytes(_SEED_SIZE)
        vault.set(_SIGNING_KEY, seed)
    if len(seed) != _SEED_SIZE:
        raise Stopped(Kind.KEYRING_REFUSED, where=vault.where)
    return seed


def credentials_key(vault: Vault, creator: str) -> bytes:
    """The key that copies in this name are signed with, as PKCS 8 in DER; made when there is none.

    Each name has its own: a pen name and a legal one cannot be told to be one person's by it.
    Raises Stopped(KEYRING_REFUSED, where).
    """
    from artistguard.proof import certificates  # noqa: PLC0415  # large, and seldom needed

    entry = f"{_CREDENTIALS_KEY}-{hashlib.sha256(creator.encode()).hexdigest()[:16]}"
    key = vault.get(entry)
    if key is None:
        key = certificates.make_key()
        vault.set(entry, key)
    return key


def _known_one(backend: KeyringBackend, known: Mapping[str, str]) -> KeyringBackend | None:
    """The backend if its very class is known; of several in a chain, the first such one."""
    backends = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    return next((each for each in backends if _class_of(each) in known), None)


def _class_of(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _profile_of(folder: Path) -> str:
    """A short name for the folder: several data folders share one keyring."""
    spelt = os.path.normcase(folder.resolve())
    return hashlib.sha256(os.fsencode(spelt)).hexdigest()[:16]


def _within(patience: float, question: Callable[[], T]) -> T:
    """The answer, or TimeoutError; a keyring that waits for a person would wait for ever.

    A thread that is never answered ends with the program.
    """
    future: Future[T] = Future()

    def ask() -> None:
        try:
            future.set_result(question())
        except Exception as error:  # noqa: BLE001  # handed on to the thread that asked
            future.set_exception(error)

    Thread(target=ask, name="keyring", daemon=True).start()
    return future.result(patience)
