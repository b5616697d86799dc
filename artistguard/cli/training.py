# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands for those who train and want to honour a no."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from artistguard import wording
from artistguard.cli.printing import Printer
from artistguard.proof import Level

if TYPE_CHECKING:
    from artistguard.datasets import OptOuts


def filter_(arguments: Namespace, printer: Printer) -> None:
    """Write the data set without the rows that were opted out."""
    from artistguard import datasets  # noqa: PLC0415  # pyarrow is slow to load and rarely needed

    opt_outs = _opt_outs(arguments)
    report = printer.follow(
        datasets.filter_dataset(Path(arguments.source), Path(arguments.out), opt_outs)
    )
    for path, problem in report.failed:
        printer.failure(f"{path}: {wording.explain_problem(problem)}")
    dropped = ", ".join(
        f"{count:,} by {reason}" for reason, count in report.dropped.items() if count
    )
    printer.result(
        {
            "rows_in": report.rows_in,
            "rows_out": report.rows_out,
            "dropped": report.dropped,
            "unreadable": report.unreadable,
            "tables": report.tables,
            "untested": report.untested,
        },
        f"{report.rows_out:,} of {report.rows_in:,} rows kept. Left out: {dropped or 'none'}."
        + _unread(report.unreadable),
    )
    printer.failures += report.unreadable
    if report.untested:
        printer.note(
            "This list is salted: rows were tested by address, domain and file hash, not by how"
            " their pictures look. For that, ask for the open list."
        )


def _unread(rows: int) -> str:
    """A sentence about rows that may be opted out for all anybody knows."""
    if rows == 1:
        return " 1 row could not be read and was kept."
    return f" {rows:,} rows could not be read and were kept." if rows else ""


def subset(arguments: Namespace, printer: Printer) -> None:
    """Write the ids of the rows that were not opted out."""
    from artistguard.datasets import subset  # noqa: PLC0415  # as above

    opt_outs = _opt_outs(arguments)
    steps = subset.write_subset(Path(arguments.source), Path(arguments.out), opt_outs)
    rows, kept = printer.follow(steps)
    printer.result({"rows_in": rows, "rows_out": kept}, f"{kept:,} of {rows:,} rows kept.")


def _opt_outs(arguments: Namespace) -> OptOuts:
    """The list, as far as it is to be honoured."""
    from artistguard import datasets  # noqa: PLC0415  # as above

    honoured = datasets.Honoured(Level(arguments.at_least), arguments.disputed == "honour")
    return datasets.load_opt_outs(Path(arguments.opt_outs), honoured)
