# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One copy from picture to draft, in a process of its own, and from draft to its real name."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import uuid4

from artistguard import writing
from artistguard.channels.marks import Notice, Signer, mark
from artistguard.errors import Kind, Problem, Stopped, Unreadable
from artistguard.folder import from_text, to_text

NEEDS: Final = ("artistguard.channels.marks", "artistguard.pictures.sources")
"""What a worker loads before its limits are set; credentials take the next, too."""

NEEDS_TO_SIGN: Final = (*NEEDS, "artistguard.channels.marks.credentials")

_BLOCK = 1 << 20
_MARK_OF_DRAFTS: Final = ".artistguard-draft-"

STALE_SECONDS: Final = 86_400.0
"""A draft that is older was left by a run that was killed: no picture takes a day."""


@dataclass(frozen=True, slots=True)
class Job:
    """One copy to be made: `path` is the picture, `source` what is read for it.

    `draft` is its name until it is whole. It may take the place of a file only if that is `ours`;
    `beside` is a file with credentials of which the same holds. `keep` is where the original goes.
    """

    path: str
    source: str
    out: str
    draft: str
    ours: bool = False
    beside: str | None = None
    keep: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a worker made: sizes in bytes, times in nanoseconds since 1970, SHA-256 of the bytes."""

    source_size: int
    source_mtime_ns: int
    source_sha256: bytes
    size: int
    mtime_ns: int
    sha256: bytes
    means: tuple[str, ...]
    creator: str
    manifest: bytes | None


def new_job(
    path: str,
    out: Path,
    *,
    source: str | None = None,
    ours: bool = False,
    beside: str | None = None,
    keep: Path | None = None,
) -> Job:
    """A job for the picture at `path`, with a draft of its own."""
    return Job(
        path,
        source or path,
        to_text(str(out)),
        to_text(str(out.with_name(f"{_MARK_OF_DRAFTS}{uuid4().hex}"))),
        ours,
        beside,
        to_text(str(keep)) if keep else None,
    )


def clear_stale(place_: Path, now: float) -> None:
    """Take away what a run that was killed has left in a folder; drafts of another run stay."""
    with suppress(OSError):
        for draft in place_.glob(f"{_MARK_OF_DRAFTS}*"):
            if now - draft.stat().st_ctime > STALE_SECONDS:
                draft.unlink()


def draw_up(job: Job, notice: Notice, signer: Signer | None, *, beside: bool) -> Draft:
    """Write the marked copy under its draft's name; dates and permissions are the picture's.

    Raises Unreadable for a picture that cannot be marked or changes meanwhile, and Stopped.
    """
    from artistguard.pictures.sources import opened

    source, draft = Path(from_text(job.source)), Path(from_text(job.draft))
    with opened(source) as file:
        info = os.fstat(file.fileno())
        sha256 = _digest(file)
        _make_folder(draft.parent)
        with writing.drafting(draft) as copy:
            marked = mark(file, copy, notice, signer, beside=beside, scratch=draft.parent)
            copied = _digest(copy)
        after = os.fstat(file.fileno())
    if (info.st_size, info.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        draft.unlink()
        raise Unreadable(Kind.READ_FAILED, path=source)
    with suppress(OSError):  # some file systems know no such
        shutil.copystat(source, draft)
    written = draft.stat()
    return Draft(
        *(info.st_size, info.st_mtime_ns, sha256),
        *(written.st_size, written.st_mtime_ns, copied),
        *(tuple(marked.means), marked.creator, marked.manifest),
    )


def name_beside(job: Job, taken: Collection[Path]) -> Path:
    """Where credentials go, if beside: by the name that others look for, if it is free."""
    out = Path(from_text(job.out))
    usual = out.with_suffix(".c2pa")
    others = usual in taken or (os.path.lexists(usual) and job.beside != to_text(str(usual)))
    return out.with_name(f"{out.name}.c2pa") if others else usual


def place(job: Job, draft: Draft, beside: Path | None) -> None:
    """Give a copy its name, last of all; the original and the credentials have theirs by then.

    Raises Problem (OUTPUT_TAKEN), with nothing changed, and Stopped.
    """
    out = Path(from_text(job.out))
    if beside is not None:
        body = writing.draft_beside(beside)
        with writing.drafting(body) as file:
            file.write(draft.manifest or b"")
        writing.place(body, beside, over=job.beside == to_text(str(beside)))
    try:
        if job.keep:
            _keep(out, Path(from_text(job.keep)))
        writing.place(Path(from_text(job.draft)), out, over=job.ours)
    except Problem:
        if beside is not None and job.beside is None:
            beside.unlink()
        raise


def sha256_of(path: Path) -> bytes:
    """The SHA-256 of a file's bytes. Raises Unreadable (READ_FAILED)."""
    try:
        with path.open("rb") as file:
            return _digest(file)
    except OSError as error:
        raise Unreadable(Kind.READ_FAILED, path=path) from error


def _keep(out: Path, kept: Path) -> None:
    """Give the original a second name, or, where a file has but one, a copy of itself."""
    if os.path.lexists(kept):
        return  # an earlier run got as far as this: what lies there was compared
    try:
        kept.hardlink_to(out)
    except OSError:
        spare = writing.draft_beside(kept)
        with out.open("rb") as file, writing.drafting(spare) as copy:
            shutil.copyfileobj(file, copy, _BLOCK)
        shutil.copystat(out, spare)
        writing.place(spare, kept, over=False)
    writing.flush_folder(kept.parent)


def _digest(file: IO[bytes]) -> bytes:
    sha256 = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        sha256.update(block)
    return sha256.digest()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=path, reason=error.strerror) from error
