# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How a data set's picture looks; this is what runs inside the sandboxed processes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from artistguard import pictures
from artistguard.errors import Kind, Unreadable
from artistguard.fingerprints import hashing
from artistguard.models import Fingerprint

SIZE_LIMIT = 256 << 20
"""Most bytes of one picture that is read into memory."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Where the bytes of one picture are: in `body`, or `size` bytes from `offset` on in a file."""

    number: int
    path: str = ""
    offset: int = 0
    size: int | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What is kept of a picture: its file hashes, its size in pixels, and how it looks."""

    sha256: bytes
    md5: bytes
    width: int
    height: int
    fingerprints: tuple[Fingerprint, ...]


def look(picture: Picture) -> Look:
    """Hash a picture's bytes, decode it and fingerprint it as a data set's.

    Raises Unreadable with what is wrong.
    """
    if picture.body is None and picture.size is None:
        path = Path(picture.path)
        sha256, md5 = pictures.digest(path)
        seen = pictures.read(path)
    else:
        body = _bytes(picture)
        sha256 = hashlib.sha256(body).digest()
        md5 = hashlib.md5(body, usedforsecurity=False).digest()
        seen = pictures.read_open(_file(body))
    return Look(sha256, md5, seen.width, seen.height, hashing.index(seen.image))


def _bytes(picture: Picture) -> bytes:
    size = len(picture.body) if picture.body is not None else picture.size
    assert size is not None
    if size > SIZE_LIMIT:
        raise Unreadable(Kind.FILE_TOO_LARGE, size=size, limit=SIZE_LIMIT)
    if picture.body is not None:
        return picture.body
    with Path(picture.path).open("rb") as file:
        file.seek(picture.offset)
        return file.read(size)


def _file(body: bytes) -> IO[bytes]:
    if not body:
        raise Unreadable(Kind.EMPTY_FILE)
    return io.BytesIO(body)
