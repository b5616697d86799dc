# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The registry's log: appended to in batches, found whole or refused when it is opened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from artistguard import proof, wire
from artistguard.channels.nodes import NodeFile
from artistguard.channels.storage import Storage, Turn, stopping
from artistguard.errors import Damaged, Kind, Offline, Unreadable
from artistguard.models import Clock, stamp

# A canonical entry begins with this part, so its place in the log is read without parsing JSON.
_HEAD = re.compile(
    rb'\{"entry":\{"at":"[0-9TZ:.+-]+","id":"([^"\\]+)","kind":"([a-z-]+)",'
    rb'"prev":"([0-9a-f]{64})","seq":([0-9]{1,15})\},'
)


class Log:
    """An append-only file of signed, linked entries, and where in it each id stands.

    `filed` and `withdrawn` give for an opt-out's id where its entry begins in the log, in bytes,
    and `notices` and `revoked` for that of a notice; `introduced` has the keys (hex) and the ids of
    texts that have their entry. `origin` is the log's name in checkpoints, which comes from its
    first entry. They hold inside `appending`, and afterwards until another process appends.
    """

    def __init__(
        self, storage: Storage, nodes: NodeFile, signer: proof.Signer, clock: Clock
    ) -> None:
        self.storage = storage
        self.nodes = nodes
        self._signer = signer
        self._clock = clock
        self._turn: Turn | None = None
        self._forget()

    def _forget(self) -> None:
        self.filed: dict[str, int] = {}
        self.withdrawn: dict[str, int] = {}
        self.notices: dict[str, int] = {}
        self.revoked: dict[str, int] = {}
        self.introduced: set[str] = set()
        self.nodes.forget()
        self.origin = ""
        self.entries = 0
        self.size = 0
        self._settled = 0
        self._last = b""
        self._pending: dict[int, bytes] = {}

    @property
    def at(self) -> str | None:
        """When the last entry was filed."""
        return str(json.loads(self._last)["entry"]["at"]) if self._last else None

    @property
    def head(self) -> str:
        """The hash of the last entry, to which the next one is linked."""
        return proof.digest(self._last) if self._last else proof.NO_ENTRY

    @contextmanager
    def appending(self) -> Iterator[None]:
        """Keeps other processes out, takes in what they wrote, and at its end writes what it got.

        When the block ends, every added entry is lasting; when it raises, none is there. Raises
        Damaged(REGISTRY_DAMAGED, path, line, part) before anything is written, Stopped
        (REGISTRY_BUSY, REGISTRY_MOVED, DISK_FULL, DATA_NOT_WRITABLE) and what the storage raises.
        """
        folder = self.nodes.path.parent
        try:
            with stopping(folder):
                folder.mkdir(parents=True, exist_ok=True)
                if self.storage.far and not self.entries:
                    self._read_on()  # all of a log, before others are kept waiting
                with self.storage.turn() as self._turn:
                    self._catch_up(self._turn)
                    yield
                    self.commit()
            self._settled = self.size
        except BaseException as error:
            if self.size != self._settled or not isinstance(error, Offline):
                self._forget()
            raise
        finally:
            self._turn = None

    def add(self, kind: proof.EntryKind, ident: str, parts: wire.Parts) -> bytes:
        """Adds one entry and returns its line, which counts once `appending` has ended.

        A key that signs for the first time introduces itself before.
        """
        if kind is not proof.EntryKind.KEY:
            self.introduce()
        at = stamp(self._clock)
        body = proof.write_entry(self.entries + 1, self.head, at, kind, ident, parts, self._signer)
        self._pending[self.size] = body + b"\n"
        self._note(kind, ident, body)
        return body + b"\n"

    def introduce(self) -> None:
        """Adds the entry of the key that signs, unless it has one."""
        key = self._signer.key.hex()
        if key not in self.introduced:
            self.add(proof.EntryKind.KEY, key, {})

    def commit(self) -> None:
        """Writes what was added so far, before `appending` ends."""
        if not self._pending:
            return
        assert self._turn is not None
        self.nodes.flush()  # before the log: if this fails, nothing was filed
        self._turn.append(next(iter(self._pending)), [*self._pending.values()])
        self._pending.clear()

    def keep(self, checkpoint: bytes) -> None:
        """Puts a checkpoint in the place of the last one, inside `appending`."""
        assert self._turn is not None
        self._turn.keep(checkpoint)

    def line_at(self, start: int) -> bytes:
        """The line that begins at this byte: the receipt of its entry."""
        if start in self._pending:
            return self._pending[start]
        with self.storage.opened() as file:
            file.seek(start)
            return file.readline()

    def entry(self, line: bytes) -> proof.Entry:
        """What a line says, which was checked when it was taken in; raises Damaged if it is not."""
        try:
            return proof.trust_entry(line[:-1])
        except Unreadable as fault:
            head = _HEAD.match(line)
            part = str(fault.facts.get("part", "entry"))
            raise self.damaged(int(head[4]) if head else 0, part) from fault

    def lines(self) -> Iterator[tuple[proof.EntryKind, str, bytes]]:
        """Kind, id and line of every entry, as of the last `appending`."""
        left = self.size
        if left == 0:
            return
        with self.storage.opened() as file:
            for number, line in enumerate(file, 1):
                left -= len(line)
                if left < 0:
                    return  # written since
                head = _HEAD.match(line)
                if head is None:
                    raise self.damaged(number, "entry")
                yield proof.EntryKind(head[2].decode()), head[1].decode(), line

    def _note(self, kind: proof.EntryKind, ident: str, body: bytes) -> None:
        match kind:
            case proof.EntryKind.OPT_OUT:
                self.filed[ident] = self.size
            case proof.EntryKind.WITHDRAWAL:
                self.withdrawn[ident] = self.size
            case proof.EntryKind.KEY | proof.EntryKind.TERMS:
                self.introduced.add(ident)
            case proof.EntryKind.REVOCATION:
                self.revoked[ident] = self.size
            case _:
                self.notices[ident] = self.size
        self.origin = self.origin or f"artistguard/{proof.digest(body)[:32]}"
        self.nodes.append(body)
        self.entries += 1
        self.size += len(body) + 1
        self._last = body

    def _catch_up(self, turn: Turn) -> None:
        """Takes in all that there is beyond what is known of it, less a torn end."""
        if self._read_on() and not turn.set_aside(self.size):
            raise self.damaged(self.entries + 1, "end")
        self._settled = self.size

    def _read_on(self) -> bool:
        """Takes in the whole lines beyond what is known; whether there is more than those.

        Every line is held against the hash in the line after it and the last one is checked in
        full, so a changed byte anywhere in what is read is found.
        """
        size = self.storage.size()
        if size < self.size:
            self._forget()  # put back from a backup: read it anew
        known = self.size
        if size == known:
            return False
        with self.storage.opened() as file:
            file.seek(known)
            while line := file.readline(proof.MAX_DOCUMENT + 1):
                if not line.endswith(b"\n"):
                    break
                self._take_in(line[:-1])
        if self.size > known:
            self._check(self.entries, self._last)
            self.nodes.flush()
        return bool(line)

    def _take_in(self, body: bytes) -> None:
        head = _HEAD.match(body)
        if not head or int(head[4]) != self.entries + 1 or head[3].decode() != self.head:
            if self._last:
                self._check(self.entries, self._last)
            self._check(self.entries + 1, body)
            raise self.damaged(self.entries + 1, "link")
        try:
            kind = proof.EntryKind(head[2].decode())
        except ValueError:
            raise self.damaged(self.entries + 1, "entry") from None
        self._note(kind, head[1].decode("utf-8", "replace"), body)

    def _check(self, line: int, body: bytes) -> None:
        try:
            proof.read_entry(body)
        except Unreadable as fault:
            part = fault.facts.get("part", f"byte {fault.facts.get('byte')}")
            raise self.damaged(line, str(part)) from fault

    def damaged(self, line: int, part: str) -> Damaged:
        """That the log is not as it was written, to be raised."""
        return Damaged(Kind.REGISTRY_DAMAGED, path=self.storage.name, line=line, part=part)
