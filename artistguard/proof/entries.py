# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Entries of the log: opt-outs, withdrawals, and the keys and texts they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from artistguard import wire
from artistguard.errors import Kind
from artistguard.models import Declaration
from artistguard.proof.sealed import ENTRY, Sealed, Signer, digest, seal, unfit, unseal


class EntryKind(StrEnum):
    """What one entry of a log does."""

    KEY = "key"
    TERMS = "terms"
    OPT_OUT = "opt-out"
    WITHDRAWAL = "withdrawal"


_PARTS: Final[Mapping[EntryKind, frozenset[str]]] = {
    EntryKind.KEY: frozenset(),
    EntryKind.TERMS: frozenset({"terms"}),
    EntryKind.OPT_OUT: frozenset({"picture", "place", "wish"}),
    EntryKind.WITHDRAWAL: frozenset({"withdrawal"}),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One checked entry of a log; which of the last three is set depends on `kind`.

    `text_sha256` is the hash of the reservation's text, for an opt-out and for a text itself.
    """

    seq: int
    prev: str
    at: str
    kind: EntryKind
    id: str
    key: bytes
    declaration: Declaration | None = None
    text: str | None = None
    text_sha256: str | None = None
    withdrawn_at: str | None = None


def write_entry(  # noqa: PLR0917  # these are the entry
    seq: int, prev: str, at: str, kind: EntryKind, ident: str, parts: wire.Parts, signer: Signer
) -> bytes:
    """One entry's line of a log, without its line end."""
    entry = {"at": at, "id": ident, "kind": kind.value, "prev": prev, "seq": seq}
    return seal(ENTRY, {**parts, "entry": entry}, signer)


def read_entry(body: bytes) -> Entry:
    """Checks one entry by itself, given without its line end; raises as `unseal` does."""
    return entry_of(unseal(body))


def entry_of(sealed: Sealed) -> Entry:
    """The entry in a document whose signature was checked; its content is not trusted for that."""
    match sealed.parts.get("entry"):
        case {
            "at": str() as at,
            "id": str() as ident,
            "kind": str() as kind_word,
            "prev": str() as prev,
            "seq": int() as seq,
        } if (
            kind_word in _PARTS
            and wire.is_moment(at)
            and wire.is_hex(prev, 32)
            and type(seq) is int
            and seq > 0
        ):
            kind = EntryKind(kind_word)
        case _:
            raise unfit(Kind.NOT_A_RECEIPT, "entry")
    if sealed.form != ENTRY or len(sealed.parts["entry"]) != 5:
        raise unfit(Kind.NOT_A_RECEIPT, "entry")
    if sealed.parts.keys() - {"entry"} != _PARTS[kind]:
        raise unfit(Kind.NOT_A_RECEIPT, "entry", field="kind")
    return Entry(seq, prev, at, kind, ident, sealed.key, **_content(kind, ident, sealed))


def _content(kind: EntryKind, ident: str, sealed: Sealed) -> dict[str, Any]:
    match kind, sealed.parts:
        case EntryKind.KEY, _ if ident == sealed.key.hex():
            return {}
        case EntryKind.TERMS, {"terms": {"text": str() as text, "sha256": sha256, **more}} if (
            not more
            and wire.is_reservation_id(ident)
            and wire.is_digest_of(sha256, ident)
            and sha256 == digest(text.encode())
        ):
            return {"text": text, "text_sha256": sha256}
        case EntryKind.OPT_OUT, {"wish": wish}:
            declaration = wire.read_declaration(ident, sealed.parts)
            return {"declaration": declaration, "text_sha256": wish["reservation_sha256"]}
        case EntryKind.WITHDRAWAL, {"withdrawal": {"withdrawn_at": str() as at, **more}} if (
            not more and wire.is_id(ident) and wire.is_moment(at)
        ):
            return {"withdrawn_at": at}
        case _:
            raise unfit(Kind.NOT_A_RECEIPT, min(_PARTS[kind], default="entry"))
