# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Notices: what a log says about who may speak for what, beside the opt-outs themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from artistguard import wire


class Level(StrEnum):
    """How far it was checked that someone may speak for what they opted out; weakest first."""

    SELF_DECLARED = "self-declared"
    PROFILE_LINKED = "profile-linked"
    DOMAIN_VERIFIED = "domain-verified"
    CRYPTOGRAPHICALLY_BOUND = "cryptographically-bound"

    @property
    def rank(self) -> int:
        """0 for the weakest level, one more for each that is stronger."""
        return list(Level).index(self)


class Method(StrEnum):
    """How a place was found to be the party's."""

    REL_ME = "rel-me"
    DNS_TXT = "dns-txt"
    META_TAG = "meta-tag"
    WELL_KNOWN = "well-known"
    DID_WEB = "did-web"

    @property
    def level(self) -> Level:
        """What this method proves."""
        match self:
            case Method.REL_ME:
                return Level.PROFILE_LINKED
            case Method.DID_WEB:
                return Level.CRYPTOGRAPHICALLY_BOUND
            case _:
                return Level.DOMAIN_VERIFIED


@dataclass(frozen=True, slots=True)
class Ownership:
    """That a place was found to be the party's.

    `place` is a domain, or for ``rel-me`` the address of a profile.
    `checked` says in words what was seen, at `checked_at`. `key` (hex) is the signing key that the
    did:web document names, and only set for that method.
    """

    id: str
    declarant: str
    method: Method
    place: str
    checked: str
    checked_at: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Mandate:
    """That the party lets another, `agency`, act for it from `since` until `until`.

    `agency` is a party, as entries name it; `domain` limits the mandate to one domain.
    """

    id: str
    agency: str
    agency_name: str
    since: str
    until: str
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """That `claimant` says an opt-out, ownership or mandate (the id `of` it) is not rightful."""

    id: str
    of: str
    claimant: str
    reason: str
    raised_at: str


@dataclass(frozen=True, slots=True)
class CounterClaim:
    """What is said against a dispute, whose id is `of`."""

    id: str
    of: str
    claimant: str
    reason: str
    raised_at: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """That the party takes back its notice of this id; what was said before stays in the log."""

    id: str
    revoked_at: str


Notice = Ownership | Mandate | Dispute | CounterClaim | Revocation

KINDS: Final[Mapping[str, type[Notice]]] = MappingProxyType(
    {
        "ownership": Ownership,
        "mandate": Mandate,
        "dispute": Dispute,
        "counter-claim": CounterClaim,
        "revocation": Revocation,
    }
)
"""The kind of entry that carries each sort of notice."""

_MAX_PROSE: Final = 2_000
_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "id": wire.is_id,
    "of": wire.is_id,
    "agency": wire.is_id,
    "domain": wire.is_domain,
    "checked": lambda text: wire.is_text(text, _MAX_PROSE),
    "reason": lambda text: wire.is_text(text, _MAX_PROSE),
    "key": lambda text: wire.is_hex(text, 32),
    "checked_at": wire.is_moment,
    "raised_at": wire.is_moment,
    "revoked_at": wire.is_moment,
    "since": wire.is_moment,
    "until": wire.is_moment,
}


def kind_of(notice: Notice) -> str:
    """The kind of the entry that carries this notice."""
    return next(kind for kind, form in KINDS.items() if isinstance(notice, form))


def notice_parts(notice: Notice, party: str | None = None) -> dict[str, dict[str, Any]]:
    """The parts of the entry that carries this notice, which must be without fault.

    An ownership says its level beside the method that gives it.
    """
    members = {name: value for name, value in asdict(notice).items() if value is not None}
    del members["id"]
    if isinstance(notice, Ownership):
        members |= {"level": notice.method.level.value, "method": notice.method.value}
    return {"notice": members} | ({"party": {"id": party}} if party else {})


def read_notice(kind: str, ident: str, members: Mapping[str, Any]) -> Notice | None:
    """The notice that `notice_parts` wrote, or None for anything else."""
    values = dict(members)
    try:
        if kind == "ownership":
            values["method"] = Method(values["method"])
            if values.pop("level", None) != values["method"].level.value:
                return None
        notice = KINDS[kind](id=ident, **values)
    except (KeyError, TypeError, ValueError):
        return None
    return notice if fault_in(notice) is None else None


def fault_in(notice: Notice) -> str | None:
    """The first field of a notice that no registry takes, or None when all is well.

    Names are limited as in a declaration; prose to 2,000 characters.
    """
    for field in fields(notice):
        value = getattr(notice, field.name)
        if value is None and field.default is None:
            continue
        check = _CHECKS.get(field.name, wire.is_text)
        if not isinstance(value, str) or not check(value):
            return field.name
    if isinstance(notice, Ownership):
        return _ownership_fault(notice)
    if isinstance(notice, Mandate) and not wire.moment(notice.since) < wire.moment(notice.until):
        return "until"
    return None


def _ownership_fault(notice: Ownership) -> str | None:
    if (notice.method is Method.DID_WEB) != (notice.key is not None):
        return "key"
    if notice.method is Method.REL_ME:
        fine = wire.normalise_url(notice.place) == notice.place
    else:
        fine = wire.is_domain(notice.place)
    return None if fine else "place"
