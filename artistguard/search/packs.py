# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Looks works up in an offline pack: each witness that the pack has is asked in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artistguard.fingerprints import DCT256, PHASH64, SSCD256
from artistguard.models import Band, Clue, Miss, More, Query, Sighting, Witness
from artistguard.packs import bands
from artistguard.packs.pack import Found, Pack
from artistguard.packs.segment import PackHits
from artistguard.search import Backend, described
from artistguard.search.forms import Forms
from artistguard.search.misses import missed

_LARGE = 1_000_000
_HOSTS_LISTED = 10_000
_NAMES_LISTED = 1_000


@contextmanager
def opened(folders: Iterable[Path]) -> Iterator[list[Backend]]:
    """Every pack as a backend, closed whatever happens.

    Raises Damaged or Problem for the first pack that cannot be opened.
    """
    with ExitStack() as stack:
        yield [PackBackend(stack.enter_context(Pack.open(folder))) for folder in folders]


class PackBackend:
    """One pack, asked as any other backend is."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._algorithms = described.trusted(pack.folder, pack.manifest)
        # In a large pack a search as far as "possible" takes minutes for each hundred works.
        large = pack.manifest.rows > _LARGE
        self._least = Band.LIKELY if large else Band.POSSIBLE
        better = DCT256 if DCT256 in self._algorithms else PHASH64
        self._asked = [name for name in (better, SSCD256) if name in self._algorithms]
        source = described.described(pack.folder, pack.manifest)
        misses = tuple(miss for name in self._asked for miss in self._missed(name))
        self.source = replace(source, misses=misses)

    def _missed(self, algorithm: str) -> Iterator[Miss]:
        every = [held for one in self._pack.manifest.segments for held in one.held]
        every = [held for held in every if held.algorithm == algorithm]

        def share_at(radius: int) -> float:
            plans = (bands.plan(o.bits, radius, o.distinct, widths=o.widths) for o in every)
            return min(plan.recall for plan in plans)

        unlisted = sum(held.left_out for held in every)
        return missed(algorithm, self._least, share_at, unlisted)

    def look_up(self, queries: Sequence[Query]) -> Iterator[Sighting]:
        """What file hashes and fingerprints saw of these works.

        The published 64-bit hash is asked only where a pack has nothing better, and no hash that
        was held against live pictures and found not to be ours.
        """
        everything = self._pack.manifest.rows
        sha256 = self._pack.find_sha256([query.sha256 for query in queries], everything)
        yield from self._exact(Witness.SHA256, sha256, queries)
        md5 = self._pack.find_md5([query.md5 for query in queries], everything)
        yield from self._exact(Witness.MD5, md5, queries)
        for algorithm in self._asked:
            yield from self._near(algorithm, queries)

    def look_up_clue(self, clue: Clue) -> Iterator[Sighting | More]:
        """Entries with the artist's addresses, from their sites, or whose captions name them."""
        urls = self._pack.find_urls(clue.urls, self._pack.manifest.rows)
        yield from self._pointing(Witness.URL, urls, clue.urls, self._pack.manifest.rows)
        hosts = self._pack.find_hosts(clue.hosts, _HOSTS_LISTED)
        yield from self._pointing(Witness.HOST, hosts, clue.hosts, _HOSTS_LISTED)
        names = self._pack.find_names(clue.names, _NAMES_LISTED)
        yield from self._pointing(Witness.NAME, names, clue.names, _NAMES_LISTED)

    def _exact(
        self, witness: Witness, found: Found, queries: Sequence[Query]
    ) -> Iterator[Sighting]:
        entries = self._pack.entries(found.row)
        for at, entry in zip(found.query.tolist(), entries, strict=True):
            yield Sighting(queries[at].key, entry, witness, 0)

    def _pointing(
        self, witness: Witness, found: Found, clues: Sequence[str], limit: int
    ) -> Iterator[Sighting | More]:
        for entry in self._pack.entries(found.row):
            yield Sighting(None, entry, witness, 0)
        for at in np.flatnonzero(found.more).tolist():
            yield More(witness, clues[at], self.source.dataset, limit)

    def _near(self, algorithm: str, queries: Sequence[Query]) -> Iterator[Sighting]:
        """Ask for all variants of all works, those that may lie equally far away in one call."""
        asked = [
            (query.key, print_)
            for query in queries
            for print_ in query.fingerprints
            if print_.algorithm == algorithm
        ]
        if not asked:
            return
        forms = Forms(algorithm, asked, self._least)
        for radius, chosen in forms.groups():
            for hits in self._pack.blocks(algorithm, forms.values[chosen], radius):
                yield from self._sightings(forms, chosen[hits.query], hits)

    def _sightings(
        self, forms: Forms, form: NDArray[np.int64], hits: PackHits
    ) -> Iterator[Sighting]:
        rows, which = np.unique(hits.row, return_inverse=True)
        entries = self._pack.entries(rows)
        found = (form, which, hits.distance, hits.quality)
        for at, entry, distance, theirs in zip(*(each.tolist() for each in found), strict=True):
            key, variant, ours = forms.of(at)
            yield Sighting(key, entries[entry], forms.witness, distance, variant, min(ours, theirs))
