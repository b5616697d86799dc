# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Portfolio folders: what changed since the last look, and hints that looking is worth while."""

from __future__ import annotations

from artistguard.folder.scanning import (
    Change,
    Gone,
    Known,
    changes,
    from_text,
    normal,
    to_text,
)
from artistguard.folder.suffixes import PICTURES
from artistguard.folder.watching import Hints, Watch, watch

__all__ = [
    "PICTURES",
    "Change",
    "Gone",
    "Hints",
    "Known",
    "Watch",
    "changes",
    "from_text",
    "normal",
    "to_text",
    "watch",
]
