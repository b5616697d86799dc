# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The data sets that a server can be asked for, each open as often as it is asked at once."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from artistguard import protocol
from artistguard.errors import Unreadable
from artistguard.fingerprints import ALGORITHMS
from artistguard.models import Clue, Fingerprint, More, Query, Sighting, Source
from artistguard.packs import Pack
from artistguard.search.packs import PackBackend
from artistguard.server.refusals import Denied

_BATCH: Final = 1_000
"""Works that are looked up between two pieces of an answer."""


class Collection:
    """One pack, for several threads: each that asks has it open for itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._idle: queue.SimpleQueue[Pack] = queue.SimpleQueue()
        with self.lent() as pack:
            self.source: Source = PackBackend(pack).source

    @contextmanager
    def lent(self) -> Iterator[Pack]:
        """The pack, to nobody else; raises Damaged or Problem when it cannot be opened."""
        try:
            pack = self._idle.get_nowait()
        except queue.Empty:
            pack = Pack.open(self.folder)
        try:
            yield pack
        finally:
            self._idle.put(pack)

    def close(self) -> None:
        """Let go of all files."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


class Holdings:
    """All packs of a server, by the revision of their content."""

    def __init__(self, folders: Sequence[Path]) -> None:
        found = map(Collection, folders)
        self._by_revision = {each.source.revision: each for each in found}

    @property
    def sources(self) -> list[Source]:
        """What can be asked for."""
        return [each.source for each in self._by_revision.values()]

    def named(self, revision: object) -> Collection:
        """The collection with this content; raises Denied(409) when it is not here (any more)."""
        found = self._by_revision.get(revision) if isinstance(revision, str) else None
        if found is None:
            raise Denied(409, "revision")
        return found

    def close(self) -> None:
        """Let go of all files."""
        for each in self._by_revision.values():
            each.close()


def look_up(collection: Collection, asked: Sequence[object]) -> Iterator[dict[str, Any]]:
    """Every sighting of these queries, and a status for each query that is none, as JSON."""
    queries = []
    for parts in asked:
        try:
            queries.append(_known(protocol.read_query(parts)))
        except Unreadable as fault:
            key = parts.get("key") if isinstance(parts, dict) else None
            key = key if type(key) is int else None
            yield {"key": key, "status": 400, "reason": fault.facts["field"]}
    with collection.lent() as pack:
        backend = PackBackend(pack)
        for start in range(0, len(queries), _BATCH):
            for sighting in backend.look_up(queries[start : start + _BATCH]):
                yield protocol.sighting_parts(sighting)


def look_up_clue(collection: Collection, clue: Clue) -> Iterator[dict[str, Any]]:
    """Every entry that points to the artist, as JSON."""
    with collection.lent() as pack:
        for found in PackBackend(pack).look_up_clue(clue):
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
