# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whether a domain or profile is the one's who says so: signs to put there, and looks for them.

A sign is a token that only the registry can make and that fits one domain, one party and one last
day; seeing it shows that whoever was given it controls the place now. Shown by a TXT record, it
stands for the domain and all below it; by a page or file, for that host alone. The record is
written as draft-ietf-dnsop-domain-verification-techniques-13 has it.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cache
from typing import Any, Final

import dns.exception
import dns.resolver
from publicsuffixlist import PublicSuffixList

from artistguard import proof, wire
from artistguard.errors import Kind, Offline, Refused, Unreadable
from artistguard.models import Clock, stamp

Fetch = Callable[[str], bytes]
"""Gives what is at an https address, without following it to another host; raises Problem.

Unreadable where there is no text, which shows nothing.
"""

Resolve = Callable[[str], Sequence[str]]
"""Gives the texts of a name's TXT records, none when there are none; raises Problem."""

RECORD: Final = "_artistguard-challenge"
META: Final = "artistguard-verify"
FILE: Final = "/.well-known/artistguard.txt"
DOCUMENT: Final = "/.well-known/did.json"

PUBLIC_RESOLVERS: Final = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""Name servers of three operators: one that lies, or is lied to, is not enough."""

_MAX_PAGE: Final = 1 << 20
_TOKEN_BYTES: Final = 20
_MULTICODEC_ED25519: Final = b"\xed\x01"
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Bounded, so that no page can make the search long; a parser of all HTML takes time that grows with
# the square of a hostile page.
_TAG = re.compile(r"<(meta|link|a)\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-z-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A token to show at a domain until the end of a day (UTC), and the ways to show it."""

    domain: str
    token: str
    expires: date

    @property
    def record_name(self) -> str:
        """The name of the TXT record."""
        return f"{RECORD}.{self.domain}"

    @property
    def record_text(self) -> str:
        """The text of the TXT record."""
        return f"token={self.token} expiry={self.expires.isoformat()}"

    @property
    def meta_tag(self) -> str:
        """The tag to put into the head of the domain's first page."""
        return f'<meta name="{META}" content="{self.token}">'

    @property
    def file_address(self) -> str:
        """Where to put a file that has the token on a line of its own."""
        return f"https://{self.domain}{FILE}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What was seen: by which method, at which place, in words, and the key that was named."""

    method: proof.Method
    place: str
    checked: str
    checked_at: str
    key: str | None = None

    def claim(self, ident: str, declarant: str) -> proof.Ownership:
        """What was seen as a notice for the registry."""
        return proof.Ownership(
            ident, declarant, self.method, self.place, self.checked, self.checked_at, self.key
        )


def challenge(domain: str, party: str, expires: date, signer: proof.Signer) -> Challenge:
    """The token for a domain and party: 160 bits, the same whenever it is asked for again.

    It comes from a signature, which nobody else can make, so that none need be kept. Raises
    Refused(NOT_A_DOMAIN) for what is no domain, or one below which anybody can have a name.
    """
    if not wire.is_domain(domain) or _public_suffixes().is_public(domain):
        raise Refused(Kind.NOT_A_DOMAIN, domain=domain)
    text = f"{RECORD}\n{domain}\n{party}\n{expires.isoformat()}\n"
    bits = hashlib.sha256(signer.sign(text.encode())).digest()[:_TOKEN_BYTES]
    return Challenge(domain, base64.b32encode(bits).decode().lower(), expires)


def last_days(today: date) -> tuple[date, date]:
    """The last days that signs have which are open on a day (UTC), the newest signs' first.

    A sign is good until the end of the next month, so there are two that somebody may have put up.
    """
    this_month = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    first = this_month + timedelta(days=1)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1]), this_month


def did_document(domain: str, key: bytes) -> dict[str, Any]:
    """The least that a domain's did:web document says to let a key (32 bytes) speak for it."""
    did = f"did:web:{domain}"
    method = {
        "id": f"{did}#artistguard",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": f"z{_base58(_MULTICODEC_ED25519 + key)}",
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [method],
        "assertionMethod": [method["id"]],
    }


def check_record(sign: Challenge, resolvers: Sequence[Resolve], clock: Clock) -> Shown:
    """Looks for the TXT record at every resolver, of which all must see it.

    Raises Refused: CHALLENGE_EXPIRED, or NOT_SHOWN with the place and the method.
    """
    _must_be_open(sign, clock)
    seen = [
        any(_token_in(text) == sign.token for text in ask(sign.record_name)) for ask in resolvers
    ]
    if not seen or not all(seen):
        raise _not_shown(sign.record_name, proof.Method.DNS_TXT)
    checked = f"TXT {sign.record_name} {sign.record_text} at {len(seen)} resolvers"
    return Shown(proof.Method.DNS_TXT, sign.domain, checked, stamp(clock))


def check_page(sign: Challenge, fetch: Fetch, clock: Clock) -> Shown:
    """Looks for the meta tag in the head of the domain's first page; raises as `check_record`."""
    _must_be_open(sign, clock)
    page = f"https://{sign.domain}/"
    for name, tag in _tags(_head_of(_text(fetch, page))):
        if name == "meta" and tag.get("name") == META and tag.get("content") == sign.token:
            checked = f"{page} {META} {sign.token}"
            return Shown(proof.Method.META_TAG, sign.domain, checked, stamp(clock))
    raise _not_shown(page, proof.Method.META_TAG)


def check_file(sign: Challenge, fetch: Fetch, clock: Clock) -> Shown:
    """Looks for the token on a line of the well-known file; raises as `check_record`."""
    _must_be_open(sign, clock)
    lines = _text(fetch, sign.file_address).splitlines()
    if sign.token not in (line.strip().removeprefix("token=") for line in lines):
        raise _not_shown(sign.file_address, proof.Method.WELL_KNOWN)
    checked = f"{sign.file_address} {sign.token}"
    return Shown(proof.Method.WELL_KNOWN, sign.domain, checked, stamp(clock))


def check_profile(profile: str, own: Shown, fetch: Fetch, clock: Clock) -> Shown:
    """Looks in a profile's page for a rel=me link to a domain that was shown to be the party's.

    Raises Refused(NOT_SHOWN); NOT_A_DOMAIN when the profile has no https address.
    """
    hosts = {own.place, f"www.{own.place}"}
    page = wire.normalise_url(profile)
    if page is None or not page.startswith("https://"):
        raise Refused(Kind.NOT_A_DOMAIN, domain=profile)
    for name, tag in _tags(_text(fetch, page)):
        relations = tag.get("rel", "").lower().split()
        link = wire.normalise_url(tag.get("href", ""))
        if name != "meta" and "me" in relations and link and wire.host_of(link) in hosts:
            checked = f"rel=me {wire.host_of(link)}; {own.checked}"
            return Shown(proof.Method.REL_ME, page, checked, stamp(clock))
    raise _not_shown(page, proof.Method.REL_ME)


def check_did(sign: Challenge, key: bytes, signature: bytes, fetch: Fetch, clock: Clock) -> Shown:
    """Looks whether the domain's did:web document lets a key (32 bytes) speak for it.

    `signature` is that key's over the token: it shows that the party holds the key. The document
    must name the key, as Multikey or JWK, as an assertion method. Raises as `check_record`.
    """
    _must_be_open(sign, clock)
    did = f"did:web:{sign.domain}"
    page = f"https://{sign.domain}{DOCUMENT}"
    held = proof.is_signed(key, signature, sign.token.encode())
    if not held or not _asserts(_json(_text(fetch, page)), did, key):
        raise _not_shown(page, proof.Method.DID_WEB)
    checked = f"{page} assertionMethod {key.hex()}"
    return Shown(proof.Method.DID_WEB, sign.domain, checked, stamp(clock), key.hex())


def resolver(nameserver: str, port: int = 53, seconds: float = 5.0) -> Resolve:
    """A name server to ask for TXT records; raises Offline(NOBODY_ANSWERED, host)."""
    asked = dns.resolver.Resolver(configure=False)
    asked.nameservers = [nameserver]
    asked.port = port
    asked.lifetime = seconds

    def resolve(name: str) -> Sequence[str]:
        try:
            answer = asked.resolve(f"{name}.", "TXT")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.exception.DNSException as error:
            raise Offline(Kind.NOBODY_ANSWERED, host=nameserver) from error
        return [b"".join(record.strings).decode("ascii", "replace") for record in answer]

    return resolve


def public_resolvers() -> Sequence[Resolve]:
    """The name servers of `PUBLIC_RESOLVERS`."""
    return [resolver(each) for each in PUBLIC_RESOLVERS]


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _must_be_open(sign: Challenge, clock: Clock) -> None:
    if clock().astimezone(UTC).date() > sign.expires:
        raise Refused(Kind.CHALLENGE_EXPIRED, domain=sign.domain, expires=sign.expires.isoformat())


def _not_shown(place: str, method: proof.Method) -> Refused:
    return Refused(Kind.NOT_SHOWN, place=place, method=method.value)


def _token_in(record: str) -> str:
    """The token of a TXT record: the first of its pairs, or the whole text."""
    first = record.split(" ", 1)[0]
    name, equals, value = first.partition("=")
    return value if equals and name.lower() == "token" else record


def _text(fetch: Fetch, page: str) -> str:
    """What a page says; one that is not there says nothing."""
    try:
        return fetch(page)[:_MAX_PAGE].decode("utf-8", "replace")
    except Unreadable:
        return ""


def _head_of(page: str) -> str:
    """What stands before the body, where a visitor's words may stand."""
    return re.split(r"<body\b", page, maxsplit=1, flags=re.IGNORECASE)[0]


def _tags(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and attributes of each meta, link and a outside comments."""
    for tag in _TAG.finditer(_COMMENT.sub("", page)):
        attributes = {
            name.lower(): html.unescape(double or single or bare)
            for name, double, single, bare in _ATTRIBUTE.findall(tag[2])
        }
        yield tag[1].lower(), attributes


def _json(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _asserts(document: Any, did: str, key: bytes) -> bool:
    """Whether a DID document is that of `did` and has the key among its assertion methods."""
    match document:
        case {
            "id": str() as ident,
            "verificationMethod": list() as known,
            "assertionMethod": list() as named,
        }:
            methods = [each for each in [*known, *named] if isinstance(each, dict)]
            names = {_full(each, did) for each in named if isinstance(each, str)}
            names |= {_full(each.get("id"), did) for each in named if isinstance(each, dict)}
            return ident == did and any(
                _full(each.get("id"), did) in names and _is_key(each, key) for each in methods
            )
        case _:
            return False


def _full(ident: Any, did: str) -> str:
    text = str(ident)
    return f"{did}{text}" if text.startswith("#") else text


def _is_key(method: dict[str, Any], key: bytes) -> bool:
    match method:
        case {"publicKeyMultibase": str() as text}:
            return text == f"z{_base58(_MULTICODEC_ED25519 + key)}"
        case {"publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": str() as text}}:
            return text == base64.urlsafe_b64encode(key).decode().rstrip("=")
        case _:
            return False


def _base58(data: bytes) -> str:
    """Bitcoin's base 58, for data that does not begin with a zero byte."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return digits
