# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""An act of the artist becomes a wish, a plan to the last byte, and rows of the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from artistguard import wire
from artistguard.channels import Channel
from artistguard.errors import Kind, Problem
from artistguard.models import (
    Band,
    Clock,
    Declaration,
    Draft,
    OptOut,
    OptOutState,
    Plan,
    Scope,
    Wish,
    stamp,
)
from artistguard.optouts.drafts import make_drafts, name_target, redraft
from artistguard.store import Store

SURE = (Band.CERTAIN, Band.LIKELY)

_STANDING = (OptOutState.QUEUED, OptOutState.ACKNOWLEDGED, OptOutState.WITHDRAWING)


def make_wish(
    scope: Scope,
    channel: str,
    clock: Clock,
    *,
    bands: tuple[Band, ...] = SURE,
    work: int | None = None,
    domain: str | None = None,
    folder: str | None = None,
    standing: bool = True,
) -> Wish:
    """A new act of the artist, not yet written down.

    Wishes for a work, a folder, all works or a domain stand until they are taken back, unless they
    are not to be `standing`: they cover what is found or made later too. A wish for matches covers
    what is known now. A domain may be given as an address. Raises Problem (NOT_A_DOMAIN).
    """
    if domain is not None:
        host = wire.host_of(domain)
        if host is None or "." not in host:
            raise Problem(Kind.NOT_A_DOMAIN, domain=domain)
        domain = host
    return Wish(
        *(str(uuid.uuid4()), scope, standing and scope is not Scope.MATCHES, channel),
        *(bands, work, domain, stamp(clock)),
        folder=folder,
    )


def choose_channel(channels: Mapping[str, Channel], name: str) -> Channel:
    """The channel by that name. Raises Problem (NO_SUCH_CHANNEL)."""
    try:
        return channels[name]
    except KeyError:
        raise Problem(Kind.NO_SUCH_CHANNEL, channel=name, channels=list(channels)) from None


def make_plan(store: Store, wish: Wish, channel: Channel, declarant: str, clock: Clock) -> Plan:
    """What the wish would file now, to the last byte; nothing is written or sent.

    A wish for everything or a folder leaves alone what the artist has taken back; one that names a
    work, a domain or matches asks for it anew. Raises Problem (UNKNOWN_ID) when there is no such
    work.
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
        back = withdrawn if wish.scope in (Scope.ALL, Scope.FOLDER) else frozenset()
        drafts = [
            draft
            for draft in make_drafts(store, wish, declarant, stamp(clock))
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


def end_wishes(store: Store, ids: Iterable[str], clock: Clock) -> int:
    """Let wishes no longer stand; what they have asked for stays as it is. How many ended."""
    with store.writing():
        return sum(store.outbox.end_wish(id_, stamp(clock)) for id_ in ids)


def write_down(store: Store, plans: Iterable[Plan]) -> int:
    """Make wishes and their opt-outs rows, in one transaction; how many are new."""
    with store.writing():
        added = 0
        for plan in plans:
            if not plan.is_empty:
                store.outbox.add_wish(plan.wish)
                added += _queue(store, plan.wish, plan.drafts)
        return added


def plan_again(
    store: Store,
    ids: Iterable[str],
    channels: Mapping[str, Channel],
    declarant: str,
    clock: Clock,
) -> Iterator[Plan]:
    """What would be filed to ask anew for what was refused or taken back: a plan a channel.

    What is asked for already is counted, and what has another state is left out. Raises Problem
    (UNKNOWN_ID, NO_SUCH_CHANNEL).
    """
    refused: dict[str, list[OptOut]] = {}
    for ident in ids:
        opt_out = next(store.outbox.opt_outs(ident), None)
        if opt_out is None:
            raise Problem(Kind.UNKNOWN_ID, id=ident)
        if opt_out.state in (OptOutState.REFUSED, OptOutState.WITHDRAWN):
            refused.setdefault(opt_out.channel, []).append(opt_out)
    for name, opt_outs in refused.items():
        channel = choose_channel(channels, name)
        asked = store.outbox.targets(name, _STANDING)
        drafts = {}
        for one in opt_outs:
            draft = redraft(store.requests.body(one.id), one, declarant, stamp(clock))
            drafts[draft.target] = draft
        yield Plan(
            wish=make_wish(Scope.MATCHES, name, clock, bands=()),
            recipient=channel.recipient,
            leaves_machine=channel.leaves_machine,
            drafts=tuple(d for d in drafts.values() if d.target not in asked),
            already_asked=sum(target in asked for target in drafts),
            taken_back=0,
            stands_already=False,
        )


def extend_standing(store: Store, declarant: str, clock: Clock) -> int:
    """Let standing wishes cover what has been made or found since; how many opt-outs are new.

    What the artist has taken back, or a channel has refused, is not asked for again by itself.
    """
    added = 0
    for wish in store.outbox.standing_wishes():
        asked = store.outbox.targets(wish.channel, OptOutState)
        drafts = list(make_drafts(store, wish, declarant, stamp(clock), asked))
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
    drafts = [Draft(each, name_target(each), None, None) for each in declarations]
    if not drafts:
        return 0
    with store.writing():
        store.outbox.add_wish(wish)
        return _queue(store, wish, drafts)


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
