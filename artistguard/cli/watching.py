# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The command that keeps watch, and prints a line when there is news."""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from artistguard import settings, wording
from artistguard.background import Background, Changed, News
from artistguard.cli.marking import mark_fields, mark_prose
from artistguard.cli.printing import Printer
from artistguard.cli.protecting import opt_out_fields
from artistguard.cli.searching import match_fields, match_prose, report_disclosure, shown_path
from artistguard.errors import Kind, Problem
from artistguard.guard import Guard
from artistguard.marking import MarkedFile
from artistguard.models import Disclosure, Match, More, OptOut, Progress, ScannedFile
from artistguard.wording import reach


class _Ended(BaseException):
    """The system asks us to end."""


def watch(arguments: Namespace, printer: Printer) -> None:
    """Keep watch over all folders that were ever named, until told to end."""
    data = settings.data_folder(arguments.data, os.environ)
    _expect_folders(data)
    before = signal.signal(signal.SIGTERM, _end)
    try:
        with suppress(_Ended):
            Background(lambda: Guard(data), lambda news: _report(news, printer)).run()
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(*_: object) -> None:
    raise _Ended


def _expect_folders(data: Path) -> None:
    guard = Guard(data)
    try:
        exports = guard.choices.settings.marks.export_from
        if not (exports or guard.portfolio.folders()):
            raise Problem(Kind.NOTHING_TO_WATCH)
    finally:
        guard.close()


def _report(news: News, printer: Printer) -> None:
    """Print one line at once: whoever reads along is not to wait for the next."""
    match news:
        case Changed():
            _report_state(news, printer)
        case ScannedFile():
            _report_file(news, printer)
        case Match():
            fields = {"event": "match", "match": news.id, **match_fields(news)}
            printer.result(fields, f"match     {match_prose(news)}")
        case OptOut():
            said = f"opt-out   {news.state}  {news.subject} {news.id} at {news.channel}"
            printer.result({"event": "opt_out", **opt_out_fields(news)}, said)
        case Disclosure():
            report_disclosure(news, printer)
        case More():
            printer.note(wording.describe_more(news))
        case MarkedFile():
            fields = {"event": "mark", **mark_fields(news, None)}
            failed = f"failed    {shown_path(news.path)}: {fields['error']}"
            printer.result(fields, mark_prose(news) or failed)
        case Problem():
            printer.note(wording.explain_problem(news))
        case Progress():
            printer.progress(news)
    sys.stdout.flush()


def _report_state(changed: Changed, printer: Printer) -> None:
    problem = changed.problem
    why = wording.explain_problem(problem) if problem else None
    fields = {
        "event": "state",
        "state": changed.state,
        "kind": problem.kind if problem else None,
        "why": why,
        "away": [one.path for one in changed.away],
    }
    away = reach.describe_away([one.path for one in changed.away])
    said = (wording.name_state(changed.state), why, away)
    printer.result(fields, " ".join(filter(None, said)))


def _report_file(file: ScannedFile, printer: Printer) -> None:
    """Name a file; one that cannot be read is news, and no failure of this command."""
    error = wording.explain(Kind(file.error), {"path": file.path}) if file.error else None
    fields = {
        "event": "work",
        "path": file.path,
        "work": file.work,
        "state": file.state,
        "error": error,
    }
    shown = f"{file.state:<9} {shown_path(file.path)}"
    printer.result(fields, f"{shown}: {error}" if error else shown)
