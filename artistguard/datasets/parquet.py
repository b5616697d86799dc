# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Parquet tables: read a few megabytes at a time, written with the same schema and compression."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from artistguard.datasets.columns import IDENTIFYING, Meaning, typed_meaning_of
from artistguard.datasets.table import Batch, Mask, without_columns
from artistguard.errors import Kind, Unreadable
from artistguard.tables import Column

# Rows are read and row groups written in pieces of about this many bytes before compression, so
# that the memory needed does not grow with the file (img2dataset writes whole pictures into rows).
_BATCH_BYTES = 16 << 20
_GROUP_BYTES = 64 << 20
_MOST_ROWS = 1 << 16


class ParquetTable:
    """One Parquet file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _reading(path), pq.ParquetFile(path) as file:
            self._schema = file.schema_arrow
            self._metadata = file.metadata
        self._meanings: list[tuple[int, Meaning]] = [
            (at, meaning)
            for at, field in enumerate(self._schema)
            if (meaning := typed_meaning_of(field)) is not None
        ]
        if IDENTIFYING.isdisjoint(meaning for _, meaning in self._meanings):
            raise without_columns(path, self._schema.names)

    def batches(self) -> Iterator[Batch[pa.RecordBatch]]:
        """Read the rows in order, at most `_BATCH_BYTES` or one row at a time."""
        size, total, done = self._path.stat().st_size, self._metadata.num_rows, 0
        # Reading ahead would take in whole row groups.
        options: dict[str, Any] = {"buffer_size": 1 << 20, "pre_buffer": False}
        with _reading(self._path), pq.ParquetFile(self._path, **options) as file:
            for group in range(file.num_row_groups):
                rows = self._rows_at_once(group)
                for records in file.iter_batches(rows, [group], use_threads=False):
                    done += records.num_rows
                    yield Batch(
                        columns=self._columns(records),
                        records=records,
                        size=records.num_rows,
                        rows=records.num_rows,
                        unreadable=np.zeros(records.num_rows, np.bool_),
                        misshapen=0,
                        read=size * done // total,
                    )

    @contextmanager
    def writing(self, target: BinaryIO) -> Iterator[Callable[[Batch[pa.RecordBatch], Mask], None]]:
        """Begin a Parquet file with this one's schema, metadata and compression."""
        compression = self._compression()
        with pq.ParquetWriter(
            target,
            self._schema,
            compression=compression,
            # Older writers called the members of a list "item"; the standard says "element".
            use_compliant_nested_type=not any(".list.item" in path for path in compression),
        ) as writer:
            group = _RowGroup(writer)

            def write(batch: Batch[pa.RecordBatch], keep: Mask) -> None:
                group.add(_filtered(batch.records, keep))

            yield write
            group.flush()

    def _columns(self, records: pa.RecordBatch) -> dict[Meaning, list[Column]]:
        columns: dict[Meaning, list[Column]] = {}
        for at, meaning in self._meanings:
            column = records.column(at)
            if isinstance(column, pa.DictionaryArray):
                column = column.dictionary_decode()
            columns.setdefault(meaning, []).append(column)
        return columns

    def _rows_at_once(self, group: int) -> int:
        about = self._metadata.row_group(group)
        width = about.total_byte_size // max(about.num_rows, 1)
        return max(1, min(_MOST_ROWS, _BATCH_BYTES // max(width, 1)))

    def _compression(self) -> dict[str, Any]:
        if not self._metadata.num_row_groups:
            return {}
        group = self._metadata.row_group(0)
        columns = [group.column(at) for at in range(group.num_columns)]
        return {
            column.path_in_schema: column.compression.replace("UNCOMPRESSED", "NONE")
            for column in columns
        }


class _RowGroup:
    """Kept rows on their way into a file, gathered until they make a row group worth having."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._waiting: list[pa.RecordBatch] = []
        self._bytes = 0

    def add(self, records: pa.RecordBatch) -> None:
        if records.num_rows:
            self._waiting.append(records)
            self._bytes += records.nbytes
        if self._bytes >= _GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting))
            self._waiting.clear()
            self._bytes = 0


def _filtered(records: pa.RecordBatch, keep: Mask) -> pa.RecordBatch:
    plain = [_without_views(field) for field in records.schema]
    kept = records.cast(pa.schema(plain)).filter(pa.array(keep))
    return kept.cast(records.schema)


def _without_views(field: pa.Field[Any]) -> pa.Field[Any]:
    """Give the plain type of text in views, which pyarrow can write but not filter."""
    if pa.types.is_string_view(field.type):
        return field.with_type(pa.string())
    if pa.types.is_binary_view(field.type):
        return field.with_type(pa.binary())
    return field


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=str(path)) from error
