# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands that choose the servers to search at and to file with."""

from __future__ import annotations

import sys
from argparse import Namespace

from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.guard import Guard


def add(arguments: Namespace, printer: Printer) -> None:
    """Use a server from now on; its key is read from standard input, never from the command."""
    key = sys.stdin.readline().strip() if arguments.key_from_stdin else None
    with opened(arguments, printer) as guard:
        guard.choices.add_server(arguments.url, key, private=arguments.private)
        _list(guard, printer)


def remove(arguments: Namespace, printer: Printer) -> None:
    """Use a server no longer; what was found and filed there stays."""
    with opened(arguments, printer) as guard:
        guard.choices.remove_server(arguments.url)
        _list(guard, printer)


def list_(arguments: Namespace, printer: Printer) -> None:
    """Name the servers in use, and how they are asked."""
    with opened(arguments, printer) as guard:
        _list(guard, printer)


def _list(guard: Guard, printer: Printer) -> None:
    how = "in buckets" if guard.choices.settings.private else "with whole hashes"
    for url in guard.choices.settings.servers:
        fields = {"server": url, "private": guard.choices.settings.private}
        printer.result(fields, f"{url}  asked {how}")
