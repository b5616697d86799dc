# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Sealed documents: parts bound by their digests, the digests by a signature."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from artistguard import wire
from artistguard.errors import Kind, Unreadable

ENTRY: Final = "artistguard-entry/1"
ENTRY_2: Final = "artistguard-entry/2"
LIST: Final = "artistguard-list/1"
NO_ENTRY: Final = "0" * 64
"""What the first entry of a log has as `prev`."""

MAX_DOCUMENT: Final = 65_536
"""Most bytes of one sealed document; a manifest or an entry of ours has some 2,000."""

PART_NAMES: Final = frozenset(
    {"entry", "files", "list", "notice", "party"}
    | {"picture", "place", "terms", "wish", "withdrawal"}
)
_PLAIN = re.compile(r"[A-Za-z0-9_.\- ]{1,80}")
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_EXACT: Final = 2**53


class Signer:
    """An Ed25519 key that signs; `key` is its public half, 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        """`seed` is the secret half, 32 bytes; ValueError when it is of another length."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes; the same message always gets the same one."""
        return self._private.sign(message)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed document that has been checked: its format, its parts, and the key that signed."""

    form: str
    parts: wire.Parts
    key: bytes


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def short(key: bytes) -> str:
    """A public key's fingerprint for people: the first 16 hex digits of its SHA-256."""
    return digest(key)[:16]


def canonical(value: Any) -> bytes:
    """The canonical form of RFC 8785 of a JSON value; ValueError when it has none."""
    return _JSON.encode(value).encode() if _is_plain(value) else rfc8785.dumps(value)


def seal(form: str, parts: wire.Parts, signer: Signer) -> bytes:
    """The canonical bytes of a sealed document, without a line end.

    Raises ValueError when a value has no place in JSON.
    """
    members = {name: canonical(part) for name, part in parts.items()}
    members["seal"] = canonical(
        {
            "digests": {name: digest(raw) for name, raw in members.items()},
            "format": form,
            "key": signer.key.hex(),
        }
    )
    members["signature"] = b'"%s"' % signer.sign(members["seal"]).hex().encode()
    return b"{" + b",".join(b'"%s":%s' % (n.encode(), members[n]) for n in sorted(members)) + b"}"


def unseal(body: bytes) -> Sealed:
    """Checks one sealed document, given without its line end, and returns what it says.

    Raises Unreadable with the `part` that fails, or the `byte` (from 0), or both: NOT_A_RECEIPT
    when it is not of this form, CONTENT_CHANGED for a part that was altered, SIGNATURE_WRONG for a
    seal, key or signature that was.
    """
    document = _parse(body)
    for name in sorted(document.keys() ^ {"seal", "signature"}):
        if name not in PART_NAMES:
            raise unfit(Kind.NOT_A_RECEIPT, name)
    members = _canonical_members(body, document)
    digests, form, key = _read_seal(document["seal"])
    signature = document["signature"]
    if not isinstance(signature, str) or not wire.is_hex(signature, 64):
        raise unfit(Kind.SIGNATURE_WRONG, "signature")
    signed = is_signed(key, bytes.fromhex(signature), members.pop("seal"))
    del members["signature"]
    actual = {name: digest(raw) for name, raw in members.items()}
    changed = [n for n in sorted(actual | digests) if actual.get(n) != digests.get(n)]
    if not signed:
        raise unfit(Kind.SIGNATURE_WRONG, "seal" if changed else "key or signature")
    if changed:
        raise unfit(Kind.CONTENT_CHANGED, changed[0])
    parts = {name: document[name] for name in members}
    for name, part in parts.items():
        if not isinstance(part, dict):
            raise unfit(Kind.NOT_A_RECEIPT, name)
    return Sealed(form, parts, key)


def is_signed(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is the signature of the message by the key; False for what is no key."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def unfit(kind: Kind, part: str, **facts: object) -> Unreadable:
    """The problem with one part of a document; a name made to do harm on a screen is spelt out."""
    return Unreadable(kind, part=part if _PLAIN.fullmatch(part) else ascii(part)[:80], **facts)


def _is_plain(value: Any) -> bool:
    """Whether the ordinary encoder, which is many times as fast, gives the canonical form.

    It differs in numbers and in the order of names outside ASCII.
    """
    if type(value) is dict:
        for name, member in value.items():
            if type(name) is not str or not name.isascii() or not _is_plain(member):
                return False
        return True
    return type(value) in {str, bool} or (type(value) is int and -_EXACT < value < _EXACT)


def _parse(body: bytes) -> dict[str, Any]:
    """The JSON object of a document, which may still be anything."""
    if len(body) > MAX_DOCUMENT:
        raise Unreadable(Kind.NOT_A_RECEIPT, byte=MAX_DOCUMENT)
    try:
        text = body.decode()
        document = json.loads(text)
    except UnicodeDecodeError as error:
        raise Unreadable(Kind.NOT_A_RECEIPT, byte=error.start) from None
    except json.JSONDecodeError as error:
        byte = len(text[: error.pos].encode())
        raise Unreadable(Kind.NOT_A_RECEIPT, byte=byte) from None
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        raise Unreadable(Kind.NOT_A_RECEIPT, byte=0) from None
    if not isinstance(document, dict):
        raise Unreadable(Kind.NOT_A_RECEIPT, byte=0)
    return document


def _canonical_members(body: bytes, document: Mapping[str, Any]) -> dict[str, bytes]:
    """Each member's canonical bytes, having made sure that the body is made of nothing else."""
    members: dict[str, bytes] = {}
    position = 0
    for name in sorted(document):
        try:
            raw = canonical(document[name])
        except (ValueError, RecursionError):  # half a surrogate pair, not a number, too deep
            raise unfit(Kind.NOT_A_RECEIPT, name) from None
        expected = b'%c"%s":%s' % (b"," if members else b"{", name.encode(), raw)
        _expect(expected, body, position, name)
        position += len(expected)
        members[name] = raw
    if body[position:] != b"}":
        raise unfit(Kind.NOT_A_RECEIPT, "end", byte=position)
    return members


def _expect(expected: bytes, body: bytes, position: int, part: str) -> None:
    found = body[position : position + len(expected)]
    if found != expected:
        pairs = enumerate(zip(expected, found, strict=False))
        offset = next((i for i, (e, f) in pairs if e != f), len(found))
        raise unfit(Kind.CONTENT_CHANGED, part, byte=position + offset)


def _read_seal(value: Any) -> tuple[dict[str, str], str, bytes]:
    match value:
        case {
            "digests": dict() as digests,
            "format": str() as form,
            "key": str() as key,
        } if len(value) == 3:
            if form not in {ENTRY, ENTRY_2, LIST}:
                raise unfit(Kind.NOT_A_RECEIPT, "seal", format=form)
            if not wire.is_hex(key, 32):
                raise unfit(Kind.SIGNATURE_WRONG, "key")
            return digests, form, bytes.fromhex(key)
        case _:
            raise unfit(Kind.NOT_A_RECEIPT, "seal")
