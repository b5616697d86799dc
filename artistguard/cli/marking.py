# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The command that makes marked copies, and says what they are worth."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from artistguard import wire, wording, writing
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.cli.searching import shown_path
from artistguard.errors import Kind, Problem, Stopped
from artistguard.marking import LeftOut, MarkedFile, MarkState, Signing
from artistguard.models import Progress
from artistguard.settings import Marks

_TEXTS = ("creator", "rights", "terms", "statement", "licensor")
_ADDRESSES = ("statement", "licensor")


def mark(arguments: Namespace, printer: Printer) -> None:
    """Mark pictures into a folder, or in place; or say what is to be said from now on."""
    _check(arguments)
    with opened(arguments, printer) as guard:
        marks = _chosen(guard.choices.settings.marks, arguments)
        if arguments.keep or arguments.export_from:
            if arguments.export_to:
                _make_folder(Path(marks.export_to))
            guard.choices.arrange(marks=marks)
        into = Path(arguments.out).expanduser().absolute() if arguments.out else None
        report = _Report(printer, marks.creator or guard.choices.settings.declarant)
        if arguments.paths:
            printer.note(wording.describe_reservation_in_copies(marks.reservation))
            credentials = not arguments.no_credentials
            for news in guard.marking.mark(arguments.paths, into, marks, credentials=credentials):
                report.take(news)
            report.sum_up()
        if arguments.root:
            signing = report.signing or guard.marking.signing(marks)
            if signing.root is None:
                raise Problem(Kind.BAD_USAGE, reason="A bought certificate has roots of its own.")
            writing.write(Path(arguments.root), signing.root)


def _check(arguments: Namespace) -> None:
    if arguments.paths and not (arguments.out or arguments.in_place):
        raise Problem(Kind.BAD_USAGE, reason="Say where the copies go: --out DIR.")
    if bool(arguments.export_from) != bool(arguments.export_to):
        raise Problem(Kind.BAD_USAGE, reason="--export-from and --export-to go together.")
    if arguments.key_file and not arguments.certificate:
        raise Problem(Kind.BAD_USAGE, reason="--key-file needs its --certificate.")
    if not (arguments.paths or arguments.keep or arguments.export_from or arguments.root):
        raise Problem(Kind.BAD_USAGE, reason="Name the pictures to be marked, or folders of them.")
    for name in _TEXTS:
        text = getattr(arguments, name)
        if text and not wire.is_text(text):
            raise Problem(Kind.UNSAYABLE, text=text)
    for name in _ADDRESSES:
        text = getattr(arguments, name)
        if text and urlsplit(text).scheme not in ("http", "https"):
            raise Problem(Kind.BAD_USAGE, reason=f"--{name} takes an address: https://...")


def _chosen(marks: Marks, arguments: Namespace) -> Marks:
    """The settings with what this command says instead."""
    said: dict[str, Any] = {
        name: value for name in _TEXTS if (value := getattr(arguments, name)) is not None
    }
    if arguments.reserve:
        said["reservation"] = arguments.reserve
    if arguments.sidecar:
        said["beside"] = True
    if arguments.certificate:
        said["certificate"] = _whole(arguments.certificate)
        said["key"] = _whole(arguments.key_file) if arguments.key_file else ""
    if arguments.export_from:
        said["export_from"] = _whole(arguments.export_from)
        said["export_to"] = _whole(arguments.export_to)
    return replace(marks, **said)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=path, reason=error.strerror) from error


def _whole(path: str) -> str:
    return str(Path(path).expanduser().absolute())


class _Report:
    """Prints what becomes of each picture, and counts it."""

    def __init__(self, printer: Printer, name: str) -> None:
        self.signing: Signing | None = None
        self._printer = printer
        self._name = name
        self._counts: Counter[MarkState] = Counter()
        self._others = 0  # copies that name another creator, as the picture did

    def take(self, news: Signing | LeftOut | Progress | MarkedFile) -> None:
        match news:
            case Progress():
                self._printer.progress(news)
            case Signing():
                self.signing = news
                self._printer.note(
                    wording.describe_signer(news.name, is_self_made=news.root is not None)
                )
                if not news.lasting:
                    self._printer.note(wording.describe_passing_key())
            case LeftOut():
                said = ", ".join(news.suffixes)
                self._printer.note(wording.describe_left_out(news.count, said))
            case MarkedFile():
                self._file(news)

    def _file(self, file: MarkedFile) -> None:
        self._counts[file.state] += 1
        self._others += bool(file.creator) and file.creator != self._name
        error = wording.explain_problem(file.problem) if file.problem else None
        if error:
            self._printer.failure(f"{shown_path(file.path)}: {error}")
        self._printer.result(mark_fields(file, self.signing), mark_prose(file))

    def sum_up(self) -> None:
        """Say how many there are of each."""
        marked, known, failed = (self._counts[state] for state in MarkState)
        self._printer.note(wording.describe_marked(marked, known, failed))
        if self._others:
            self._printer.note(wording.describe_other_creators(self._others))


def mark_fields(file: MarkedFile, signing: Signing | None) -> dict[str, object]:
    """The JSON fields of one picture that was to be marked."""
    signs = signing is not None and file.state is MarkState.MARKED
    return {
        "path": file.path,
        "out": file.out,
        "state": file.state,
        "added": file.added,
        "channels": list(file.means),
        "sidecar": file.beside,
        "creator": file.creator or None,
        "signer": _signer_fields(signing) if signing and signs else None,
        "error": wording.explain_problem(file.problem) if file.problem else None,
    }


def mark_prose(file: MarkedFile) -> str | None:
    """One line about a copy; what failed is named elsewhere."""
    if file.state is MarkState.FAILED or file.out is None:
        return None
    means = ", ".join(file.means)
    return f"{file.state:<8} {shown_path(file.out)}  ({means}, {file.added:+,} bytes)"


def _signer_fields(signing: Signing) -> dict[str, object]:
    return {
        "name": signing.name,
        "sha256": signing.sha256,
        "self_made": signing.root is not None,
    }
