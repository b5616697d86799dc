# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What every kind of data-set table has in common: bounded batches, and writing only some rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from artistguard.datasets.columns import Meaning
from artistguard.errors import Kind, Unreadable
from artistguard.tables import Column

Mask = npt.NDArray[np.bool_]
Columns = Mapping[Meaning, Sequence[Column]]
Records = TypeVar("Records")


@dataclass(frozen=True, slots=True)
class Batch(Generic[Records]):
    """Some consecutive records of a table: what they say, and the records themselves.

    `columns` gives, for each meaning, the arrays of the columns that have it, one value for each of
    the `size` records. `records` is what the table's own writer takes back. `rows` counts the table
    rows among the records (a blank line is a record, not a row). `unreadable` (size,) says which of
    them are rows that cannot be read for sure; `columns` has what can be made out of them all the
    same. `misshapen` counts these and the rows with too few or too many fields. `read` says how
    many bytes of the file have been read.
    """

    columns: Columns
    records: Records
    size: int
    rows: int
    unreadable: Mask
    misshapen: int
    read: int


class Table(Protocol[Records]):
    """One table file, whatever its kind."""

    def batches(self) -> Iterator[Batch[Records]]:
        """Read the table from its start.

        Raises:
            Unreadable: it is damaged, or none of its columns says whose picture a row is.
        """

    def writing(
        self, target: BinaryIO
    ) -> AbstractContextManager[Callable[[Batch[Records], Mask], None]]:
        """Begin a table of the same kind and schema in `target`; leaving the context completes it.

        The context's value takes a batch of this table and which of its records to keep.
        """


def without_columns(path: Path, names: Sequence[str]) -> Unreadable:
    """Say that none of a table's columns tells whose picture a row is; the names are cut short."""
    columns = tuple(name[:80] for name in names[:40])
    return Unreadable(Kind.TABLE_WITHOUT_COLUMNS, path=str(path), columns=columns)
