# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What becomes of opt-outs after they were filed: found again, not found any more, objected to.

A copy that was opted out is looked for in the versions of its data set that come after the one in
which it was found. The last of those in which the work was looked up decides: either the copy is
there, or the work at an address that was not known before, or neither. That it is not there is said
only when the witness that saw it the first time was asked again. Of versions that no number orders
nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from artistguard.models import Progress, Subject
from artistguard.store import Store
from artistguard.store.aftermath import Copy, Filed, Look, Seen

BATCH: Final = 500
"""Works per transaction: a tenth of a second, for which other writers wait."""

_PARTS: Final = re.compile(r"([0-9]+)")


def follow(store: Store) -> Iterator[Progress]:
    """See anew what became of the opt-outs of works of which something new is known."""
    if all(len(versions) < 2 for versions in store.aftermath.versions().values()):
        if store.aftermath.unfollowed(1):
            with store.writing():
                store.aftermath.forget_followed()
        return
    done = 0
    while works := store.aftermath.unfollowed(BATCH):
        with store.writing():
            seen = [one for work in works for one in judge_work(store, work)]
            store.aftermath.followed(works, seen)
        done += len(works)
        yield Progress("follow", done)


def judge_work(store: Store, work: int) -> list[Seen]:
    """What is seen of each opt-out of a work."""
    looks: dict[str, list[Look]] = {}
    for look in store.aftermath.looks(work):
        looks.setdefault(look.dataset, []).append(look)
    return judge(store.aftermath.filed(work), store.aftermath.copies(work), looks)


def judge(
    filed: Iterable[Filed], copies: Sequence[Copy], looks: Mapping[str, Sequence[Look]]
) -> list[Seen]:
    """What is seen of each of these opt-outs of one work, by the data sets it was looked up in."""
    by_match = {copy.match: copy for copy in copies}
    found = []
    for one in filed:
        copy = by_match.get(one.copy) if one.copy is not None else None
        if copy is not None:
            found.append(_judge_copy(one, copy, copies, looks.get(copy.dataset, ())))
        elif one.subject is Subject.WORK:
            found.append(_judge_work(one, copies, looks))
    return found


def is_later(version: str, than: str) -> bool:
    """Whether one version comes after another, by the numbers in their names."""
    return bool(_PARTS.search(version) and _PARTS.search(than)) and _key(version) > _key(than)


def _key(version: str) -> list[tuple[int, int, str]]:
    parts = _PARTS.split(version)
    return [(1, int(part[:40]), "") if at % 2 else (0, 0, part) for at, part in enumerate(parts)]


def _judge_copy(one: Filed, copy: Copy, copies: Sequence[Copy], looks: Sequence[Look]) -> Seen:
    later = [look for look in looks if is_later(look.version, copy.version)]
    if not later:
        return Seen(one.number, None, None, None)
    last = max(later, key=lambda look: _key(look.version))
    there = [each for each in _in(copies, last) if each.counts]
    known = frozenset[object]().union(
        *(
            each.marks
            for each in copies
            if each.dataset == copy.dataset and not is_later(each.version, copy.version)
        )
    )
    same = [each for each in there if each.marks & copy.marks]
    elsewhere = [each for each in there if not each.marks & known]
    for each in (*same, *elsewhere):
        if each.found_at > one.answered_at:
            return Seen(one.number, last.version, each.found_at, each.match)
    if same or copy.witness not in last.witnesses:
        return Seen(one.number, None, None, None)  # known when it was filed, or never asked
    return Seen(one.number, last.version, last.last_at, None)


def _judge_work(one: Filed, copies: Sequence[Copy], looks: Mapping[str, Sequence[Look]]) -> Seen:
    """A work is found again where it was looked for before in an earlier version."""
    for copy in copies:
        if not copy.counts or copy.found_at <= one.answered_at:
            continue
        if any(
            is_later(copy.version, look.version) and look.first_at <= one.answered_at
            for look in looks.get(copy.dataset, ())
        ):
            return Seen(one.number, copy.version, copy.found_at, copy.match)
    return Seen(one.number, None, None, None)


def _in(copies: Iterable[Copy], look: Look) -> list[Copy]:
    return [copy for copy in copies if (copy.dataset, copy.version) == (look.dataset, look.version)]
