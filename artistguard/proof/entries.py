# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Entries of the log: opt-outs, withdrawals, notices, and the keys and texts they rest on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from artistguard import wire
from artistguard.errors import Kind
from artistguard.models import Declaration
from artistguard.proof.notices import KINDS, Notice, read_notice
from artistguard.proof.sealed import ENTRY, ENTRY_2, Sealed, Signer, digest, seal, unfit, unseal


class EntryKind(StrEnum):
    """What one entry of a log does."""

    KEY = "key"
    TERMS = "terms"
    OPT_OUT = "opt-out"
    WITHDRAWAL = "withdrawal"
    OWNERSHIP = "ownership"
    MANDATE = "mandate"
    DISPUTE = "dispute"
    COUNTER_CLAIM = "counter-claim"
    REVOCATION = "revocation"


_PARTS: Final[Mapping[EntryKind, frozenset[str]]] = {
    EntryKind.KEY: frozenset(),
    EntryKind.TERMS: frozenset({"terms"}),
    EntryKind.OPT_OUT: frozenset({"picture", "place", "wish"}),
    EntryKind.WITHDRAWAL: frozenset({"withdrawal"}),
} | {EntryKind(kind): frozenset({"notice"}) for kind in KINDS}
_PARTY: Final = frozenset({"party"})
_FIRST: Final = frozenset(EntryKind) - {EntryKind(kind) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Entry:
    """One checked entry of a log; what is set after `key` depends on `kind`.

    `text_sha256` is the hash of the reservation's text, for an opt-out and for a text itself.
    `party` is whom the registry took the entry from, where it keeps more than one party apart.
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
    party: str | None = None
    notice: Notice | None = None

    @property
    def holder(self) -> str:
        """Who the entry speaks for: its party, or else the key that sealed it (hex)."""
        return self.party or self.key.hex()


def write_entry(  # noqa: PLR0917  # these are the entry
    seq: int, prev: str, at: str, kind: EntryKind, ident: str, parts: wire.Parts, signer: Signer
) -> bytes:
    """One entry's line of a log, without its line end."""
    entry = {"at": at, "id": ident, "kind": kind.value, "prev": prev, "seq": seq}
    form = ENTRY if kind in _FIRST and "party" not in parts else ENTRY_2
    return seal(form, {**parts, "entry": entry}, signer)


def read_entry(body: bytes) -> Entry:
    """Checks one entry by itself, given without its line end; raises as `unseal` does."""
    return entry_of(unseal(body))


def trust_entry(body: bytes) -> Entry:
    """The entry in a line of a log of our own, without checking its signature again.

    Raises Unreadable(NOT_A_RECEIPT) when its content makes no sense.
    """
    try:
        document = json.loads(body)
        about = document.pop("seal")
        del document["signature"]
        return entry_of(Sealed(about["format"], document, bytes.fromhex(about["key"])))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise unfit(Kind.NOT_A_RECEIPT, "entry") from None


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
    if len(sealed.parts["entry"]) != 5:
        raise unfit(Kind.NOT_A_RECEIPT, "entry")
    party = _read_party(kind, sealed)
    if sealed.parts.keys() - {"entry"} - _PARTY != _PARTS[kind]:
        raise unfit(Kind.NOT_A_RECEIPT, "entry", field="kind")
    content = _content(kind, ident, sealed)
    return Entry(seq, prev, at, kind, ident, sealed.key, party=party, **content)


def _read_party(kind: EntryKind, sealed: Sealed) -> str | None:
    """The party, having made sure that the form is the first that has room for this entry."""
    part = sealed.parts.get("party")
    party = None if part is None else part.get("id")
    if part is not None and (
        part.keys() != {"id"}
        or not isinstance(party, str)
        or not wire.is_id(party)
        or kind in {EntryKind.KEY, EntryKind.TERMS}
    ):
        raise unfit(Kind.NOT_A_RECEIPT, "party")
    if sealed.form != (ENTRY if kind in _FIRST and party is None else ENTRY_2):
        raise unfit(Kind.NOT_A_RECEIPT, "entry")
    return party


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
            parts = {name: sealed.parts[name] for name in _PARTS[kind]}
            declaration = wire.read_declaration(ident, parts)
            return {"declaration": declaration, "text_sha256": wish["reservation_sha256"]}
        case EntryKind.WITHDRAWAL, {"withdrawal": {"withdrawn_at": str() as at, **more}} if (
            not more and wire.is_id(ident) and wire.is_moment(at)
        ):
            return {"withdrawn_at": at}
        case _, {"notice": members} if notice := read_notice(kind.value, ident, members):
            return {"notice": notice}
        case _:
            raise unfit(Kind.NOT_A_RECEIPT, min(_PARTS[kind], default="entry"))
