# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The registry inside the data folder: files opt-outs with no account, server or network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from artistguard import proof, wire
from artistguard.channels import REGISTRY
from artistguard.channels.log import Log
from artistguard.channels.nodes import NodeFile
from artistguard.channels.storage import LogFile, Storage, stopping
from artistguard.errors import Unreadable
from artistguard.models import Answer, Answered, Checked, Clock, Declaration


@dataclass(frozen=True, slots=True)
class LogState:
    """How far a log has come: its entries, the hash of the last one and when that was filed.

    `size` is that of its lines up to there, in bytes.
    """

    entries: int
    head: str
    at: str | None
    size: int


class Registry:
    """An opt-out registry in one folder, whose `log.jsonl` is what `proof` describes as a log.

    Beside it lie `tree`, from which proofs are made, `checkpoint`, the last one that was signed,
    `log.lock`, which keeps two processes from appending at once, and, after a crash in the middle
    of a write, `log.torn` with the line that was cut off. A copy of `checkpoint` and `log.jsonl`,
    in this order, is a mirror. With another `storage`, the log and its checkpoint lie there, and
    only `tree` is in the folder. Nothing is touched until the first call. Every method raises
    Damaged(REGISTRY_DAMAGED, path, line, part) when the log is not as it was written, and Stopped
    when it cannot be written.

    Whoever takes entries from several people says from whom, as `party`: 1 to 64 letters, digits
    and ``. _ : -``. It goes into the log, and only the same party can take an entry back.
    """

    name: Final = REGISTRY
    recipient: Final = "the registry on this computer"
    leaves_machine: Final = False
    batch: Final = wire.BATCH

    def __init__(
        self, folder: Path, signer: proof.Signer, clock: Clock, storage: Storage | None = None
    ) -> None:
        self.folder = folder
        self.signer = signer
        self.storage = storage or LogFile(folder / "log.jsonl")
        self._log = Log(self.storage, NodeFile(folder / "tree"), signer, clock)

    def deliver(
        self, declarations: Sequence[Declaration], party: str | None = None
    ) -> Iterator[Answered]:
        """Files each opt-out once; the answers of a batch come when it is safely on the disk.

        Refuses a declaration with the name of the field at fault (see `wire.fault_in`) as reason.
        An id that is filed already is answered with the receipt it got then; when a `party` is
        given and that was another's, it is refused (``id``).
        """
        for start in range(0, len(declarations), self.batch):
            with self._log.appending():
                batch = declarations[start : start + self.batch]
                answers = [self._file(each, party) for each in batch]
            yield from answers

    def withdraw(self, ids: Sequence[str], at: str, party: str | None = None) -> Iterator[Answered]:
        """Adds a withdrawal for each opt-out that is filed; the opt-out stays in the log.

        Refuses an id that was never filed by the party (reason ``unknown_id``) and every id when
        `at` is not a moment with its offset from UTC (``withdrawn_at``).
        """
        for start in range(0, len(ids), self.batch):
            with self._log.appending():
                batch = ids[start : start + self.batch]
                answers = [self._withdraw(each, at, party) for each in batch]
            yield from answers

    def record(
        self, notices: Sequence[proof.Notice], party: str | None = None
    ) -> Iterator[Answered]:
        """Files notices: who may speak for what, and who disputes it. Nothing is ever erased.

        The registry takes the word of its caller that an ownership was checked and that a mandate
        is given by the party. Refuses a notice with the name of the field at fault as reason:
        ``id`` also when it is used already, ``of`` also when it names nothing that can be disputed
        or answered; a revocation of what is not the party's notice with ``unknown_id``.
        """
        for start in range(0, len(notices), self.batch):
            with self._log.appending():
                batch = notices[start : start + self.batch]
                answers = [self._record(each, party) for each in batch]
            yield from answers

    def checkpoint(self) -> bytes:
        """Signs how far the log has come: what it holds now can never be denied or changed.

        The note is kept beside the log, too. Raises Damaged when the log is not what an earlier
        checkpoint says it was.
        """
        with self._log.appending():
            self._log.introduce()
            self._log.commit()
            return self._checkpoint()

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the first `old` entries are the beginning of the first `new`.

        For 0 < `old` <= `new` <= the entries as of the last `state` or `checkpoint`; else
        ValueError.
        """
        if not 0 < old <= new <= self._log.entries:
            raise ValueError(old, new)
        with stopping(self.folder), self._log.nodes.reading() as nodes:
            return proof.consistency_path(nodes, old, new)

    def bundles(self, receipts: Iterable[bytes], stamped: Sequence[bytes] = ()) -> Iterator[bytes]:
        """Each receipt with the proof that it stands in the log, up to a checkpoint made now.

        Of earlier ones that were `stamped`, in their order, the first that has it is taken rather,
        if it is of this log. A receipt of another log is given back as it is.
        """
        newest = self.checkpoint()
        with stopping(self.folder), self._log.nodes.reading() as nodes:
            notes = [
                (tree, note)
                for note in (*stamped, newest)
                if (tree := self._ours(note)) and tree.root == proof.root_of(nodes, tree.size)
            ]
            for receipt in receipts:
                index = _index_of(receipt)
                leaf = proof.leaf_hash(receipt.removesuffix(b"\n"))
                held = [one for one in notes if index is not None and index < one[0].size]
                if index is None or not held or leaf != nodes(proof.node_count(index)):
                    yield receipt
                    continue
                tree, note = held[0]
                path = proof.inclusion_path(nodes, index, tree.size)
                yield proof.bundle(receipt, index, path, note, self.signer.key)

    def verify(self, known: Iterable[bytes] = ()) -> Checked:
        """Checks every entry, signature and link of the log; it is valid when there is none yet.

        It must also still hold all that the last checkpoint, the published list and the `known`
        files (contents of receipts, checkpoints, manifests) say it held. What others add meanwhile
        is not looked at.
        """
        manifest = self.folder / "public" / "manifest.json"
        published = manifest.read_bytes() if manifest.exists() else None
        bodies = [*known, *filter(None, (self.storage.checkpoint(), published))]
        path = Path(self.storage.name)
        with stopping(self.folder):
            try:
                file = self.storage.opened()
            except FileNotFoundError:
                why = "the log is missing" if bodies else "nothing has been filed yet"
                return Checked(path, not bodies, why)
            with file:
                with self.storage.turn():
                    size = self.storage.size()
                return proof.check_log(path, bodies, size=size, file=file)

    def state(self) -> LogState:
        """Where the log stands now, whoever wrote to it."""
        with self._log.appending():
            return LogState(self._log.entries, self._log.head, self._log.at, self._log.size)

    def compared(self, receipts: Iterable[bytes] = ()) -> LogState:
        """As `state`, having held the log against its last checkpoint and some of its receipts.

        So a log that was cut off or put back is seen, too; quicker than `verify`, and no audit.
        """
        log = self._log
        with log.appending():
            kept = self.storage.checkpoint()
            if kept is not None:
                self._must_still_hold(kept)
            for receipt in receipts:
                at = _index_of(receipt)
                if at is None or at >= log.entries or not self._is_at(at, receipt):
                    raise self._log.damaged((at or 0) + 1, "receipt")
            return LogState(log.entries, log.head, log.at, log.size)

    def _is_at(self, index: int, receipt: bytes) -> bool:
        with self._log.nodes.reading() as nodes:
            return nodes(proof.node_count(index)) == proof.leaf_hash(receipt.removesuffix(b"\n"))

    def in_force(self) -> Iterator[tuple[Declaration, str]]:
        """Every opt-out that was not withdrawn, oldest first, with its receipt's hash.

        The hash is SHA-256 in hex of the entry without its line end. As of the last `state`.
        """
        return ((declaration, ref.sha256) for declaration, ref in self.standings())

    def standings(self) -> Iterator[tuple[Declaration, proof.ProofRef]]:
        """Every opt-out that was not withdrawn, oldest first, and how well it stands.

        As of the last `state`.
        """
        standings = proof.Standings(self.notices())
        for kind, ident, line in self._log.lines():
            if kind is proof.EntryKind.OPT_OUT and ident not in self._log.withdrawn:
                entry = self._log.entry(line)
                assert entry.declaration is not None
                ref = proof.ProofRef(standings.of(entry), proof.digest(line[:-1]))
                yield entry.declaration, ref

    def notices(self) -> Iterator[proof.Entry]:
        """The entries that carry a notice, in their order, as of the last `state`."""
        starts = sorted({*self._log.notices.values(), *self._log.revoked.values()})
        return (self._log.entry(self._log.line_at(start)) for start in starts)

    def texts(self) -> Iterator[str]:
        """The text of every reservation that was filed, as of the last `state`."""
        for kind, _, line in self._log.lines():
            if kind is proof.EntryKind.TERMS:
                yield json.loads(line)["terms"]["text"]

    def _file(self, declaration: Declaration, party: str | None) -> Answered:
        ident = declaration.id
        if (start := self._log.filed.get(ident)) is not None:
            return self._filed_already(ident, start, party)
        fault = wire.fault_in(declaration)
        text = wire.RESERVATIONS.get(declaration.reservation)
        if fault is not None or text is None:
            return Answered(ident, Answer.REFUSED, reason=fault or "reservation")
        if ident in self._log.notices:
            return Answered(ident, Answer.REFUSED, reason="id")
        if declaration.reservation not in self._log.introduced:
            terms = {"sha256": wire.reservation_sha256(declaration.reservation), "text": text}
            self._log.add(proof.EntryKind.TERMS, declaration.reservation, {"terms": terms})
        parts = wire.declaration_parts(declaration)
        return self._add(proof.EntryKind.OPT_OUT, ident, parts, party)

    def _filed_already(self, ident: str, start: int, party: str | None) -> Answered:
        line = self._log.line_at(start)
        if party is not None and _party_of(line) != party:
            return Answered(ident, Answer.REFUSED, reason="id")
        return Answered(ident, Answer.ALREADY_FILED, line)

    def _withdraw(self, ident: str, at: str, party: str | None) -> Answered:
        start = self._log.filed.get(ident)
        if start is None or _party_of(self._log.line_at(start)) != party:
            return Answered(ident, Answer.REFUSED, reason="unknown_id")
        if (ended := self._log.withdrawn.get(ident)) is not None:
            return Answered(ident, Answer.ALREADY_FILED, self._log.line_at(ended))
        if not wire.is_moment(at):
            return Answered(ident, Answer.REFUSED, reason="withdrawn_at")
        parts = {"withdrawal": {"withdrawn_at": at}}
        return self._add(proof.EntryKind.WITHDRAWAL, ident, parts, party)

    def _record(self, notice: proof.Notice, party: str | None) -> Answered:
        ident = notice.id
        kind = proof.EntryKind(proof.kind_of(notice))
        parts = proof.notice_parts(notice)
        start = (self._log.notices, self._log.revoked)[kind is proof.EntryKind.REVOCATION].get(
            ident
        )
        if start is not None:
            line = self._log.line_at(start)
            if _party_of(line) == party and json.loads(line)["notice"] == parts["notice"]:
                return Answered(ident, Answer.ALREADY_FILED, line)
        fault = proof.fault_in(notice) or self._misplaced(notice, party)
        if fault is not None:
            return Answered(ident, Answer.REFUSED, reason=fault)
        return self._add(kind, ident, parts, party)

    def _misplaced(self, notice: proof.Notice, party: str | None) -> str | None:
        """What a notice says that does not fit the log, or None."""
        log = self._log
        match notice:
            case proof.Revocation(id=ident):
                start = None if ident in log.revoked else log.notices.get(ident)
                mine = start is not None and _party_of(log.line_at(start)) == party
                return None if mine else "unknown_id"
            case _ if notice.id in log.filed or notice.id in log.notices:
                return "id"
            case proof.Dispute(of=of) if of not in log.filed and self._is_dispute(of) is not False:
                return "of"
            case proof.CounterClaim(of=of) if not self._is_dispute(of):
                return "of"
        return None

    def _is_dispute(self, ident: str) -> bool | None:
        """Whether a notice is part of a dispute; None when there is no such notice."""
        if (start := self._log.notices.get(ident)) is None:
            return None
        kind = json.loads(self._log.line_at(start))["entry"]["kind"]
        return kind in {proof.EntryKind.DISPUTE, proof.EntryKind.COUNTER_CLAIM}

    def _add(
        self, kind: proof.EntryKind, ident: str, parts: wire.Parts, party: str | None
    ) -> Answered:
        if party is not None:
            parts = {**parts, "party": {"id": party}}
        return Answered(ident, Answer.FILED, self._log.add(kind, ident, parts))

    def _checkpoint(self) -> bytes:
        log = self._log
        kept = self.storage.checkpoint()
        if kept is not None:
            self._must_still_hold(kept)
        new = proof.Checkpoint(log.origin, log.entries, log.nodes.root)
        note = proof.sign_checkpoint(new, self.signer)
        if kept != note:
            log.keep(note)
        return note

    def _ours(self, note: bytes) -> proof.Checkpoint | None:
        """A checkpoint of this log that our key signed; None for any other."""
        try:
            read = proof.parse_checkpoint(note)
            read.signer({self.signer.key})
        except Unreadable:
            return None
        known = read.checkpoint
        fits = known.origin == self._log.origin and known.size <= self._log.entries
        return known if fits else None

    def _must_still_hold(self, kept: bytes) -> None:
        """Raises Damaged unless the log begins with what a checkpoint of ours says."""
        log = self._log
        try:
            old = proof.parse_checkpoint(kept).checkpoint
        except Unreadable as fault:
            raise log.damaged(0, "checkpoint") from fault
        if old.size > log.entries:
            raise log.damaged(log.entries + 1, "checkpoint")
        with log.nodes.reading() as nodes:
            if old.origin != log.origin or old.root != proof.root_of(nodes, old.size):
                raise log.damaged(old.size, "checkpoint")


def _party_of(line: bytes) -> str | None:
    party = json.loads(line).get("party")
    return None if party is None else str(party["id"])


def _index_of(receipt: bytes) -> int | None:
    """Where in its log a receipt says that it stands, from 0; None for what is no receipt.

    Nothing of it is trusted: a receipt of this log is what is found there, byte for byte.
    """
    try:
        seq = json.loads(receipt)["entry"]["seq"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return seq - 1 if isinstance(seq, int) and seq > 0 else None
