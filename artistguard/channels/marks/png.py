# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""PNG, animated ones too: a packet is an iTXt chunk before the picture's data.

https://www.w3.org/TR/png-3/; the chunk's keyword is in part 3 of Adobe's XMP specification.
Content Credentials stand in a chunk caBX.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, Final

from artistguard.channels.marks.parts import COUNT_LIMIT, Piece, Place, read_at, size_of
from artistguard.channels.marks.xmp import SIZE_LIMIT
from artistguard.errors import Kind, Unreadable

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CREDENTIALS: Final = b"caBX"
_KEYWORD: Final = b"XML:com.adobe.xmp\0"


def find(file: IO[bytes]) -> Place:
    """Where the packet of a PNG stands, or is to stand: right before the picture's data.

    Raises Unreadable (TRUNCATED, DAMAGED_PICTURE, METADATA_UNREADABLE).
    """
    chunks = _chunks(file)
    names = [name for name, _ in chunks]
    if names[0] != b"IHDR" or b"IDAT" not in names:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    texts = [span for name, span in chunks if name == b"iTXt"]
    ours = [span for span in texts if _is_packet(file, span)]
    if len(ours) > 1:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="two packets")
    before = chunks[names.index(b"IDAT")][1].start
    tail = range(chunks[-1][1].stop, size_of(file))
    rest = [span for name, span in chunks if name != _CREDENTIALS]

    def put(packet: bytes) -> list[Piece]:
        body = b"iTXt" + _KEYWORD + b"\0\0\0\0" + packet  # plain, in no language
        chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        kept: list[Piece] = []
        for _, span in chunks:
            if span.start == before:
                kept.append(chunk)
            if span not in ours:
                kept.append(span)
        return [range(8), *kept, tail]

    packet = _packet(file, ours[0]) if ours else None
    return Place(packet, put, lambda _: [range(8), *rest, tail], _CREDENTIALS in names)


def _chunks(file: IO[bytes]) -> list[tuple[bytes, range]]:
    """Every chunk up to the last, and where it stands, its length and checksum included."""
    if read_at(file, 0, 8) != _SIGNATURE:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    size = size_of(file)
    place = 8
    found: list[tuple[bytes, range]] = []
    while len(found) < COUNT_LIMIT:
        head = read_at(file, place, 8)
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        span = range(place, place + 12 + length)
        if span.stop > size:
            raise Unreadable(Kind.TRUNCATED)
        if not name.isalpha():
            raise Unreadable(Kind.DAMAGED_PICTURE)
        found.append((name, span))
        if name == b"IEND":
            return found
        place = span.stop
    raise Unreadable(Kind.DAMAGED_PICTURE)


def _is_packet(file: IO[bytes], span: range) -> bool:
    length = min(len(_KEYWORD), len(span) - 12)
    return read_at(file, span.start + 8, length) == _KEYWORD


def _packet(file: IO[bytes], span: range) -> bytes:
    """The text of an iTXt chunk: compressed or not, behind two names that XMP leaves empty."""
    if len(span) > SIZE_LIMIT:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="size")
    body = read_at(file, span.start + 8, len(span) - 12)[len(_KEYWORD) :]
    names = body[2:].split(b"\0", 2)
    if len(names) != 3 or body[0] > 1:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="iTXt")
    if body[0] == 0:
        return names[2]
    unpacker = zlib.decompressobj()
    try:
        packet = unpacker.decompress(names[2], SIZE_LIMIT)
    except zlib.error as error:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="iTXt") from error
    if not unpacker.eof:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="size")
    return packet
