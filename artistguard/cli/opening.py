# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opens the artist's data for one command and closes it again."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from artistguard import settings, wording
from artistguard.cli.printing import Printer
from artistguard.errors import Kind
from artistguard.guard import Guard


@contextmanager
def opened(arguments: Namespace, printer: Printer) -> Iterator[Guard]:
    """The guard of the data folder that was named; each of its notices is told once."""
    guard = Guard(settings.data_folder(arguments.data, os.environ))
    told = 0
    try:
        for notice in guard.notices:
            printer.note(wording.explain_problem(notice))
        told = len(guard.notices)
        yield guard
    finally:
        for notice in guard.notices[told:]:
            printer.note(wording.explain_problem(notice))
            # What was asked for was done, but not as well as it should be.
            printer.failures += notice.kind is Kind.REGISTRY_DAMAGED
        guard.close()
