# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The data sets that a server can be asked for: packs, and the collections of an engine."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from artistguard import protocol
from artistguard.errors import Unreadable
from artistguard.fingerprints import ALGORITHMS
from artistguard.models import Clue, Fingerprint, More, Query, Sighting, Source
from artistguard.packs.pack import Pack
from artistguard.search import Backend
from artistguard.search.packs import PackBackend
from artistguard.server.refusals import Denied

_BATCH: Final = 200
"""Works that are looked up between two signs of life: enough to fill an index's blocks."""


class Collection(Protocol):
    """One data set, for several threads."""

    @property
    def source(self) -> Source:
        """What it is."""

    def asked(self) -> AbstractContextManager[Backend]:
        """The data set, ready to be asked by one thread."""


class PackCollection:
    """A pack: each thread that asks has it open for itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._idle: queue.SimpleQueue[Pack] = queue.SimpleQueue()
        with self.asked() as backend:
            self.source = backend.source

    @contextmanager
    def asked(self) -> Iterator[Backend]:
        """The pack as a backend."""
        with self.lent() as pack:
            yield PackBackend(pack)

    @contextmanager
    def lent(self) -> Iterator[Pack]:
        """The pack, to nobody else; raises Damaged or Problem when it cannot be opened."""
        try:
            pack = self._idle.get_nowait()
        except queue.Empty:
            pack = Pack.open(self._folder)
        try:
            yield pack
        finally:
            self._idle.put(pack)

    def close(self) -> None:
        """Let go of all files."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


class EngineCollection:
    """A collection of a database engine, which any number of threads may ask."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.source = backend.source

    @contextmanager
    def asked(self) -> Iterator[Backend]:
        """The collection as a backend."""
        yield self._backend


class Holdings:
    """All data sets of a server, by the revision of their content."""

    def __init__(self, packs: Sequence[PackCollection], others: Sequence[Backend] = ()) -> None:
        self._packs = {each.source.revision: each for each in packs}
        self._all: dict[str, Collection] = {**self._packs}
        for backend in others:
            self._all.setdefault(backend.source.revision, EngineCollection(backend))

    @property
    def sources(self) -> list[Source]:
        """What can be asked for."""
        return [each.source for each in self._all.values()]

    def named(self, revision: object) -> Collection:
        """The data set with this content; raises Denied(409) when it is not here (any more)."""
        return _found(self._all, revision)

    def pack(self, revision: object) -> PackCollection:
        """The same, where it is a pack; only those are cut into buckets."""
        return _found(self._packs, revision)


C = TypeVar("C")


def _found(held: Mapping[str, C], revision: object) -> C:
    found = held.get(revision) if isinstance(revision, str) else None
    if found is None:
        raise Denied(409, "revision")
    return found


@contextmanager
def opened(packs: Sequence[Path], index: str | None) -> Iterator[Holdings]:
    """The packs, and the collections of the engine at an address, closed at the end.

    Raises Problem, Damaged or Offline for the first that cannot be opened.
    """
    with ExitStack() as stack:
        others: list[Backend] = []
        if index is not None:
            from artistguard import engines  # noqa: PLC0415  # only who has one needs its parts

            others = stack.enter_context(engines.opened(index))
        collections = [PackCollection(folder) for folder in packs]
        for each in collections:
            stack.callback(each.close)
        yield Holdings(collections, others)


def look_up(collection: Collection, asked: Sequence[object]) -> Iterator[dict[str, Any]]:
    """Every sighting of these queries, and a status for each query that is none, as JSON.

    In between, how many have been searched.
    """
    queries = []
    for parts in asked:
        try:
            queries.append(_known(protocol.read_query(parts)))
        except Unreadable as fault:
            key = parts.get("key") if isinstance(parts, dict) else None
            key = key if type(key) is int else None
            yield {"key": key, "status": 400, "reason": fault.facts["field"]}
    with collection.asked() as backend:
        for start in range(0, len(queries), _BATCH):
            for sighting in backend.look_up(queries[start : start + _BATCH]):
                yield protocol.sighting_parts(sighting)
            yield {"searched": min(start + _BATCH, len(queries))}


def look_up_clue(collection: Collection, clue: Clue) -> Iterator[dict[str, Any]]:
    """Every entry that points to the artist, as JSON."""
    with collection.asked() as backend:
        for found in backend.look_up_clue(clue):
            match found:
                case Sighting():
                    yield protocol.sighting_parts(found)
                case More():
                    yield protocol.more_parts(found)


def _known(query: Query) -> Query:
    """The query with those fingerprints that this version can compare.

    Raises Unreadable for one that is not as long as its algorithm makes it.
    """
    kept = []
    for print_ in query.fingerprints:
        algorithm = ALGORITHMS.get(print_.algorithm)
        if algorithm is not None:
            _check(print_, len(algorithm.variants), algorithm.bits // 8)
            kept.append(print_)
    return Query(
        query.key, query.work, query.width, query.height, query.sha256, query.md5, tuple(kept)
    )


def _check(print_: Fingerprint, variants: int, length: int) -> None:
    if len(print_.qualities) != variants or len(print_.values) != variants * length:
        raise protocol.fault("fingerprints")
