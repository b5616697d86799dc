# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Many wishes as one act of the artist: planned together, filed all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from artistguard import optouts
from artistguard.channels import Channel
from artistguard.models import Band, Clock, Plan, Progress, Scope, Wish
from artistguard.store import Store


class Acts:
    """Plans and files for one artist; `channels` and `declarant` are asked for when needed."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        channels: Callable[[], Mapping[str, Channel]],
        declarant: Callable[[], str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._declarant = declarant

    def plan(
        self, works: Sequence[int], channel: str, bands: tuple[Band, ...] = optouts.SURE
    ) -> Iterator[Progress | Plan]:
        """A plan for each of these works with its near-duplicates, none of which is in two plans.

        Raises Problem (UNKNOWN_ID, NO_SUCH_CHANNEL).
        """
        chosen = optouts.choose_channel(self._channels(), channel)
        wishes = self._wishes(works, channel, bands)
        plans = optouts.make_plans(self._store, wishes, chosen, self._declarant(), self._clock)
        for done, plan in enumerate(plans, start=1):
            yield plan
            yield Progress("plan", done, len(works))

    def file(self, plans: Sequence[Plan]) -> int:
        """Make all plans' opt-outs rows in one transaction; how many are new."""
        return optouts.write_down(self._store, plans)

    def _wishes(
        self, works: Sequence[int], channel: str, bands: tuple[Band, ...]
    ) -> Iterator[Wish]:
        covered: set[int] = set()
        for work in works:
            if work not in covered:
                covered.update(self._store.works.group(work))
                yield optouts.make_wish(Scope.WORK, channel, self._clock, bands=bands, work=work)
