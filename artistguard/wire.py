# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How things are written down for others: declarations as JSON, their limits, and the wording."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final

from artistguard.errors import Kind, Unreadable
from artistguard.models import Declaration, Subject

# --- declarations: what the artist asks -----------------------------------------------------------

BATCH: Final = 1_000
"""Most entries a channel takes in one go."""

RESERVATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reservation/1": """\
RESERVATION OF RIGHTS (reservation/1)

I hold the rights in the works that the entries referring to this text name, or I am authorised to
speak for those who do. I expressly reserve, by machine-readable means and within the meaning of
Article 4(3) of Directive (EU) 2019/790 and the national laws that carry it out, all reproduction
and extraction of these works for text and data mining. This reservation covers in particular the
collection of these works, and of descriptions of or links to them, into data sets for artificial
intelligence, and the use of these works to develop, train, fine-tune or evaluate artificial
intelligence models and systems, generative ones included.

It covers every copy of these works, wherever it is found, whoever put it there, and whatever its
file format, size, crop or other alteration; a file hash, fingerprint, address or data-set entry
helps to find copies and does not limit the reservation to that one. Where the subject of an entry
is a domain, it covers all works at that domain in which I hold the rights or for which I am
authorised to speak. It applies to future training and to future versions of data sets.

This is a reservation and not a consent. It grants no licence. Silence is not permission: the
absence of a work, a copy, an address or a use from this or any other list permits nothing, and
neither does the withdrawal of an entry. Earlier uses are not approved by it. All other rights, and
reservations made in other ways, remain as they are.

Indexing by search engines, to show results that lead to the place where a work is published, is not
affected. Uses that the law allows whether or not rights are reserved, such as those of Article 3 of
the same Directive, are not affected. This text does not state that anything has been or can be
removed from a model that is already trained.
""",
    }
)
"""The words of each reservation by the id that declarations carry; a text in use never changes."""

RESERVATION: Final = "reservation/1"
"""The text that new declarations carry."""

Parts = Mapping[str, Mapping[str, Any]]
"""Named JSON objects of one signed document."""

_FIELDS: Final[Mapping[str, Mapping[str, type]]] = {
    "picture": {"fingerprints": dict, "height": int, "md5": str, "sha256": str, "width": int},
    "place": {"dataset": str, "dataset_version": str, "domain": str, "entry": str, "url": str},
    "wish": {
        "declarant": str,
        "declared_at": str,
        "reservation": str,
        "reservation_sha256": str,
        "standing": bool,
        "subject": str,
    },
}

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_RESERVATION_ID = re.compile(r"reservation/[1-9][0-9]{0,3}")
_ALGORITHM = re.compile(r"[a-z][a-z0-9-]{0,31}/[1-9][0-9]{0,3}")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
# Line ends would break lists of one entry a line; control and direction marks can hide what a name
# or an address says; lone surrogates cannot be written at all.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2})")

_MAX_TEXT: Final = 300
_MAX_URL: Final = 4_096
_MAX_PIXELS: Final = 1_000_000
_MAX_FINGERPRINTS: Final = 8
_MAX_FINGERPRINT: Final = 2_048


@cache
def reservation_sha256(reservation: str) -> str:
    """SHA-256 (hex) of a reservation's text in UTF-8; KeyError for an id that has no text."""
    return hashlib.sha256(RESERVATIONS[reservation].encode()).hexdigest()


def declaration_parts(declaration: Declaration) -> dict[str, dict[str, Any]]:
    """A declaration as three JSON objects: what picture, at which place, and the wish itself.

    `picture` has `fingerprints` (algorithm to hex), `height`, `md5`, `sha256`, `width`; `place` has
    `dataset`, `dataset_version`, `domain`, `entry`, `url`; `wish` has `declarant`, `declared_at`,
    `reservation`, `reservation_sha256` (of the text in UTF-8), `standing`, `subject`. What is not
    known is left out. The id is written beside the parts. The declaration must be without fault.
    """
    parts: dict[str, dict[str, Any]] = {
        part: {
            name: value
            for name in fields
            if (value := getattr(declaration, name, None)) is not None and value != {}
        }
        for part, fields in _FIELDS.items()
    }
    parts["wish"]["subject"] = declaration.subject.value
    parts["wish"]["reservation_sha256"] = reservation_sha256(declaration.reservation)
    return parts


def read_declaration(ident: str, parts: Parts) -> Declaration:
    """The declaration that `declaration_parts` wrote, found to be without fault.

    Raises Unreadable(NOT_A_RECEIPT, part, field) when a member is missing, unknown, of another type
    or out of its limits, or when the text's hash is not that of the text known by its id; a text
    that only a later version knows is taken by its hash.
    """
    declaration, text_sha256 = _assemble(ident, parts)
    fault = fault_in(declaration)
    if fault is None and not is_digest_of(text_sha256, declaration.reservation):
        fault = "reservation_sha256"
    if fault is not None:
        part = next((part for part, fields in _FIELDS.items() if fault in fields), "entry")
        raise Unreadable(Kind.NOT_A_RECEIPT, part=part, field=fault)
    return declaration


def _assemble(ident: str, parts: Parts) -> tuple[Declaration, object]:
    """The declaration, whose words may still be anything, and the hash of its text."""
    values: dict[str, Any] = {"id": ident}
    for part, fields in _FIELDS.items():
        for name, value in parts[part].items():
            if type(value) is not fields.get(name) or not _is_flat(value):
                raise Unreadable(Kind.NOT_A_RECEIPT, part=part, field=name)
            values[name] = value
    text_sha256 = values.pop("reservation_sha256", None)
    try:
        return Declaration(**values | {"subject": Subject(values["subject"])}), text_sha256
    except (KeyError, TypeError, ValueError):  # a member of the wish is missing, or no such subject
        raise Unreadable(Kind.NOT_A_RECEIPT, part="wish") from None


def spell_declaration(declaration: Declaration) -> str:
    """A declaration as one line of JSON: its id beside its parts."""
    document = {"id": declaration.id, **declaration_parts(declaration)}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def parse_declaration(text: str) -> Declaration:
    """What `spell_declaration` wrote, faults included: it is for a channel to refuse these.

    Raises Unreadable(NOT_A_RECEIPT) for anything of another shape.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(Kind.NOT_A_RECEIPT) from None
    match document:
        case {"id": str() as ident, "picture": dict(), "place": dict(), "wish": dict()} if (
            len(document) == 4
        ):
            return _assemble(ident, document)[0]
    raise Unreadable(Kind.NOT_A_RECEIPT)


def fault_in(declaration: Declaration) -> str | None:
    """The first field of a declaration that no registry takes, or None when all is well.

    Limits: ids of 64 plain characters; names and data-set words of 300 characters and addresses of
    4,096, none with line ends, control or direction marks; http and https only; hosts in the form
    of `host_of`; hashes in lower-case hex of their exact length; pixels up to a million a side;
    times of ISO 8601 with their offset from UTC. A work needs a hash or a fingerprint, a copy needs
    one of these or its address or data-set entry, a domain a name of at least two labels.
    """
    checks = {
        "id": _ID.fullmatch(declaration.id),
        "declarant": declaration.declarant.strip() and is_text(declaration.declarant),
        "declared_at": is_moment(declaration.declared_at),
        "reservation": is_reservation_id(declaration.reservation),
        "url": declaration.url is None or _is_url(declaration.url),
        "domain": declaration.domain is None or _is_host(declaration.domain),
        "sha256": declaration.sha256 is None or is_hex(declaration.sha256, 32),
        "md5": declaration.md5 is None or is_hex(declaration.md5, 16),
        "width": declaration.width is None or 0 < declaration.width <= _MAX_PIXELS,
        "height": declaration.height is None or 0 < declaration.height <= _MAX_PIXELS,
        "fingerprints": _are_fingerprints(declaration.fingerprints),
        "dataset": declaration.dataset is None or is_text(declaration.dataset),
        "dataset_version": declaration.dataset_version is None
        or is_text(declaration.dataset_version),
        "entry": declaration.entry is None or is_text(declaration.entry),
        "subject": _names_its_subject(declaration),
    }
    return next((field for field, fine in checks.items() if not fine), None)


def is_id(text: str) -> bool:
    """Whether this can be an opt-out's id: 1 to 64 letters, digits and ``. _ : -``."""
    return _ID.fullmatch(text) is not None


def is_reservation_id(text: str) -> bool:
    """Whether this can be the id of a reservation's text, known to this version or not."""
    return _RESERVATION_ID.fullmatch(text) is not None


def is_digest_of(digest: object, reservation: str) -> bool:
    """Whether this is the hash (hex) of a reservation's text, or may be if the text is unknown."""
    if reservation in RESERVATIONS:
        return digest == reservation_sha256(reservation)
    return isinstance(digest, str) and is_hex(digest, 32)


def is_hex(text: str, size: int) -> bool:
    """Whether this is `size` bytes in lower-case hex."""
    return len(text) == 2 * size and _HEX.fullmatch(text) is not None


def is_moment(text: str) -> bool:
    """Whether this is a date and time of ISO 8601 with its offset from UTC."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return _MOMENT.fullmatch(text) is not None  # fromisoformat reads more forms than others do


def is_domain(text: str) -> bool:
    """Whether this is a host's name of at least two labels, in the form of `host_of`."""
    return _DOMAIN.fullmatch(text) is not None


def _is_flat(value: object) -> bool:
    return not isinstance(value, dict) or all(isinstance(each, str) for each in value.values())


def moment(text: str) -> datetime:
    """The moment that `is_moment` found well written."""
    return datetime.fromisoformat(text)


def is_text(text: str, limit: int = _MAX_TEXT) -> bool:
    """Whether this can be shown as it is on one line of at most `limit` characters."""
    return 0 < len(text) <= limit and _UNPRINTABLE.search(text) is None


def _is_url(text: str) -> bool:
    return is_text(text, _MAX_URL) and text == text.strip() and normalise_url(text) is not None


def _is_host(text: str) -> bool:
    return host_of(text) == text


def _are_fingerprints(fingerprints: Mapping[str, str]) -> bool:
    return len(fingerprints) <= _MAX_FINGERPRINTS and all(
        _ALGORITHM.fullmatch(algorithm) and len(value) <= _MAX_FINGERPRINT and _HEX.fullmatch(value)
        for algorithm, value in fingerprints.items()
    )


def _names_its_subject(declaration: Declaration) -> bool:
    looks = declaration.sha256 or declaration.md5 or declaration.fingerprints
    match declaration.subject:
        case Subject.WORK:
            return bool(looks)
        case Subject.COPY:
            return bool(looks or declaration.url or (declaration.dataset and declaration.entry))
        case Subject.DOMAIN:
            return is_domain(declaration.domain or "")


# --- addresses: one spelling for one place --------------------------------------------------------

_ADDRESS = re.compile(r"(?i:(https?)://)([^/?#\\]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_AUTHORITY = re.compile(
    r"(?:.*@)?(\[[0-9a-fA-F:.]{2,45}\]|[^:@\[\]]*)(?::([0-9]{0,5}))?", re.DOTALL
)
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_SPELLING = re.compile(r"%[0-9a-fA-F]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?]")
# Nearly all addresses are as they should be already, and data sets have billions of them.
_TIDY = re.compile(
    r"https?://([a-z0-9_.-]{1,253})/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?]+)?"
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normalise_url(url: str) -> str | None:
    """One spelling for all the ways to write the address of one picture (RFC 3986, section 6.2.2).

    Scheme and host in lower case, the host in its ASCII form, no user name, default port or
    fragment, percent-encoding only where needed and in upper case; path and query are kept. None
    for what is no http(s) address, or is longer than 4,096 characters. Never raises.
    """
    if len(url) > _MAX_URL:
        return None
    tidy = _TIDY.fullmatch(url)
    if tidy and _ascii_host(tidy[1]) == tidy[1]:
        return url
    address = _ADDRESS.fullmatch(url.strip())
    authority = _AUTHORITY.fullmatch(address[2]) if address else None
    host = _ascii_host(authority[1]) if authority else None
    if address is None or authority is None or host is None:
        return None
    scheme, port = address[1].lower(), int(authority[2] or 0)
    if port > 65_535:
        return None
    place = host if port in {0, _DEFAULT_PORTS[scheme]} else f"{host}:{port}"
    query = f"?{_SPELLING.sub(_respell, address[4])}" if address[4] else ""
    path = address[3].replace("\\", "/")  # as browsers do
    return f"{scheme}://{place}{_SPELLING.sub(_respell, path) or '/'}{query}"


def host_of(url: str) -> str | None:
    """The host of an http(s) address, or of a bare ``host/path``, in lower case and ASCII.

    Without port and trailing dot; None where there is none. Never raises.
    """
    if len(url) > _MAX_URL:
        return None
    tidy = _TIDY.fullmatch(url)
    if tidy:
        return _ascii_host(tidy[1])
    address = _ADDRESS.fullmatch(url.strip() if "://" in url else f"http://{url.strip()}")
    authority = _AUTHORITY.fullmatch(address[2]) if address else None
    return _ascii_host(authority[1]) if authority else None


def _ascii_host(host: str) -> str | None:
    # The codec below takes a time that grows with the square of a label's length.
    return _known_host(host) if len(host) <= 254 else None


@lru_cache(maxsize=1 << 14)
def _known_host(host: str) -> str | None:
    if host.startswith("["):
        return host.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    host = host.lower().removesuffix(".")
    return host if _HOST.fullmatch(host) else None


def _respell(found: re.Match[str]) -> str:
    spelt = found[0]
    if len(spelt) == 3:
        character = chr(int(spelt[1:], 16))
        return character if character in _UNRESERVED else spelt.upper()
    return "".join(f"%{byte:02X}" for byte in spelt.encode("utf-8", "replace"))
