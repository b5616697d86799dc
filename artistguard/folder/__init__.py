# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Portfolio folders: what changed since the last look.

Hints that looking is worth while are in `watching`, for whoever keeps watch.
"""

from __future__ import annotations

from artistguard.folder.scanning import (
    Change,
    Gone,
    Known,
    changes,
    from_text,
    is_in_the_cloud,
    normal,
    to_text,
)
from artistguard.folder.suffixes import PICTURES

__all__ = [
    "PICTURES",
    "Change",
    "Gone",
    "Known",
    "changes",
    "from_text",
    "is_in_the_cloud",
    "normal",
    "to_text",
]
