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

from artistguard.errors import Kind, Stopped

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
    beside = path.with_name(f".{uuid4().hex}.part")
    try:
        with open(beside, "xb", opener=partial(os.open, mode=mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        kind = Kind.DISK_FULL if error.errno in _FULL else Kind.DATA_NOT_WRITABLE
        raise Stopped(kind, path=path, reason=error.strerror) from error
    finally:
        with suppress(OSError):
            beside.unlink()


def flush_folder(folder: Path) -> None:
    """Make the new name itself last; Windows has no descriptor of a folder and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
