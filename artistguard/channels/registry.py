# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The registry inside the data folder: files opt-outs with no account, server or network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from artistguard import proof, wire
from artistguard.channels.log import Log
from artistguard.models import Answer, Answered, Checked, Clock, Declaration


@dataclass(frozen=True, slots=True)
class LogState:
    """How far a log has come: its entries, the hash of the last one and when that was filed."""

    entries: int
    head: str
    at: str | None


class Registry:
    """An opt-out registry in one folder, whose `log.jsonl` is what `proof` describes as a log.

    Beside it lie `log.lock`, which keeps two processes from appending at once, and, after a
    crash in the middle of a write, `log.torn` with the line that was cut off. Nothing is touched
    until the first call. Every method raises Damaged(REGISTRY_DAMAGED, path, line, part) when the
    log is not as it was written, and Stopped when it cannot be written.
    """

    name: Final = "registry"
    recipient: Final = "the registry on this computer"
    leaves_machine: Final = False
    batch: Final = wire.BATCH

    def __init__(self, folder: Path, signer: proof.Signer, clock: Clock) -> None:
        self.folder = folder
        self.signer = signer
        self._log = Log(folder / "log.jsonl", signer, clock)

    def deliver(self, declarations: Sequence[Declaration]) -> Iterator[Answered]:
        """Files each opt-out once; the answers of a batch come when it is safely on the disk.

        Refuses a declaration with the name of the field at fault (see `wire.fault_in`) as reason.
        An id that is filed already is answered with the receipt it got then.
        """
        for start in range(0, len(declarations), self.batch):
            with self._log.appending():
                answers = [self._file(each) for each in declarations[start : start + self.batch]]
            yield from answers

    def withdraw(self, ids: Sequence[str], at: str) -> Iterator[Answered]:
        """Adds a withdrawal for each opt-out that is filed; the opt-out stays in the log.

        Refuses an id that was never filed (reason ``unknown_id``) and every id when `at` is not a
        moment with its offset from UTC (``withdrawn_at``).
        """
        for start in range(0, len(ids), self.batch):
            with self._log.appending():
                answers = [self._withdraw(each, at) for each in ids[start : start + self.batch]]
            yield from answers

    def verify(self) -> Checked:
        """Checks every entry, signature and link of the log; it is valid when there is none yet."""
        if not self._log.path.exists():
            return Checked(self._log.path, True, "nothing has been filed yet")
        return proof.check_file(self._log.path)

    def state(self) -> LogState:
        """Where the log stands now, whoever wrote to it."""
        with self._log.appending():
            return LogState(self._log.entries, self._log.head, self._log.at)

    def in_force(self) -> Iterator[tuple[Declaration, str]]:
        """Every opt-out that was not withdrawn, oldest first, with its receipt's hash.

        The hash is SHA-256 in hex of the entry without its line end. As of the last `state`.
        """
        for kind, ident, line in self._log.lines():
            if kind is proof.EntryKind.OPT_OUT and ident not in self._log.withdrawn:
                yield wire.read_declaration(ident, json.loads(line)), proof.digest(line[:-1])

    def texts(self) -> Iterator[str]:
        """The text of every reservation that was filed, as of the last `state`."""
        for kind, _, line in self._log.lines():
            if kind is proof.EntryKind.TERMS:
                yield json.loads(line)["terms"]["text"]

    def _file(self, declaration: Declaration) -> Answered:
        ident = declaration.id
        if (start := self._log.filed.get(ident)) is not None:
            return Answered(ident, Answer.ALREADY_FILED, self._log.line_at(start))
        fault = wire.fault_in(declaration)
        text = wire.RESERVATIONS.get(declaration.reservation)
        if fault is not None or text is None:
            return Answered(ident, Answer.REFUSED, reason=fault or "reservation")
        if declaration.reservation not in self._log.introduced:
            terms = {"sha256": wire.reservation_sha256(declaration.reservation), "text": text}
            self._log.add(proof.EntryKind.TERMS, declaration.reservation, {"terms": terms})
        parts = wire.declaration_parts(declaration)
        return Answered(ident, Answer.FILED, self._log.add(proof.EntryKind.OPT_OUT, ident, parts))

    def _withdraw(self, ident: str, at: str) -> Answered:
        if (start := self._log.withdrawn.get(ident)) is not None:
            return Answered(ident, Answer.ALREADY_FILED, self._log.line_at(start))
        if ident not in self._log.filed or not wire.is_moment(at):
            reason = "withdrawn_at" if ident in self._log.filed else "unknown_id"
            return Answered(ident, Answer.REFUSED, reason=reason)
        parts = {"withdrawal": {"withdrawn_at": at}}
        return Answered(
            ident, Answer.FILED, self._log.add(proof.EntryKind.WITHDRAWAL, ident, parts)
        )
