# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Files are written whole or not at all, whatever happens on the way."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from artistguard.errors import Kind, Problem, Stopped

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

EVERYONE = 0o666
OWNER_ONLY = 0o600


def write(path: Path, body: bytes, *, mode: int = EVERYONE) -> None:
    """Put `body` at `path` in one step; see `replacing`."""
    with replacing(path, mode=mode) as file:
        file.write(body)


@contextmanager
def replacing(path: Path, *, mode: int = EVERYONE) -> Iterator[BinaryIO]:
    """Lend a file that takes the place of `path` once the block ends well, and never otherwise.

    It is written beside `path`, flushed to the disk and moved over it, so a reader or a power cut
    meets the old file or the new one. `mode` holds the new file's permissions, less the umask.

    Raises:
        Stopped: The disk is full, or the folder cannot be written to; `path` is as it was.
    """
    with _told(path):
        with _draft(draft_beside(path), mode) as file:
            yield file
        place(Path(file.name), path, over=True)


def draft_beside(path: Path) -> Path:
    """A name that nobody looks for and no other file has, in the folder of `path`."""
    return path.with_name(f".{uuid4().hex}.part")


@contextmanager
def drafting(draft: Path) -> Iterator[BinaryIO]:
    """Lend a new file that stays once the block ends well; `place` gives it its real name.

    It can be read, too, and is flushed to the disk. Raises Stopped as `replacing` does.
    """
    with _told(draft), _draft(draft, EVERYONE) as file:
        yield file


def place(draft: Path, path: Path, *, over: bool) -> None:
    """Give a draft its name, in the same folder; unless `over`, never that of another file.

    Raises Problem (OUTPUT_TAKEN) where there is one, and Stopped; the draft is gone in any case.
    """
    with _told(path):
        try:
            if over:
                draft.replace(path)
            else:
                _link(draft, path)
            flush_folder(path.parent)
        except FileExistsError as error:
            raise Problem(Kind.OUTPUT_TAKEN, path=path) from error
        finally:
            with suppress(OSError):
                draft.unlink()


def _link(draft: Path, path: Path) -> None:
    """Name a file in one step that fails if there is another; some file systems have no such."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError from None
        draft.rename(path)


@contextmanager
def _draft(draft: Path, mode: int) -> Iterator[BinaryIO]:
    try:
        with open(draft, "x+b", opener=partial(os.open, mode=mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The system's errors in our words."""
    try:
        yield
    except OSError as error:
        kind = Kind.DISK_FULL if error.errno in _FULL else Kind.DATA_NOT_WRITABLE
        raise Stopped(kind, path=path, reason=error.strerror) from error


def flush_folder(folder: Path) -> None:
    """Make the new name itself last; Windows has no descriptor of a folder and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
