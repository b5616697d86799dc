# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Rows of the outbox go to channels in batches, and are taken back there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from artistguard import wire
from artistguard.channels import Channel
from artistguard.errors import (
    Damaged,
    Kind,
    NotSignedIn,
    Offline,
    Problem,
    SlowDown,
    Stopped,
)
from artistguard.models import (
    Answer,
    Answered,
    Clock,
    OptOut,
    OptOutState,
    Progress,
    Receipt,
    stamp,
)
from artistguard.store import Store

_WAITING = (OptOutState.QUEUED, OptOutState.WITHDRAWING)
_STATES = {
    Answer.FILED: OptOutState.ACKNOWLEDGED,
    Answer.ALREADY_FILED: OptOutState.ACKNOWLEDGED,
    Answer.REFUSED: OptOutState.REFUSED,
}


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
            _keep_trouble(store, name, problem, clock)
        except Problem as problem:
            if not isinstance(problem, Stopped | Damaged):  # which are ours, not the channel's
                _keep_trouble(store, name, problem, clock)
            raise
        else:
            _keep_trouble(store, name, None, clock)
    if away is not None:
        raise away


def _keep_trouble(store: Store, channel: str, problem: Problem | None, clock: Clock) -> None:
    """Let it be seen with each opt-out why its channel cannot be used."""
    with store.writing():
        store.aftermath.keep_trouble(channel, problem.kind if problem else None, stamp(clock))


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
        store.outbox.count_attempt((id_ for id_, _ in waiting), stamp(clock))
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
