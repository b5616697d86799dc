# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The places where works are looked up: packs on this machine, servers, and database engines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from artistguard import matches
from artistguard.choices import is_server
from artistguard.models import Clue, Disclosure, Witness
from artistguard.search import Backend, Telling
from artistguard.store import Store

if TYPE_CHECKING:
    from artistguard.calls import Caller

_ENGINES = frozenset({"clickhouse", "postgresql", "postgres"})


@contextmanager
def opened(
    places: Sequence[str], call: Callable[[str], Caller], *, private: bool
) -> Iterator[list[Backend]]:
    """Everything that can be searched at these places, closed whatever happens.

    Servers are opened by `call` and asked in buckets if `private`. Raises Damaged or Problem for
    the first pack that cannot be opened, Offline, SlowDown or NotSignedIn for the first server or
    engine.
    """
    with ExitStack() as stack:
        backends: list[Backend] = []
        for place in places:
            if is_server(place):
                from artistguard.search import remote

                caller = stack.enter_context(call(place))
                backends += remote.opened(caller, private=private)
            elif urlsplit(place).scheme in _ENGINES:
                from artistguard import engines

                backends += stack.enter_context(engines.opened(place))
            else:
                from artistguard.search import packs

                backends += stack.enter_context(packs.opened([Path(place)]))
        yield backends


def is_far(place: str) -> bool:
    """Whether a place is on another machine as far as can be told: a server or an engine."""
    return is_server(place) or urlsplit(place).scheme in _ENGINES


def is_exhausted(place: str, store: Store, able: Collection[Witness], clue: Clue) -> bool:
    """Whether nothing is left to ask at a place, where that can be told without opening it.

    That is of a pack alone: what a server or an engine has now, only it can say. Raises Damaged or
    Problem for a pack that is not there.
    """
    if is_far(place):
        return False
    from artistguard.search import described

    return matches.is_exhausted(store, described.source_in(Path(place)), able, clue)


def disclosures(backends: Iterable[Backend]) -> Iterator[Disclosure]:
    """What a search has told each server that was asked anything."""
    for backend in backends:
        if isinstance(backend, Telling) and backend.told.requests:
            yield backend.told
