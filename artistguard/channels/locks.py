# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The lock of a registry, so that one process at a time writes to it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from artistguard import locks
from artistguard.errors import Kind


def held(path: Path, patience: float) -> AbstractContextManager[None]:
    """`locks.held`; raises Stopped (REGISTRY_BUSY)."""
    return locks.held(path, patience, Kind.REGISTRY_BUSY)
