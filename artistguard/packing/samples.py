# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a data set, wherever they are kept, each with what is told beside it."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, cast

from artistguard.errors import Kind, Unreadable
from artistguard.folder import PICTURES
from artistguard.packing.formats import Format, Role
from artistguard.packing.looks import SIZE_LIMIT, Picture
from artistguard.packing.rows import wanted
from artistguard.packing.shards import Archive, Pictures, Table
from artistguard.tables import Place, read

_TOLD_LIMIT = 1 << 20
_HEADER_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture and what is told of it, by column names in lower case.

    `name` is what it is called where it lies; `read` counts the bytes of its shard up to its end.
    """

    picture: Picture
    name: str
    read: int
    told: Mapping[str, Any] = field(default_factory=dict)


def lying_about(shard: Pictures, start: int) -> Iterator[Sample]:
    """Pictures that are files of their own, from number `start` on."""
    at = sum(place.size or 0 for place in shard.pictures[:start])
    for number, place in enumerate(shard.pictures[start:], start):
        at += place.size or 0
        told: dict[str, Any] = {"key": place.name}
        stem = str(PurePosixPath(place.name).with_suffix(""))
        for suffix in (".txt", ".json"):
            beside = shard.beside.get(stem + suffix)
            if beside is not None:
                told |= _told(suffix, _small(beside))
        yield Sample(_file(number, place), place.name, at, told)


def _file(number: int, place: Place) -> Picture:
    if place.local is not None:
        return Picture(number, path=str(place.local.absolute()))
    with place.opened() as file:
        return Picture(number, body=file.read(SIZE_LIMIT + 1))


def _small(place: Place) -> bytes:
    with place.opened() as file:
        return file.read(_TOLD_LIMIT)


def archived(shard: Archive, start: int) -> Iterator[Sample]:
    """Pictures in a tar file, from number `start` on.

    Raises Unreadable where the file is damaged; the pictures before that place come first.
    """
    place = shard.place
    with place.opened() as file:
        number = 0
        for stem, run in groupby(_members(file, place), key=lambda one: _stem(one.name)):
            members = list(run)
            told: dict[str, Any] = {}
            if number + len(members) > start:
                for member in sorted(members, key=lambda one: one.name.lower(), reverse=True):
                    suffix = PurePosixPath(member.name).suffix.lower()
                    if suffix in {".txt", ".json"}:
                        told |= _told(suffix, _part(file, member, _TOLD_LIMIT))
            for member in members:
                told.setdefault("key", stem)
                if PurePosixPath(member.name).suffix.lower() in PICTURES:
                    if number >= start:
                        end = member.offset_data + member.size
                        yield Sample(_member(file, place, member, number), stem, end, told)
                    number += 1


def in_rows(shard: Table, form: Format, start: int) -> Iterator[Sample]:
    """Pictures in the rows of a table, from row `start` on; a row without one has an empty one."""
    size = shard.size
    for batch in read(shard.place, lambda field: wanted(form, field) is not None, start):
        held = [wanted(form, field) is Role.PICTURE for field in batch.columns.schema]
        names = [name.lower() for name in batch.columns.schema.names]
        for place, row in zip(batch.places, range(batch.columns.num_rows), strict=True):
            told: dict[str, Any] = {}
            body = b""
            for name, column, is_picture in zip(names, batch.columns.columns, held, strict=True):
                value = column[row].as_py()
                if is_picture:
                    body = body or _body(value)
                elif value is not None:
                    told[name] = value
            yield Sample(Picture(place, body=body), str(place), int(size * batch.share), told)


def _body(value: Any) -> bytes:
    """The bytes of one picture: as they are, or in a struct with its path (Hugging Face)."""
    body = value.get("bytes") if isinstance(value, dict) else value
    return body[: SIZE_LIMIT + 1] if isinstance(body, bytes) else b""


def _members(file: BinaryIO, place: Place) -> Iterator[tarfile.TarInfo]:
    """The plain files of an archive; reads headers and nothing else."""
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Headers(file)), mode="r:") as tar:
            while (member := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]  # it would remember them all
                if member.isreg() and not member.issparse():
                    yield member
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=place.name) from error


class _Headers:
    """A file that gives no more at once than a header needs, whatever a header says of itself."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _HEADER_LIMIT:
            raise ValueError("header")
        self._file.seek(self._at)
        some = self._file.read(size)
        self._at += len(some)
        return some

    def seek(self, offset: int) -> int:
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at


def _member(file: BinaryIO, place: Place, member: tarfile.TarInfo, number: int) -> Picture:
    if place.local is not None:
        path = str(place.local.absolute())
        return Picture(number, path, member.offset_data, member.size)
    return Picture(number, body=_part(file, member, SIZE_LIMIT + 1))


def _part(file: BinaryIO, member: tarfile.TarInfo, limit: int) -> bytes:
    file.seek(member.offset_data)
    return file.read(min(member.size, limit))


def _told(suffix: str, body: bytes) -> dict[str, Any]:
    """What a file beside a picture says; nothing where it makes no sense."""
    if suffix == ".txt":
        return {"caption": body.decode("utf-8", "replace").strip()}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {key.lower(): one for key, one in value.items() if one is not None}


def _stem(name: str) -> str:
    """What the files of one picture have in common: all before the first dot of the last part."""
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition('.')[0]}"
