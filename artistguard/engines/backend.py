# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Looks works up in a collection of an engine, by the same witnesses as in a pack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from artistguard.engines import asking, marks, tables
from artistguard.engines.tables import EXACT, NO_LIMIT, Collection, Engine, Held, read_entries
from artistguard.errors import Kind, Problem
from artistguard.fingerprints import ALGORITHMS, DCT256, PHASH64, SSCD256
from artistguard.models import Band, Clue, Entry, Miss, More, Query, Sighting, Source, Witness
from artistguard.packs import names
from artistguard.packs.addresses import normal_form
from artistguard.packs.keys import digest_keys, url_keys
from artistguard.search import WITNESSES
from artistguard.search.forms import Forms
from artistguard.search.misses import missed
from artistguard.wire import host_of

NAME = "index"

_LARGE = 1_000_000
_HOSTS_LISTED = 10_000
_NAMES_LISTED = 1_000
_NAMES_READ = 10_000  # rows whose captions are read for one name
_TERMS_ASKED = 32
_ENTRIES_AT_ONCE = 1 << 15


class EngineBackend:
    """One collection, asked as any other backend is."""

    def __init__(self, engine: Engine, collection: Collection) -> None:
        self._engine = engine
        self._collection = collection
        # What an index says is not believed further than the algorithms that this version knows.
        self._held = {
            one.algorithm: one
            for one in collection.held
            if one.algorithm in ALGORITHMS and one.bits == ALGORITHMS[one.algorithm].bits
        }
        better = DCT256 if DCT256 in self._held else PHASH64
        self._asked = [name for name in (better, SSCD256) if name in self._held]
        large = collection.rows > _LARGE  # as in a pack
        self._least = Band.LIKELY if large else Band.POSSIBLE
        exact = [Witness(kind) for kind in EXACT if collection.answers.get(kind)]
        self.source = Source(
            backend=NAME,
            dataset=collection.dataset,
            version=collection.version,
            revision=collection.revision,
            rows=collection.rows,
            answers=(*(WITNESSES[name] for name in self._asked), *exact),
            misses=tuple(miss for name in self._asked for miss in self._missed(self._held[name])),
        )

    def _missed(self, held: Held) -> Iterator[Miss]:
        def share_at(radius: int) -> float:
            return asking.plan(held.bits, radius, held.distinct, held.widths).recall

        return missed(held.algorithm, self._least, share_at)

    def look_up(self, queries: Sequence[Query]) -> Iterator[Sighting]:
        """What file hashes and fingerprints saw of these works.

        The published 64-bit hash is asked only where there is nothing better.
        """
        sha256 = [query.sha256 for query in queries]
        md5 = [query.md5 for query in queries]
        for at, entry in self._exact("sha256", digest_keys(sha256), NO_LIMIT):
            if entry.sha256 == sha256[at]:
                yield Sighting(queries[at].key, entry, Witness.SHA256, 0)
        for at, entry in self._exact("md5", digest_keys(md5), NO_LIMIT):
            if entry.md5 == md5[at]:
                yield Sighting(queries[at].key, entry, Witness.MD5, 0)
        for algorithm in self._asked:
            yield from self._near(self._held[algorithm], queries)
        self._check()

    def look_up_clue(self, clue: Clue) -> Iterator[Sighting | More]:
        """Entries with the artist's addresses, from their sites, or whose captions name them."""
        asked = [normal_form(url) for url in clue.urls]
        for at, entry in self._exact("url", url_keys(clue.urls), NO_LIMIT):
            if entry.url is not None and normal_form(entry.url) == asked[at]:
                yield Sighting(None, entry, Witness.URL, 0)
        hosts = [host_of(host) or "" for host in clue.hosts]
        counts = np.zeros(len(hosts), np.int64)
        for at, entry in self._exact("host", marks.text_keys(hosts), _HOSTS_LISTED + 1):
            if hosts[at] and f".{entry.host or ''}".endswith(f".{hosts[at]}"):
                counts[at] += 1
                if counts[at] <= _HOSTS_LISTED:
                    yield Sighting(None, entry, Witness.HOST, 0)
        for at in np.flatnonzero(counts > _HOSTS_LISTED).tolist():
            yield More(Witness.HOST, clue.hosts[at], self.source.dataset, _HOSTS_LISTED)
        if self._collection.answers.get("name"):
            for name in clue.names:
                yield from self._named(name)
        self._check()

    def _check(self) -> None:
        """Raises Problem (SOURCE_GONE) when the collection was dropped: not all of it was there."""
        if self._collection.number in tables.dropped(self._engine.announced()):
            raise Problem(Kind.SOURCE_GONE, host=self.source.dataset)

    def _named(self, name: str) -> Iterator[Sighting | More]:
        """Entries whose captions hold a name, as a pack finds them, among those with its terms."""
        keys = marks.text_keys(names.terms_of_name(name)[:_TERMS_ASKED])
        if not len(keys):
            return
        band = EXACT["name"]
        term, row = asking.exact(self._engine, self._collection, band, keys, _NAMES_READ + 1)
        counts = np.bincount(term, minlength=len(keys))
        rarest = int(counts.argmin())
        ready = names.Names([name])
        listed = 0
        for _, entry in self._entries(row[term == rarest][:_NAMES_READ]):
            if entry.caption and next(ready.within(entry.caption), None) is not None:
                listed += 1
                if listed <= _NAMES_LISTED:
                    yield Sighting(None, entry, Witness.NAME, 0)
        if listed > _NAMES_LISTED or counts[rarest] > _NAMES_READ:
            limit = min(listed, _NAMES_LISTED)
            yield More(Witness.NAME, name, self.source.dataset, limit)

    def _exact(
        self, kind: str, keys: NDArray[np.uint64], limit: int
    ) -> Iterator[tuple[int, Entry]]:
        """The number of a key and an entry that is found by it; keys may fall together."""
        if self._collection.answers.get(kind):
            query, row = asking.exact(self._engine, self._collection, EXACT[kind], keys, limit)
            for at, entry in self._entries(row):
                yield int(query[at]), entry

    def _near(self, held: Held, queries: Sequence[Query]) -> Iterator[Sighting]:
        """Ask for all variants of all works, those that may lie equally far away in one call."""
        asked = [
            (query.key, print_)
            for query in queries
            for print_ in query.fingerprints
            if print_.algorithm == held.algorithm
        ]
        if not asked:
            return
        forms = Forms(held.algorithm, asked, self._least)
        for radius, chosen in forms.groups():
            values = forms.values[chosen]
            for hits in asking.near(self._engine, self._collection, held, values, radius):
                for at, entry in self._entries(hits.row):
                    key, variant, ours = forms.of(int(chosen[hits.query[at]]))
                    quality = min(ours, int(hits.quality[at]))
                    distance = int(hits.distance[at])
                    yield Sighting(key, entry, forms.witness, distance, variant, quality)

    def _entries(self, rows: NDArray[np.uint64]) -> Iterator[tuple[int, Entry]]:
        """The place in `rows` and the entry, for each that is there; each is fetched once."""
        wanted = np.unique(rows)
        for start in range(0, len(wanted), _ENTRIES_AT_ONCE):
            some = wanted[start : start + _ENTRIES_AT_ONCE]
            body = self._engine.entries(self._collection.number, some)
            found = dict(read_entries(body, self.source))
            places = np.flatnonzero((rows >= some[0]) & (rows <= some[-1])).tolist()
            for place, row in zip(places, rows[places].tolist(), strict=True):
                if row in found:
                    yield place, found[row]
