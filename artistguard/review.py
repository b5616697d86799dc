# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist looks at matches: says whose they are, takes it back, sees the data set's picture."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from artistguard import reading, sandbox
from artistguard.errors import Kind, Problem, Refused
from artistguard.fingerprints import Agreement
from artistguard.models import Clock, Match, Verdict, stamp
from artistguard.store import Act, SoughtMatches, Store

if TYPE_CHECKING:
    from artistguard.fetching import Fetcher

LARGEST: Final = 16 << 20
"""Bytes of a data set's picture at most."""

SECONDS: Final = 20.0
"""For the answer of a host, and again for the comparison: nobody waits longer at a screen."""

MEMORY: Final = 3 << 30  # bytes: two pictures, one after the other, and their points

_apart = partial(sandbox.run, workers=1, seconds=SECONDS, memory=MEMORY, needs=reading.DECODERS)


@dataclass(frozen=True, slots=True)
class Look:
    """A data set's picture as it is today: a large JPEG that was made of it here.

    `agreement` is None where no file of the work can be read, or the match is of no work.
    """

    picture: bytes = field(repr=False)
    agreement: Agreement | None


class Review:
    """What the artist says of matches in one store, act by act, for one thread of a window."""

    def __init__(self, store: Store, clock: Clock, fetcher: Fetcher | None = None) -> None:
        self._store = store
        self._clock = clock
        self._fetcher = fetcher

    def decide(self, matches: Collection[int], verdict: Verdict | None) -> Act | None:
        """Give, or with None take back, a verdict as one act; None if nothing changed by it.

        Raises Problem (UNKNOWN_ID) before anything is changed.
        """
        with self._store.writing():
            unknown = self._store.judgements.unknown(matches)
            if unknown is not None:
                raise Problem(Kind.UNKNOWN_ID, id=unknown)
            return self._store.judgements.decide(matches, verdict, stamp(self._clock))

    def decide_waiting(self, matches: Collection[int], verdict: Verdict) -> Act | None:
        """Give a verdict to those of these that still wait, as one act; None if none does."""
        with self._store.writing():
            waiting = self._store.judgements.waiting(matches)
            return self._store.judgements.decide(waiting, verdict, stamp(self._clock))

    def allow_host(self, host: str) -> Act | None:
        """Allow what was found at a host and is not decided, and all that will be found there."""
        now = stamp(self._clock)
        with self._store.writing():
            waiting = self._store.judgements.seek(SoughtMatches(host=host, decided=False))
            self._store.judgements.allow_host(host, now)
            return self._store.judgements.decide(waiting, Verdict.ALLOWED, now)

    def forget_host(self, host: str) -> int:
        """Allow a host no longer; how many matches wait for the artist again."""
        with self._store.writing():
            return self._store.judgements.forget_host(host)

    def undo(self, act: int | None = None) -> Act | None:
        """Take back an act by its number, or the last one; None if there is none."""
        with self._store.writing():
            done = self._store.judgements.act(act)
            if done:
                self._store.judgements.undo(done.number)
            return done

    def look(self, match: Match) -> Look:
        """Ask the host for the data set's picture, and hold it against the work.

        Nothing of it is kept on disk; it is decoded in a process of its own.

        Raises:
            Refused: The match has no address that may be asked.
            Unreadable, SlowDown, Offline: see `Fetcher.fetch`.
        """
        if match.entry.url is None:
            raise Refused(Kind.ADDRESS_NOT_PUBLIC)
        fetched = self._fetch(match.entry.url)
        ((_, made),) = _apart(reading.compare, [(match.path, fetched)])
        if isinstance(made, Problem):
            raise made
        return Look(*made)

    def _fetch(self, url: str) -> bytes:
        from artistguard import fetching

        limits = fetching.Limits(size=LARGEST, seconds=SECONDS, patience=5.0)
        self._fetcher = self._fetcher or fetching.Fetcher(limits)
        return self._fetcher.fetch(url)
