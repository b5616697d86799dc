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
from artistguard.guard import Guard


@contextmanager
def opened(arguments: Namespace, printer: Printer) -> Iterator[Guard]:
    """The guard of the data folder that was named; what it has to say is said first."""
    guard = Guard(settings.data_folder(arguments.data, os.environ))
    try:
        for notice in guard.notices:
            printer.note(wording.explain_problem(notice))
        yield guard
    finally:
        guard.close()
