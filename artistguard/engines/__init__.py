# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The same search on a database engine, for data sets that are too large for one machine.

An engine has two questions to answer: which marks have these values in these bands, and what are
the entries of these rows. The plans of `packs.bands` and the comparison of whole hashes at the end
are those of a pack; storage, shards, replicas and queues are the engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from artistguard.engines import cleaning, loading
from artistguard.engines.backend import EngineBackend
from artistguard.engines.cleaning import Load, LoadState
from artistguard.engines.clickhouse import ClickHouse
from artistguard.engines.postgres import PostgreSQL
from artistguard.engines.tables import Engine
from artistguard.errors import Kind, Problem
from artistguard.search import Backend

__all__ = [
    "SCHEMES",
    "Engine",
    "Load",
    "LoadState",
    "connected",
    "drop",
    "load",
    "loads",
    "opened",
    "prepare",
]

SCHEMES: Final[Mapping[str, Callable[[str], Engine]]] = {
    "clickhouse": ClickHouse.open,
    "postgresql": PostgreSQL.open,
    "postgres": PostgreSQL.open,
}
"""Which engine is meant by the first word of an address."""


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """The engine at an address, closed whatever happens.

    clickhouse://user:password@host:port/database speaks HTTP, with ``?secure=1`` TLS; with
    ``?cluster=NAME`` it asks all servers of that cluster. ``postgresql://…`` is PostgreSQL.

    Raises Problem (BAD_USAGE for another address, SERVER_PART_MISSING) and Offline.
    """
    try:
        kind = SCHEMES[urlsplit(url).scheme]
    except (KeyError, ValueError):
        raise Problem(Kind.BAD_USAGE, option="--index") from None
    engine = kind(url)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def opened(url: str) -> Iterator[list[Backend]]:
    """Every collection of an engine as a backend, for any number of threads.

    Raises what `connected` does, and Problem (BAD_ANSWER) for tables that are not ours.
    """
    with connected(url) as engine:
        yield [EngineBackend(engine, one) for one in engine.collections()]


def prepare(url: str) -> None:
    """Make the tables where they are not there yet; for a cluster, once on each of its servers."""
    with connected(url) as engine:
        engine.prepare()


def load(pack: Path, url: str, expected: int | None = None) -> Iterator[tuple[int, int]]:
    """Load a pack; yields how many of its segments are loaded, and of how many.

    Nothing is done when it is there already. `expected` is how many rows the collection would have
    if it were in one piece (by default the pack's), which decides how its hashes are cut.

    Raises what `connected` and `Pack.open` raise.
    """
    with connected(url) as engine:
        yield from loading.load(pack, engine, expected)


def loads(url: str) -> list[Load]:
    """Every load that takes up space; for a cluster, on the server that is named."""
    with connected(url) as engine:
        return cleaning.loads(engine)


def drop(url: str, chosen: Sequence[Load]) -> None:
    """Free the space of loads that are not searched, see `cleaning.drop`.

    For a cluster, once on each of its servers.
    """
    with connected(url) as engine:
        cleaning.drop(engine, chosen)
