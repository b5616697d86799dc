# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Receipts, logs and list manifests as files, and what a check of each says."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import Checked
from artistguard.proof.entries import entry_of, read_entry
from artistguard.proof.logs import ALL, Known, Reading, read_known
from artistguard.proof.notes import PROOF, parse_bundle, parse_checkpoint
from artistguard.proof.sealed import LIST, MAX_DOCUMENT, Sealed, short, unfit, unseal

_WHY: Final[Mapping[Kind, str]] = {
    Kind.NOT_A_RECEIPT: "not written in the form of a receipt, log or list",
    Kind.CONTENT_CHANGED: "changed after it was signed",
    Kind.SIGNATURE_WRONG: "the signature does not fit",
    Kind.CHAIN_BROKEN: "not what the log held",
    Kind.LOG_CUT: "entries that were signed for are missing at the end",
    Kind.KEY_UNKNOWN: "signed by another key than the one given",
    Kind.NOT_A_STAMP: "not the answer of an authority of time",
    Kind.NOT_A_CERTIFICATE: "the root certificate beside it cannot be read",
}
_DER: Final = b"0"
"""What an authority's answer begins with: a SEQUENCE, whose tag is 0x30."""

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9]+")


def check_file(path: Path, key: bytes | None = None) -> Checked:
    """Checks a receipt, checkpoint or whole log, or a manifest or stamp with the files beside it.

    With a `key` (32 bytes), everything must be signed by that key. When it fails, `where` names the
    line, the part and the byte (from 0, in that line) as far as they can be told, or the listed
    file. Raises Unreadable(READ_FAILED, path) when the file itself cannot be read.
    """
    return _checked(path, lambda file: _check(file, path.parent, key))


def check_receipt(body: bytes, key: bytes | None = None) -> Checked:
    """Checks a receipt that is no file, with or without its place in the log; as `check_file`."""
    return _checked(Path(), lambda file: _check(file, Path(), key), io.BytesIO(body))


def check_log(
    path: Path,
    known: Iterable[bytes] = (),
    key: bytes | None = None,
    size: int = ALL,
    file: BinaryIO | None = None,
) -> Checked:
    """Checks a whole log, and that it still holds all that signed files say it once held.

    `known` are the contents of such files: checkpoints, receipts and list manifests. Only the first
    `size` bytes of the log are read: others may add to it meanwhile. A `file` is read in place of
    the one at `path`, which is then only its name. Raises as `check_file` does.
    """

    def check(file: BinaryIO) -> str:
        return _check_log(file, key, [read_known(body) for body in known], size)

    return _checked(path, check, file)


def check_consistency(log: Path, known: Iterable[Path], key: bytes | None = None) -> Checked:
    """Checks a whole log against files that were kept from it: `check_log` with their paths.

    Two checkpoints that a log fits are consistent with each other.
    """
    return check_log(log, [_read(path) for path in known], key)


def _checked(
    path: Path, check: Callable[[BinaryIO], str], opened: BinaryIO | None = None
) -> Checked:
    try:
        with opened or path.open("rb") as file:
            why = check(file)
    except OSError as error:
        raise Unreadable(Kind.READ_FAILED, path=str(path), reason=error.strerror) from error
    except Unreadable as fault:
        return Checked(path, False, _WHY[fault.kind], _where(fault))
    return Checked(path, True, why)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(2 * MAX_DOCUMENT)
    except OSError as error:
        raise Unreadable(Kind.READ_FAILED, path=str(path), reason=error.strerror) from error


def _check(file: BinaryIO, folder: Path, key: bytes | None) -> str:
    start = file.read(2 * MAX_DOCUMENT)
    if start.startswith(_DER):
        return _check_stamp(Path(file.name))
    first, end, rest = start.partition(b"\n")
    if first and not first.startswith(b"{") and end and b"\n\n" in start:
        return _check_checkpoint(start, key)
    if rest.startswith(PROOF):
        return _check_bundle(start, key)
    if rest:
        file.seek(0)
        return _check_log(file, key)
    if not end:
        raise unfit(Kind.NOT_A_RECEIPT, "end")
    sealed = unseal(first)
    if key not in {None, sealed.key}:
        raise unfit(Kind.KEY_UNKNOWN, "key")
    if sealed.form == LIST:
        count = _check_list(sealed, folder)
        return f"{count} files as listed, signed by {_name_keys({sealed.key}, key)}"
    entry_of(sealed)
    return f"signed by {_name_keys({sealed.key}, key)}"


def _check_stamp(path: Path) -> str:
    from artistguard.proof import timestamps  # noqa: PLC0415  # takes long to load

    try:
        note, stamp = timestamps.check_file(path)
    except OSError as error:
        raise unfit(Kind.NOT_A_RECEIPT, "checkpoint") from error
    size = parse_checkpoint(note).checkpoint.size
    moment = stamp.at.isoformat().replace("+00:00", "Z")
    whose = "" if stamp.trusted else "; no root certificate was there to check that by"
    return f"log of {size} entries was there at {moment}, says {stamp.authority}{whose}"


def _check_checkpoint(body: bytes, key: bytes | None) -> str:
    note = parse_checkpoint(body)
    signer = note.signer(set() if key is None else {key})
    return f"log of {note.checkpoint.size} entries, signed by {_name_keys({signer}, key)}"


def _check_bundle(body: bytes, key: bytes | None) -> str:
    bundle = parse_bundle(body)
    entry = read_entry(bundle.body)
    if key is not None and {key} != {entry.key, bundle.key}:
        raise unfit(Kind.KEY_UNKNOWN, "key")
    bundle.check()
    if entry.seq != bundle.index + 1:
        raise unfit(Kind.CHAIN_BROKEN, "inclusion")
    size = bundle.note.checkpoint.size
    return f"entry {entry.seq} of {size}, signed by {_name_keys({entry.key, bundle.key}, key)}"


def _check_log(
    file: BinaryIO, key: bytes | None, known: Iterable[Known] = (), size: int = ALL
) -> str:
    reading = Reading(list(known))
    for entry in reading.read(file, size):
        if key not in {None, entry.key}:
            raise Unreadable(Kind.KEY_UNKNOWN, line=entry.seq, part="key")
    names = _name_keys(reading.keys, key)
    return f"{reading.entries} entries linked without a gap, signed by {names}"


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
