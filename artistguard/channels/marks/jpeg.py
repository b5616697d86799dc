# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""JPEG: a packet is an APP1 segment among those before the picture.

Segments are in ITU-T T.81, annex B; XMP's in part 3 of Adobe's specification; those of several
pictures in one file (MPF) in CIPA DC-007; Content Credentials stand in APP11 as JUMBF boxes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Final

from artistguard.channels.marks import xmp
from artistguard.channels.marks.parts import COUNT_LIMIT, Piece, Place, read_at, size_of
from artistguard.errors import Kind, Unreadable

_STANDARD: Final = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED: Final = b"http://ns.adobe.com/xmp/extension/\0"
_EXTENDED_HEAD: Final = len(_EXTENDED) + 32 + 4 + 4  # GUID, whole length, offset
_FILL_LIMIT: Final = 65_536
_MPF: Final = b"MPF\0"
_PACKET_LIMIT: Final = 65_533 - len(_STANDARD)
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP11 = 0xE0, 0xE1, 0xE2, 0xEB


@dataclass(frozen=True, slots=True)
class _Segment:
    """One segment before the first scan: its marker, and where it stands, marker included."""

    marker: int
    span: range
    head: bytes

    def begins(self, marker: int, head: bytes) -> bool:
        return self.marker == marker and self.head.startswith(head)

    @property
    def has_credentials(self) -> bool:
        return self.begins(_APP11, b"JP") and b"jumb" in self.head


def find(file: IO[bytes]) -> Place:
    """Where the packet of a JPEG stands, or is to stand: behind JFIF and EXIF.

    Raises Unreadable (TRUNCATED, DAMAGED_PICTURE, METADATA_UNREADABLE).
    """
    size = size_of(file)
    segments, scan = _segments(file)
    _check_end(file, scan, size)
    ours = [one for one in segments if one.begins(_APP1, _STANDARD)]
    if len(ours) > 1:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="two packets")
    _check_extension(file, segments)
    packet = None
    if ours:
        skip = 4 + len(_STANDARD)
        packet = read_at(file, ours[0].span.start + skip, len(ours[0].span) - skip)

    def put(wanted: bytes) -> list[Piece]:
        if len(wanted) > _PACKET_LIMIT:
            raise Unreadable(Kind.METADATA_UNREADABLE, reason="size")
        body = _STANDARD + wanted
        segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
        old = ours[0].span if ours else range(at := _behind_exif(segments), at)
        return _spliced(file, segments, old, segment, size)

    rest = [one.span for one in segments if not one.has_credentials]
    pieces: list[Piece] = [range(2), *rest, range(scan, size)]
    return Place(packet, put, lambda _: pieces, len(rest) < len(segments))


def _segments(file: IO[bytes]) -> tuple[list[_Segment], int]:
    """The segments before the first scan, and where that begins."""
    if read_at(file, 0, 2) != b"\xff\xd8":
        raise Unreadable(Kind.DAMAGED_PICTURE)
    place = 2
    found: list[_Segment] = []
    while len(found) < COUNT_LIMIT:
        start = place
        byte, marker = read_at(file, place, 2)
        while byte == marker == 0xFF:  # a marker may be preceded by any number of these
            place += 1
            if place - start > _FILL_LIMIT:
                raise Unreadable(Kind.DAMAGED_PICTURE)
            byte, marker = read_at(file, place, 2)
        if byte != 0xFF or marker in (0x00, 0x01, _START, _END) or 0xD0 <= marker <= 0xD7:
            raise Unreadable(Kind.DAMAGED_PICTURE)
        if marker == _SCAN:
            return found, start
        length = int.from_bytes(read_at(file, place + 2, 2), "big")
        if length < 2:
            raise Unreadable(Kind.DAMAGED_PICTURE)
        body = read_at(file, place + 4, length - 2)
        place += 2 + length
        found.append(_Segment(marker, range(start, place), body[:128]))
    raise Unreadable(Kind.DAMAGED_PICTURE)


def _check_end(file: IO[bytes], scan: int, size: int) -> None:
    """Whether the picture ends: at the end of the file, before what others appended, or never."""
    block = 1 << 16
    for stop in range(size, scan, -block):
        start = max(scan, stop - block)
        if b"\xff\xd9" in read_at(file, start, min(size, stop + 1) - start):
            return
    raise Unreadable(Kind.TRUNCATED)


def _check_extension(file: IO[bytes], segments: Sequence[_Segment]) -> None:
    """See that what did not fit into the packet, and stays as it is, does not gainsay the rest."""
    extended = [one for one in segments if one.begins(_APP1, _EXTENDED)]
    if sum(len(one.span) for one in extended) > xmp.SIZE_LIMIT:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="size")
    pieces: dict[bytes, dict[int, bytes]] = {}
    for one in extended:
        body = read_at(file, one.span.start, len(one.span))
        body = body[body.index(_EXTENDED) :]
        if len(body) < _EXTENDED_HEAD:
            raise Unreadable(Kind.METADATA_UNREADABLE, reason="extension")
        guid = body[len(_EXTENDED) : len(_EXTENDED) + 32]
        offset = int.from_bytes(body[_EXTENDED_HEAD - 4 : _EXTENDED_HEAD], "big")
        pieces.setdefault(guid, {})[offset] = body[_EXTENDED_HEAD:]
    for parts in pieces.values():
        if xmp.names_any(b"".join(parts[offset] for offset in sorted(parts))):
            raise Unreadable(Kind.METADATA_UNREADABLE, reason="extension")


def _behind_exif(segments: Sequence[_Segment]) -> int:
    """Where a new packet goes: JFIF and EXIF come first, as their readers want it."""
    place = 2
    for one in segments:
        if one.marker != _APP0 and not one.begins(_APP1, b"Exif\0"):
            break
        place = one.span.stop
    return place


def _spliced(
    file: IO[bytes], segments: Sequence[_Segment], old: range, new: bytes, size: int
) -> list[Piece]:
    """The file with a segment of ours; where further pictures begin is told in figures anew."""
    pieces: list[Piece] = [range(2)]
    grown = len(new) - len(old)
    begins = segments[0].span.start if segments else 2
    if old.start == old.stop == begins:
        pieces.append(new)
    for one in segments:
        if one.span == old:
            pieces.append(new)
        elif one.begins(_APP2, _MPF):
            shift = grown if old.start > one.span.start else 0
            pieces.append(_reckoned(read_at(file, one.span.start, len(one.span)), grown, shift))
        else:
            pieces.append(one.span)
        if old.start == old.stop == one.span.stop:
            pieces.append(new)
    scan = segments[-1].span.stop if segments else 2
    return [*pieces, range(scan, size)]


def _reckoned(segment: bytes, grown: int, shift: int) -> bytes:
    """An MPF segment for a first picture that has `grown`, with the others by `shift` further on.

    CIPA DC-007, section 5.2.3.3: entries of 16 bytes, each with a size, and with an offset from
    this segment's own TIFF header, which is 0 for the first picture.
    """
    base = segment.index(_MPF) + len(_MPF)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(segment[base : base + 4])
    if order is None:
        return segment
    changed = bytearray(segment)
    try:
        (directory,) = struct.unpack_from(f"{order}I", segment, base + 4)
        (count,) = struct.unpack_from(f"{order}H", segment, base + directory)
        for number in range(count):
            entry = base + directory + 2 + 12 * number
            tag, _, length, at = struct.unpack_from(f"{order}HHII", segment, entry)
            if tag != 0xB002:  # MP Entry
                continue
            for place in range(base + at, base + at + length - 15, 16):
                bytes_, offset = struct.unpack_from(f"{order}II", segment, place + 4)
                if offset == 0:
                    struct.pack_into(f"{order}I", changed, place + 4, bytes_ + grown)
                else:
                    struct.pack_into(f"{order}I", changed, place + 8, offset + shift)
    except struct.error as error:
        raise Unreadable(Kind.DAMAGED_PICTURE) from error
    return bytes(changed)
