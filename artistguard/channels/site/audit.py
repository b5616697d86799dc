# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The site audit: what a site really says to machines now, beside what it was meant to say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urljoin

from artistguard import robots
from artistguard.channels.site import crawling, reading, statements
from artistguard.channels.site.agents import Agents
from artistguard.channels.site.policy import Policy
from artistguard.channels.site.serving import wanted_headers
from artistguard.errors import Problem
from artistguard.models import Progress
from artistguard.wire import normalise_url

Look = Callable[[str], tuple[str, int, dict[str, str], bytes]]
"""Fetches: the address in the end, the status, headers by small letters, and the body."""

PICTURES: Final = 5
"""How many of a page's pictures are looked at."""


class Sign(StrEnum):
    """One of the ways in which a site says it."""

    ROBOTS = "robots"
    SIGNALS = "signals"
    TDMREP = "tdmrep"
    RSL = "rsl"
    AI_TXT = "ai_txt"
    PAGE = "page"
    PICTURE = "picture"


class Stands(StrEnum):
    """How what was found compares with what was wanted."""

    AS_WANTED = "as_wanted"
    MISSING = "missing"
    DIFFERS = "differs"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign at one address; `lacking` is what of it is not said, in the words of its format."""

    sign: Sign
    place: str
    stands: Stands
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One answer of the site as evidence; `sha256`, in hex, is of the `size` bytes that were read.

    Of the headers those are kept that say something to machines, and the dates of the answer.
    """

    place: str
    status: int
    headers: dict[str, str] = field(hash=False)
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Audit:
    """All that was found at one look."""

    findings: tuple[Finding, ...]
    snapshots: tuple[Snapshot, ...]

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """What is not as it was wanted."""
        return tuple(one for one in self.findings if one.stands is not Stands.AS_WANTED)


_KEPT: Final = frozenset(
    {*map(str.lower, ("X-Robots-Tag", "tdm-reservation", "tdm-policy", "Content-Usage"))}
    | {"content-type", "date", "last-modified", "etag", "link", "server"}
)


def audit(
    policy: Policy, agents: Agents, look: Look, pages: Sequence[str] = ()
) -> Iterator[Progress | Audit]:
    """Look at a site's files, its first page or these `pages`, and some of their pictures.

    Pictures are looked at wherever they lie: those who gather them go by what their host says.
    Nothing is raised for what cannot be reached; that is a finding.
    """
    seen = _Seen(look)
    files = {
        f"{policy.site}/robots.txt": (Sign.ROBOTS, Sign.SIGNALS),
        f"{policy.site}/{statements.TDMREP}": (Sign.TDMREP,),
        f"{policy.site}/{statements.RSL}": (Sign.RSL,),
        f"{policy.site}/{statements.AI_TXT}": (Sign.AI_TXT,),
    }
    pages = pages or (f"{policy.site}/",)
    findings: list[Finding] = []
    total = len(files) + len(pages)
    for place, signs in files.items():
        yield Progress("audit", len(seen.snapshots), total)
        body = seen.body(place)
        findings += [_judged(sign, place, body, policy, agents) for sign in signs]
    pictures: dict[str, None] = {}
    for place in pages:
        yield Progress("audit", len(seen.snapshots), total)
        body = seen.body(place)
        findings.append(_judged(Sign.PAGE, place, body, policy, agents))
        if isinstance(body, bytes):
            pictures |= dict.fromkeys(_addresses(place, reading.page(body).pictures))
    chosen = list(pictures)[:PICTURES]
    for place in chosen:
        yield Progress("audit", len(seen.snapshots), total + len(chosen))
        findings.append(_picture(place, seen, policy))
    yield Progress("audit", total + len(chosen), total + len(chosen))
    yield Audit(tuple(findings), tuple(seen.snapshots))


def _addresses(page: str, written: Sequence[str]) -> Iterator[str]:
    """The addresses of pictures as a page writes them; what is none on the web is passed over."""
    for one in written:
        try:
            address = normalise_url(urljoin(page, one))
        except ValueError:
            continue
        if address is not None:
            yield address


class _Seen:
    """What was fetched, with a snapshot of each answer."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.snapshots: list[Snapshot] = []

    def body(self, place: str) -> bytes | Stands:
        """What lies there; MISSING if nothing does, UNREACHED if that cannot be known."""
        answer = self.answer(place)
        if isinstance(answer, Stands):
            return answer
        status, _, body = answer
        if status == 200:
            return body
        return Stands.MISSING if status in {404, 410} else Stands.UNREACHED

    def answer(self, place: str) -> tuple[int, dict[str, str], bytes] | Stands:
        """Status, headers and body; UNREACHED if there is no answer, or not one of this host."""
        try:
            where, status, headers, body = self._look(place)
        except Problem:
            return Stands.UNREACHED
        kept = {name: value for name, value in headers.items() if name in _KEPT}
        digest = hashlib.sha256(body).hexdigest()
        self.snapshots.append(Snapshot(where, status, kept, digest, len(body)))
        return status, headers, body


def _judged(
    sign: Sign, place: str, body: bytes | Stands, policy: Policy, agents: Agents
) -> Finding:
    if isinstance(body, Stands):
        return Finding(sign, place, body)
    lacking = tuple(_LACKING[sign](body, policy, agents))
    return Finding(sign, place, Stands.DIFFERS if lacking else Stands.AS_WANTED, lacking)


def _robots(body: bytes, policy: Policy, agents: Agents) -> Iterator[str]:
    """The programs that may still fetch something of what was to be closed to them."""
    for name in agents.of(*crawling.stopped_purposes(policy)):
        rules = robots.read(body, name)
        if any(rules.allow(f"{policy.site}{path}") for path in policy.paths):
            yield name


def _signals(body: bytes, policy: Policy, _: Agents) -> Iterator[str]:
    said = crawling.signals(body)
    yield from (line for line in crawling.wanted_signals(policy) if line not in said)


def _tdmrep(body: bytes, policy: Policy, _: Agents) -> Iterator[str]:
    yield from (path for path in policy.paths if not reading.tdm_reserved(body, path))


def _rsl(body: bytes, policy: Policy, _: Agents) -> Iterator[str]:
    for path in policy.paths:
        if not reading.rsl_prohibited(body, policy.site, path) & {"all", "ai-all", "ai-train"}:
            yield path


def _ai_txt(body: bytes, policy: Policy, _: Agents) -> Iterator[str]:
    said = {line.strip().lower() for line in body.decode("utf-8-sig", "replace").splitlines()}
    wanted = statements.ai_txt(policy).splitlines()[1:]
    yield from (line for line in wanted if line.lower() not in said)


def _page(body: bytes, _policy: Policy, _: Agents) -> Iterator[str]:
    said = reading.page(body)
    yield from (word for word in ("noai", "noimageai") if word not in said.robots)
    if said.tdm_reservation != "1":
        yield "tdm-reservation"


_LACKING: Final[dict[Sign, Callable[[bytes, Policy, Agents], Iterator[str]]]] = {
    Sign.ROBOTS: _robots,
    Sign.SIGNALS: _signals,
    Sign.TDMREP: _tdmrep,
    Sign.RSL: _rsl,
    Sign.AI_TXT: _ai_txt,
    Sign.PAGE: _page,
}


def _picture(place: str, seen: _Seen, policy: Policy) -> Finding:
    answer = seen.answer(place)
    if isinstance(answer, Stands):
        return Finding(Sign.PICTURE, place, answer)
    status, headers, _ = answer
    if status != 200:
        return Finding(Sign.PICTURE, place, Stands.UNREACHED)
    lacking = tuple(
        name
        for name, value in wanted_headers(policy).items()
        if not reading.header_says(name, headers.get(name.lower(), ""), value)
    )
    if not lacking:
        return Finding(Sign.PICTURE, place, Stands.AS_WANTED)
    nothing = len(lacking) == len(wanted_headers(policy))
    return Finding(Sign.PICTURE, place, Stands.MISSING if nothing else Stands.DIFFERS, lacking)
