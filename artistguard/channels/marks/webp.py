# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""WebP, animated ones too: a packet is a chunk of its own, which the first chunk has to announce.

RFC 9649 describes the container and both kinds of pictures in it. Content Credentials stand in a
chunk C2PA.
"""

from __future__ import annotations

import struct
from typing import IO, Final

from artistguard.channels.marks.parts import COUNT_LIMIT, Piece, Place, read_at, size_of
from artistguard.channels.marks.xmp import SIZE_LIMIT
from artistguard.errors import Kind, Unreadable

_HEAD: Final = 12
_HAS_XMP: Final = 0x04
_HAS_ALPHA: Final = 0x10
_Chunk = tuple[bytes, range]


def find(file: IO[bytes]) -> Place:
    """Where the packet of a WebP file stands, or is to stand: behind picture and EXIF.

    Raises Unreadable (TRUNCATED, DAMAGED_PICTURE, METADATA_UNREADABLE).
    """
    chunks, end = _chunks(file)
    ours = [span for name, span in chunks if name == b"XMP "]
    if len(ours) > 1:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="two packets")
    canvas = _canvas(file, chunks)
    tail = range(end, size_of(file))

    def put(packet: bytes) -> list[Piece]:
        chunk = b"XMP " + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) % 2)
        behind = _behind_exif(chunks)
        pieces: list[Piece] = [_extended(canvas)]
        for name, span in chunks:
            if name not in (b"VP8X", b"XMP "):
                pieces += [span, b"\0" * (len(span) % 2)]
            if span.stop == behind:
                pieces.append(chunk)
        size = 4 + sum(map(len, pieces))
        return [b"RIFF" + struct.pack("<I", size) + b"WEBP", *pieces, tail]

    is_signed = any(name == b"C2PA" for name, _ in chunks)
    rest = [span for name, span in chunks if name not in (b"VP8X", b"C2PA")]
    packet = _packet(file, ours[0]) if ours else None
    return Place(packet, put, lambda _: [_extended(canvas), *rest, tail], is_signed)


def _chunks(file: IO[bytes]) -> tuple[list[_Chunk], int]:
    """Every chunk with its name, and where it stands with head and padding; where the last ends."""
    head = read_at(file, 0, _HEAD)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise Unreadable(Kind.DAMAGED_PICTURE)
    end = 8 + int.from_bytes(head[4:8], "little")
    size = size_of(file)
    if end > size:
        raise Unreadable(Kind.TRUNCATED)
    place = _HEAD
    found: list[_Chunk] = []
    while place < end:
        name, length = struct.unpack("<4sI", read_at(file, place, 8))
        stop = place + 8 + length
        if stop > end or len(found) >= COUNT_LIMIT:
            raise Unreadable(Kind.DAMAGED_PICTURE)
        stop += length % 2 if stop < end else 0  # the last padding is sometimes forgotten
        found.append((name, range(place, stop)))
        place = stop
    if not found:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    return found, end


def _canvas(file: IO[bytes], chunks: list[_Chunk]) -> bytes:
    """What the first chunk of an extended file holds: flags, then width and height less one."""
    name, span = chunks[0]
    if name == b"VP8X" and len(span) >= 18:
        return read_at(file, span.start + 8, 10)
    start = read_at(file, span.start + 8, min(10, len(span) - 8)).ljust(10, b"\0")
    if name == b"VP8 " and start[3:6] == b"\x9d\x01\x2a":
        flags = 0
        width, height = (int.from_bytes(start[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    elif name == b"VP8L" and start[0] == 0x2F:
        bits = int.from_bytes(start[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _HAS_ALPHA if bits >> 28 & 1 else 0
    else:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    if not width or not height:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    edges = ((edge - 1).to_bytes(3, "little") for edge in (width, height))
    return bytes([flags, 0, 0, 0]) + b"".join(edges)


def _extended(canvas: bytes) -> bytes:
    """The first chunk of an extended file that has a packet."""
    body = bytes([canvas[0] | _HAS_XMP]) + canvas[1:]
    return b"VP8X" + struct.pack("<I", len(body)) + body


def _behind_exif(chunks: list[_Chunk]) -> int:
    """Where the packet goes: behind all chunks that have to come before it."""
    first = (b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L", b"EXIF")
    return max(span.stop for name, span in chunks if name in first)


def _packet(file: IO[bytes], span: range) -> bytes:
    if len(span) > SIZE_LIMIT:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="size")
    head = read_at(file, span.start, 8)
    return read_at(file, span.start + 8, int.from_bytes(head[4:], "little"))
