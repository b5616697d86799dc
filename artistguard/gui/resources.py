# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where fonts, icons and the sample portfolio lie, installed or in a checkout."""

from __future__ import annotations

from pathlib import Path

_HOUSE = Path(__file__).parent.parent


def find(name: str) -> Path:
    """A file or folder of `resources/`, whether it was installed with the package or not."""
    installed = _HOUSE / "resources" / name
    return installed if installed.exists() else _HOUSE.parent / "resources" / name
