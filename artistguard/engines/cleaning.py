# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Says what lies in an engine, and frees what is searched no more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from artistguard.engines import tables
from artistguard.engines.tables import Collection, Engine


class LoadState(StrEnum):
    """What is done with a load: it is searched, another took its place, or it never ended.

    What is `UNFINISHED` was broken off, or is being loaded now.
    """

    SEARCHED = "searched"
    REPLACED = "replaced"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Load:
    """One load that takes up space; of an unfinished one nothing is known but its number."""

    number: int
    state: LoadState
    collection: Collection | None = None


def loads(engine: Engine) -> list[Load]:
    """Every load that takes up space, those that are searched first."""
    announced = {one.number: one for one in engine.announced()}
    searched = {one.number for one in tables.in_force(announced.values())}
    found = []
    for number in sorted(engine.numbers() | searched):
        state = LoadState.REPLACED if number in announced else LoadState.UNFINISHED
        state = LoadState.SEARCHED if number in searched else state
        found.append(Load(number, state, announced.get(number)))
    return sorted(found, key=lambda one: list(LoadState).index(one.state))


def drop(engine: Engine, chosen: Sequence[Load]) -> None:
    """Free the space of loads that are searched no more; raises ValueError for one that is.

    That they are dropped is announced first. So whoever searches one at that time is told, rather
    than take what is left of it for everything, and a load that was still running is never found.
    What is broken off may be dropped again.
    """
    numbers = {one.number for one in chosen}
    announced = engine.announced()
    if numbers & {one.number for one in tables.in_force(announced)}:
        raise ValueError(numbers)
    if new := numbers - tables.dropped(announced):
        own = secrets.randbits(32)
        engine.announce(Collection(own, "", "", "", 0, {}, (), (own, *sorted(new))))
    for number in sorted(numbers):
        engine.drop(number)
