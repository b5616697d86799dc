# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A lock between processes (and threads) that ends with its holder, however that ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
def held(path: Path, patience: float) -> Iterator[None]:
    """Holds the lock of the file at `path`, which is made when missing and always stays empty.

    The system drops the lock when the process ends, so there are no stale ones. Raises
    Stopped(REGISTRY_BUSY, path) when another holds it for `patience` seconds.
    """
    deadline = time.monotonic() + patience
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        while True:
            try:
                _try_lock(descriptor)
                break
            except (BlockingIOError, PermissionError) as error:  # another holds it
                if time.monotonic() > deadline:
                    raise Stopped(Kind.REGISTRY_BUSY, path=str(path)) from error
                time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)
