# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a data set is made of: its tables, archives and folders of pictures, in a fixed order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from artistguard.errors import Kind, Unreadable
from artistguard.folder import PICTURES
from artistguard.tables import Place, find, is_table

SIDECARS = (".json", ".txt")
"""What img2dataset writes beside each picture: all it knows of it, and its caption."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures that lie about as files, with the files beside them that tell of them."""

    pictures: tuple[Place, ...]
    beside: dict[str, Place]

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(place.size or 0 for place in self.pictures)


@dataclass(frozen=True, slots=True)
class Archive:
    """A tar file of pictures, each with its files of the same name beside it (webdataset)."""

    place: Place

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.place.size or 0


@dataclass(frozen=True, slots=True)
class Records:
    """A TFRecord file of pictures, each with what is told of it."""

    place: Place

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.place.size or 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table, with or without pictures in its rows."""

    place: Place

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.place.size or 0


Shard = Pictures | Archive | Records | Table


def find_shards(sources: Iterable[str], *, only_pictures: bool = False) -> list[Shard]:
    """All that the sources hold and that can be read; what else lies there is passed over.

    The table that img2dataset writes for each archive, TFRecord file or folder of pictures repeats
    what is told beside each picture, and is passed over too. `only_pictures` leaves all tables out.

    Raises:
        Unreadable: There is nothing to read at one of them (TABLE_UNREADABLE).
    """
    found: list[Shard] = []
    for source in sources:
        held = _held(find(source), only_pictures)
        if not held:
            raise Unreadable(Kind.TABLE_UNREADABLE, path=source)
        found += held
    return found


def task_of(shards: Sequence[Shard], *more: str) -> str:
    """A name for exactly these contents, so that a build goes on only with what it began with."""
    digest = hashlib.sha256(repr(more).encode())
    for shard in shards:
        for place in shard.pictures if isinstance(shard, Pictures) else (shard.place,):
            digest.update(repr((place.address, place.size, place.stamp)).encode("utf-8", "replace"))
    return digest.hexdigest()


def _held(places: Sequence[Place], only_pictures: bool) -> list[Shard]:
    """The shards of one source; runs of single pictures are one."""
    pictures = {place.name for place in places if _kind(place) is Pictures}
    told = {_stem(place.name) for place in places if _kind(place) in {Archive, Records}}
    told |= {str(PurePosixPath(name).parent) for name in pictures}
    beside = {place.name: place for place in places if place.name.lower().endswith(SIDECARS)}
    held: list[Shard] = []
    for kind, run in groupby((one for one in places if _kind(one)), key=_kind):
        some = list(run)
        if kind is Pictures:
            held.append(Pictures(tuple(some), beside))
        elif kind is Archive:
            held += map(Archive, some)
        elif kind is Records:
            held += map(Records, some)
        elif not only_pictures:
            held += [Table(one) for one in some if _stem(one.name) not in told]
    return held


def _kind(place: Place) -> type[Shard] | None:
    suffix = PurePosixPath(place.name).suffix.lower()
    if suffix in PICTURES:
        return Pictures
    if suffix == ".tar":
        return Archive
    if suffix.startswith(".tfrecord"):  # or .tfrecords, .tfrecord-00000-of-00009
        return Records
    return Table if is_table(place.name) else None


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))
