# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Rows on their way into a pack, and all about them that can be worked out in any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artistguard.packs import addresses
from artistguard.packs.rows import SCHEMA

DIGESTS = ("sha256", "md5")


@dataclass(frozen=True, slots=True)
class Hashes:
    """Hashes of one algorithm for the rows of one batch; a row may have none, or several.

    `row` (integers, shape (n,)) counts from 0 in the batch, `values` is uint8 of shape (n, bytes),
    `quality` (uint8, shape (n,)) is 0 to 100, or None where it is not known, which counts as 100.
    `left_out` counts rows that share one of the hashes and are no longer known.
    """

    row: NDArray[np.int64]
    values: NDArray[np.uint8]
    quality: NDArray[np.uint8] | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows of a data set: columns of `rows.SCHEMA`, ``entry`` at least, and their hashes."""

    rows: pa.RecordBatch
    hashes: Mapping[str, Hashes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keys:
    """The key (uint64) of each row (int64, from 0 in the batch) that has a value; shape (n,)."""

    rows: NDArray[np.int64]
    keys: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch with the keys of its file hashes and addresses, ready to be written.

    `host` (int32, one for each row, -1 for none) counts in `hosts`, see `addresses.Addresses`.
    """

    rows: pa.RecordBatch
    hashes: Mapping[str, Hashes]
    keys: Mapping[str, Keys]
    host: NDArray[np.int32]
    hosts: list[str]


def prepare(batch: RowBatch) -> Prepared:
    """Do the greater part of the work on a batch; needs nothing else and changes nothing."""
    rows = _as_schema(batch.rows)
    found = {kind: _digest_keys(rows.column(kind)) for kind in DIGESTS}
    urls = rows.column("url")
    with_url = np.flatnonzero(urls.is_valid())
    read = addresses.read(urls.drop_null())
    host = np.full(rows.num_rows, -1, np.int32)
    host[with_url] = read.host
    found["url"] = Keys(with_url, read.keys)
    return Prepared(rows, batch.hashes, found, host, read.hosts)


def _as_schema(rows: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        rows.column(one.name).cast(one.type)
        if one.name in rows.schema.names
        else pa.nulls(rows.num_rows, one.type)
        for one in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _digest_keys(digests: pa.Array[Any]) -> Keys:
    """As `keys.digest_keys`, for a whole column of values of one length."""
    present = np.flatnonzero(digests.is_valid())
    there = digests.drop_null()
    width = there.type.byte_width
    _, body = there.buffers()
    if body is None or not len(there):
        return Keys(present, np.empty(0, np.uint64))
    start = there.offset * width
    values = np.frombuffer(memoryview(body), np.uint8)[start : start + len(there) * width]
    first = np.ascontiguousarray(values.reshape(-1, width)[:, :8])
    return Keys(present, first.view("<u8").reshape(-1))
