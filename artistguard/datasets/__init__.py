# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""For those who train: a data set's tables without what artists have opted out."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from artistguard import writing
from artistguard.datasets.files import kind_of, open_table, tables_in
from artistguard.datasets.honoured import Honoured
from artistguard.datasets.loading import OptOuts, load_opt_outs, sieve_of
from artistguard.datasets.opt_out_list import OptOutList
from artistguard.datasets.salted import SaltedSieve
from artistguard.datasets.sieve import KEPT, Reason, Reasons, Sieve
from artistguard.datasets.table import Batch
from artistguard.errors import Kind, Problem, Stopped, Unreadable
from artistguard.models import Progress

__all__ = [
    "FilterReport",
    "Honoured",
    "OptOutList",
    "OptOuts",
    "Reason",
    "filter_dataset",
    "load_opt_outs",
]

_STEP = "filter"


@dataclass(frozen=True, slots=True)
class FilterReport:
    """What was read, what was written, and why the rest was not.

    `unreadable` rows make no sense as rows of their table, and nothing that can be made out in them
    is opted out; they are kept, and among `rows_out`.
    `failed` names the tables of a folder that could not be filtered and have no output, with why.
    `untested` are the reasons that this list cannot tell of, and for which no row was dropped.
    """

    rows_in: int = 0
    rows_out: int = 0
    dropped: Mapping[Reason, int] = field(default_factory=lambda: dict.fromkeys(Reason, 0))
    unreadable: int = 0
    tables: int = 0
    failed: tuple[tuple[Path, Problem], ...] = ()
    untested: tuple[Reason, ...] = ()


def filter_dataset(
    source: Path, out: Path, opt_outs: OptOuts
) -> Generator[Progress, None, FilterReport]:
    """Write a table, or each table of a folder, again without the rows that are opted out.

    A row, of too few or too many fields even, is dropped for the first `Reason` that applies, and
    http is taken for https. All others keep their order, columns and types, and in text tables
    their bytes. Memory does not grow. Each output takes its place in one step, when it is whole.

    Args:
        source: a Parquet, CSV, TSV or JSONL table (text also as .gz), or a folder of them.
        out: a file of the same kind, or a folder, made when missing; never the source itself.
        opt_outs: what is opted out.

    Yields:
        How many bytes of the tables have been read.

    Returns:
        The counts. A table of a folder that cannot be read is named there; the rest is done.

    Raises:
        Unreadable: a single table is damaged or tells nothing to go by; nothing is written.
        Stopped: the disk is full, or `out` may not be written to.
        Problem: `out` is the source, or another kind of file; nothing is written.
    """
    pairs = _pairs(source, out)
    sieve = sieve_of(opt_outs)
    total = sum(table.stat().st_size for table, _ in pairs)
    before = 0
    report = FilterReport(untested=sieve.untested)
    for table, target in pairs:
        try:
            counts = yield from _filter_table(table, target, sieve, Progress(_STEP, before, total))
        except Unreadable as problem:
            if table == source:
                raise
            counts = FilterReport(failed=((table, problem),))
        report = _sum(report, counts)
        before += table.stat().st_size
    return report


def _filter_table(
    source: Path, target: Path, sieve: Sieve | SaltedSieve, start: Progress
) -> Generator[Progress, None, FilterReport]:
    table = open_table(source)
    report = FilterReport(tables=1)
    _make(target.parent)
    with writing.replacing(target) as file, table.writing(file) as write:
        for batch in table.batches():
            reasons = sieve.judge(batch.columns, batch.size)
            write(batch, reasons == KEPT)
            report = _sum(report, _counts(batch, reasons))
            yield replace(start, done=start.done + batch.read)
    return report


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=str(folder), reason=reason) from error


def _counts(batch: Batch[Any], reasons: Reasons) -> FilterReport:
    numbers = np.bincount(reasons[reasons != KEPT], minlength=len(Reason))
    return FilterReport(
        rows_in=batch.rows,
        rows_out=batch.rows - int(numbers.sum()),
        dropped=dict(zip(Reason, numbers.tolist(), strict=True)),
        unreadable=int(np.count_nonzero(batch.unreadable & (reasons == KEPT))),
    )


def _sum(one: FilterReport, other: FilterReport) -> FilterReport:
    return FilterReport(
        rows_in=one.rows_in + other.rows_in,
        rows_out=one.rows_out + other.rows_out,
        dropped={reason: one.dropped[reason] + other.dropped[reason] for reason in Reason},
        unreadable=one.unreadable + other.unreadable,
        tables=one.tables + other.tables,
        failed=one.failed + other.failed,
        untested=one.untested,
    )


def _pairs(source: Path, out: Path) -> list[tuple[Path, Path]]:
    """Say which table is written where; refuse what would overwrite a table or read an output."""
    if source.is_dir():
        if out.resolve().is_relative_to(source.resolve()):
            raise Problem(Kind.OUTPUT_IS_INPUT, path=str(out))
        pairs = [(table, out / table.relative_to(source)) for table in tables_in(source)]
    else:
        pairs = [(source, out / source.name if out.is_dir() else out)]
    if not pairs or not all(table.is_file() for table, _ in pairs):
        raise Unreadable(Kind.TABLE_UNREADABLE, path=str(source))
    for table, target in pairs:
        if kind_of(table) != kind_of(target):
            raise Problem(Kind.OUTPUT_OF_OTHER_KIND, path=str(target))
        if target.exists() and target.samefile(table):
            raise Problem(Kind.OUTPUT_IS_INPUT, path=str(target))
    return pairs
