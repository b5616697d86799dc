# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A data set's rows to keep as a list of their ids, in the form that the DataComp tools read."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from artistguard import writing
from artistguard.datasets.files import tables_in
from artistguard.datasets.loading import OptOuts, sieve_of
from artistguard.datasets.parquet import ParquetTable
from artistguard.datasets.sieve import KEPT
from artistguard.errors import Kind, Unreadable
from artistguard.models import Progress
from artistguard.tables import decoded

_UID: Final = "uid"
_PAIR: Final = np.dtype("u8,u8")
_STEP: Final = "subset"


def write_subset(
    source: Path, out: Path, opt_outs: OptOuts
) -> Generator[Progress, None, tuple[int, int]]:
    """Write the ``uid`` of every row that is not opted out, as a sorted array of ``u8,u8`` (.npy).

    `source` is a Parquet table of DataComp's metadata or a folder of them. 16 bytes of memory are
    needed for each row that is kept. Yields how many bytes have been read and returns how many rows
    were read and kept. Raises Unreadable (a table is damaged or has no uid) and Stopped.
    """
    tables = tables_in(source) if source.is_dir() else [source]
    total = sum(table.stat().st_size for table in tables)
    sieve = sieve_of(opt_outs)
    kept: list[npt.NDArray[np.void]] = []
    rows = before = 0
    for path in tables:
        for batch in ParquetTable(path).batches():
            uids = _pairs(batch.records, path)
            kept.append(uids[sieve.judge(batch.columns, batch.size) == KEPT])
            rows += batch.rows
            yield Progress(_STEP, before + batch.read, total)
        before += path.stat().st_size
    array = np.concatenate([np.empty(0, _PAIR), *kept])
    array.sort()
    with writing.replacing(out) as file:
        np.save(file, array)
    return rows, len(array)


def _pairs(records: pa.RecordBatch, path: Path) -> npt.NDArray[Any]:
    """The ids of some rows: 32 hex digits each, as two numbers."""
    if _UID not in records.schema.names:
        raise Unreadable(Kind.TABLE_WITHOUT_COLUMNS, path=str(path), columns=records.schema.names)
    at, values = decoded(records.column(_UID), 16)
    if not np.array_equal(np.sort(at), np.arange(records.num_rows)):
        raise Unreadable(Kind.TABLE_UNREADABLE, path=str(path))
    ordered = values[np.argsort(at)]
    return np.ascontiguousarray(ordered.view(">u8").astype("<u8")).view(_PAIR).reshape(-1)
