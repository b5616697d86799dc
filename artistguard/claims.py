# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the artist says of who may speak for what: domains, profiles, mandates, disputes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

from artistguard import fetching, ownership, proof, wire
from artistguard.channels import Channel, lists
from artistguard.channels.registry import Registry
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import Damaged, Kind, Offline, Problem, Refused, SlowDown, Stopped
from artistguard.models import Answer, Clock, Objection, OptOutState, stamp
from artistguard.store import FILE_NAME, KeptNotice, Store


class Way(StrEnum):
    """Where a sign is looked for."""

    DNS = "dns"
    FILE = "file"
    PAGE = "page"
    DID = "did"
    PROFILE = "profile"


ANY = (Way.DNS, Way.FILE, Way.PAGE)
"""The ways to show a domain that ask for no more than the sign itself."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Where signs are looked for: how pages are fetched, and the name servers to ask."""

    fetch: ownership.Fetch
    resolvers: Sequence[ownership.Resolve]


def internet() -> Outside:
    """The real thing."""
    return Outside(fetching.Fetcher().page, ownership.public_resolvers())


@dataclass(frozen=True, slots=True)
class Filed:
    """A notice of the log, when it was filed, and what became of it."""

    notice: proof.Notice
    at: str
    revoked_at: str | None
    disputed: bool


class Claims:
    """The artist's notices in the registry on this computer, which the public list goes by.

    `lasting` says whether the signing key will be the same in the next session. What is disputed is
    marked in the `store`, if there is one. Every method that files raises Refused when the registry
    does not take the notice, and as `Registry` does.
    """

    def __init__(
        self,
        registry: Registry,
        declarant: str,
        clock: Clock,
        *,
        lasting: bool = True,
        store: Store | None = None,
    ) -> None:
        self._registry = registry
        self._store = store
        self._declarant = declarant
        self._clock = clock
        self._lasting = lasting

    @property
    def key(self) -> bytes:
        """The public key that seals the artist's opt-outs."""
        return self._registry.signer.key

    def challenge(self, domain: str) -> ownership.Challenge:
        """The sign to put up at a domain, by any of the ways.

        Raises Refused (NOT_A_DOMAIN); Stopped (SIGN_NOT_KEPT) where it could not be made again.
        """
        return self._signs(domain)[0]

    def check(
        self,
        domain: str,
        ways: Sequence[Way] = ANY,
        profile: str | None = None,
        outside: Outside | None = None,
    ) -> Iterator[proof.Ownership | Problem]:
        """Looks for the sign by each way until it is seen, and files what was seen.

        A way by which it was not seen is a Problem among what comes: Refused (NOT_SHOWN,
        LEADS_ELSEWHERE …), or Offline or SlowDown when nobody could say. `profile` is the address
        that `Way.PROFILE` needs. Raises as `challenge`.
        """
        signs = self._signs(domain)
        outside = outside or internet()
        # Each sign that may be up is looked for in what was fetched once.
        outside = Outside(cache(outside.fetch), [cache(each) for each in outside.resolvers])
        for way in ways:
            try:
                shown = self._look(way, signs, profile, outside)
            except (Refused, Offline, SlowDown) as problem:
                yield problem
            else:
                notice = shown.claim(_new_id(), self._declarant)
                self._file(notice)
                yield notice
                return

    def dispute(self, ident: str, why: str) -> proof.Dispute | proof.CounterClaim:
        """Says of an opt-out, ownership or mandate that it is not rightful.

        What is said of a dispute, or of an answer to one, is a counter-claim. Raises Refused
        (UNKNOWN_ID) when the log has nothing of this id.
        """
        said = {entry.id: entry.notice for entry in self._notices()}
        answer = isinstance(said.get(ident), proof.Dispute | proof.CounterClaim)
        form = proof.CounterClaim if answer else proof.Dispute
        notice = form(_new_id(), ident, self._declarant, why, stamp(self._clock))
        self._file(notice)
        return notice

    def mandate(
        self, agency: str, name: str, until: date, domain: str | None = None
    ) -> proof.Mandate:
        """Lets an agency act for the artist until the end of a day (UTC).

        `agency` is the id by which entries name it: its account at a server, or its key in hex.
        """
        notice = _mandate(agency, name, until, domain, self._clock)
        self._file(notice)
        return notice

    def revoke(self, ident: str) -> proof.Revocation:
        """Takes back a notice; that it was there stays in the log. Raises Refused (UNKNOWN_ID)."""
        notice = proof.Revocation(ident, stamp(self._clock))
        self._file(notice)
        return notice

    def deliver(self) -> Iterator[Refused]:
        """Nothing: what is filed here never waits."""
        return iter(())

    def all(self) -> Iterator[Filed]:
        """Every notice, oldest first; what was taken back says when."""
        entries = self._notices()
        revoked = {e.id: e.at for e in entries if isinstance(e.notice, proof.Revocation)}
        disputed = {
            e.notice.of
            for e in entries
            if isinstance(e.notice, proof.Dispute) and e.id not in revoked
        }
        for entry in entries:
            if entry.notice is not None and not isinstance(entry.notice, proof.Revocation):
                yield Filed(entry.notice, entry.at, revoked.get(entry.id), entry.id in disputed)

    def _signs(self, domain: str) -> list[ownership.Challenge]:
        if not self._lasting:
            raise Stopped(Kind.SIGN_NOT_KEPT)
        host = wire.host_of(domain) or domain
        signer = self._registry.signer
        days = ownership.last_days(self._clock().astimezone(UTC).date())
        return [ownership.challenge(host, signer.key.hex(), day, signer) for day in days]

    def _look(
        self,
        way: Way,
        signs: Sequence[ownership.Challenge],
        profile: str | None,
        outside: Outside,
    ) -> ownership.Shown:
        *newer, oldest = signs
        for sign in newer:
            try:
                return self._look_for(way, sign, profile, outside)
            except Refused as problem:
                if problem.kind is not Kind.NOT_SHOWN:
                    raise
        return self._look_for(way, oldest, profile, outside)

    def _look_for(
        self, way: Way, sign: ownership.Challenge, profile: str | None, outside: Outside
    ) -> ownership.Shown:
        fetch, clock = outside.fetch, self._clock
        match way:
            case Way.DNS:
                return ownership.check_record(sign, outside.resolvers, clock)
            case Way.FILE:
                return ownership.check_file(sign, fetch, clock)
            case Way.PAGE:
                return ownership.check_page(sign, fetch, clock)
            case Way.DID:
                signature = self._registry.signer.sign(sign.token.encode())
                return ownership.check_did(sign, self.key, signature, fetch, clock)
            case Way.PROFILE:
                own = self._shown(sign.domain)
                return ownership.check_profile(profile or "", own, fetch, clock)

    def _shown(self, domain: str) -> ownership.Shown:
        """How a domain was last shown to be the artist's; raises Refused (DOMAIN_NOT_SHOWN)."""
        shown = None
        for filed in self.all():
            match filed.notice:
                case proof.Ownership(place=place) as own if (
                    place == domain and not filed.revoked_at
                ):
                    shown = ownership.Shown(own.method, place, own.checked, own.checked_at, own.key)
        if shown is None:
            raise Refused(Kind.DOMAIN_NOT_SHOWN, domain=domain)
        return shown

    def _notices(self) -> list[proof.Entry]:
        self._registry.state()
        return list(self._registry.notices())

    def _file(self, notice: proof.Notice) -> None:
        (answer,) = self._registry.record([notice])
        if answer.answer is not Answer.REFUSED:
            lists.publish(self._registry)
            if self._store:
                _keep(self._store, self._registry.name, proof.objections(self._notices()))
        elif answer.reason in {"of", "unknown_id"}:
            raise Refused(Kind.UNKNOWN_ID, id=getattr(notice, "of", notice.id))
        else:
            raise Refused(Kind.REFUSED, host=self._registry.recipient, reason=answer.reason)


class ServerClaims:
    """The artist's notices at one server: each is a row first, and sent until it is answered.

    That a place is the artist's is not among them: a server takes nobody's own word for that. Every
    method that files raises Refused when the server does not take the notice, and Problem when it
    could not be handed over: it is kept then, and sent with the next `deliver`.
    """

    def __init__(self, store: Store, server: RemoteRegistry, declarant: str, clock: Clock) -> None:
        self._store = store
        self._server = server
        self._declarant = declarant
        self._clock = clock

    def dispute(self, ident: str, why: str) -> proof.Notice:
        """As `Claims.dispute`; what is by that id, the server knows."""
        for form in (proof.Dispute, proof.CounterClaim):
            notice = form(_new_id(), ident, self._declarant, why, stamp(self._clock))
            try:
                return self._file(notice)
            except Refused as problem:
                if problem.facts.get("reason") != "of":
                    raise
        raise Refused(Kind.UNKNOWN_ID, id=ident)

    def mandate(
        self, agency: str, name: str, until: date, domain: str | None = None
    ) -> proof.Notice:
        """As `Claims.mandate`."""
        return self._file(_mandate(agency, name, until, domain, self._clock))

    def revoke(self, ident: str) -> proof.Notice:
        """Takes back a notice; raises Refused (UNKNOWN_ID) for what is not the artist's there."""
        return self._file(proof.Revocation(ident, stamp(self._clock)))

    def deliver(self) -> Iterator[Refused]:
        """Sends what waits, in the order in which it was made; what is refused is told."""
        return (self._refusal(kept) for kept in self._send() if kept.state is OptOutState.REFUSED)

    def _send(self) -> Iterator[KeptNotice]:
        for kept in list(self._store.notices.all(self._server.name)):
            if kept.state is OptOutState.QUEUED:
                answered = self._server.record(notice_in(kept))
                refused = answered.answer is Answer.REFUSED
                state = OptOutState.REFUSED if refused else OptOutState.ACKNOWLEDGED
                now, receipt = stamp(self._clock), answered.receipt
                kept = replace(  # noqa: PLW2901  # the same one, answered
                    kept, state=state, reason=answered.reason, answered_at=now, receipt=receipt
                )
                with self._store.writing():
                    self._store.notices.settle(kept)
                yield kept

    def _file(self, notice: proof.Notice) -> proof.Notice:
        host, kind = self._server.recipient, proof.kind_of(notice)
        if fault := proof.fault_in(notice):
            raise Refused(Kind.REFUSED, host=host, reason=fault)
        members = json.dumps(proof.notice_parts(notice)["notice"])
        now = stamp(self._clock)
        with self._store.writing():
            self._store.notices.add(KeptNotice(self._server.name, notice.id, kind, members, now))
        for kept in self._send():
            if (kept.id, kept.kind) == (notice.id, kind) and kept.state is OptOutState.REFUSED:
                raise self._refusal(kept)
        return notice

    def _refusal(self, kept: KeptNotice) -> Refused:
        if kept.reason == "unknown_id":
            return Refused(Kind.UNKNOWN_ID, id=kept.id)
        return Refused(Kind.REFUSED, host=self._server.recipient, reason=kept.reason)


def hear(store: Store, channels: Iterable[Channel]) -> None:
    """Keep what others say at servers against what was filed there.

    One that cannot be asked now, or is too old to know, says nothing; it is asked again.
    """
    for channel in channels:
        if isinstance(channel, RemoteRegistry) and store.aftermath.has_filed(channel.name):
            try:
                said = channel.disputes()
            except Problem:
                continue
            _keep(store, channel.name, said)


def _keep(store: Store, channel: str, said: Iterable[Objection]) -> None:
    here = [replace(one, channel=channel) for one in said]
    with store.writing():
        store.aftermath.keep_objections(channel, here)


def notice_in(kept: KeptNotice) -> proof.Notice:
    """The notice of a row. Raises Damaged for one that we never wrote."""
    try:
        notice = proof.read_notice(kept.kind, kept.id, json.loads(kept.body))
    except ValueError:
        notice = None
    if notice is None:
        raise Damaged(Kind.DATABASE_DAMAGED, path=FILE_NAME)
    return notice


def _mandate(
    agency: str, name: str, until: date, domain: str | None, clock: Clock
) -> proof.Mandate:
    end = datetime.combine(until + timedelta(days=1), time(), UTC)
    return proof.Mandate(_new_id(), agency, name, stamp(clock), stamp(lambda: end), domain)


def _new_id() -> str:
    return str(uuid.uuid4())
