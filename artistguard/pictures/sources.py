# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opens files that are plain files and nothing else, and digests their bytes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from artistguard.errors import Kind, Unreadable
from artistguard.pictures.faults import told

# Photoshop ends its own files at 2 GiB; layered Procreate and CLIP STUDIO files may be larger.
FILE_LIMIT = 4 << 30
_CHUNK = 1 << 20


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Give `path` opened for reading, if it is a plain file of 1 byte to `FILE_LIMIT`.

    Pipes, sockets, devices and folders are refused without blocking: the open does not wait, and
    what was opened is asked what it is, so that nothing can change in between.

    Raises:
        Unreadable: with the kind that says why the file was not to be had.
    """
    with told():
        handle = os.open(path, os.O_RDONLY | _NEVER_WAIT)
        with open(handle, "rb") as file:  # noqa: PTH123  # a handle, not a path
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable(Kind.NOT_A_PICTURE)
            if status.st_size == 0:
                raise Unreadable(Kind.EMPTY_FILE)
            if status.st_size > FILE_LIMIT:
                raise Unreadable(Kind.FILE_TOO_LARGE, size=status.st_size, limit=FILE_LIMIT)
            yield file


def digest(path: Path) -> tuple[bytes, bytes]:
    """Return the SHA-256 (32 bytes) and the MD5 (16 bytes) of the file's bytes, read once.

    MD5 names files in published data sets; it protects nothing here.

    Raises:
        Unreadable: as `read` does for a file that cannot be opened or read.
    """
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with opened(path) as file:
        while chunk := file.read(_CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
    return sha256.digest(), md5.digest()


def _flags(*names: str) -> int:
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)  # each system has its own of these
    return flags


_NEVER_WAIT = _flags("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
