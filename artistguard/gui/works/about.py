# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is asked about one work: its versions, near-duplicates, copies, opt-outs and receipts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from artistguard import wording
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.models import Band, Card, Coverage, Edition, Request


@dataclass(frozen=True, slots=True)
class About:
    """All that is shown of one work beside its picture, which is small until it is decoded."""

    card: Card
    small: bytes
    places: list[str]
    coverage: list[Coverage]
    bands: Counter[Band]
    editions: list[Edition]
    variants: list[Card]
    requests: list[Request]


def ask(work: int, guard: Guard) -> About | None:
    """All about a work; None when there is no such work."""
    store = guard.store
    for _done in store.gallery.refresh():
        pass
    cards = store.gallery.cards([work])
    if not cards:
        return None
    others = [other for other in store.works.group(work) if other != work]
    return About(
        card=cards[0],
        small=store.thumbnails.get(cards[0].sha256) or b"",
        places=store.gallery.places(work),
        coverage=list(store.matches.coverage(work)),
        bands=Counter(match.band for match in store.matches.counted(tuple(Band), work)),
        editions=store.gallery.editions(work),
        variants=store.gallery.cards(others),
        requests=store.requests.requests(store.gallery.requests(work), guard.acts.late()),
    )


def check(requests: list[Request], guard: Guard) -> str:
    """What a check of every receipt of these opt-outs says, in a sentence."""
    valid, wrong = 0, []
    for request in requests:
        if request.has_receipt:
            for _receipt, checked in guard.acts.examine(request.id):
                valid += checked.valid
                if not checked.valid:
                    wrong.append(
                        f"{wording.name_subject(request)}: {wording.say_found(checked.why)}"
                    )
    return wording.describe_checks(valid, wrong)


def save_receipts(numbers: list[int], into: Path, guard: Guard) -> str:
    """Write the receipts of these opt-outs, and a list of them; what came of it.

    Raises Stopped when the folder cannot be written to.
    """
    troubles = [told for told in guard.acts.save(numbers, into) if isinstance(told, Problem)]
    return wording.say_saved([wording.explain_problem(one) for one in troubles])
