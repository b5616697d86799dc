# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The dated list of programs that gather for AI, and what each of them gathers for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from artistguard.errors import Kind, Unreadable

LIMIT: Final = 1 << 20
"""Bytes of a list that are read."""

_MOST: Final = 2_000
# A name is a product token, by RFC 9309, section 2.2.1; some operators' names hold spaces.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}")


class Purpose(StrEnum):
    """What a program gathers for."""

    TRAINING = "training"  # models are trained on it, or data sets are made of it
    ANSWERS = "answers"  # it is fetched to answer one person's question
    SEARCH = "search"  # it can be found by it, with a link


class Obeys(StrEnum):
    """Whether the operator says that the program does as robots.txt says."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Agent:
    """One program by the name that robots.txt calls it; `source` is where its operator says so."""

    name: str
    operator: str
    purpose: Purpose
    obeys: Obeys
    source: str


@dataclass(frozen=True, slots=True)
class Agents:
    """A list and the day on which it was put together."""

    dated: date
    agents: tuple[Agent, ...]

    def of(self, *purposes: Purpose) -> tuple[str, ...]:
        """The names of those that gather for any of these."""
        return tuple(one.name for one in self.agents if one.purpose in purposes)


def shipped() -> Agents:
    """The list that came with the program."""
    return read(files(__package__).joinpath("agents.json").read_bytes())


def newest(own: Path) -> Agents:
    """The list that came with the program, or the user's own at `own` if it is newer.

    Raises:
        Unreadable: The user's own is no such list (AGENTS_DAMAGED).
    """
    known = shipped()
    try:
        with own.open("rb") as file:
            theirs = read(file.read(LIMIT + 1))
    except FileNotFoundError:
        return known
    except OSError as error:
        raise Unreadable(Kind.AGENTS_DAMAGED, place=own, reason=error.strerror) from error
    return theirs if theirs.dated > known.dated else known


def read(body: bytes) -> Agents:
    """A list from its JSON.

    Raises:
        Unreadable: It is no such list (AGENTS_DAMAGED).
    """
    if len(body) > LIMIT:
        raise Unreadable(Kind.AGENTS_DAMAGED, reason="size")
    try:
        told = json.loads(body)
        rows = told["agents"]
        if told["version"] != 1 or not 0 < len(rows) <= _MOST:
            raise Unreadable(Kind.AGENTS_DAMAGED, reason="version")
        return Agents(date.fromisoformat(told["dated"]), tuple(map(_agent, rows)))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unreadable(Kind.AGENTS_DAMAGED, reason=type(error).__name__) from error


def _agent(row: dict[str, Any]) -> Agent:
    name, operator, source = row["name"], row["operator"], row["source"]
    # A name goes into files that obey line by line.
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise ValueError(name)
    if not (isinstance(operator, str) and isinstance(source, str)):
        raise TypeError
    return Agent(name, operator, Purpose(row["purpose"]), Obeys(row["obeys"]), source)
