# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands for those who train and want to honour a no."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from artistguard import wording
from artistguard.cli.printing import Printer


def filter_(arguments: Namespace, printer: Printer) -> None:
    """Write the data set without the rows that were opted out."""
    from artistguard import datasets  # noqa: PLC0415  # pyarrow is slow to load and rarely needed

    opt_outs = datasets.OptOutList.load(Path(arguments.opt_outs))
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
        },
        f"{report.rows_out:,} of {report.rows_in:,} rows kept. Left out: {dropped or 'none'}.",
    )


def subset(arguments: Namespace, printer: Printer) -> None:
    """Write the ids of the rows that were not opted out."""
    from artistguard.datasets import OptOutList, subset  # noqa: PLC0415  # as above

    opt_outs = OptOutList.load(Path(arguments.opt_outs))
    steps = subset.write_subset(Path(arguments.source), Path(arguments.out), opt_outs)
    rows, kept = printer.follow(steps)
    printer.result({"rows_in": rows, "rows_out": kept}, f"{kept:,} of {rows:,} rows kept.")
