# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Works out what the artist has chosen, off the screen, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from artistguard import wire
from artistguard.guard import Guard
from artistguard.models import Band, Clue, Match, More, Plan, Progress, Scope, Witness

AGAIN: Final = "again"
"""A choice besides the scopes: to ask anew for what was refused or taken back."""

_SHOWN: Final = 200
"""Lines that are shown; all of them can be saved."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the artist has chosen; `scope` is the value of a Scope, or AGAIN for the `ids`.

    With no `bands`, only what the artist called theirs counts as a copy.
    """

    scope: str
    works: tuple[int, ...]
    ids: tuple[str, ...]
    folder: str
    domain: str
    bands: tuple[Band, ...]
    standing: bool
    channel: str
    name: str


@dataclass(slots=True)
class Made:
    """The plans, and of their lines how many there are, their bytes, and the first.

    At a domain so many `entries` of so many `sets` are known on this computer, or more.
    """

    plans: list[Plan] = field(default_factory=list)
    count: int = 0
    size: int = 0
    first: list[str] = field(default_factory=list)
    entries: int = 0
    sets: int = 0
    more: bool = False


def make_plans(data: Path, chosen: Chosen, made: Made) -> Iterator[Progress]:
    """Fill `made`, and tell how far it is."""
    with closing(Guard(data)) as guard:
        guard.choices.call_artist(chosen.name, keep=False)
        for news in _plans(guard, chosen):
            if isinstance(news, Progress):
                yield news
            else:
                made.plans.append(news)
                for body in bodies([news]):
                    made.count += 1
                    made.size += len(body.encode()) + 1
                    if made.count <= _SHOWN:
                        made.first.append(body)
        if chosen.scope == Scope.DOMAIN:
            yield from _count_entries(guard, made)


def bodies(plans: list[Plan]) -> Iterator[str]:
    """Exactly what would be sent, a line for each opt-out."""
    for plan in plans:
        for draft in plan.drafts:
            yield wire.spell_declaration(draft.declaration)


def _plans(guard: Guard, chosen: Chosen) -> Iterator[Progress | Plan]:
    if chosen.scope == AGAIN:
        yield from guard.acts.plan_again(chosen.ids)
    elif chosen.scope == Scope.WORK:
        yield from guard.acts.plan(
            chosen.works, chosen.channel, chosen.bands, standing=chosen.standing
        )
    else:
        yield guard.acts.plan_wish(
            Scope(chosen.scope),
            chosen.channel,
            chosen.bands,
            domain=chosen.domain if chosen.scope == Scope.DOMAIN else None,
            folder=chosen.folder if chosen.scope == Scope.FOLDER else None,
            standing=chosen.standing,
        )


def _count_entries(guard: Guard, made: Made) -> Iterator[Progress]:
    """Count what the packs on this computer have at the domain; nobody else is asked."""
    packs = guard.choices.settings.packs
    domain = made.plans[0].wish.domain if made.plans else None
    if not packs or domain is None:
        return
    entries: set[tuple[str, str, str]] = set()
    for found in guard.look_up((), Clue(hosts=(domain,)), packs):
        match found:
            case Match(witness=Witness.HOST, entry=entry):
                entries.add((entry.dataset, entry.dataset_version, entry.entry))
            case More():
                made.more = True
        if len(entries) % 1_000 == 0:
            yield Progress("plan", len(entries))
    made.entries = len(entries)
    made.sets = len({dataset for dataset, _version, _entry in entries})
