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
from artistguard.models import Plan, Progress, Scope, Sought

FOLDER: Final = "folder"
"""A choice besides the scopes: each work of one folder by itself."""

_SHOWN: Final = 200
"""Lines that are shown; all of them can be saved."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the artist has chosen; `scope` is the value of a Scope, or FOLDER."""

    scope: str
    works: tuple[int, ...]
    folder: str
    domain: str
    channel: str
    name: str


@dataclass(slots=True)
class Made:
    """The plans, and of their lines how many there are, their bytes, and the first."""

    plans: list[Plan] = field(default_factory=list)
    count: int = 0
    size: int = 0
    first: list[str] = field(default_factory=list)


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


def bodies(plans: list[Plan]) -> Iterator[str]:
    """Exactly what would be sent, a line for each opt-out."""
    for plan in plans:
        for draft in plan.drafts:
            yield wire.spell_declaration(draft.declaration)


def _plans(guard: Guard, chosen: Chosen) -> Iterator[Progress | Plan]:
    if chosen.scope == FOLDER:
        works = guard.portfolio.seek(Sought(folder=chosen.folder))
        yield from guard.acts.plan(works, chosen.channel)
    elif chosen.scope == Scope.WORK:
        yield from guard.acts.plan(chosen.works, chosen.channel)
    else:
        domain = chosen.domain if chosen.scope == Scope.DOMAIN else None
        yield guard.plan(Scope(chosen.scope), domain=domain, channel=chosen.channel)
