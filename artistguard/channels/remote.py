# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Files opt-outs and notices with a server, and takes nothing for filed without its receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from artistguard import proof, protocol
from artistguard.calls import Caller
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import Answer, Answered, Declaration, Objection
from artistguard.wire import BATCH

_ANSWERS: Final = {status: answer for answer, status in protocol.STATUS.items()}

Holds = Callable[[str, proof.Entry], bool]


class RemoteRegistry:
    """The registry of one server, as a channel; `recipient` is its host.

    Every receipt is checked before it is passed on: that it is signed, that it is about this entry
    and that it says what was sent. Raises Problem (BAD_ANSWER, ANSWERS_MISSING) when the server's
    answers are not those; nothing of the batch is then taken for answered.
    """

    leaves_machine: Final = True
    batch: Final = BATCH

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.name = f"server:{caller.server.host}"
        self.recipient = caller.server.host

    def deliver(self, declarations: Sequence[Declaration]) -> Iterator[Answered]:
        """Files opt-outs; may be called again with the same ones at any time."""
        by_id = {each.id: each for each in declarations}

        def holds(ident: str, entry: proof.Entry) -> bool:
            return entry.kind is proof.EntryKind.OPT_OUT and entry.declaration == by_id[ident]

        def send(batch: Sequence[Declaration]) -> Iterator[Answered]:
            body = protocol.declarations_body(batch)
            yield from self._answers(protocol.OPT_OUTS, body, [one.id for one in batch], holds)

        yield from self._caller.in_batches(declarations, self.batch, send)

    def withdraw(self, ids: Sequence[str], at: str) -> Iterator[Answered]:
        """Takes opt-outs back as of a moment, with a record of it."""

        def holds(_ident: str, entry: proof.Entry) -> bool:
            return entry.kind is proof.EntryKind.WITHDRAWAL

        def send(batch: Sequence[str]) -> Iterator[Answered]:
            body = protocol.withdrawals_body(batch, at)
            yield from self._answers(protocol.WITHDRAWALS, body, batch, holds)

        yield from self._caller.in_batches(ids, self.batch, send)

    def record(self, notice: proof.Notice) -> Answered:
        """Files a notice without fault; may be called again with the same one at any time."""
        parts = {"id": notice.id, "kind": proof.kind_of(notice), **proof.notice_parts(notice)}

        def holds(_ident: str, entry: proof.Entry) -> bool:
            return entry.notice == notice

        body = protocol.notices_body([parts])
        (answered,) = self._answers(protocol.NOTICES, body, [notice.id], holds)
        return answered

    def disputes(self) -> list[Objection]:
        """What others say at the server against the artist's opt-outs, and did not take back."""
        match self._caller.get(protocol.DISPUTES):
            case {"disputes": list() as said} if len(said) <= protocol.MOST_ENTRIES:
                found = [_dispute(one) for one in said]
                if None not in found:
                    return [
                        Objection(
                            one.id, one.of, self.name, one.claimant, one.reason, one.raised_at
                        )
                        for one in found
                        if one
                    ]
        raise self._caller.untrusted(protocol.fault("disputes"))

    def _answers(self, path: str, body: bytes, ids: Sequence[str], holds: Holds) -> list[Answered]:
        left = set(ids)
        found: list[Answered] = []
        for line in self._caller.lines(path, body):
            try:
                answer = protocol.read_answer(line)
                if answer.id not in left:
                    raise protocol.fault("id")
                left.remove(answer.id)
                found.append(_answered(answer, holds))
            except Unreadable as fault:
                raise self._caller.untrusted(fault) from fault
        if left:
            raise Problem(Kind.ANSWERS_MISSING, channel=self.name, sent=len(ids))
        return found


def _answered(answer: protocol.EntryAnswer, holds: Holds) -> Answered:
    """The answer in the program's words; raises Unreadable for a receipt that proves nothing."""
    if answer.receipt is None:
        return Answered(answer.id, Answer.REFUSED, reason=answer.reason)
    if not answer.receipt.endswith(b"\n"):
        raise protocol.fault("receipt")
    entry = proof.read_entry(answer.receipt[:-1])
    if entry.id != answer.id or not holds(answer.id, entry):
        raise protocol.fault("receipt")
    return Answered(answer.id, _ANSWERS[answer.status], answer.receipt)


def _dispute(parts: object) -> proof.Dispute | None:
    match parts:
        case {"id": str() as ident, **members}:
            notice = proof.read_notice("dispute", ident, {str(k): v for k, v in members.items()})
            return notice if isinstance(notice, proof.Dispute) else None
    return None
