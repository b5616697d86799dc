# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which files of a folder are worth opening; what they hold is then told from their content."""

from __future__ import annotations

PICTURES: frozenset[str] = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff"),
        *(".bmp", ".dib", ".avif", ".avifs", ".heic", ".heif", ".hif"),
        *(".psd", ".psb", ".kra", ".ora", ".procreate", ".clip"),
    )
)
