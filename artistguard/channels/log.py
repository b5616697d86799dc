# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The registry's log on disk: appended to in batches, found whole or refused when it is opened."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final

from artistguard import proof, wire
from artistguard.channels.locks import held
from artistguard.channels.nodes import NodeFile
from artistguard.errors import Damaged, Kind, Stopped, Unreadable
from artistguard.models import Clock, stamp

PATIENCE: Final = 60.0
"""Seconds to wait for another process that is writing; a batch takes less than one."""

# A canonical entry begins with this part, so its place in the log is read without parsing JSON.
_HEAD = re.compile(
    rb'\{"entry":\{"at":"[0-9TZ:.+-]+","id":"([^"\\]+)","kind":"([a-z-]+)",'
    rb'"prev":"([0-9a-f]{64})","seq":([0-9]{1,15})\},'
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Log:
    """An append-only file of signed, linked entries, and where in it each id stands.

    `filed` and `withdrawn` give for an opt-out's id where its entry begins in the file, in bytes,
    and `notices` and `revoked` for that of a notice; `introduced` has the keys (hex) and the ids of
    texts that have their entry. `origin` is the log's name in checkpoints, which comes from its
    first entry. They hold inside `appending`, and afterwards until another process appends.
    """

    def __init__(self, path: Path, signer: proof.Signer, clock: Clock) -> None:
        self.path = path
        self._signer = signer
        self._clock = clock
        self.nodes = NodeFile(path.with_name("tree"))
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

        When the block ends, every added entry is on the disk; when it raises, none is. Raises
        Damaged(REGISTRY_DAMAGED, path, line, part) before anything is written, Stopped
        (REGISTRY_BUSY, DISK_FULL, DATA_NOT_WRITABLE).
        """
        try:
            with stopping(self.path):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.locked():
                    self._catch_up()
                    yield
                    self.commit()
        except BaseException:
            self._forget()
            raise

    def locked(self) -> AbstractContextManager[None]:
        """Keeps other processes from writing, and waits until they have written."""
        return held(self.path.with_suffix(".lock"), PATIENCE)

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
        """Writes what was added so far, before `appending` ends: from now on it counts."""
        if not self._pending:
            return
        start = next(iter(self._pending))
        self.nodes.flush()  # before the log: if this fails, nothing was filed
        with _open_to_append(self.path) as file:
            try:
                _write_all(file, b"".join(self._pending.values()))
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    os.truncate(self.path, start)
                raise
        self._pending.clear()
        if start == 0 and os.name != "nt":  # a new file's name is to last, too
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def line_at(self, start: int) -> bytes:
        """The line that begins at this byte: the receipt of its entry."""
        if start in self._pending:
            return self._pending[start]
        with self.path.open("rb") as file:
            file.seek(start)
            return file.readline()

    def entry(self, line: bytes) -> proof.Entry:
        """What a line says, which was checked when it was taken in; raises Damaged if it is not."""
        try:
            return proof.trust_entry(line[:-1])
        except Unreadable as fault:
            head = _HEAD.match(line)
            part = str(fault.facts.get("part", "entry"))
            raise self._damaged(int(head[4]) if head else 0, part) from fault

    def lines(self) -> Iterator[tuple[proof.EntryKind, str, bytes]]:
        """Kind, id and line of every entry, as of the last `appending`."""
        left = self.size
        if left == 0:
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                left -= len(line)
                if left < 0:
                    return  # written since
                head = _HEAD.match(line)
                if head is None:
                    raise self._damaged(number, "entry")
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

    def _catch_up(self) -> None:
        """Takes in what the file has beyond what is known of it.

        Every line is held against the hash in the line after it and the last one is checked in
        full, so a changed byte anywhere in what is read is found.
        """
        if not self.path.exists():
            self._forget()
            return
        with self.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < self.size:
                self._forget()  # put back from a backup: read it anew
            known = self.size
            file.seek(known)
            while line := file.readline(proof.MAX_DOCUMENT + 1):
                if not line.endswith(b"\n"):
                    self._set_torn_end_aside(file)
                    break
                self._take_in(line[:-1])
            if self.size > known:
                self._check(self.entries, self._last)
                self.nodes.flush()

    def _take_in(self, body: bytes) -> None:
        head = _HEAD.match(body)
        if not head or int(head[4]) != self.entries + 1 or head[3].decode() != self.head:
            if self._last:
                self._check(self.entries, self._last)
            self._check(self.entries + 1, body)
            raise self._damaged(self.entries + 1, "link")
        try:
            kind = proof.EntryKind(head[2].decode())
        except ValueError:
            raise self._damaged(self.entries + 1, "entry") from None
        self._note(kind, head[1].decode("utf-8", "replace"), body)

    def _check(self, line: int, body: bytes) -> None:
        try:
            proof.read_entry(body)
        except Unreadable as fault:
            part = fault.facts.get("part", f"byte {fault.facts.get('byte')}")
            raise self._damaged(line, str(part)) from fault

    def _damaged(self, line: int, part: str) -> Damaged:
        return Damaged(Kind.REGISTRY_DAMAGED, path=str(self.path), line=line, part=part)

    def _set_torn_end_aside(self, file: BinaryIO) -> None:
        """Moves what a crash left of a last line into a file beside the log.

        It was never answered for: its sender still holds it, and will send it again.
        """
        file.seek(self.size)
        torn = file.read()
        if b"\n" in torn:
            raise self._damaged(self.entries + 1, "end")
        with _open_to_append(self.path.with_suffix(".torn")) as aside:
            _write_all(aside, torn + b"\n")
            os.fsync(aside.fileno())
        os.truncate(self.path, self.size)


@contextmanager
def stopping(path: Path) -> Iterator[None]:
    """Turns what the system says against writing at `path` into Stopped."""
    try:
        yield
    except OSError as error:
        kind = Kind.DISK_FULL if error.errno in _FULL else Kind.DATA_NOT_WRITABLE
        raise Stopped(kind, path=str(path), reason=error.strerror) from error


def _open_to_append(path: Path) -> FileIO:
    """Opens for the owner only, and without a buffer that would still write after an error."""
    return open(path, "ab", buffering=0, opener=partial(os.open, mode=0o600))


def _write_all(file: FileIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
