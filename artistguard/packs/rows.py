# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The rows of a segment: an uncompressed Arrow file of equal batches, read by memory map."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artistguard.models import Entry
from artistguard.packs.manifest import About
from artistguard.wire import host_of

_COLUMNS: Mapping[str, pa.DataType] = {
    "entry": pa.string(),
    "url": pa.string(),
    "caption": pa.string(),
    "width": pa.int32(),
    "height": pa.int32(),
    "sha256": pa.binary(32),
    "md5": pa.binary(16),
}
SCHEMA = pa.schema(_COLUMNS)
BATCH = 1 << 14
"""Rows of a batch: what is checked when one row of it is read."""

_MAGIC_SIZE = 8  # "ARROW1" and padding; a stream follows


class Rows:
    """Reads rows; a batch is checked in full before anything in it is used.

    The file is read as the stream of messages that it holds, whatever its footer says.

    Raises pa.ArrowException or ValueError for what is not as written.
    """

    def __init__(self, path: Path, rows: int, batch: int) -> None:
        with ExitStack() as stack:
            name: Any = os.fsencode(path)  # text is not enough for every name, whatever stubs say
            file = stack.enter_context(pa.memory_map(name))
            file.seek(_MAGIC_SIZE)
            messages = list(pa.ipc.MessageReader.open_stream(file))
            if pa.ipc.read_schema(messages.pop(0)) != SCHEMA or len(messages) != -(-rows // batch):
                raise ValueError(path.name)
            self._closing = stack.pop_all()
        self._messages = messages
        self._rows = rows
        self._batch = batch
        self._checked: dict[int, pa.RecordBatch] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._checked.clear()
        self._messages.clear()
        self._closing.close()

    def batches(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Every batch with the number of its first row."""
        for number in range(len(self._messages)):
            yield number * self._batch, self._read(number)

    def column(self, name: str, rows: NDArray[np.int64]) -> list[Any]:
        """The values of one column, in the order of `rows`."""
        return [value for (value,) in self._values([name], rows)]

    def entries(self, rows: NDArray[np.int64], about: About) -> list[Entry]:
        """The rows as the rest of the program knows them."""
        return [
            Entry(
                dataset=about.dataset,
                dataset_version=about.version,
                entry=entry,
                url=url,
                host=None if url is None else host_of(url),
                caption=caption,
                width=width,
                height=height,
                sha256=sha256,
                md5=md5,
            )
            for entry, url, caption, width, height, sha256, md5 in self._values(SCHEMA.names, rows)
        ]

    def _values(self, names: list[str], rows: NDArray[np.int64]) -> list[tuple[Any, ...]]:
        """The values of some columns, in the order of `rows`; each batch is gone to once."""
        values: list[tuple[Any, ...]] = [()] * len(rows)
        numbers, places = np.divmod(rows, self._batch)
        order = np.argsort(numbers, kind="stable")
        for at in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
            if len(at):
                batch = self._read(int(numbers[at[0]])).select(names).take(places[at])
                columns = (column.to_pylist() for column in batch.columns)
                for position, row in zip(at.tolist(), zip(*columns, strict=True), strict=True):
                    values[position] = row
        return values

    def _read(self, number: int) -> pa.RecordBatch:
        batch = self._checked.get(number)
        if batch is None:
            if _is_compressed(self._messages[number]):  # a few bytes could unpack to any size
                raise ValueError("compressed")
            batch = pa.ipc.read_record_batch(self._messages[number], SCHEMA)
            batch.validate(full=True)
            if batch.num_rows != min(self._batch, self._rows - number * self._batch):
                raise ValueError("batch")
            self._checked[number] = batch
        return batch


class RowWriter:
    """Writes rows as they come, cut into equal batches."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._writer = pa.ipc.new_file(self._file, SCHEMA)
        self._waiting: list[pa.RecordBatch] = []

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows of `SCHEMA`."""
        self._waiting.append(batch)
        if sum(one.num_rows for one in self._waiting) >= BATCH:
            self._write(last=False)

    def finish(self) -> None:
        """Write what is left, and flush to the disk."""
        self._write(last=True)
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def _write(self, *, last: bool) -> None:
        table = pa.Table.from_batches(self._waiting, SCHEMA).combine_chunks()
        whole = table.num_rows if last else table.num_rows // BATCH * BATCH
        self._writer.write_table(table.slice(0, whole), max_chunksize=BATCH)
        self._waiting = table.slice(whole).to_batches()


def _is_compressed(message: pa.Message) -> bool:
    """Whether the buffers of a record batch are, going by its FlatBuffers table.

    `compression` is the fourth field of RecordBatch, which is the `header`, the third field of
    Message (Message.fbs of the Arrow format).
    """
    metadata = memoryview(message.metadata)
    try:
        (root,) = struct.unpack_from("<I", metadata)
        header = _field(metadata, root, 2)
        (batch,) = struct.unpack_from("<I", metadata, header)
        return _field(metadata, header + batch, 3) != 0
    except struct.error as error:
        raise ValueError("header") from error


def _field(metadata: memoryview, table: int, number: int) -> int:
    """Where a field of a FlatBuffers table is, 0 when it is not there."""
    (back,) = struct.unpack_from("<i", metadata, table)
    (size,) = struct.unpack_from("<H", metadata, table - back)
    if 4 + 2 * number >= size:
        return 0
    (place,) = struct.unpack_from("<H", metadata, table - back + 4 + 2 * number)
    return table + place if place else 0
