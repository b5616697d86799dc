# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's wish becomes outbox rows, and outbox rows go to channels in batches."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from artistguard import evidence, wire
from artistguard.channels import Channel
from artistguard.errors import Kind, NotSignedIn, Offline, Problem, SlowDown
from artistguard.fingerprints import FORMS
from artistguard.models import (
    Answer,
    Answered,
    Band,
    Clock,
    Declaration,
    Draft,
    Fingerprint,
    Match,
    OptOut,
    OptOutState,
    Plan,
    Progress,
    Receipt,
    Scope,
    Subject,
    Version,
    Wish,
    stamp,
)
from artistguard.search import WITNESSES
from artistguard.store import Store

SURE = (Band.CERTAIN, Band.LIKELY)

_FROM_DATA_SETS = ("url", "domain", "width", "height", "dataset", "dataset_version", "entry")

_STANDING = (OptOutState.QUEUED, OptOutState.ACKNOWLEDGED, OptOutState.WITHDRAWING)
_WAITING = (OptOutState.QUEUED, OptOutState.WITHDRAWING)
_STATES = {
    Answer.FILED: OptOutState.ACKNOWLEDGED,
    Answer.ALREADY_FILED: OptOutState.ACKNOWLEDGED,
    Answer.REFUSED: OptOutState.REFUSED,
}


def make_wish(
    scope: Scope,
    channel: str,
    clock: Clock,
    *,
    bands: tuple[Band, ...] = SURE,
    work: int | None = None,
    domain: str | None = None,
) -> Wish:
    """A new act of the artist, not yet written down.

    Wishes for a work, for all works or for a domain stand until they are taken back: they cover
    what is found or made later too. A wish for matches covers what is known now. A domain may be
    given as an address. Raises Problem (NOT_A_DOMAIN).
    """
    if domain is not None:
        host = wire.host_of(domain)
        if host is None or "." not in host:
            raise Problem(Kind.NOT_A_DOMAIN, domain=domain)
        domain = host
    standing = scope is not Scope.MATCHES
    return Wish(str(uuid.uuid4()), scope, standing, channel, bands, work, domain, stamp(clock))


def choose_channel(channels: Mapping[str, Channel], name: str) -> Channel:
    """The channel by that name. Raises Problem (NO_SUCH_CHANNEL)."""
    try:
        return channels[name]
    except KeyError:
        raise Problem(Kind.NO_SUCH_CHANNEL, channel=name, channels=list(channels)) from None


def make_plan(store: Store, wish: Wish, channel: Channel, declarant: str, clock: Clock) -> Plan:
    """What the wish would file now, to the last byte; nothing is written or sent.

    A wish for everything leaves alone what the artist has taken back; one that names a work, a
    domain or matches asks for it anew. Raises Problem (UNKNOWN_ID) when there is no such work.
    """
    return next(make_plans(store, [wish], channel, declarant, clock))


def make_plans(
    store: Store, wishes: Iterable[Wish], channel: Channel, declarant: str, clock: Clock
) -> Iterator[Plan]:
    """The plan of each of these wishes for one channel; nothing is in two of them."""
    asked = store.outbox.targets(channel.name, _STANDING)
    withdrawn = store.outbox.targets(channel.name, (OptOutState.WITHDRAWN,)) - asked
    standing = {_without_date(one) for one in store.outbox.standing_wishes()}
    planned: set[str] = set()
    for wish in wishes:
        if wish.work is not None and not store.works.group(wish.work):
            raise Problem(Kind.UNKNOWN_ID, id=wish.work)
        back = withdrawn if wish.scope is Scope.ALL else frozenset()
        drafts = [
            draft
            for draft in _drafts(store, wish, declarant, stamp(clock))
            if draft.target not in planned
        ]
        planned.update(draft.target for draft in drafts)
        yield Plan(
            wish=wish,
            recipient=channel.recipient,
            leaves_machine=channel.leaves_machine,
            drafts=tuple(d for d in drafts if d.target not in asked and d.target not in back),
            already_asked=sum(draft.target in asked for draft in drafts),
            taken_back=sum(draft.target in back for draft in drafts),
            stands_already=_without_date(wish) in standing,
        )


def _without_date(wish: Wish) -> Wish:
    """What a wish asks for, for one to be told from another."""
    return replace(wish, id="", created_at="")


def write_down(store: Store, plans: Iterable[Plan]) -> int:
    """Make wishes and their opt-outs rows, in one transaction; how many are new."""
    with store.writing():
        added = 0
        for plan in plans:
            if not plan.is_empty:
                store.outbox.add_wish(plan.wish)
                added += _queue(store, plan.wish, plan.drafts)
        return added


def extend_standing(store: Store, declarant: str, clock: Clock) -> int:
    """Let standing wishes cover what has been made or found since; how many opt-outs are new.

    What the artist has taken back, or a channel has refused, is not asked for again by itself.
    """
    added = 0
    for wish in store.outbox.standing_wishes():
        asked = store.outbox.targets(wish.channel, OptOutState)
        drafts = list(_drafts(store, wish, declarant, stamp(clock), asked))
        if drafts:
            with store.writing():
                added += _queue(store, wish, drafts)
    return added


def adopt(store: Store, channel: str, declarations: Iterable[Declaration], clock: Clock) -> int:
    """Enter what a registry holds and the outbox does not know; how many opt-outs that is.

    After the database was lost, what was filed is known again, under its own ids; the next delivery
    brings its receipts, and nothing is filed twice.
    """
    wish = make_wish(Scope.MATCHES, channel, clock)
    drafts = [Draft(each, _target(each), None, None) for each in declarations]
    if not drafts:
        return 0
    with store.writing():
        store.outbox.add_wish(wish)
        return _queue(store, wish, drafts)


def deliver(
    store: Store,
    channels: Mapping[str, Channel],
    clock: Clock,
    chosen: Collection[str] | None = None,
) -> Iterator[Progress | OptOut]:
    """Send all that waits, batch by batch, and yield each opt-out as it is answered.

    With channels `chosen`, what is for others goes on waiting.

    Each attempt is a row before the first byte leaves, and each batch's answers are kept before
    the next one goes. A channel that cannot be used now, or is not set up any more, keeps what
    waits for it and holds up no other; the first such Offline, SlowDown or NotSignedIn is raised
    at the end.
    """
    total = sum(store.outbox.counts()[state] for state in _WAITING)
    done = 0
    away: Problem | None = None
    for name in store.outbox.waiting_channels():
        if chosen is not None and name not in chosen:
            continue
        try:
            for answers in _deliver_to(store, channels, name, clock):
                done += len(answers)
                yield Progress("deliver", done, total)
                for answer in answers:
                    yield from store.outbox.opt_outs(answer.id)
        except (Offline, SlowDown, NotSignedIn) as problem:
            away = away or problem
    if away is not None:
        raise away


def _deliver_to(
    store: Store, channels: Mapping[str, Channel], name: str, clock: Clock
) -> Iterator[list[Answered]]:
    channel = channels.get(name)
    if channel is None:
        raise NotSignedIn(Kind.UNKNOWN_CHANNEL, channel=name)
    for state in _WAITING:
        while waiting := store.outbox.waiting(channel.name, state, channel.batch):
            yield _send(store, channel, state, waiting, clock)


def withdraw(store: Store, ids: Iterable[str], clock: Clock) -> list[OptOut]:
    """Take back opt-outs, or whole wishes, by id: a row each, sent by the next delivery.

    What provably never left is withdrawn on the spot. Raises Problem (UNKNOWN_ID) before anything
    is changed.
    """
    named = {id_: list(store.outbox.opt_outs(id_)) for id_ in ids}
    with store.writing():
        for id_, opt_outs in named.items():
            ended = store.outbox.end_wish(id_, stamp(clock))
            if not opt_outs and not ended:
                raise Problem(Kind.UNKNOWN_ID, id=id_)
            for opt_out in opt_outs:
                _take_back(store, opt_out, clock)
    # An opt-out may be named twice, or besides its wish.
    return list({now.id: now for id_ in named for now in store.outbox.opt_outs(id_)}.values())


def _take_back(store: Store, opt_out: OptOut, clock: Clock) -> None:
    unsent = opt_out.state is OptOutState.QUEUED and opt_out.attempts == 0
    if unsent or opt_out.state is OptOutState.REFUSED:
        store.outbox.settle(opt_out.id, OptOutState.WITHDRAWN, stamp(clock))
    elif opt_out.state in (OptOutState.QUEUED, OptOutState.ACKNOWLEDGED):
        store.outbox.settle(opt_out.id, OptOutState.WITHDRAWING, None)


def _send(
    store: Store,
    channel: Channel,
    state: OptOutState,
    waiting: list[tuple[str, str]],
    clock: Clock,
) -> list[Answered]:
    with store.writing():
        store.outbox.count_attempt(id_ for id_, _ in waiting)
    withdrawing = state is OptOutState.WITHDRAWING
    if withdrawing:
        answers = list(channel.withdraw([id_ for id_, _ in waiting], stamp(clock)))
    else:
        answers = list(channel.deliver([wire.parse_declaration(body) for _, body in waiting]))
    expected = {id_ for id_, _ in waiting}
    if {answer.id for answer in answers} != expected:
        raise Problem(Kind.ANSWERS_MISSING, channel=channel.name, sent=len(expected))
    with store.writing():
        for answer in answers:
            _record(store, channel, answer, clock, withdrawing=withdrawing)
    return answers


def _record(
    store: Store, channel: Channel, answer: Answered, clock: Clock, *, withdrawing: bool
) -> None:
    now = stamp(clock)
    if withdrawing:
        # Whatever the channel says, the artist has taken it back; a refusal says it was not there.
        store.outbox.settle(answer.id, OptOutState.WITHDRAWN, now, answer.reason)
    else:
        store.outbox.settle(answer.id, _STATES[answer.answer], now, answer.reason)
    if answer.receipt is not None:
        store.outbox.add_receipt(Receipt(answer.id, channel.name, answer.receipt, now, withdrawing))


def _queue(store: Store, wish: Wish, drafts: Iterable[Draft]) -> int:
    return sum(
        store.outbox.queue(
            OptOut(
                id=draft.declaration.id,
                wish=wish.id,
                scope=wish.scope,
                subject=draft.declaration.subject,
                work=draft.work,
                match=draft.match,
                channel=wish.channel,
                state=OptOutState.QUEUED,
                reason=None,
                attempts=0,
                created_at=draft.declaration.declared_at,
                answered_at=None,
            ),
            draft.target,
            wire.spell_declaration(draft.declaration),
        )
        for draft in drafts
    )


def _drafts(
    store: Store, wish: Wish, declarant: str, now: str, but: Collection[str] = ()
) -> Iterator[Draft]:
    """One draft for each target of the wish `but` these; a target seen twice is drafted once."""
    blank = Declaration(
        id="",
        subject=Subject.WORK,
        declarant=declarant,
        declared_at=now,
        reservation=wire.RESERVATION,
        standing=wish.standing,
    )
    seen = set(but)
    for draft in _all_drafts(store, wish, blank, but):
        if draft.target not in seen:
            seen.add(draft.target)
            yield replace(draft, declaration=_sayable(draft.declaration))


def _sayable(declaration: Declaration) -> Declaration:
    """The declaration under an id of its own, without what no registry takes.

    A data set's addresses and words are anybody's; one that is malformed must not keep the rest of
    its entry, or its batch, from being declared.
    """
    declaration = replace(declaration, id=str(uuid.uuid4()))
    for _ in _FROM_DATA_SETS:
        fault = wire.fault_in(declaration)
        if fault not in _FROM_DATA_SETS:
            break
        blank: dict[str, Any] = {fault: None}
        declaration = replace(declaration, **blank)
    return declaration


def _target(declaration: Declaration) -> str:
    """What a declaration is about, for one to be told from another."""
    if declaration.subject is Subject.WORK:
        return _work_target(declaration.sha256)
    if declaration.subject is Subject.DOMAIN:
        return f"domain:{declaration.domain}"
    entry = f"{declaration.dataset} {declaration.dataset_version} {declaration.entry}"
    return f"copy:{declaration.url or entry}"


def _work_target(sha256: str | None) -> str:
    return f"work:{sha256}"


def _all_drafts(
    store: Store, wish: Wish, blank: Declaration, but: Collection[str]
) -> Iterator[Draft]:
    if wish.scope is Scope.DOMAIN:
        assert wish.domain is not None
        declaration = replace(blank, subject=Subject.DOMAIN, domain=wish.domain)
        yield Draft(declaration, _target(declaration), None, None)
        return
    works = [None] if wish.work is None else store.works.group(wish.work)
    for work in works:
        if wish.scope is not Scope.MATCHES:
            for version in store.works.versions(work):
                # A portfolio that was asked for long ago is passed over without its fingerprints.
                if _work_target(version.sha256.hex()) in but:
                    continue
                yield _work_draft(version, store.works.fingerprints(version.id), blank)
        for match in store.matches.counted(wish.bands, work):
            yield _copy_draft(match, blank)


def _work_draft(version: Version, prints: Iterable[Fingerprint], blank: Declaration) -> Draft:
    """Declare a work by its hashes; the looks of a near-blank one are those of strangers', too."""
    declaration = replace(
        blank,
        sha256=version.sha256.hex(),
        md5=version.md5.hex(),
        width=version.width,
        height=version.height,
        fingerprints={
            print_.algorithm: print_.values[: len(FORMS) * len(print_.plain)].hex()
            for print_ in prints
            if (witness := WITNESSES.get(print_.algorithm))  # not one of an older version
            and print_.qualities[0] >= evidence.LEAST_QUALITY[witness]
        },
    )
    return Draft(declaration, _target(declaration), version.work, None)


def _copy_draft(match: Match, blank: Declaration) -> Draft:
    entry = match.entry
    declaration = replace(
        blank,
        subject=Subject.COPY,
        url=entry.url,
        domain=entry.host,
        sha256=entry.sha256.hex() if entry.sha256 else None,
        md5=entry.md5.hex() if entry.md5 else None,
        width=entry.width,
        height=entry.height,
        dataset=entry.dataset,
        dataset_version=entry.dataset_version,
        entry=entry.entry,
    )
    return Draft(declaration, _target(declaration), match.work, match.id)
