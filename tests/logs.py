# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Reading the log that a server wrote, wherever it lies."""

from contextlib import closing

from artistguard import proof
from artistguard.server import databases
from artistguard.server.logs import LogTable


def copied(url, path):
    """The log of a database, as a file."""
    with closing(databases.PostgreSQL(url)) as database, LogTable(database).opened() as lines:
        path.write_bytes(b"".join(lines))
    return path


def entries(path):
    """The entries of a log, each checked."""
    with path.open("rb") as file:
        yield from proof.read_log(file)
