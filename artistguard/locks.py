# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A lock between processes (and threads) that ends with its holder, however that ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from artistguard.errors import Kind, Stopped

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_PAUSE = 0.01
"""Seconds between two tries; neither system offers to wait for a bounded time."""


@contextmanager
def held(path: Path, patience: float, busy: Kind, *, tidy: bool = False) -> Iterator[None]:
    """Holds the lock of the file at `path`, which is made when missing and always stays empty.

    The system drops the lock when the process ends, so there are no stale ones. `tidy` takes the
    file away at the end; all who share a lock must be of one mind about that. Raises Stopped
    (`busy`, path) when another holds it for `patience` seconds, and OSError when there can be no
    such file.
    """
    deadline = time.monotonic() + patience
    while (descriptor := _tried(path)) is None:
        if time.monotonic() > deadline:
            raise Stopped(busy, path=str(path))
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        if tidy:  # Windows cannot while it is open, nor, which is as well, while another has it
            with suppress(OSError):
                path.unlink()
        os.close(descriptor)
        if tidy and sys.platform == "win32":
            with suppress(OSError):
                path.unlink()


def _tried(path: Path) -> int | None:
    """A descriptor that holds the lock, or None when another does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    with suppress(BlockingIOError, PermissionError, FileNotFoundError):
        _try_lock(descriptor)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor  # and not that of a file which its holder has just taken away
    os.close(descriptor)
    return None
