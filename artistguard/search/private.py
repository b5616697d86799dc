# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Looks works up on a server without saying which: it hands out buckets, we compare.

Each request goes over a connection of its own, without a key, with questions of different works
mixed with dummies (see `veil`). The server learns that somebody has a picture with some of these
bits, and our network address. Sites and names are not asked for: they say who asks.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from artistguard.calls import Caller
from artistguard.fingerprints import FORMS
from artistguard.models import Clue, Disclosure, Entry, More, Query, Sighting, Source, Witness
from artistguard.packs.buckets import band_values_of, digest_key, first_bits, url_key
from artistguard.protocol import BLOCK_ROWS
from artistguard.search import WITNESSES
from artistguard.search.bucketed import Bucket, Bucketed, Keyed, Near, Question
from artistguard.search.forms import Forms
from artistguard.search.veil import SIZE, mixed
from artistguard.wire import normalise_url

SHARED_BY: Final = 500
"""How many rows should share the bits of a file hash or an address that are told."""

_EXACT: Final = {"sha256": Witness.SHA256, "md5": Witness.MD5, "url": Witness.URL}
Asked = tuple[int, Question]


@dataclass(frozen=True, slots=True)
class Hit:
    """That a work, or none in particular, was seen in a row."""

    key: int | None
    row: int
    witness: Witness
    distance: int = 0
    variant: str = "plain"
    quality: int = 100


class PrivateBackend:
    """One collection of a server, asked in buckets; `told` says what that came to."""

    def __init__(self, caller: Caller, source: Source, chance: random.Random | None = None) -> None:
        self._answers = Bucketed(caller, source)
        self._chance = chance or random.SystemRandom()
        asked = {*_EXACT.values(), *WITNESSES.values()}
        answers = tuple(one for one in source.answers if one in asked)
        # What an open search would miss says nothing of this one, which finds less: see the words
        # of `wording.describe_asking`.
        self.source = replace(source, answers=answers, misses=())
        self.told = Disclosure(host=caller.server.host, private=True)

    def look_up(self, queries: Sequence[Query]) -> Iterator[Sighting]:
        """What file hashes and fingerprints saw of these works."""
        digests = [(q.key, kind, getattr(q, kind)) for q in queries for kind in ("sha256", "md5")]
        wanted = [(key, kind, digest_key(digest)) for key, kind, digest in digests]
        hits = set(self._keyed(wanted)) | set(self._near(queries))
        hashes = {(key, kind): digest for key, kind, digest in digests}
        for hit, entry in self._entries(hits):
            if hit.witness not in _EXACT.values() or hashes[
                hit.key or 0, hit.witness.value
            ] == getattr(entry, hit.witness.value):
                yield _sighting(hit, entry)

    def look_up_clue(self, clue: Clue) -> Iterator[Sighting | More]:
        """Entries with the artist's addresses; sites and names are not asked for."""
        urls = {normalise_url(url) or url for url in clue.urls}
        wanted = [(number, "url", url_key(url)) for number, url in enumerate(sorted(urls))]
        hits = {replace(hit, key=None) for hit in self._keyed(wanted)}
        for hit, entry in self._entries(hits):
            if entry.url is not None and (normalise_url(entry.url) or entry.url) in urls:
                yield _sighting(hit, entry)

    def _keyed(self, wanted: Sequence[tuple[int, str, bytes]]) -> Iterator[Hit]:
        """Rows with these keys; each has a number, a kind and 8 bytes."""
        asked: dict[Question, list[tuple[int, bytes]]] = {}
        for segment, kind, rows in self._answers.keys:
            bits = max(0, (rows // SHARED_BY).bit_length() - 1)
            for number, of, key in wanted:
                if of == kind:
                    wish = Keyed(segment, kind, bits, first_bits(key, bits))
                    asked.setdefault(wish, []).append((number, key))
        questions = [(n, wish) for wish, whose in asked.items() for n, _ in whose]
        for question, bucket in self._ask(questions):
            assert isinstance(question, Keyed)
            for number, key in asked.get(question, ()):
                same = (bucket.values == np.frombuffer(key, np.uint8)).all(axis=1)
                for row in bucket.rows[same].tolist():
                    yield Hit(number, row, _EXACT[question.kind])

    def _near(self, queries: Sequence[Query]) -> Iterator[Hit]:
        for algorithm, witness in WITNESSES.items():
            prints = [
                (query.key, print_)
                for query in queries
                for print_ in query.fingerprints
                if print_.algorithm == algorithm
            ]
            if prints and witness in self.source.answers:
                yield from self._near_by(algorithm, Forms(algorithm, prints))

    def _near_by(self, algorithm: str, forms: Forms) -> Iterator[Hit]:
        """Rows near the whole pictures, as they are, mirrored and turned."""
        of_key = _whole_pictures(forms)
        whose: defaultdict[Question, set[int]] = defaultdict(set)
        for shape in self._answers.shapes:
            if shape.algorithm == algorithm and not shape.widths:
                for bucket in self._answers.slices(shape):
                    for chosen in of_key.values():
                        yield from _compare(forms, chosen, bucket)
            elif shape.algorithm == algorithm:
                values = band_values_of(forms.values, shape.widths)
                for key, chosen in of_key.items():
                    for band, value in _bands(values[chosen]):
                        whose[Near(shape.segment, algorithm, band, value)].add(key)
        asked = [(key, question) for question, keys in whose.items() for key in keys]
        for question, bucket in self._ask(asked):
            for key in whose.get(question, ()):
                yield from _compare(forms, of_key[key], bucket)

    def _ask(self, asked: Sequence[Asked]) -> Iterator[tuple[Question, Bucket]]:
        """Ask the questions, each with the number of who asks, among dummies."""
        real = {question for _, question in asked}
        requests = mixed(asked, self._answers.dummies(real, self._chance), self._chance)
        for request in requests:
            yield from zip(request, self._answers.buckets(request), strict=True)
        widest = max((self._answers.bits_of(question) for question in real), default=0)
        self._tell(
            buckets=len(asked),
            dummies=SIZE * len(requests) - len(asked),
            bits=widest,
        )

    def _entries(self, hits: Collection[Hit]) -> Iterator[tuple[Hit, Entry]]:
        """The entry of each hit, from blocks that are asked for among others."""
        last = (self._answers.rows - 1) // BLOCK_ROWS
        blocks = {hit.row // BLOCK_ROWS for hit in hits}
        asked = mixed(
            ((block, block) for block in sorted(blocks)),
            lambda: self._chance.randint(0, last),
            self._chance,
        )
        found: dict[int, Entry] = {}
        wanted = {hit.row for hit in hits}
        for request in asked:
            entries = self._answers.entries(request)
            found |= {row: entry for row, entry in entries if row in wanted}
        for hit in sorted(hits, key=lambda hit: hit.row):
            if hit.row not in found:
                raise self._answers.untrusted("row")
            yield hit, found[hit.row]

    def _tell(self, buckets: int, dummies: int, bits: int) -> None:
        traffic = self._answers.traffic
        widest = max(self.told.bits, bits)
        self.told = replace(
            self.told,
            requests=traffic.requests,
            sent=traffic.sent,
            received=traffic.received,
            buckets=self.told.buckets + buckets,
            dummies=self.told.dummies + dummies,
            bits=widest,
            shared_by=max(1, self._answers.rows >> widest),
        )


def _whole_pictures(forms: Forms) -> dict[int, list[int]]:
    """For each work, by its key, those of its forms that show all of it."""
    of_key: defaultdict[int, list[int]] = defaultdict(list)
    for form in range(len(forms.values)):
        key, variant, _ = forms.of(form)
        if variant in FORMS:
            of_key[key].append(form)
    return of_key


def _bands(values: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """The number and value of every band of some hashes."""
    for of_hash in values.tolist():
        yield from enumerate(of_hash)


def _compare(forms: Forms, chosen: Sequence[int], bucket: Bucket) -> Iterator[Hit]:
    """The rows of a bucket that are near one of some forms of a work."""
    hashes = forms.values[chosen]
    differ = np.bitwise_count(bucket.values[:, None] ^ hashes[None]).sum(axis=2, dtype=np.int64)
    for at, which in zip(*np.nonzero(differ <= forms.radius[chosen]), strict=True):
        key, variant, ours = forms.of(chosen[which])
        quality = min(ours, int(bucket.qualities[at]))
        row, distance = int(bucket.rows[at]), int(differ[at, which])
        yield Hit(key, row, forms.witness, distance, variant, quality)


def _sighting(hit: Hit, entry: Entry) -> Sighting:
    return Sighting(hit.key, entry, hit.witness, hit.distance, hit.variant, hit.quality)
