# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures for the artist's own screen, made where pictures are decoded and trusted afterwards."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image

from artistguard.pictures.decode import Picture, read

THUMBNAIL: Final = 256
"""Longest edge in pixels: sharp on a screen of twice the density at the smallest tile."""

PREVIEW: Final = 1_500_000
"""Pixels at least, where there are so many: enough to fill a screen."""

_LARGEST: Final = 2_560  # longest edge in pixels


def thumbnail(picture: Picture) -> bytes:
    """A decoded picture as a JPEG of at most `THUMBNAIL` pixels on its longest edge."""
    return _jpeg(picture.image, THUMBNAIL, quality=80)


def preview(path: Path) -> bytes:
    """The picture in a file as a JPEG to be looked at closely. Raises Unreadable."""
    return enlarged(read(path, PREVIEW))


def enlarged(picture: Picture) -> bytes:
    """A decoded picture of about `PREVIEW` pixels as a JPEG to be looked at closely."""
    return _jpeg(picture.image, _LARGEST, quality=90)


def _jpeg(image: Image.Image, edge: int, quality: int) -> bytes:
    scale = min(1.0, edge / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = image.resize((width, height), Image.Resampling.BOX if scale < 1 else None)
    into = io.BytesIO()
    small.save(into, "JPEG", quality=quality)
    return into.getvalue()
