# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Many wishes as one act of the artist: planned together, filed all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from artistguard import optouts, receipts
from artistguard.channels import REGISTRY, Channel
from artistguard.errors import Problem
from artistguard.models import (
    Band,
    Checked,
    Clock,
    Plan,
    Progress,
    Receipt,
    Scope,
    SoughtRequests,
    Wish,
    stamp,
)
from artistguard.stamping import Stamping
from artistguard.store import Store

OVERDUE: Final = timedelta(days=7)
"""After so long without an answer an opt-out is overdue."""

_BATCH: Final = 1_000  # opt-outs per transaction


class Acts:
    """Plans, files and takes back for one artist.

    `channels`, `declarant` and what can `complete` receipts of the registry here are asked for when
    needed; `stamping` has the stamps that go out with them.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        channels: Callable[[], Mapping[str, Channel]],
        declarant: Callable[[], str],
        *,
        complete: Callable[[], receipts.Completion],
        stamping: Stamping,
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._declarant = declarant
        self._complete = complete
        self._stamping = stamping

    def late(self) -> str:
        """What was sent before this moment, as ISO 8601, and not answered is overdue now."""
        return stamp(lambda: self._clock() - OVERDUE)

    # planning and filing

    def plan(
        self,
        works: Sequence[int],
        channel: str,
        bands: tuple[Band, ...] = optouts.SURE,
        *,
        standing: bool = True,
    ) -> Iterator[Progress | Plan]:
        """A plan for each of these works with its near-duplicates, none of which is in two plans.

        Raises Problem (UNKNOWN_ID, NO_SUCH_CHANNEL).
        """
        chosen = optouts.choose_channel(self._channels(), channel)
        covered: set[int] = set()

        def wishes() -> Iterator[Wish]:
            for work in works:
                if work not in covered:
                    covered.update(self._store.works.group(work))
                    yield optouts.make_wish(
                        Scope.WORK, channel, self._clock, bands=bands, work=work, standing=standing
                    )

        plans = optouts.make_plans(self._store, wishes(), chosen, self._declarant(), self._clock)
        for done, plan in enumerate(plans, start=1):
            yield plan
            yield Progress("plan", done, len(works))

    def plan_wish(
        self,
        scope: Scope,
        channel: str,
        bands: tuple[Band, ...] = optouts.SURE,
        *,
        domain: str | None = None,
        folder: str | None = None,
        standing: bool = True,
    ) -> Plan:
        """The plan of one wish that is not for single works.

        Raises Problem (NOT_A_DOMAIN, NO_SUCH_CHANNEL).
        """
        chosen = optouts.choose_channel(self._channels(), channel)
        wish = optouts.make_wish(
            scope,
            channel,
            self._clock,
            bands=bands,
            domain=domain,
            folder=folder,
            standing=standing,
        )
        return optouts.make_plan(self._store, wish, chosen, self._declarant(), self._clock)

    def plan_again(self, ids: Sequence[str]) -> Iterator[Plan]:
        """Plans that ask anew for what was refused or taken back; see `optouts.plan_again`."""
        yield from optouts.plan_again(
            self._store, ids, self._channels(), self._declarant(), self._clock
        )

    def file(self, plans: Sequence[Plan]) -> int:
        """Make all plans' opt-outs rows in one transaction; how many are new.

        What is filed already is not filed again.
        """
        return optouts.write_down(self._store, plans)

    # taking back

    def withdraw(self, numbers: Sequence[int]) -> Iterator[Progress]:
        """Take opt-outs back, by their numbers; those who were asked are told by a delivery."""
        yield Progress("withdraw", 0, len(numbers))
        for start in range(0, len(numbers), _BATCH):
            ids = self._store.requests.ids(numbers[start : start + _BATCH])
            optouts.withdraw(self._store, ids, self._clock)
            yield Progress("withdraw", min(start + _BATCH, len(numbers)), len(numbers))

    def end(self, wishes: Sequence[str], *, withdraw: bool) -> Iterator[Progress]:
        """Let wishes no longer stand and, if to `withdraw`, take back all that they asked for."""
        optouts.end_wishes(self._store, wishes, self._clock)
        for wish in wishes if withdraw else ():
            sought = SoughtRequests(self.late(), wish=wish)
            yield from self.withdraw(self._store.requests.seek(sought))

    # proof

    def save(self, numbers: Sequence[int], into: Path) -> Iterator[Progress | Problem]:
        """Write a list of opt-outs with their receipts into a folder; see `receipts.save`.

        What keeps receipts from being complete is a Problem among what comes.
        """
        troubles: list[Problem] = []
        yield from receipts.save(
            *(self._store, numbers, self.late(), into),
            completions={REGISTRY: self._complete()},
            tell=troubles.append,
        )
        self._stamping.stamps.copy(into / "receipts")
        yield from {str(one): one for one in troubles}.values()

    def examine(self, opt_out: str) -> list[tuple[Receipt, Checked]]:
        """The receipts of one opt-out, each complete and checked as anybody would."""
        return receipts.examine(self._store, opt_out, {REGISTRY: self._complete()})
