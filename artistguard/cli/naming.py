# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands for several names or artists, each with a data folder of its own."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from artistguard import profiles
from artistguard.cli.printing import Printer
from artistguard.guard import now
from artistguard.settings import data_folder


def list_(arguments: Namespace, printer: Printer) -> None:
    """Every profile and where it lies."""
    for one in profiles.every(_main(arguments)):
        _show(one, printer)


def add(arguments: Namespace, printer: Printer) -> None:
    """Make a profile."""
    _show(profiles.create(_main(arguments), arguments.name, now), printer)


def rename(arguments: Namespace, printer: Printer) -> None:
    """Call a profile otherwise."""
    one = profiles.find(_main(arguments), arguments.name)
    _show(profiles.rename(one, arguments.new), printer)


def _main(arguments: Namespace) -> Path:
    return profiles.main_folder(data_folder(arguments.data, os.environ))


def _show(one: profiles.Profile, printer: Printer) -> None:
    fields = {"profile": one.name or "main", "data": str(one.data), "main": one.is_main}
    printer.result(fields, f"{one.name or 'main'}  {one.data}")
