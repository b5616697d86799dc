# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The site's robots.txt: a reservation is worked into what is there, and taken out again.

Ours comes first, between two marked lines. Readers differ in what they do when a program is named
twice: by RFC 9309 all its groups hold together and `Allow` wins a tie, others stop at the first.
So a program is named by us alone. Where the owner named it, that line becomes a marked comment, and
what they forbade is forbidden in our group, too. Before merging again, their lines are put back.

Sources: RFC 9309; draft-ietf-aipref-attach-05 and -vocab-07 (`Content-Usage`); contentsignals.org
(`Content-Signal`); RSL 1.0 (`License`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from artistguard import robots
from artistguard.channels.site.agents import Agents, Purpose
from artistguard.channels.site.policy import Policy
from artistguard.errors import Kind, Refused

BEGIN: Final = "# ArtistGuard: begin"
END: Final = "# ArtistGuard: end"
_OUT: Final = "# ArtistGuard took out: "

_SIGNALS: Final = {"content-signal": "Content-Signal", "content-usage": "Content-Usage"}
_OF_NO_GROUP: Final = frozenset({"sitemap", "license", "host", ""})


@dataclass(slots=True)
class _Group:
    """Lines of one group by their place in the file: who is named, and the rules for them."""

    names: dict[int, str] = field(default_factory=dict)
    rules: dict[int, tuple[str, str]] = field(default_factory=dict)


def merge(existing: bytes, policy: Policy, agents: Agents) -> bytes:
    """The robots.txt that says what it said, and the reservation.

    Every line of the owner is still there, in its place, byte for byte or as a marked comment.

    Raises:
        Refused: What is there is no robots.txt (NOT_A_ROBOTS_TXT), or the file would be larger than
            what is read of one (ROBOTS_TOO_LONG).
    """
    head, lines = _opened(take_out(existing))
    if any(line.lstrip().startswith("<") for line in lines[:5]):
        raise Refused(Kind.NOT_A_ROBOTS_TXT)
    ending = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    stopped = agents.of(*stopped_purposes(policy))
    orphans, groups = _parsed(lines)
    out = set(orphans)
    for group in groups:
        out |= _taken(group, stopped)
    everyone = next((g for g in groups if "*" in g.names.values()), None)
    if everyone is not None:
        out |= {at for at, (key, _) in everyone.rules.items() if key in _SIGNALS}
    ours = _our_groups(stopped, groups, policy)
    kept = [f"{_OUT}{line}" if at in out else line for at, line in enumerate(lines)]
    if everyone is not None:
        signals = [BEGIN, *wanted_signals(policy), END]
        kept.insert(max(everyone.names) + 1, "".join(f"{line}{ending}" for line in signals))
        if not kept[max(everyone.names)].endswith(("\n", "\r")):
            kept[max(everyone.names)] += ending
    else:
        ours.append(["User-agent: *", *wanted_signals(policy), "Allow: /"])
    licensed = any(_record(line)[0] == "license" for line in lines)
    if not licensed:
        ours.append([f"License: {policy.site}/license.xml"])
    block = [BEGIN, f"# Programs as of {agents.dated}.", *_spaced(ours), END, ""]
    text = head + "".join(f"{line}{ending}" for line in block) + "".join(kept)
    body = text.encode("utf-8", "surrogateescape")
    if len(body) > robots.LIMIT:
        raise Refused(Kind.ROBOTS_TOO_LONG, size=len(body), limit=robots.LIMIT)
    return body


def take_out(merged: bytes) -> bytes:
    """What the owner had before anything was merged into it; other files come back as they are."""
    head, lines = _opened(merged)
    kept: list[str] = []
    inside = gap = False
    for line in lines:
        text = line.strip()
        if text == BEGIN:
            inside = True
        elif inside:
            if text == END:
                inside, gap = False, not kept
        elif gap and not text:
            gap = False  # the empty line after ours, which is ours as well
        else:
            gap = False
            kept.append(line.removeprefix(_OUT))
    if inside:  # the last line is missing: nobody can tell what was whose
        return merged
    return (head + "".join(kept)).encode("utf-8", "surrogateescape")


def signals(body: bytes) -> set[str]:
    """What a robots.txt says to everyone by such lines, each spelt as we spell it."""
    _, groups = _parsed(_opened(body[: robots.LIMIT])[1])
    return {
        f"{_SIGNALS[key]}: {' '.join(value.split())}"
        for group in groups
        if "*" in group.names.values()
        for key, value in group.rules.values()
        if key in _SIGNALS
    }


def stopped_purposes(policy: Policy) -> tuple[Purpose, ...]:
    """Programs for which of these are to stay away."""
    wanted = [Purpose.TRAINING]
    if not policy.answers:
        wanted.append(Purpose.ANSWERS)
    if not policy.search:
        wanted.append(Purpose.SEARCH)
    return tuple(wanted)


def _opened(body: bytes) -> tuple[str, list[str]]:
    """The mark that some editors put first, and the lines, each with its end."""
    text = body.decode("utf-8", "surrogateescape")
    head = "\ufeff" if text.startswith("\ufeff") else ""
    return head, re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text.removeprefix(head))


def _record(line: str) -> tuple[str, str]:
    key, colon, value = line.partition("#")[0].partition(":")
    return (key.strip().lower(), value.strip()) if colon else ("", "")


def _parsed(lines: Sequence[str]) -> tuple[list[int], list[_Group]]:
    """Rules that belong to nobody, which would become ours if they stayed, and the groups."""
    orphans: list[int] = []
    groups: list[_Group] = []
    for at, line in enumerate(lines):
        key, value = _record(line)
        if key == "user-agent":
            if not groups or groups[-1].rules:
                groups.append(_Group())
            groups[-1].names[at] = value.partition("/")[0].strip()
        elif key not in _OF_NO_GROUP:
            if groups:
                groups[-1].rules[at] = (key, value)
            else:
                orphans.append(at)
    return orphans, groups


def _taken(group: _Group, stopped: Sequence[str]) -> set[int]:
    """The lines that name those who are stopped; all of the group where it names nobody else."""
    known = {name.lower() for name in stopped}
    ours = {at for at, name in group.names.items() if name.lower() in known}
    return ours | set(group.rules) if len(ours) == len(group.names) else ours


def _our_groups(
    stopped: Sequence[str], groups: Sequence[_Group], policy: Policy
) -> list[list[str]]:
    """One group for all who may do the same."""
    by_rules: dict[tuple[str, ...], list[str]] = {}
    for name in stopped:
        rules = tuple(_rules(name, groups, policy))
        by_rules.setdefault(rules, []).append(name)
    return [
        [*(f"User-agent: {name}" for name in names), *rules] for rules, names in by_rules.items()
    ]


def _rules(name: str, groups: Sequence[_Group], policy: Policy) -> Iterator[str]:
    """What is forbidden to a program: our paths, and elsewhere what the owner had said."""
    yield from (f"Disallow: {path}" for path in policy.paths)
    if policy.everywhere:
        return
    own = [g for g in groups if name.lower() in {n.lower() for n in g.names.values()}]
    for group in own or [g for g in groups if "*" in g.names.values()]:
        for key, value in group.rules.values():
            if key == "disallow" and value and value not in policy.paths:
                yield f"Disallow: {value}"
            elif key == "allow" and not _may_reach(value, policy.paths):
                yield f"Allow: {value}"


def _may_reach(pattern: str, paths: Sequence[str]) -> bool:
    """Whether a pattern could speak of anything under our paths, and win over them."""
    plain = pattern.partition("*")[0]
    return any(plain.startswith(path) or path.startswith(plain) for path in paths)


def wanted_signals(policy: Policy) -> Iterator[str]:
    """The lines for everyone that say what may be done with what was fetched."""
    if not policy.everywhere:
        yield from (f"Content-Usage: {path} train-ai=n" for path in policy.paths)
        return
    search, answers = ("yes" if kept else "no" for kept in (policy.search, policy.answers))
    yield f"Content-Signal: search={search}, ai-input={answers}, ai-train=no"
    yield "Content-Usage: train-ai=n" + ("" if policy.search else ", search=n")


def _spaced(groups: Sequence[Sequence[str]]) -> Iterator[str]:
    for at, group in enumerate(groups):
        if at:
            yield ""
        yield from group
