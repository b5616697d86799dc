# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""TIFF and BigTIFF of both byte orders: a packet is the value of tag 700 of the first picture.

TIFF 6.0, sections 2 and 7; https://www.awaresystems.be/imaging/tiff/bigtiff.html. All in a TIFF
points to places in the file, so nothing in it is moved: packet and a new first directory go to its
end, and only where that directory is, in the file's head, is written anew. Content Credentials are
the value of tag 52545.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import zip_longest
from typing import IO, Final

from artistguard.channels.marks.parts import Piece, Place, read_at, size_of
from artistguard.channels.marks.xmp import SIZE_LIMIT
from artistguard.errors import Kind, Unreadable

_PACKET: Final = 700
_CREDENTIALS: Final = 52_545
_BYTE: Final = 1
_BYTES: Final = (1, 2, 6, 7)
_NUMBERS: Final = {3: "H", 4: "I", 16: "Q"}
_PIXELS: Final = ((273, 279), (324, 325))  # offsets and lengths of strips, and of tiles
_COUNT_LIMIT: Final = 65_535
_PAGE_LIMIT: Final = 10_000
_NUMBER_LIMIT: Final = 4_000_000  # of strips or tiles; the largest picture has 700,000 of 16 x 16


@dataclass(frozen=True, slots=True)
class _Form:
    """How numbers are written in one file; `pointer` and `count` are letters of struct."""

    order: str
    big: bool

    @property
    def pointer(self) -> str:
        return f"{self.order}{'Q' if self.big else 'I'}"

    @property
    def count(self) -> str:
        return f"{self.order}{'Q' if self.big else 'H'}"

    @property
    def entry(self) -> struct.Struct:
        return struct.Struct(f"{self.order}HH{'QQ' if self.big else 'II'}")

    @property
    def first(self) -> int:
        """Where in the head it stands where the first directory begins."""
        return 8 if self.big else 4


@dataclass(frozen=True, slots=True)
class _Directory:
    entries: tuple[tuple[int, bytes], ...]  # tag, and all of its entry
    next: int


def find(file: IO[bytes]) -> Place:
    """Where the packet of a TIFF stands, or is to stand: at its end.

    Credentials are taken in where there is one picture only: the library that writes them gives
    further ones a directory that is no picture. Raises Unreadable (TRUNCATED, DAMAGED_PICTURE,
    METADATA_UNREADABLE).
    """
    size = size_of(file)
    form = _form(file)
    first = _number(file, form.first, form.pointer)
    directory = _read(file, form, first)
    held = dict(directory.entries)
    _check_pictures(file, form, directory, size)
    packet = _packet(file, form, held[_PACKET]) if _PACKET in held else None

    def put(wanted: bytes) -> list[Piece]:
        at = size + size % 2
        behind = at + len(wanted) + len(wanted) % 2
        entry = form.entry.pack(_PACKET, _BYTE, len(wanted), at)
        entries = {**held, _PACKET: entry}
        written = _spell(form, [entries[tag] for tag in sorted(entries)], directory.next)
        if not form.big and behind + len(written) >= 1 << 32:
            raise Unreadable(Kind.FILE_TOO_LARGE, size=size, limit=1 << 32)
        head = range(form.first)
        pointer = struct.pack(form.pointer, behind)
        body = range(form.first + len(pointer), size)
        gap, end = bytes(at - size), bytes(behind - at - len(wanted))
        return [head, pointer, body, gap, wanted, end, written]

    def rest(before: int) -> list[Piece]:
        body = range(form.first + struct.calcsize(form.pointer), before)
        said = [entry for tag, entry in directory.entries if tag != _CREDENTIALS]
        return [range(form.first), body, *said]

    return Place(packet, put, rest, _CREDENTIALS in held, takes_credentials=not directory.next)


def _form(file: IO[bytes]) -> _Form:
    head = read_at(file, 0, 4)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    (version,) = struct.unpack(f"{order}H", head[2:])
    if version == 43:
        if read_at(file, 4, 4) != struct.pack(f"{order}HH", 8, 0):  # how long a pointer is
            raise Unreadable(Kind.DAMAGED_PICTURE)
    elif version != 42:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    return _Form(order, big=version == 43)


def _number(file: IO[bytes], at: int, letter: str) -> int:
    (number,) = struct.unpack(letter, read_at(file, at, struct.calcsize(letter)))
    return int(number)


def _read(file: IO[bytes], form: _Form, at: int) -> _Directory:
    count = _number(file, at, form.count)
    if at < 8 or not 0 < count <= _COUNT_LIMIT:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    at += struct.calcsize(form.count)
    length = form.entry.size
    body = read_at(file, at, count * length)
    entries = tuple(
        (int(form.entry.unpack_from(body, place)[0]), body[place : place + length])
        for place in range(0, len(body), length)
    )
    if len(dict(entries)) != count:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    return _Directory(entries, _number(file, at + len(body), form.pointer))


def _check_pictures(file: IO[bytes], form: _Form, first: _Directory, size: int) -> None:
    """See that the file has all the strips or tiles that its pictures are made of."""
    directory = first
    seen: set[int] = set()
    count = 0
    while True:
        held = dict(directory.entries)
        for places, lengths in _PIXELS:
            if places in held:
                starts = _numbers(file, form, held[places])
                counts = _numbers(file, form, held[lengths]) if lengths in held else ()
                count += len(starts)
                if count > _NUMBER_LIMIT:
                    raise Unreadable(Kind.DAMAGED_PICTURE)
                ends = (
                    start + length for start, length in zip_longest(starts, counts, fillvalue=0)
                )
                if max(ends, default=0) > size:
                    raise Unreadable(Kind.TRUNCATED)
        if not directory.next:
            return
        if directory.next in seen or len(seen) >= _PAGE_LIMIT:
            raise Unreadable(Kind.DAMAGED_PICTURE)
        seen.add(directory.next)
        directory = _read(file, form, directory.next)


def _numbers(file: IO[bytes], form: _Form, entry: bytes) -> tuple[int, ...]:
    """The value of an entry that has whole numbers, wherever it stands."""
    _, kind, count, at = form.entry.unpack(entry)
    if kind not in _NUMBERS or count > _NUMBER_LIMIT:
        raise Unreadable(Kind.DAMAGED_PICTURE)
    numbers = struct.Struct(f"{form.order}{count}{_NUMBERS[kind]}")
    room = struct.calcsize(form.pointer)
    body = entry[-room:] if numbers.size <= room else read_at(file, at, numbers.size)
    return numbers.unpack(body[: numbers.size])


def _packet(file: IO[bytes], form: _Form, entry: bytes) -> bytes:
    _, kind, count, at = form.entry.unpack(entry)
    if kind not in _BYTES or not 8 < count <= SIZE_LIMIT:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="tag 700")
    return read_at(file, at, count)


def _spell(form: _Form, entries: list[bytes], following: int) -> bytes:
    head = struct.pack(form.count, len(entries))
    return head + b"".join(entries) + struct.pack(form.pointer, following)
