# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""AVIF and HEIC: boxes, into which the library for Content Credentials puts one of its own.

ISO/IEC 14496-12, section 4.2. We put no packet into them: that would move what other boxes point
to.
"""

from __future__ import annotations

from typing import IO, Final

from artistguard.channels.marks.parts import COUNT_LIMIT, Piece, Place, read_at, size_of
from artistguard.errors import Kind, Unreadable

_CREDENTIALS: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
# Boxes that say where in the file something is; the library reckons anew when it moves that.
_POINTING: Final = (b"meta", b"moov", b"sidx", b"mfra")


def find(file: IO[bytes]) -> Place:
    """Whether there are credentials in an AVIF or HEIC file, and what they may not touch.

    Raises Unreadable (TRUNCATED, DAMAGED_PICTURE).
    """
    boxes = _boxes(file)
    signed = {span for name, span in boxes if name == b"uuid" and _is_signed(file, span)}
    if boxes[0][0] != b"ftyp" or not any(name == b"meta" for name, _ in boxes):
        raise Unreadable(Kind.DAMAGED_PICTURE)
    rest: list[Piece] = [
        span for name, span in boxes if name not in _POINTING and span not in signed
    ]
    return Place(None, None, lambda _: rest, bool(signed))


def _boxes(file: IO[bytes]) -> list[tuple[bytes, range]]:
    """Every outermost box: its name and where it stands."""
    size = size_of(file)
    place = 0
    found: list[tuple[bytes, range]] = []
    while place < size and len(found) < COUNT_LIMIT:
        head = read_at(file, place, 8)
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        least = 8
        if length == 1:
            length, least = int.from_bytes(read_at(file, place + 8, 8), "big"), 16
        elif length == 0:
            length = size - place
        if length < least:
            raise Unreadable(Kind.DAMAGED_PICTURE)
        if place + length > size:
            raise Unreadable(Kind.TRUNCATED)
        found.append((name, range(place, place + length)))
        place += length
    return found


def _is_signed(file: IO[bytes], span: range) -> bool:
    return len(span) >= 24 and read_at(file, span.start + 8, 16) == _CREDENTIALS
