# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Finds the finished picture that painting programs keep inside their own files.

Nothing is unpacked to disk and no size that a file declares is believed.
"""

from __future__ import annotations

import contextlib
import io
import sqlite3
import zipfile
from typing import IO

from artistguard.errors import Kind, Unreadable
from artistguard.pictures.faults import told

# A 16-bit PNG of 60 megapixels fits; so does the database of any CLIP STUDIO file seen.
MEMBER_LIMIT = 256 << 20

# A zip's table of contents: some 300,000 members. Procreate has one for each tile of each layer.
_TABLE_LIMIT = 32 << 20

_PIECE = 1 << 20
_CHUNK_LIMIT = 100_000

# Which member holds the picture, best first, for each `mimetype` member.
# Krita and OpenRaster: https://www.openraster.org/baseline/file-layout-spec.html
_BY_TYPE: dict[bytes, tuple[str, tuple[str, ...]]] = {
    b"application/x-krita": ("KRA", ("mergedimage.png", "preview.png")),
    b"application/x-kra": ("KRA", ("mergedimage.png", "preview.png")),
    b"image/openraster": ("ORA", ("mergedimage.png", "Thumbnails/thumbnail.png")),
}
_PROCREATE = ("PROCREATE", ("QuickLook/Thumbnail.png",))


def open_zip(file: IO[bytes]) -> tuple[str, IO[bytes]]:
    """Return which program's zip file this is (KRA, ORA, PROCREATE) and the picture inside it.

    Raises:
        Unreadable: NOT_A_PICTURE for any other zip file, NO_PREVIEW where no picture was saved,
            MEMBER_TOO_LARGE, TRUNCATED or DAMAGED_PICTURE for zip files that are not sound.
    """
    with zipfile.ZipFile(_Wary(file)) as archive:
        name, members = _program(archive)
        known = archive.NameToInfo
        member = next((known[m] for m in members if m in known), None)
        if member is None:
            raise Unreadable(Kind.NO_PREVIEW, format=name)
        with told(format=name):
            return name, io.BytesIO(_read_member(archive, member, MEMBER_LIMIT))


def _program(archive: zipfile.ZipFile) -> tuple[str, tuple[str, ...]]:
    known = archive.NameToInfo
    if "mimetype" in known:
        mimetype = _read_member(archive, known["mimetype"], 256).strip()
        if mimetype in _BY_TYPE:
            return _BY_TYPE[mimetype]
    if "Document.archive" in known:
        return _PROCREATE
    raise Unreadable(Kind.NOT_A_PICTURE)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """Return a member's bytes, at most `limit`, whatever its header says."""
    if member.file_size > limit:
        raise Unreadable(Kind.MEMBER_TOO_LARGE, size=member.file_size, limit=limit)
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        # Only deflate is taken apart in measured pieces; no painting program writes another.
        raise Unreadable(Kind.UNSUPPORTED_PICTURE, format="zip")
    pieces: list[bytes] = []
    with archive.open(member) as content:
        # It ends at the size in the header, and a checksum that is not this content's is an error.
        while piece := content.read(_PIECE):
            pieces.append(piece)
    return b"".join(pieces)


class _Wary(io.BufferedIOBase):
    """A file for zipfile that gives no more than `_TABLE_LIMIT` bytes at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            size = _TABLE_LIMIT
        if size > _TABLE_LIMIT:
            raise Unreadable(Kind.MEMBER_TOO_LARGE, size=size, limit=_TABLE_LIMIT)
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def open_clip(file: IO[bytes]) -> tuple[str, IO[bytes]]:
    """Return "CLIP" and the preview (a PNG) of a CLIP STUDIO file.

    The file is a 24-byte head and then chunks: an 8-byte name, an 8-byte big-endian length, and
    that many bytes. One of them is an SQLite database with the preview in it.

    Raises:
        Unreadable: NO_PREVIEW, MEMBER_TOO_LARGE, TRUNCATED or DAMAGED_PICTURE.
    """
    end = file.seek(0, io.SEEK_END)
    place = 24
    for _ in range(_CHUNK_LIMIT):
        file.seek(place)
        head = file.read(16)
        size = int.from_bytes(head[8:], "big")
        place += 16 + size
        if place > end:
            raise EOFError
        if head[:8] == b"CHNKSQLi":
            if size > MEMBER_LIMIT:
                raise Unreadable(Kind.MEMBER_TOO_LARGE, size=size, limit=MEMBER_LIMIT)
            return "CLIP", io.BytesIO(_preview(file.read(size)))
    raise Unreadable(Kind.NO_PREVIEW, format="CLIP")


def _preview(database: bytes) -> bytes:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(database)
        # The schema is the stranger's too: one table may be read, no view may reach further, and
        # no expression in it may grow without bounds.
        connection.set_authorizer(_only_previews)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MEMBER_LIMIT)
        try:
            row = connection.execute("SELECT ImageData FROM CanvasPreview LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            row = None  # no such table or column, or no plain one
    if row is None or not isinstance(row[0], bytes):
        raise Unreadable(Kind.NO_PREVIEW, format="CLIP")
    return row[0]


def _only_previews(action: int, name: str | None, *_: str | None) -> int:
    if action == sqlite3.SQLITE_SELECT or (
        action == sqlite3.SQLITE_READ and name == "CanvasPreview"
    ):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
