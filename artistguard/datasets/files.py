# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which files are tables, by their names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from artistguard.datasets.parquet import ParquetTable
from artistguard.datasets.table import Table
from artistguard.datasets.text import JsonLines, SeparatedValues
from artistguard.errors import Kind, Unreadable

_COMMAS = partial(SeparatedValues, delimiter=",")
_TABS = partial(SeparatedValues, delimiter="\t")
_KINDS: dict[str, Callable[[Path], Table[Any]]] = {
    ".parquet": ParquetTable,
    ".csv": _COMMAS,
    ".csv.gz": _COMMAS,
    ".tsv": _TABS,
    ".tsv.gz": _TABS,
    ".jsonl": JsonLines,
    ".jsonl.gz": JsonLines,
    ".ndjson": JsonLines,
    ".ndjson.gz": JsonLines,
}


def kind_of(path: Path) -> str | None:
    """Give the ending that makes a file a table, such as ``.csv.gz``, or None when it is none."""
    name = path.name.lower()
    return next((ending for ending in _KINDS if name.endswith(ending)), None)


def open_table(path: Path) -> Table[Any]:
    """Open a table of any kind.

    Raises:
        Unreadable: it is damaged, of no known kind, or nothing in it says whose picture a row is.
    """
    kind = kind_of(path)
    if kind is None:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=str(path))
    return _KINDS[kind](path)


def tables_in(folder: Path) -> list[Path]:
    """List the tables in a folder and below, in the order of their names; hidden ones are not."""
    return sorted(
        path
        for path in folder.rglob("*")
        if kind_of(path) and not path.name.startswith(".") and path.is_file()
    )
