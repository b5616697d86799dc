# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a site's robots.txt allows a named program to fetch (RFC 9309), read in linear time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

LIMIT = 500 << 10
"""Bytes of a robots.txt that must be read (RFC 9309, section 2.5); the rest is not."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Patterns of paths, each with whether they may be fetched."""

    lines: tuple[tuple[str, bool], ...] = ()

    def allow(self, url: str) -> bool:
        """Whether an address may be fetched: the longest pattern decides, allowing wins a tie."""
        parts = urlsplit(url)
        path = _spelt(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
        found = [(len(pattern), may) for pattern, may in self.lines if matches(pattern, path)]
        return max(found, default=(0, True))[1]


EVERYTHING = Rules()
NOTHING = Rules((("/", False),))


def read(body: bytes, agent: str) -> Rules:
    """The rules for the program `agent`: those of its groups, else those for everyone."""
    mine: list[tuple[str, bool]] = []
    everyones: list[tuple[str, bool]] = []
    named = False
    groups: set[str] = set()
    in_rules = True
    for key, value in _lines(body[:LIMIT]):
        if key == "user-agent":
            if in_rules:
                groups, in_rules = set(), False
            groups.add(value.partition("/")[0].strip().lower())
            named = named or agent.lower() in groups
        elif key in {"allow", "disallow"}:
            in_rules = True
            if value:
                rule = (_spelt(value), key == "allow")
                mine += [rule] * (agent.lower() in groups)
                everyones += [rule] * ("*" in groups)
    return Rules(tuple(mine if named else everyones))


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    for line in body.decode("utf-8-sig", "replace").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _spelt(path: str) -> str:
    """One spelling for all ways to escape a path."""
    return quote(unquote(path), safe="/?*$&=+,;:@!'()~")


def matches(pattern: str, path: str) -> bool:
    """Whether a path begins as the pattern says; ``*`` is anything, a last ``$`` the end."""
    to_end = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1] if to_end else rest:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    if not to_end:
        return True
    return path[at:].endswith(rest[-1]) if rest else at == len(path)
