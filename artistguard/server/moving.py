# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Takes the log and the accounts of a server that kept them in files into its database, once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from artistguard import proof
from artistguard.channels.registry import Registry
from artistguard.channels.storage import MOVED, LogFile, Storage, stopping
from artistguard.errors import Kind, Stopped
from artistguard.models import Clock
from artistguard.server import databases
from artistguard.server.databases import Database
from artistguard.server.logs import LogTable

_AT_ONCE: Final = 5_000


def moved(folder: Path, database: Database, signer: proof.Signer, clock: Clock) -> int:
    """The entries that were moved from a server's folder; 0 when there are none to move.

    They are there in one step, every line and the checkpoint checked before and read again
    afterwards. Only then the file gets another name, under which nothing is filed any more; so this
    may be stopped anywhere and done again. Raises Damaged, Stopped(REGISTRY_OTHER, path) when the
    database holds another log, and Offline.
    """
    path = folder / "registry" / "log.jsonl"
    file, table = LogFile(path), LogTable(database)
    if file.size() == 0:
        return 0
    old = Registry(path.parent, signer, clock)
    state = old.compared()
    with stopping(path), file.turn():
        if table.size() == 0:
            _copy_accounts(folder, database)
            _copy(file, table, state.size)
        new = Registry(path.parent, signer, clock, table)
        if new.compared().entries < state.entries or _end(table, state.size) != state.head:
            raise Stopped(Kind.REGISTRY_OTHER, path=str(path.parent))
        path.rename(path.with_name(MOVED))
    return state.entries


def _copy(file: LogFile, table: LogTable, size: int) -> None:
    with file.opened() as lines, table.turn() as turn:
        start = 0
        while start < size and (batch := lines.readlines(_AT_ONCE << 10)):
            turn.append(start, batch)
            start += sum(map(len, batch))
        checkpoint = file.checkpoint()
        if checkpoint is not None:
            turn.keep(checkpoint)


def _end(log: Storage, size: int) -> str:
    """The hash of the entry that ends at a byte, and with it all that comes before."""
    with log.opened() as lines:
        lines.seek(max(0, size - proof.MAX_DOCUMENT - 1))
        return proof.digest(lines.read(min(size, proof.MAX_DOCUMENT + 1)).splitlines()[-1])


def _copy_accounts(folder: Path, database: Database) -> None:
    """Copies the keys, unless the database has some: those that are not there were left out."""
    if not (folder / databases.FILE).exists():
        return
    old = databases.opened(None, folder)
    try:
        with old.asking() as ask, database.asking() as write:
            if write("SELECT 1 FROM artistguard_keys LIMIT 1"):
                return
            for table in databases.ACCOUNTS:
                for row in ask(f"SELECT * FROM {table}"):  # noqa: S608  # names of ours
                    places = ", ".join("?" * len(row))
                    write(f"INSERT INTO {table} VALUES ({places})", *row)  # noqa: S608  # too
    finally:
        old.close()
