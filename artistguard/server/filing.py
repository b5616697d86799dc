# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Files what clients declare in the server's log: an answer for each, each id once for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from artistguard import proof, protocol, wire
from artistguard.channels.registry import LogState, Registry
from artistguard.channels.storage import Storage
from artistguard.errors import Unreadable
from artistguard.models import Answer, Answered, Declaration, Objection
from artistguard.protocol import EntryAnswer
from artistguard.server.accounts import Account, Scope
from artistguard.server.directory import Directory, key
from artistguard.server.listing import Listing

_UNSAID = "?"

Read = Declaration | proof.Notice | EntryAnswer


class Filing:
    """The registry of a server: accounts are the parties of its log.

    An answer is given once the entry is in the log and in all that is read from the log. After a
    crash in between, the client sends again and is told that it is filed already.
    """

    def __init__(self, registry: Registry, directory: Directory, listing: Listing) -> None:
        self._registry = registry
        self._directory = directory
        self._listing = listing
        self._lock = threading.Lock()

    def opt_out(self, account: Account, entries: Sequence[object]) -> Iterator[EntryAnswer]:
        """Files opt-outs; one answer for each, in order, when its batch is on the disk."""
        return self._file(
            entries, _read_opt_out, lambda good: self._registry.deliver(good, account.name)
        )

    def withdraw(self, account: Account, ids: Sequence[str], at: str) -> Iterator[EntryAnswer]:
        """Takes opt-outs back; what is another's is unknown."""
        return self._file(
            ids, lambda ident: ident, lambda good: self._registry.withdraw(good, at, account.name)
        )

    def notice(self, account: Account, entries: Sequence[object]) -> Iterator[EntryAnswer]:
        """Files who may speak for whom, and disputes.

        Whether a place is somebody's is not for them to say: an ownership is taken from those with
        the scope `admin` alone, who name the `party` that it is about.
        """
        read = [_read_notice(entry, account) for entry in entries]
        for party, group in groupby(read, key=itemgetter(0)):
            record = partial(self._registry.record, party=party)
            yield from self._file([*group], itemgetter(1), record)

    def disputes(self, account: Account) -> list[Objection]:
        """What is said, and was not taken back, against the account's opt-outs; oldest first."""
        with self._lock:
            self._registry.state()
            notices = list(self._registry.notices())
        self._directory.catch_up()
        return [
            each for each in proof.objections(notices) if self._holder(each.opt_out) == account.name
        ][: protocol.MOST_ENTRIES]

    def _holder(self, ident: str) -> str | None:
        """The account that filed an opt-out."""
        line = self._directory.line(key("id", ident))
        return proof.trust_entry(line[:-1]).holder if line else None

    def checkpoint(self) -> bytes:
        """A signed note of how far the log has come; see `proof`."""
        with self._lock:
            note = self._registry.checkpoint()
            self._directory.catch_up()
            self._listing.catch_up()
        return note

    @property
    def storage(self) -> Storage:
        """Where the log lies."""
        return self._registry.storage

    def state(self) -> LogState:
        """How far the log has come, all of it whole entries that will stay."""
        with self._lock:
            return self._registry.state()

    def follow(self) -> None:
        """Takes in what other servers filed, where the log is one that they share."""
        if self.storage.far:
            self._directory.catch_up()

    def receipt(self, ident: str) -> tuple[bytes, bytes | None] | None:
        """The log's line that files an id, and the one that withdraws it, if there is one."""
        self.follow()
        filed = self._directory.line(key("id", ident))
        if filed is None:
            return None
        return filed, self._directory.line(key("withdrawal", ident))

    def _file(
        self,
        entries: Sequence[Any],
        read: Callable[[Any], Any],
        file: Callable[[list[Any]], Iterator[Answered]],
    ) -> Iterator[EntryAnswer]:
        for start in range(0, len(entries), wire.BATCH):
            batch = [read(entry) for entry in entries[start : start + wire.BATCH]]
            good = [one for one in batch if not isinstance(one, EntryAnswer)]
            with self._lock:
                filed = iter(list(file(good)))
                self._directory.catch_up()
                self._listing.catch_up()
            for one in batch:
                yield one if isinstance(one, EntryAnswer) else _answer(next(filed))


def _read_opt_out(entry: object) -> Declaration | EntryAnswer:
    """A declaration, which may still have faults, or the answer to what is none."""
    try:
        return wire.parse_declaration(json.dumps(entry))
    except Unreadable as fault:
        return _refuse(entry, str(fault.facts.get("field") or fault.facts.get("part") or "entry"))


def _read_notice(entry: object, account: Account) -> tuple[str, proof.Notice | EntryAnswer]:
    """Whose notice it is, and the notice or the answer to what is none."""
    match entry:
        case {"id": str() as ident, "kind": str() as kind, "notice": dict() as members, **more}:
            notice = proof.read_notice(kind, ident, members)
        case _:
            return account.name, _refuse(entry, "entry")
    if notice is None:
        return account.name, _refuse(entry, "notice")
    if not isinstance(notice, proof.Ownership):
        return account.name, notice if not more else _refuse(entry, "entry")
    party = more.pop("party", None)
    if Scope.ADMIN not in account.scopes:
        return account.name, EntryAnswer(ident[:64], 403, reason="ownership")
    if more or not isinstance(party, str) or not wire.is_id(party):
        return account.name, _refuse(entry, "party")
    return party, notice


def _refuse(entry: object, reason: str) -> EntryAnswer:
    match entry:
        case {"id": str() as ident}:
            return EntryAnswer(ident[:64], 400, reason=reason[:100])
    return EntryAnswer(_UNSAID, 400, reason="id")


def _answer(answered: Answered) -> EntryAnswer:
    if answered.answer is not Answer.REFUSED:
        return EntryAnswer(answered.id, protocol.STATUS[answered.answer], answered.receipt)
    if answered.reason == "unknown_id":
        return EntryAnswer(answered.id[:64], 404, reason=answered.reason)
    if answered.reason == "id" and wire.is_id(answered.id):
        return EntryAnswer(answered.id, 409, reason="id_taken")
    return EntryAnswer(answered.id[:64], 400, reason=answered.reason)
