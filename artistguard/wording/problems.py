# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Problems in words, with their facts put in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from artistguard.errors import Kind, Problem
from artistguard.wording.advice import WORDS
from artistguard.wording.language import translate


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "…"


def explain(kind: Kind, facts: Mapping[str, object] | None = None) -> str:
    """What happened and what to do about it, in one or two sentences."""
    spelled = _Facts({name: spell(fact) for name, fact in (facts or {}).items()})
    return " ".join(translate(part).format_map(spelled) for part in WORDS[kind] if part)


def explain_problem(problem: Problem) -> str:
    """The words for a problem."""
    return explain(problem.kind, problem.facts)


def spell(fact: object) -> str:
    """A fact as it may be shown: paths in whatever spelling, control characters made visible."""
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(map(spell, fact))
    text = str(fact) if not isinstance(fact, Path) else fact.as_posix()
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
