# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Reads the wanted columns of a table of any kind, a bounded piece at a time, from any row on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from artistguard.errors import Kind, Unreadable
from artistguard.tables.places import Place
from artistguard.tables.text import Rest, Start, lines, parsed, unpacked

Wanted: TypeAlias = "Callable[[pa.Field[Any]], bool]"
"""Says by name and type whether a column is to be read."""

_BATCH_BYTES = 16 << 20
_BATCH_ROWS = 1 << 16
_TEXT_ROWS = 1 << 15


@dataclass(frozen=True, slots=True)
class Batch:
    """Some consecutive rows: the wanted columns of those that make sense.

    `places` (one for each of `columns`' rows) counts rows of the table from 0; `end` is the row
    after the last one looked at, and `unreadable` says how many of them made no sense. `share`, 0
    to 1, says how much of the file has been read. Columns keep their names; text tables give text
    and nothing else.
    """

    columns: pa.RecordBatch
    places: Sequence[int]
    end: int
    share: float
    unreadable: int = 0


def is_table(name: str) -> bool:
    """Whether a file of this name is a table that `read` can read."""
    return _kind(name) is not None


def read(place: Place, wanted: Wanted, start: int = 0) -> Iterator[Batch]:
    """The rows of a table from row `start` on, in their order.

    A column of a type that makes no sense for it is left to the caller to judge.

    Raises:
        Unreadable: It is damaged (TABLE_UNREADABLE) or has no column that is wanted
            (TABLE_WITHOUT_COLUMNS).
    """
    kind = _kind(place.name)
    if kind is None:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=place.name)
    with place.opened() as file:
        yield from kind(place, file, wanted, start)


def _kind(name: str) -> Callable[[Place, BinaryIO, Wanted, int], Iterator[Batch]] | None:
    lower = name.lower().removesuffix(".gz")
    return next((read for ending, read in _KINDS.items() if lower.endswith(ending)), None)


def _parquet(place: Place, file: BinaryIO, wanted: Wanted, start: int) -> Iterator[Batch]:
    # Reading ahead would take in whole row groups.
    with pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False) as table:
        names = [field.name for field in table.schema_arrow if wanted(field)]
        if not names:
            raise _without_columns(place, table.schema_arrow.names)
        at = 0
        for group in range(table.num_row_groups):
            about = table.metadata.row_group(group)
            if at + about.num_rows <= start:
                at += about.num_rows
                continue
            rows = _rows_at_once(about, names)
            for columns in table.iter_batches(rows, [group], names, use_threads=False):
                before = max(0, min(start - at, columns.num_rows))
                at += columns.num_rows
                if before < columns.num_rows:
                    kept = columns.slice(before)
                    share = at / table.metadata.num_rows
                    yield Batch(kept, range(at - kept.num_rows, at), at, share)


def _rows_at_once(group: pq.RowGroupMetaData, names: Sequence[str]) -> int:
    chunks = map(group.column, range(group.num_columns))
    size: int = sum(
        chunk.total_uncompressed_size
        for chunk in chunks
        if chunk.path_in_schema.partition(".")[0] in names
    )
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(1, size // max(1, group.num_rows))))


def _separated(
    place: Place, file: BinaryIO, wanted: Wanted, start: int, delimiter: str
) -> Iterator[Batch]:
    with unpacked(file, place.name) as stream:
        # A line is parsed by itself where a stray quotation mark has swallowed those after it.
        records = _records(lines(stream), delimiter)
        header = next(records, None) or []
        names = [name.removeprefix("\ufeff").strip() for name in header]
        chosen = [at for at, name in enumerate(names) if wanted(pa.field(name, pa.large_string()))]
        if not chosen:
            raise _without_columns(place, names)
        rows = (
            None if row is None or len(row) != len(names) else [row[at] or None for at in chosen]
            for row in records
            if row != []
        )
        share = partial(_share, file, place)
        yield from _gathered(rows, [names[at] for at in chosen], start, share)


def _records(some: Iterator[bytes], delimiter: str) -> Iterator[list[str] | None]:
    for taken, fields in parsed(some, delimiter):
        if fields is not None or len(taken) < 2:
            if not (taken and isinstance(taken[0], Rest)):
                yield fields
        else:
            for line in taken:
                yield from _records(iter([line]), delimiter)


def _json_lines(place: Place, file: BinaryIO, wanted: Wanted, start: int) -> Iterator[Batch]:
    with unpacked(file, place.name) as stream:
        objects = (
            _object(line)
            for line in lines(stream)
            if not isinstance(line, Rest) and not line.isspace()
        )
        names: list[str] = []
        seen: set[str] = set()

        def said(value: dict[str, Any] | None) -> list[str | None] | None:
            if value is None:
                return None
            for name in value.keys() - seen:
                if len(seen) < _MOST_KEYS:
                    seen.add(name)
                    if wanted(pa.field(name, pa.large_string())):
                        names.append(name)
            return [_text(value.get(name)) for name in names]

        yield from _gathered(map(said, objects), names, start, partial(_share, file, place))
        if seen and not names:
            raise _without_columns(place, sorted(seen))


_MOST_KEYS = 10_000


def _object(line: bytes) -> dict[str, Any] | None:
    if isinstance(line, Start):
        return None
    try:
        value = json.loads(line.decode().removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(value: object) -> str | None:
    """A value as text; of a list of words, or of objects with names (tags), the words."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        # A lone half of a surrogate pair is legal JSON, but no text.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        words = [one.get("name") if isinstance(one, dict) else one for one in value]
        texts = [one for one in words if isinstance(one, str)]
        if len(texts) == len(words):
            return _text(" ".join(texts))
    return json.dumps(value)


def _gathered(
    rows: Iterable[list[str | None] | None],
    names: Sequence[str],
    start: int,
    share: Callable[[], float],
) -> Iterator[Batch]:
    """Batches of rows (None for one that makes no sense) with the columns `names`, which may grow.

    A row has a value for as many of them as there were when it was read.
    """
    kept: list[list[str | None]] = []
    places: list[int] = []
    unreadable, size, end = 0, 0, start
    for at, row in enumerate(rows):
        if at < start:
            continue
        end = at + 1
        if row is None:
            unreadable += 1
        else:
            kept.append(row)
            places.append(at)
            size += sum(len(value) for value in row if value)
        if len(kept) + unreadable >= _TEXT_ROWS or size >= _BATCH_BYTES:
            yield Batch(_columns(kept, names), places, end, share(), unreadable)
            kept, places, unreadable, size = [], [], 0, 0
    if kept or unreadable:
        yield Batch(_columns(kept, names), places, end, share(), unreadable)


def _share(file: BinaryIO, place: Place) -> float:
    return min(1.0, file.tell() / place.size) if place.size else 1.0


def _columns(rows: list[list[str | None]], names: Sequence[str]) -> pa.RecordBatch:
    columns = [
        pa.array([row[at] if at < len(row) else None for row in rows], pa.large_string())
        for at in range(len(names))
    ]
    return pa.RecordBatch.from_arrays(columns, names=list(names))


def _without_columns(place: Place, names: Sequence[str]) -> Unreadable:
    cut = tuple(name[:80] for name in names[:40])
    return Unreadable(Kind.TABLE_WITHOUT_COLUMNS, path=place.name, columns=cut)


_KINDS: dict[str, Callable[[Place, BinaryIO, Wanted, int], Iterator[Batch]]] = {
    ".parquet": _parquet,
    ".csv": partial(_separated, delimiter=","),
    ".tsv": partial(_separated, delimiter="\t"),
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
