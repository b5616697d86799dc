# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Who signs marked copies: the artist with a certificate made here, or with one that was bought."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from artistguard import secrets
from artistguard.channels.marks import Signer
from artistguard.errors import Kind, Problem
from artistguard.marking.outcomes import Signing
from artistguard.models import Clock, stamp
from artistguard.proof import certificates
from artistguard.settings import Marks
from artistguard.store import KeptSigner, Store

PASSPHRASE: Final = "ARTISTGUARD_CERTIFICATE_PASSPHRASE"  # noqa: S105  # a variable's name
"""The environment variable with the passphrase of a bought certificate's key."""

_SIZE_LIMIT = 1 << 20


def signer_for(
    marks: Marks, name: str, store: Store, vault: secrets.Vault, clock: Clock
) -> tuple[Signer, Signing]:
    """What copies in this name are signed with; certificate and key are made when there are none.

    Raises Problem (CERTIFICATE_UNUSABLE), Stopped (KEYRING_REFUSED).
    """
    if marks.certificate:
        certificate, key = _bought(marks, clock)
        lasting = True
    else:
        secret = secrets.credentials_key(vault, name)
        certificate = _self_made(store, secret, name, clock)
        key, lasting = certificates.pem_of(secret), vault.lasting
    sha256 = certificate.sha256
    kept = KeptSigner(sha256, certificate.name, certificate.chain, certificate.root, stamp(clock))
    with store.writing():
        store.marks.add_signer(kept)
    signer = Signer(certificate.algorithm, certificate.chain, key)
    return signer, Signing(certificate.name, sha256, certificate.root, lasting)


def _self_made(store: Store, key: bytes, name: str, clock: Clock) -> certificates.Certificate:
    """The newest certificate for the key, or a new one where there is none that still holds."""
    for kept in store.marks.signers():
        if kept.root is not None and certificates.fits(kept.chain, key, clock):
            return certificates.Certificate(kept.name, "es256", kept.chain, kept.root)
    return certificates.make_certificate(key, name, clock)


def _bought(marks: Marks, clock: Clock) -> tuple[certificates.Certificate, bytes]:
    passphrase = os.environ.get(PASSPHRASE)
    chain, key = _read(marks.certificate), _read(marks.key or marks.certificate)
    return certificates.read_bought(chain, key, passphrase.encode() if passphrase else None, clock)


def _read(path: str) -> bytes:
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(_SIZE_LIMIT)
    except OSError as error:
        raise Problem(Kind.CERTIFICATE_UNUSABLE, reason=error.strerror or "file") from error
