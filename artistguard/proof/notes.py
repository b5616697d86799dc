# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of a log, and receipts that carry their place in one, in the C2SP forms.

The forms are those of https://c2sp.org/signed-note, tlog-checkpoint and tlog-proof, with Ed25519
signatures (type 1), so that other programs' tools read them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from artistguard.errors import Kind, Unreadable
from artistguard.proof.sealed import MAX_DOCUMENT, Signer, is_signed, unfit
from artistguard.proof.tree import is_included, leaf_hash

PROOF: Final = b"c2sp.org/tlog-proof@v1"
"""The second line of a receipt that carries its proof, and the first one of the proof."""

_ED25519: Final = b"\1"
_DASH: Final = "\N{EM DASH} "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_HASH: Final = 32
_MOST_HASHES: Final = 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a log had come when this was signed: its `size` in entries and its tree's root.

    `origin` names the log: two checkpoints speak of the same log only when theirs is the same.
    """

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint that was read and whose signatures are still to be checked."""

    checkpoint: Checkpoint
    text: bytes
    signatures: tuple[tuple[str, bytes], ...]

    def signer(self, keys: Collection[bytes]) -> bytes:
        """The first of the keys that signed; what other keys say does not count.

        Raises Unreadable: SIGNATURE_WRONG when one of the keys should have signed this and has not,
        KEY_UNKNOWN when only others may have.
        """
        names = {
            (self.checkpoint.origin, _key_id(self.checkpoint.origin, key)): key for key in keys
        }
        found = None
        for name, signature in self.signatures:
            key = names.get((name, signature[:4]))
            if key is None:
                continue
            if not is_signed(key, signature[4:], self.text):
                raise unfit(Kind.SIGNATURE_WRONG, "checkpoint")
            found = found or key
        if found is None:
            raise unfit(Kind.KEY_UNKNOWN, "checkpoint")
        return found


@dataclass(frozen=True, slots=True)
class Bundle:
    """A receipt's line without its end, its place in a log (from 0) and the proof of it.

    `key` is the one that is said to have signed the checkpoint.
    """

    body: bytes
    index: int
    path: tuple[bytes, ...]
    key: bytes
    note: Note

    def check(self) -> None:
        """Raises Unreadable when the checkpoint is not signed or the entry not in its tree."""
        self.note.signer({self.key})
        tree = self.note.checkpoint
        leaf = leaf_hash(self.body)
        if not is_included(leaf, self.index, tree.size, self.path, tree.root):
            raise unfit(Kind.CHAIN_BROKEN, "inclusion")


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The note of a checkpoint, signed under the name of its log."""
    origin, root = checkpoint.origin, _spell(checkpoint.root)
    text = f"{origin}\n{checkpoint.size}\n{root}\n".encode()
    signature = _spell(_key_id(origin, signer.key) + signer.sign(text))
    return text + f"\n{_DASH}{origin} {signature}\n".encode()


def parse_checkpoint(note: bytes) -> Note:
    """Reads a checkpoint without checking who signed it.

    Raises Unreadable(NOT_A_RECEIPT, part) for anything of another form.
    """
    try:
        text, _, signatures = note.decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise Unreadable(Kind.NOT_A_RECEIPT, byte=error.start) from None
    lines = text.split("\n")
    if (
        len(note) > MAX_DOCUMENT
        or not signatures.endswith("\n")
        or _CONTROL.search(text)
        or len(lines) < 3
        or not all(lines)
        or not _NUMBER.fullmatch(lines[1])
    ):
        raise unfit(Kind.NOT_A_RECEIPT, "checkpoint")
    checkpoint = Checkpoint(lines[0], int(lines[1]), _read_hash(lines[2]))
    signed = tuple(_read_signature(line) for line in signatures[:-1].split("\n"))
    return Note(checkpoint, f"{text}\n".encode(), signed)


def bundle(line: bytes, index: int, path: Sequence[bytes], note: bytes, key: bytes) -> bytes:
    """A receipt's line and the proof that it is entry `index` (from 0) of a checkpoint's log.

    `note` is the checkpoint and `key` (32 bytes) is who signed it.
    """
    hashes = b"".join(b"%s\n" % _spell(each).encode() for each in path)
    extra = _spell(key).encode()
    return line + b"%s\nextra %s\nindex %d\n%s\n%s" % (PROOF, extra, index, hashes, note)


def parse_bundle(data: bytes) -> Bundle:
    """Reads what `bundle` wrote, without checking it.

    Raises Unreadable(NOT_A_RECEIPT, part) for anything of another form.
    """
    body, _, rest = data.partition(b"\n")
    head, _, note = rest.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise unfit(Kind.NOT_A_RECEIPT, "proof") from None
    match lines:
        case [form, extra, index, *hashes] if (
            form.encode() == PROOF
            and extra.startswith("extra ")
            and index.startswith("index ")
            and _NUMBER.fullmatch(index[6:])
            and len(hashes) <= _MOST_HASHES
        ):
            path = tuple(map(_read_hash, hashes))
            key = _read_hash(extra[6:])
            return Bundle(body, int(index[6:]), path, key, parse_checkpoint(note))
        case _:
            raise unfit(Kind.NOT_A_RECEIPT, "proof")


def _key_id(name: str, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key).digest()[:4]


def _read_signature(line: str) -> tuple[str, bytes]:
    name, _, signature = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not name or "+" in name:
        raise unfit(Kind.NOT_A_RECEIPT, "checkpoint")
    return name, _read_base64(signature)


def _read_hash(text: str) -> bytes:
    value = _read_base64(text)
    if len(value) != _HASH:
        raise unfit(Kind.NOT_A_RECEIPT, "proof")
    return value


def _read_base64(text: str) -> bytes:
    """The bytes, which may be written in one way only: else a changed file could pass."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        value = b""
    if not value or _spell(value) != text:
        raise unfit(Kind.NOT_A_RECEIPT, "proof")
    return value


def _spell(value: bytes) -> str:
    return base64.b64encode(value).decode()
