# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Files what clients declare in the server's log: an answer for each, each id once for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence

from artistguard import protocol, wire
from artistguard.channels.registry import Registry
from artistguard.errors import Unreadable
from artistguard.models import Answer, Answered, Declaration
from artistguard.protocol import EntryAnswer
from artistguard.server.accounts import Account, Accounts
from artistguard.server.directory import Directory, key

_UNSAID = "?"


class Filing:
    """The registry of a server, whose entries belong to the accounts that filed them.

    An id is claimed for the account before anything is filed under it. Both steps may be taken
    again after a crash between them: the claim stays the account's, and the log files no id twice.
    """

    def __init__(self, registry: Registry, directory: Directory, accounts: Accounts) -> None:
        self._registry = registry
        self._directory = directory
        self._accounts = accounts
        self._lock = threading.Lock()

    def file(self, account: Account, entries: Sequence[object]) -> Iterator[EntryAnswer]:
        """One answer for each entry, in order; those of a batch come when it is on the disk."""
        for start in range(0, len(entries), wire.BATCH):
            read = [_read(entry) for entry in entries[start : start + wire.BATCH]]
            ids = [one.id for one in read if isinstance(one, Declaration) and wire.is_id(one.id)]
            mine = self._accounts.claim(account, ids)
            good = [one for one in read if isinstance(one, Declaration) and one.id in mine]
            with self._lock:
                filed = iter(list(self._registry.deliver(good)))
                self._directory.catch_up()
            for one in read:
                if isinstance(one, EntryAnswer):
                    yield one
                elif one.id in mine:
                    yield _answer(next(filed))
                elif wire.is_id(one.id):
                    yield EntryAnswer(one.id, 409, reason="id_taken")
                else:
                    yield EntryAnswer(one.id[:64], 400, reason="id")

    def withdraw(self, account: Account, ids: Sequence[str], at: str) -> Iterator[EntryAnswer]:
        """One answer for each id, in order; what is another's is unknown, too."""
        for start in range(0, len(ids), wire.BATCH):
            batch = ids[start : start + wire.BATCH]
            mine = self._accounts.owned(account, batch)
            with self._lock:
                good = [ident for ident in batch if ident in mine]
                filed = iter(list(self._registry.withdraw(good, at)))
                self._directory.catch_up()
            for ident in batch:
                if ident in mine:
                    yield _answer(next(filed))
                else:
                    yield EntryAnswer(ident[:64], 404, reason="unknown_id")

    def receipt(self, ident: str) -> tuple[bytes, bytes | None] | None:
        """The log's line that files an id, and the one that withdraws it, if there is one."""
        filed = self._directory.line(key("id", ident))
        if filed is None:
            return None
        return filed, self._directory.line(key("withdrawal", ident))


def _read(entry: object) -> Declaration | EntryAnswer:
    """A declaration, which may still have faults, or the answer to what is none."""
    try:
        return wire.parse_declaration(json.dumps(entry))
    except Unreadable as fault:
        match entry:
            case {"id": str() as ident}:
                reason = str(fault.facts.get("field") or fault.facts.get("part") or "entry")
                return EntryAnswer(ident[:64], 400, reason=reason[:100])
        return EntryAnswer(_UNSAID, 400, reason="id")


def _answer(answered: Answered) -> EntryAnswer:
    if answered.answer is Answer.REFUSED:
        status = 404 if answered.reason == "unknown_id" else 400
        return EntryAnswer(answered.id, status, reason=answered.reason)
    return EntryAnswer(answered.id, protocol.STATUS[answered.answer], answered.receipt)
