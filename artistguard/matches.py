# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Works not yet searched go to every backend in bulk; what its witnesses saw becomes matches."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from artistguard import evidence
from artistguard.models import (
    Clock,
    Clue,
    Match,
    More,
    Progress,
    Query,
    Sighting,
    Source,
    Witness,
    stamp,
)
from artistguard.search import Backend
from artistguard.store import Store

BATCH = 1000
"""Works per bulk look-up: enough to fill an index's blocks, few enough to lose little to a stop."""


def search(
    store: Store,
    backends: Iterable[Backend],
    able: Collection[Witness],
    clue: Clue,
    clock: Clock,
    *,
    again: bool = True,
) -> Iterator[Source | Progress | Match | More]:
    """Look up what each backend was not yet asked at this revision; yields each match that is new.

    `able` are the witnesses that works have something to show to; once there are more, what was
    searched without them is searched again. Each backend's matches come after its source. A
    batch's matches and the record that it was searched are kept in one transaction. The `clue` is
    asked `again`, which repeats a `More`, or only where that was not done yet.
    """
    for backend in backends:
        yield backend.source
        with store.writing():
            source = store.matches.add_source(backend.source)
        witnesses = _asked(backend.source, able)
        todo = store.matches.unsearched(source, witnesses)
        for start in range(0, len(todo), BATCH):
            yield Progress("search", start, len(todo))
            batch = todo[start : start + BATCH]
            now = stamp(clock)
            found = list(_judge(backend, store.matches.queries(batch), now))
            with store.writing():
                new = [match for match in found if store.matches.add(match)]
                store.matches.mark_searched(source, batch, witnesses, now)
            yield from new
        if again or not _is_told(store, source, clue):
            yield from _search_clue(store, source, backend, clue, clock)
        yield Progress("search", len(todo), len(todo))


def is_exhausted(store: Store, source: Source, able: Collection[Witness], clue: Clue) -> bool:
    """Whether a collection was asked all of this before, so that it need not even be opened."""
    known = store.matches.source(source)
    return (
        known is not None
        and not store.matches.unsearched(known, _asked(source, able))
        and _is_told(store, known, clue)
    )


def _asked(source: Source, able: Collection[Witness]) -> list[Witness]:
    return [witness for witness in source.answers if witness in able]


def _is_told(store: Store, source: int, clue: Clue) -> bool:
    return clue == Clue() or store.matches.clue(source) == _sha256(clue)


def _sha256(clue: Clue) -> str:
    return hashlib.sha256(repr(clue).encode()).hexdigest()


def _search_clue(
    store: Store, source: int, backend: Backend, clue: Clue, clock: Clock
) -> Iterator[Match | More]:
    told = list(_judge_clue(backend, clue, stamp(clock)))
    with store.writing():
        news = [item for item in told if isinstance(item, More) or store.matches.add(item)]
        # What was not told in full is asked again, so that whoever looks then hears of it, too.
        if not any(isinstance(item, More) for item in told):
            store.matches.keep_clue(source, _sha256(clue))
    yield from news


def look_up(
    backends: Iterable[Backend], queries: Sequence[Query], clue: Clue, clock: Clock
) -> Iterator[Match | More]:
    """The same look-up for pictures that are not taken in: nothing is read from or kept in rows."""
    for backend in backends:
        now = stamp(clock)
        yield from _judge(backend, queries, now)
        yield from _judge_clue(backend, clue, now)


def _judge(backend: Backend, queries: Sequence[Query], now: str) -> Iterator[Match]:
    """One match for each work and entry on which the witnesses agree enough."""
    by_key = {query.key: query for query in queries}
    together: defaultdict[tuple[int, str], list[Sighting]] = defaultdict(list)
    for sighting in backend.look_up(queries):
        assert sighting.key is not None
        together[sighting.key, sighting.entry.entry].append(sighting)
    for (key, _), sightings in together.items():
        yield from _match(backend, sightings, by_key[key], now)


def _judge_clue(backend: Backend, clue: Clue, now: str) -> Iterator[Match | More]:
    """One match, of no particular work, for each entry that points to the artist."""
    together: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in backend.look_up_clue(clue):
        if isinstance(sighting, More):
            yield sighting
        else:
            together[sighting.entry.entry].append(sighting)
    for sightings in together.values():
        yield from _match(backend, sightings, None, now)


def _match(
    backend: Backend, sightings: Sequence[Sighting], query: Query | None, now: str
) -> Iterator[Match]:
    judgement = evidence.judge(sightings, query)
    if judgement is not None:
        yield Match(
            id=0,
            work=query.work if query else None,
            backend=backend.source.backend,
            entry=sightings[0].entry,
            witness=judgement.witness,
            distance=judgement.distance,
            variant=judgement.variant,
            band=judgement.band,
            evidence=judgement.reasons,
            found_at=now,
        )
