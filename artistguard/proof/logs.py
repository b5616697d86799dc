# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A whole log: whether its entries follow each other and it still holds what it once held."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from artistguard.errors import Kind, Unreadable
from artistguard.proof.entries import Entry, EntryKind, entry_of, read_entry
from artistguard.proof.notes import PROOF, Note, parse_bundle, parse_checkpoint
from artistguard.proof.notices import CounterClaim, Dispute, Mandate, Ownership, Revocation
from artistguard.proof.sealed import LIST, MAX_DOCUMENT, NO_ENTRY, Sealed, digest, unfit, unseal
from artistguard.proof.tree import Frontier, leaf_hash

ALL: Final = 1 << 62
"""More bytes than any log has."""


def read_log(file: BinaryIO, size: int = ALL) -> Iterator[Entry]:
    """Checks a log from its first line on, and yields each entry once it and its link are proven.

    Only the first `size` bytes are read. Raises Unreadable as `unseal` does with the `line` (from
    1), and with CHAIN_BROKEN for an entry that does not follow from those before it.
    """
    return (entry for entry, _ in _entries(file, size))


def lines(file: BinaryIO, size: int = ALL) -> Iterator[bytes | None]:
    """Each line without its line feed; None, and nothing after it, for one that has none."""
    while size > 0 and (line := file.readline(min(size, MAX_DOCUMENT + 1))):
        size -= len(line)
        if not line.endswith(b"\n"):
            yield None
            return
        yield line[:-1]


@dataclass(frozen=True, slots=True)
class Known:
    """What a signed file says about the log it came from: it went as far as `size` entries.

    `root` is the root of the tree over these, or else `head` is the hash of the last of them.
    `signed` is the checkpoint that says so, or else `key` is who sealed the file.
    """

    size: int
    root: bytes | None = None
    head: str | None = None
    signed: Note | None = None
    key: bytes | None = None

    def fits(self, root: bytes, head: str) -> bool:
        """Whether this is true of a log with this root and last entry at that size."""
        return self.root in {None, root} and self.head in {None, head}

    def must_be_of(self, keys: Collection[bytes]) -> None:
        """Raises Unreadable when none of the keys signed this."""
        if self.signed is not None:
            self.signed.signer(keys)
        elif self.key not in keys:
            raise unfit(Kind.KEY_UNKNOWN, "key")


def read_known(body: bytes) -> Known:
    """What a checkpoint, receipt (with its proof or without) or list manifest says of its log.

    Raises Unreadable when it is none of these, or changed; who signed it is still to be asked.
    """
    first, _, rest = body.partition(b"\n")
    if not first.startswith(b"{"):
        note = parse_checkpoint(body)
        return Known(note.checkpoint.size, root=note.checkpoint.root, signed=note)
    if rest.startswith(PROOF):
        bundle = parse_bundle(body)
        bundle.check()
        tree = bundle.note.checkpoint
        return Known(tree.size, root=tree.root, signed=bundle.note)
    sealed = unseal(first)
    if sealed.form == LIST:
        return _known_from_list(sealed)
    entry = entry_of(sealed)
    return Known(entry.seq, head=digest(first), key=sealed.key)


def _known_from_list(sealed: Sealed) -> Known:
    match sealed.parts.get("list"):
        case {"log_entries": int() as size, "log_head": str() as head}:
            return Known(size, head=head, key=sealed.key)
        case _:
            raise unfit(Kind.NOT_A_RECEIPT, "list")


@dataclass(slots=True)
class Reading:
    """A log while it is read: its keys, its length and whether it fits what is known of it."""

    known: Iterable[Known] = ()
    keys: set[bytes] = field(default_factory=set)
    entries: int = 0

    def read(self, file: BinaryIO, size: int = ALL) -> Iterator[Entry]:
        """Yields as `read_log` does; at the end, raises Unreadable when it does not fit.

        CHAIN_BROKEN with the `line` after which it is known that something else, or anything at
        all, has stood; KEY_UNKNOWN or SIGNATURE_WRONG when what is known was signed by nobody who
        signed in this log.
        """
        known: dict[int, list[Known]] = {}
        for each in self.known:
            known.setdefault(each.size, []).append(each)
        tree = Frontier()
        head = NO_ENTRY
        broken: list[int] = []
        for entry, body in _entries(file, size):
            self.entries = entry.seq
            self.keys.add(entry.key)
            if known:
                head = digest(body)
                tree.append(leaf_hash(body))
            if not all(each.fits(tree.root, head) for each in known.get(entry.seq, ())):
                broken.append(entry.seq)
            yield entry
        for each in (each for claims in known.values() for each in claims if each.size):
            each.must_be_of(self.keys)
            if each.size > self.entries:
                raise Unreadable(Kind.LOG_CUT, line=self.entries + 1, entries=each.size)
        if broken:
            raise Unreadable(Kind.CHAIN_BROKEN, line=broken[0], part="checkpoint")


def _entries(file: BinaryIO, size: int) -> Iterator[tuple[Entry, bytes]]:
    prev = NO_ENTRY
    history = _History()
    for line, body in enumerate(lines(file, size), 1):
        try:
            if body is None:
                raise unfit(Kind.NOT_A_RECEIPT, "end")
            entry = read_entry(body)
            if entry.seq != line or entry.prev != prev:
                raise unfit(Kind.CHAIN_BROKEN, "link")
            history.follow(entry)
        except Unreadable as fault:
            raise Unreadable(fault.kind, line=line, **fault.facts) from fault
        yield entry, body
        prev = digest(body)


@dataclass(frozen=True, slots=True)
class _History:
    """What a log has said so far, as far as later entries depend on it.

    `filed` and `noticed` hold for each opt-out and notice its party, `disputes` which of the
    notices are disputes, `ended` what was withdrawn or revoked.
    """

    keys: set[bytes] = field(default_factory=set)
    texts: dict[str, str | None] = field(default_factory=dict)
    filed: dict[str, str | None] = field(default_factory=dict)
    noticed: dict[str, str | None] = field(default_factory=dict)
    disputes: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)

    def follow(self, entry: Entry) -> None:
        """Takes in the next entry; raises Unreadable(CHAIN_BROKEN, part)."""
        if (entry.kind is EntryKind.KEY) == (entry.key in self.keys):
            raise unfit(Kind.CHAIN_BROKEN, "key")
        match entry.kind:
            case EntryKind.KEY:
                self.keys.add(entry.key)
            case EntryKind.TERMS if entry.id not in self.texts:
                self.texts[entry.id] = entry.text_sha256
            case EntryKind.OPT_OUT if self._is_new(entry.id) and entry.declaration:
                if self.texts.get(entry.declaration.reservation) != entry.text_sha256:
                    raise unfit(Kind.CHAIN_BROKEN, "wish")
                self.filed[entry.id] = entry.party
            case EntryKind.WITHDRAWAL if self._may_end(entry, self.filed):
                self.ended.add(entry.id)
            case _ if self._takes_notice(entry):
                pass
            case _:
                raise unfit(Kind.CHAIN_BROKEN, "entry")

    def _takes_notice(self, entry: Entry) -> bool:
        match entry.notice:
            case Revocation() if self._may_end(entry, self.noticed):
                self.ended.add(entry.id)
                return True
            case Ownership() | Mandate() if self._is_new(entry.id):
                pass
            case Dispute(of=of) if self._is_new(entry.id) and self._may_be_disputed(of):
                self.disputes.add(entry.id)
            case CounterClaim(of=of) if self._is_new(entry.id) and of in self.disputes:
                self.disputes.add(entry.id)
            case _:
                return False
        self.noticed[entry.id] = entry.party
        return True

    def _is_new(self, ident: str) -> bool:
        return ident not in self.filed and ident not in self.noticed

    def _may_be_disputed(self, ident: str) -> bool:
        return not self._is_new(ident) and ident not in self.disputes

    def _may_end(self, entry: Entry, of: dict[str, str | None]) -> bool:
        if entry.id not in of or entry.id in self.ended:
            return False
        return of[entry.id] == entry.party
