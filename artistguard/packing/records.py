# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures in TFRecord files, each in a `tf.train.Example` with what is told of it.

A record is its length (8 bytes), the checksum of that (4), the data and their checksum (4), the
lowest byte first (tensorflow/core/lib/io/record_writer.h); the data are a protocol buffer after
tensorflow/core/example/example.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from artistguard.errors import Kind, Unreadable
from artistguard.packing.crc32c import crc32c
from artistguard.packing.formats import Format, Role
from artistguard.packing.looks import SIZE_LIMIT, Picture
from artistguard.packing.samples import Sample
from artistguard.packing.shards import Records

_TOLD_LIMIT = 1 << 20  # bytes of one value that is no picture
_RECORD_LIMIT = SIZE_LIMIT + 16 * _TOLD_LIMIT
_FIELDS_LIMIT = 10_000  # of one record; img2dataset writes some hundred
_HEADER = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
_MASK = 0xA282EAD8


def recorded(shard: Records, form: Format, start: int) -> Iterator[Sample]:
    """Pictures in a TFRecord file, from record `start` on.

    A record that is damaged within is looked at as it is, and is no picture; one without a picture
    has an empty one. Raises Unreadable where the file is cut off or a length is damaged; the
    pictures before that place come first.
    """
    place = shard.place
    names = form.columns[Role.PICTURE]
    with place.opened() as file:
        number = 0
        while (size := _size(file, place.name)) is not None:
            end = file.tell() + size + _CHECKSUM.size
            if place.size is not None and end > place.size:
                raise Unreadable(Kind.TABLE_UNREADABLE, path=place.name)
            if number >= start:
                picture, told = _picture(file, place.name, size, number, names)
                yield Sample(picture, str(number), end, told)
            file.seek(end)
            number += 1


def _size(file: BinaryIO, name: str) -> int | None:
    """The length of the next record; None where the file ends."""
    header = file.read(_HEADER.size)
    if not header:
        return None
    if len(header) == _HEADER.size:
        size, checksum = _HEADER.unpack(header)
        if _masked(header[:8]) == checksum and size < 1 << 62:
            return int(size)
    raise Unreadable(Kind.TABLE_UNREADABLE, path=name)


def _picture(
    file: BinaryIO, name: str, size: int, number: int, names: Sequence[str]
) -> tuple[Picture, dict[str, Any]]:
    if size > _RECORD_LIMIT:
        return Picture(number, size=size), {}  # what looks at it refuses it for its size
    data, checksum = file.read(size), file.read(_CHECKSUM.size)
    if len(data) < size or len(checksum) < _CHECKSUM.size:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=name)
    if _masked(data) != _CHECKSUM.unpack(checksum)[0]:
        return Picture(number, body=data), {}
    try:
        features = example(data)
    except ValueError:
        return Picture(number, body=data), {}
    bodies = [body for one in names if isinstance(body := features.get(one), bytes) and body]
    told = {key: _text(value) for key, value in features.items() if key not in names}
    return Picture(number, body=bodies[0] if bodies else b""), told


def _text(value: bytes | float) -> str:
    if isinstance(value, bytes):
        return value[:_TOLD_LIMIT].decode("utf-8", "replace")
    return str(value)


def _masked(data: bytes) -> int:
    """The checksum as TFRecord stores it, so that one of data with checksums in them is good."""
    checksum = crc32c(data)
    return ((checksum >> 15 | checksum << 17) + _MASK) & 0xFFFFFFFF


def example(data: bytes) -> dict[str, bytes | float]:
    """The features of a `tf.train.Example` by name in lower case, the first value of each list.

    Raises ValueError when it is none, or has too many fields.
    """
    budget = iter(range(_FIELDS_LIMIT))
    found: dict[str, bytes | float] = {}
    for features in _within(memoryview(data), 1, budget):
        for entry in _within(features, 1, budget):
            name, value = "", None
            for field, part in _fields(entry, budget):
                if field == 1 and isinstance(part, memoryview):
                    name = bytes(part[:_TOLD_LIMIT]).decode("utf-8", "replace").lower()
                elif field == 2 and isinstance(part, memoryview):
                    value = _first(part, budget)
            if value is not None:
                found[name] = value
    return found


def _first(feature: memoryview, budget: Iterator[int]) -> bytes | float | None:
    """The first value of a feature, which is a list of bytes (1), of floats (2) or of int64 (3)."""
    for kind, values in _fields(feature, budget):
        if not isinstance(values, memoryview):
            continue
        for field, value in _fields(values, budget):
            if field != 1:
                continue
            if kind == 1 and isinstance(value, memoryview):
                return bytes(value)
            if kind == 2 and isinstance(value, memoryview) and len(value) >= 4:
                return float(struct.unpack_from("<f", value)[0])
            if kind == 3 and (isinstance(value, int) or len(value)):
                whole = _varint(value, 0)[0] if isinstance(value, memoryview) else value
                return whole - (1 << 64) if whole >> 63 else whole
    return None


def _within(message: memoryview, field: int, budget: Iterator[int]) -> Iterator[memoryview]:
    for number, value in _fields(message, budget):
        if number == field and isinstance(value, memoryview):
            yield value


_FIXED = {1: 8, 5: 4}


def _fields(message: memoryview, budget: Iterator[int]) -> Iterator[tuple[int, memoryview | int]]:
    """The fields of a protocol buffer, by number: a whole number, or the bytes of what it is."""
    at = 0
    while at < len(message):
        if next(budget, None) is None:
            raise ValueError("fields")
        tag, at = _varint(message, at)
        if tag & 7 == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if tag & 7 == 2:
            size, at = _varint(message, at)
        else:
            size = _FIXED.get(tag & 7, -1)
        if not 0 <= size <= len(message) - at:
            raise ValueError("field")
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A whole number of seven bits a byte, the lowest first, and where it ends."""
    value = 0
    for shift, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + shift + 1
    raise ValueError("varint")
