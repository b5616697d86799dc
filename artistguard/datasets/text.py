# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""CSV, TSV and JSONL tables, gzipped or not; a kept record keeps its exact bytes."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, compress, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa

from artistguard.datasets.columns import IDENTIFYING, NAMES, Meaning, meaning_of
from artistguard.datasets.table import Batch, Mask, without_columns
from artistguard.errors import Kind, Unreadable
from artistguard.tables import Column
from artistguard.tables.text import Rest, Start, lines, parsed, unpacked

_BATCH_RECORDS = 1 << 15
_BATCH_BYTES = 1 << 24

# What one record says in the columns that matter here, in a fixed order.
_Said = tuple[str | None, ...]


class _Record(NamedTuple):
    """One record as its exact bytes, and what it says; None when it makes no sense.

    `row` is False for what is no row of its own: the header, a blank line, the rest of a long line.
    `perhaps` is what one of another shape than the table's may say besides.
    """

    raw: bytes
    said: _Said | None
    row: bool = True
    perhaps: tuple[_Said, ...] = ()


class JsonLines:
    """A table with one JSON object a line; the objects need not have the same keys."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def batches(self) -> Iterator[Batch[list[bytes]]]:
        """Read the objects in order, some thousands at a time."""
        rows, identified = 0, False
        with _opened(self._path) as (stream, position):
            for records in _bounded(map(self._record, lines(stream))):
                batch = _batch(records, tuple(NAMES.values()), position())
                rows += batch.rows
                identified = identified or not IDENTIFYING.isdisjoint(batch.columns)
                yield batch
        if rows and not identified:
            raise without_columns(self._path, ())

    @contextmanager
    def writing(self, target: BinaryIO) -> Iterator[Callable[[Batch[list[bytes]], Mask], None]]:
        """Begin a file of the kept lines, gzipped when the table is."""
        with _written(target, self._path) as write:
            yield write

    def _record(self, line: bytes) -> _Record:
        if isinstance(line, Start | Rest):
            return _Record(line, None, row=isinstance(line, Start))
        if line.isspace():
            return _Record(line, (), row=False)
        try:
            value = json.loads(line.decode().removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            return _Record(line, None)
        return _Record(line, self._said(value) if isinstance(value, dict) else None)

    def _said(self, value: dict[str, Any]) -> _Said:
        said: list[str | None] = [None] * len(NAMES)
        for key, place, meaning in _places_of(tuple(value)):
            said[place] = _text_of(value[key], meaning)
        return tuple(said)


class SeparatedValues:
    """A table with a header and one record a line, or several lines where a quoted field breaks."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self._path = path
        self._delimiter = delimiter
        with _opened(path) as (stream, _):
            _, header = next(parsed(lines(stream), delimiter), ([], None))
        names = [name.removeprefix("\ufeff") for name in header or ()]
        meanings = [(at, meaning_of(name)) for at, name in enumerate(names)]
        self._width = len(names)
        self._meanings = tuple(meaning for _, meaning in meanings if meaning is not None)
        if IDENTIFYING.isdisjoint(self._meanings):
            raise without_columns(path, names)
        self._places = [at for at, meaning in meanings if meaning is not None]
        self._say = _picking(self._places)

    def batches(self) -> Iterator[Batch[list[bytes]]]:
        """Read the records in order, some thousands at a time; the first is the header."""
        with _opened(self._path) as (stream, position):
            records = self._records(lines(stream))
            header = (_Record(record.raw, (), row=False) for record in records)
            for some in _bounded(chain([next(header)], records)):
                yield _batch(some, self._meanings, position())

    @contextmanager
    def writing(self, target: BinaryIO) -> Iterator[Callable[[Batch[list[bytes]], Mask], None]]:
        """Begin a file of the kept records, gzipped when the table is."""
        with _written(target, self._path) as write:
            yield write

    def _records(self, some: Iterator[bytes]) -> Iterator[_Record]:
        for taken, fields in parsed(some, self._delimiter):
            if fields is not None and len(fields) == self._width:
                yield _Record(b"".join(taken), self._say(fields))
            elif fields == []:
                yield _Record(b"".join(taken), (), row=False)
            elif len(taken) == 1:
                yield self._misshapen(taken[0], fields)
            else:
                # A stray quotation mark has swallowed the lines after it: each has its own chance.
                for line in taken:
                    yield from self._records(iter([line]))

    def _misshapen(self, line: bytes, fields: list[str] | None) -> _Record:
        """What can be read of a line with too few or too many fields, or an open quotation mark.

        Fields before the fault are in their places counted from the left, those after it counted
        from the right. Nobody knows where it is, so both are looked at.
        """
        if isinstance(line, Start | Rest):
            return _Record(line, None, row=isinstance(line, Start))
        whole = fields is not None
        if fields is None:
            fields = line.decode("utf-8", "replace").rstrip("\r\n").split(self._delimiter)
        left, right = (self._say_from(fields, by) for by in (0, len(fields) - self._width))
        pairs = zip(self._meanings, left, strict=True)
        if whole and any(value for meaning, value in pairs if meaning in IDENTIFYING):
            return _Record(line, left, perhaps=(right,))
        return _Record(line, None, perhaps=(left, right))

    def _say_from(self, fields: list[str], by: int) -> _Said:
        """What is `by` places to the right of where it should be; None where nothing is."""
        places = (at + by for at in self._places)
        return tuple(fields[at] if 0 <= at < len(fields) else None for at in places)


def _picking(places: Sequence[int]) -> Callable[[list[str]], _Said]:
    if len(places) == 1:
        return lambda fields: (fields[places[0]],)
    return itemgetter(*places)


@lru_cache(maxsize=256)
def _places_of(keys: tuple[str, ...]) -> list[tuple[str, int, Meaning]]:
    """Say which keys of an object matter, and where among `NAMES`; most objects have the same."""
    places = {name: place for place, name in enumerate(NAMES)}
    return [
        (key, places[key.lower()], meaning)
        for key in keys
        if (meaning := meaning_of(key)) is not None
    ]


def _text_of(value: object, meaning: Meaning) -> str | None:
    if isinstance(value, str):
        # A lone half of a surrogate pair is legal JSON, but no text.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if not isinstance(value, int | float):
        return None
    if meaning is Meaning.PHASH64 and isinstance(value, int):
        return f"{value & 0xFFFF_FFFF_FFFF_FFFF:016x}"
    return str(value).lower()


def _bounded(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    some: list[_Record] = []
    size = 0
    for record in records:
        some.append(record)
        size += len(record.raw)
        if len(some) == _BATCH_RECORDS or size >= _BATCH_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def _batch(records: list[_Record], meanings: Sequence[Meaning], read: int) -> Batch[list[bytes]]:
    silent: _Said = (None,) * len(meanings)
    columns: dict[Meaning, list[Column]] = {}
    certain = [record.said or silent for record in records]
    perhaps = zip_longest(*(record.perhaps for record in records), fillvalue=silent)
    for said in chain([certain], perhaps):
        for meaning, values in zip(meanings, zip(*said, strict=True), strict=True):
            column = pa.array(values, pa.large_string())
            if column.null_count < len(column):
                columns.setdefault(meaning, []).append(column)
    return Batch(
        columns=columns,
        records=[record.raw for record in records],
        size=len(records),
        rows=sum(record.row for record in records),
        unreadable=np.array([record.row and record.said is None for record in records], np.bool_),
        misshapen=sum(
            record.row and (record.said is None or bool(record.perhaps)) for record in records
        ),
        read=read,
    )


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """Open a text table, unpacked, with a way to ask how many bytes of the file were read."""
    try:
        with path.open("rb") as file, unpacked(file, path.name) as stream:
            yield stream, file.tell
    except (OSError, EOFError) as error:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=str(path)) from error


@contextmanager
def _written(target: BinaryIO, like: Path) -> Iterator[Callable[[Batch[list[bytes]], Mask], None]]:
    if like.suffix.lower() != ".gz":
        yield lambda batch, keep: target.writelines(compress(batch.records, keep))
        return
    # No name and no time in the file: the same rows give the same bytes.
    with (
        gzip.GzipFile("", "wb", 6, fileobj=target, mtime=0) as packed,
        io.BufferedWriter(packed, 1 << 20) as stream,
    ):
        yield lambda batch, keep: stream.writelines(compress(batch.records, keep))
