# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Hides what is looked for among other questions: plain functions, with chance passed in."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

SIZE: Final = 32
"""Questions in each request, always."""

REAL: Final = 24
"""Most of them that are real; the rest are dummies."""


def mixed(
    wanted: Iterable[tuple[int, T]], dummy: Callable[[], T], chance: random.Random
) -> list[list[T]]:
    """Requests that ask for all that is wanted, in an order that chance gives.

    `wanted` has a question and whose it is. No request has two questions of one owner: several
    bands of one hash, sent together, are the hash. Each is filled up to `SIZE` with dummies.
    """
    by_owner: defaultdict[int, list[T]] = defaultdict(list)
    for owner, question in dict.fromkeys(wanted):
        by_owner[owner].append(question)
    owners = list(by_owner)
    chance.shuffle(owners)
    for questions in by_owner.values():
        chance.shuffle(questions)
    requests: list[list[T]] = []
    while owners:
        # Who has most left goes first, so that the last requests are not one owner's alone.
        owners.sort(key=lambda owner: -len(by_owner[owner]))
        request = [by_owner[owner].pop() for owner in owners[:REAL]]
        request += [dummy() for _ in range(SIZE - len(request))]
        chance.shuffle(request)
        requests.append(request)
        owners = [owner for owner in owners if by_owner[owner]]
    chance.shuffle(requests)
    return requests
