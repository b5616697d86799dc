# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Looks works up in the collections of a server: by their hashes, or in a private way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from artistguard import protocol
from artistguard.calls import Caller
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import Clue, Disclosure, More, Query, Sighting, Source
from artistguard.search import Backend

BATCH: Final = 1_000
"""Works in one request, fewer when the server finds them too large."""

_MOST_SOURCES: Final = 1_000


def opened(caller: Caller, *, private: bool = False) -> list[Backend]:
    """Every collection of a server as a backend, whose `told` says what the server was told.

    With `private` it is asked in buckets, see there; the server must let anyone search. Raises
    Offline, SlowDown, NotSignedIn or Problem when the server cannot say what it has.
    """
    if not private:
        return [RemoteBackend(caller.apart(), source) for source in sources(caller)]
    from artistguard.search.private import PrivateBackend  # noqa: PLC0415  # takes numpy

    return [PrivateBackend(caller.apart(), source) for source in sources(caller)]


def sources(caller: Caller) -> list[Source]:
    """What a server can be asked for."""
    match caller.get(protocol.SOURCES):
        case {"sources": list() as listed} if len(listed) <= _MOST_SOURCES:
            try:
                return [protocol.read_source(one, backend_name(caller)) for one in listed]
            except Unreadable as fault:
                raise caller.untrusted(fault) from fault
    raise caller.untrusted(protocol.fault("sources"))


def backend_name(caller: Caller) -> str:
    """What rows call the collections of this server."""
    return f"server:{caller.server.host}"


class RemoteBackend:
    """One collection of a server, asked as any other backend is: plain hashes, over TLS."""

    def __init__(self, caller: Caller, source: Source) -> None:
        self._caller = caller
        self._works = 0
        self.source = source

    @property
    def told(self) -> Disclosure:
        """What the server was told so far."""
        traffic = self._caller.traffic
        return Disclosure(
            host=self._caller.server.host,
            private=False,
            requests=traffic.requests,
            sent=traffic.sent,
            received=traffic.received,
            works=self._works,
        )

    def look_up(self, queries: Sequence[Query]) -> Iterator[Sighting]:
        """What every witness saw of these works; the answer to a request comes when it is whole."""
        for found in self._caller.in_batches(queries, BATCH, self._ask):
            assert isinstance(found, Sighting)
            yield found

    def look_up_clue(self, clue: Clue) -> Iterator[Sighting | More]:
        """Entries that point to the artist's addresses or sites, or name the artist."""
        if clue == Clue():
            return
        lines = self._lines({"clue": protocol.clue_parts(clue)})
        clues = {*clue.urls, *clue.hosts, *clue.names}
        for line in lines:
            match line:
                case {"more": more}:
                    told = self._read(protocol.read_more, more)
                    if told.clue not in clues:
                        raise self._caller.untrusted(protocol.fault("clue"))
                    yield told
                case _:
                    yield self._sighting(line, {None})

    def _ask(self, queries: Sequence[Query]) -> Iterator[Sighting]:
        keys = {query.key for query in queries}
        self._works += len(queries)
        lines = self._lines({"queries": [protocol.query_parts(query) for query in queries]})
        for line in lines:
            match line:
                case {"searched": int()}:
                    continue
                case {"key": key, "status": int()}:
                    # The server took one of our own queries for malformed: it is not answered.
                    raise Problem(Kind.ANSWERS_MISSING, channel=self._caller.server.host, sent=key)
                case _:
                    yield self._sighting(line, keys)

    def _lines(self, parts: dict[str, Any]) -> list[Any]:
        body = protocol.spell({"revision": self.source.revision, **parts})
        return self._caller.lines(protocol.SEARCH, body)

    def _sighting(self, line: object, keys: set[Any]) -> Sighting:
        found: Sighting = self._read(protocol.read_sighting, line)
        if found.key not in keys or found.witness not in self.source.answers:
            raise self._caller.untrusted(protocol.fault("key"))
        return found

    def _read(self, read: Any, parts: object) -> Any:
        try:
            if not isinstance(parts, Mapping):
                raise protocol.fault("line")
            return read(parts, self.source)
        except Unreadable as fault:
            raise self._caller.untrusted(fault) from fault
