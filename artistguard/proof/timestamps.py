# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Trusted time by RFC 3161: an authority's signature over a hash and the moment it saw it.

What is stamped is a checkpoint of the log, so that one stamp shows of all entries before it that
they were there. `openssl ts -verify -data N.checkpoint -in N.tsr -CAfile ROOT` checks ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import rfc3161_client as rfc3161
from cryptography import x509

from artistguard.errors import Kind, Unreadable

MAX_ANSWER: Final = 64 << 10
"""Bytes of an answer; a token with a chain of certificates has some six thousand."""

QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"

_SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment (UTC) before which a message was there, and who says so.

    `trusted` is whether a root certificate of the reader's own vouches for that. Without one no
    signature was checked: it is known what the stamp says, and of which message.
    """

    at: datetime
    authority: str
    trusted: bool


def ask(message: bytes) -> tuple[bytes, int]:
    """A request for a message (its SHA-256 and a random number, which comes second), as DER."""
    request = (
        rfc3161.TimestampRequestBuilder()
        .data(message)
        .hash_algorithm(rfc3161.HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .build()
    )
    assert request.nonce is not None
    return request.as_bytes(), request.nonce


def check(
    answer: bytes,
    message: bytes,
    roots: Sequence[x509.Certificate] = (),
    nonce: int | None = None,
) -> Stamp:
    """What an authority's answer says of a message.

    Raises Unreadable: NOT_A_STAMP when it is no such answer, or the authority refused;
    CONTENT_CHANGED when it is of another message or request; SIGNATURE_WRONG when its signature, or
    the certificate that made it, does not hold.
    """
    if len(answer) > MAX_ANSWER:
        raise Unreadable(Kind.NOT_A_STAMP, reason="size")
    try:
        read = rfc3161.decode_timestamp_response(answer)
        status, info = read.status, read.tst_info
        imprint, moment = info.message_imprint, info.gen_time.astimezone(UTC)
        certificates = [*map(x509.load_der_x509_certificate, read.signed_data.certificates)]
        named = {(one.issuer, one.serial_number) for one in read.signed_data.signer_infos}
        leaf = next((c for c in certificates if (c.issuer, c.serial_number) in named), None)
        authority = leaf.subject.rfc4514_string() if leaf else ""
    except Exception as error:  # the library's own errors, and those of what it is built on
        raise Unreadable(Kind.NOT_A_STAMP, reason=type(error).__name__) from error
    if status != rfc3161.PKIStatus.GRANTED:
        raise Unreadable(Kind.NOT_A_STAMP, reason=f"status {status}")
    fits = imprint.message == hashlib.sha256(message).digest()
    if imprint.hash_algorithm != _SHA256 or not fits or nonce not in {None, info.nonce}:
        raise Unreadable(Kind.CONTENT_CHANGED, part="message")
    if leaf is None:
        raise Unreadable(Kind.SIGNATURE_WRONG, part="certificate")
    if roots:
        others = [one for one in certificates if one != leaf]
        builder = rfc3161.VerifierBuilder(intermediates=others, roots=[*roots])
        try:
            builder.build().verify_message(read, message)
        except (rfc3161.VerificationError, ValueError) as error:
            raise Unreadable(Kind.SIGNATURE_WRONG, part="stamp") from error
    return Stamp(moment, authority, bool(roots))


def read_roots(body: bytes) -> list[x509.Certificate]:
    """Root certificates from PEM. Raises Unreadable (NOT_A_CERTIFICATE)."""
    try:
        return x509.load_pem_x509_certificates(body)
    except ValueError as error:
        raise Unreadable(Kind.NOT_A_CERTIFICATE) from error


def check_file(path: Path, roots: Sequence[x509.Certificate] = ()) -> tuple[bytes, Stamp]:
    """What the file of an answer says of the checkpoint beside it, and that checkpoint.

    `roots`, or else those in `authority.pem` beside it, vouch for the authority. Raises OSError,
    and Unreadable as `check` does.
    """
    beside = path.with_name("authority.pem")
    if not roots and beside.exists():
        roots = read_roots(_read(beside))
    note = _read(path.with_suffix(".checkpoint"))
    return note, check(_read(path), note, roots)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_ANSWER + 1)
