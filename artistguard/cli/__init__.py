# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The command line: parse, call the core, print; ``--json`` lines are what scripts rely on."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import IntEnum
from importlib import import_module

import artistguard
from artistguard import profiles, settings, wording
from artistguard.cli import commands
from artistguard.cli.printing import Printer
from artistguard.errors import Kind, NotSignedIn, Offline, Problem, SlowDown


class Exit(IntEnum):
    """What the exit status tells a script."""

    DONE = 0
    SOME_FAILED = 1
    UNUSABLE = 2
    UNREACHED = 3
    INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = commands.parser()
    arguments = parser.parse_args(argv)
    printer = Printer(as_json=arguments.json)
    if arguments.version:
        printer.result(
            {"version": artistguard.__version__}, f"artistguard {artistguard.__version__}"
        )
        return Exit.DONE
    if arguments.run is None:
        parser.print_help(sys.stderr)
        return Exit.UNUSABLE
    try:
        if arguments.artist is not None:
            main_ = profiles.main_folder(settings.data_folder(arguments.data, os.environ))
            arguments.data = str(profiles.find(main_, arguments.artist).data)
        module, _, function = arguments.run.partition(".")
        run = getattr(import_module(f"artistguard.cli.{module}"), function)
        run(arguments, printer)
        sys.stdout.flush()
    except KeyboardInterrupt:
        printer.note("Stopped. Nothing is lost; run the same again to go on.")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Problem as problem:
        printer.problem(wording.explain_problem(problem))
        return _status(problem)
    return _outcome(printer)


def _outcome(printer: Printer) -> Exit:
    if printer.unreached:
        return Exit.UNREACHED
    return Exit.SOME_FAILED if printer.failures else Exit.DONE


def _status(problem: Problem) -> Exit:
    if isinstance(problem, Offline | SlowDown | NotSignedIn):
        return Exit.UNREACHED
    if problem.kind is Kind.DISK_FULL:
        return Exit.SOME_FAILED
    return Exit.UNUSABLE
