# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Receipts, logs and list manifests as files, and what a check of each says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import Checked
from artistguard.proof.entries import Entry, EntryKind, entry_of, read_entry
from artistguard.proof.sealed import (
    LIST,
    MAX_DOCUMENT,
    NO_ENTRY,
    Sealed,
    digest,
    short,
    unfit,
    unseal,
)

_WHY: Final[Mapping[Kind, str]] = {
    Kind.NOT_A_RECEIPT: "not written in the form of a receipt, log or list",
    Kind.CONTENT_CHANGED: "changed after it was signed",
    Kind.SIGNATURE_WRONG: "the signature does not fit",
    Kind.CHAIN_BROKEN: "not what follows from the entries before it",
    Kind.KEY_UNKNOWN: "signed by another key than the one given",
}
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9]+")


def check_file(path: Path, key: bytes | None = None) -> Checked:
    """Checks a receipt, a whole log or a list's manifest with the files beside it.

    With a `key` (32 bytes), everything must be signed by that key. When it fails, `where` names the
    line, the part and the byte (from 0, in that line) as far as they can be told, or the listed
    file. Raises Unreadable(READ_FAILED, path) when the file itself cannot be read.
    """
    try:
        with path.open("rb") as file:
            why = _check(file, path.parent, key)
    except OSError as error:
        raise Unreadable(Kind.READ_FAILED, path=str(path), reason=error.strerror) from error
    except Unreadable as fault:
        return Checked(path, False, _WHY[fault.kind], _where(fault))
    return Checked(path, True, why)


def read_log(file: BinaryIO) -> Iterator[Entry]:
    """Checks a log from its first line on, and yields each entry once it and its link are proven.

    Raises Unreadable as `unseal` does with the `line` (from 1), and with CHAIN_BROKEN for an entry
    that does not follow from those before it.
    """
    prev = NO_ENTRY
    history = _History(set(), {}, set(), set())
    for line, body in enumerate(_lines(file), 1):
        try:
            if body is None:
                raise unfit(Kind.NOT_A_RECEIPT, "end")
            entry = read_entry(body)
            if entry.seq != line or entry.prev != prev:
                raise unfit(Kind.CHAIN_BROKEN, "link")
            history.follow(entry)
        except Unreadable as fault:
            raise Unreadable(fault.kind, line=line, **fault.facts) from fault
        yield entry
        prev = digest(body)


@dataclass(frozen=True, slots=True)
class _History:
    """What a log has said so far, as far as later entries depend on it."""

    keys: set[bytes]
    texts: dict[str, str | None]
    filed: set[str]
    withdrawn: set[str]

    def follow(self, entry: Entry) -> None:
        """Takes in the next entry; raises Unreadable(CHAIN_BROKEN, part)."""
        if (entry.kind is EntryKind.KEY) == (entry.key in self.keys):
            raise unfit(Kind.CHAIN_BROKEN, "key")
        match entry.kind:
            case EntryKind.KEY:
                self.keys.add(entry.key)
            case EntryKind.TERMS if entry.id not in self.texts:
                self.texts[entry.id] = entry.text_sha256
            case EntryKind.OPT_OUT if entry.id not in self.filed and entry.declaration:
                if self.texts.get(entry.declaration.reservation) != entry.text_sha256:
                    raise unfit(Kind.CHAIN_BROKEN, "wish")
                self.filed.add(entry.id)
            case EntryKind.WITHDRAWAL if entry.id in self.filed and entry.id not in self.withdrawn:
                self.withdrawn.add(entry.id)
            case _:
                raise unfit(Kind.CHAIN_BROKEN, "entry")


def _check(file: BinaryIO, folder: Path, key: bytes | None) -> str:
    first = next(_lines(file), None)
    if file.read(1):  # a second line
        file.seek(0)
        return _check_log(file, key)
    if first is None:
        raise unfit(Kind.NOT_A_RECEIPT, "end")
    sealed = unseal(first)
    if key not in {None, sealed.key}:
        raise unfit(Kind.KEY_UNKNOWN, "key")
    if sealed.form == LIST:
        count = _check_list(sealed, folder)
        return f"{count} files as listed, signed by {_name_keys({sealed.key}, key)}"
    entry_of(sealed)
    return f"signed by {_name_keys({sealed.key}, key)}"


def _check_log(file: BinaryIO, key: bytes | None) -> str:
    keys = set()
    count = 0
    for count, entry in enumerate(read_log(file), 1):
        if key not in {None, entry.key}:
            raise Unreadable(Kind.KEY_UNKNOWN, line=count, part="key")
        keys.add(entry.key)
    return f"{count} entries linked without a gap, signed by {_name_keys(keys, key)}"


def _check_list(sealed: Sealed, folder: Path) -> int:
    """How many files the manifest lists, having made sure that each lies beside it unchanged."""
    if sealed.parts.keys() != {"files", "list"}:
        raise unfit(Kind.NOT_A_RECEIPT, "list")
    files = sealed.parts["files"]
    for name, facts in files.items():
        path = folder / name
        if not _FILE_NAME.fullmatch(name) or not path.is_file():
            raise unfit(Kind.CONTENT_CHANGED, name)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if facts != {"sha256": sha256, "size": file.tell()}:
                raise unfit(Kind.CONTENT_CHANGED, name)
    return len(files)


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Each line without its line feed; None, and nothing after it, for one that has none."""
    while line := file.readline(MAX_DOCUMENT + 1):
        if not line.endswith(b"\n"):
            yield None
            return
        yield line[:-1]


def _name_keys(keys: set[bytes], given: bytes | None) -> str:
    if given is not None:
        return "the key you gave"
    names = ", ".join(sorted(map(short, keys)))
    if len(keys) == 1:
        return f"key {names}, which you must recognise yourself"
    return f"{len(keys)} keys, which you must recognise yourself: {names}"


def _where(fault: Problem) -> str:
    facts = fault.facts
    words = [f"line {facts['line']}"] if "line" in facts else []
    words += [str(facts[name]) for name in ("part", "field") if name in facts]
    words += [f"byte {facts['byte']}"] if "byte" in facts else []
    return ", ".join(words)
