# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One picture file becomes one `Reading`; this is what runs inside the sandboxed processes."""

from __future__ import annotations

from pathlib import Path

from artistguard import fingerprints, pictures
from artistguard.folder import from_text
from artistguard.models import Reading

ALGORITHMS = (fingerprints.DCT256, fingerprints.PHASH64)
"""What every reading has a fingerprint by."""


def read(path: str) -> Reading:
    """Hash a file's bytes, decode its picture and fingerprint it.

    `path` is in the spelling of `folder.to_text`. Raises Unreadable with what is wrong.
    """
    file = Path(from_text(path))
    sha256, md5 = pictures.digest(file)
    picture = pictures.read(file)
    return Reading(
        sha256=sha256,
        md5=md5,
        width=picture.width,
        height=picture.height,
        format=picture.format,
        fingerprints=fingerprints.fingerprint(picture.image, picture.width, picture.height),
    )
