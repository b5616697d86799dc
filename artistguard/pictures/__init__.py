# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Turns a picture file into decoded pixels, safely; the one door by which pictures come in."""

from artistguard.pictures.decode import Picture, read, read_open
from artistguard.pictures.small import PREVIEW, enlarged, preview, thumbnail
from artistguard.pictures.sources import digest

__all__ = ["PREVIEW", "Picture", "digest", "enlarged", "preview", "read", "read_open", "thumbnail"]
