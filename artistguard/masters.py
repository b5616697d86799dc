# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Near-duplicates inside the portfolio are grouped under one work, their master."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from artistguard import evidence
from artistguard.fingerprints import DCT256
from artistguard.models import Band, Entry, Fingerprint, Query, Sighting, Version
from artistguard.packs.hamming import HammingIndex
from artistguard.search.forms import Forms
from artistguard.store import Store


def group(store: Store) -> int:
    """Compare versions that are new with the whole portfolio; how many works changed their master.

    The master of a group is its largest picture, the first taken in where several are as large.
    Works are grouped only on evidence that would make a match certain.
    """
    done = store.works.grouped_to()
    if store.works.newest_version() <= done:
        return 0
    versions: list[Version] = []
    prints: list[Fingerprint] = []
    for version, print_ in store.works.fingerprints_by(DCT256):
        versions.append(version)
        prints.append(print_)
    first_new = next((at for at, version in enumerate(versions) if version.id > done), None)
    if first_new is None:
        return 0
    pairs = _near_duplicates(versions, prints, first_new)
    before = {work.id: work.master for work in store.works.all()}
    after = _choose_masters(before, pairs, versions)
    changed = {work: master for work, master in after.items() if before[work] != master}
    with store.writing():
        store.works.set_masters(changed, versions[-1].id)
    return len(changed)


def _near_duplicates(
    versions: list[Version], prints: list[Fingerprint], first_new: int
) -> Iterator[tuple[int, int]]:
    """Pairs of works of which a version of one certainly shows a version of the other."""
    plain = np.frombuffer(b"".join(print_.plain for print_ in prints), np.uint8)
    index = HammingIndex.from_hashes(plain.reshape(len(prints), -1))
    forms = Forms(DCT256, list(enumerate(prints))[first_new:])
    for radius in np.unique(forms.radius).tolist():
        chosen = np.flatnonzero(forms.radius == radius)
        for hits in index.blocks(forms.values[chosen], radius):
            found = zip(hits.query.tolist(), hits.row.tolist(), hits.distance.tolist(), strict=True)
            for query, row, distance in found:
                form = int(chosen[query])
                at, variant = forms.of(form)
                quality = min(int(forms.quality[form]), prints[row].qualities[0])
                sighting = Sighting(
                    at, _entry(versions[row]), forms.witness, distance, variant, quality
                )
                judgement = evidence.judge([sighting], _query(versions[at]))
                if judgement and judgement.band is Band.CERTAIN:
                    yield versions[at].work, versions[row].work


def _choose_masters(
    masters: dict[int, int | None], pairs: Iterable[tuple[int, int]], versions: list[Version]
) -> dict[int, int | None]:
    """Join groups that a pair connects, each under its largest work."""
    size: dict[int, int] = {}
    for version in versions:
        area = version.width * version.height
        size[version.work] = max(size.get(version.work, 0), area)
    chosen = dict(masters)

    def root(work: int) -> int:
        while (master := chosen[work]) is not None:
            work = master
        return work

    for one, other in pairs:
        first, second = sorted((root(one), root(other)), key=lambda work: (-size[work], work))
        if first != second:
            chosen[second] = first
    return {work: (top if (top := root(work)) != work else None) for work in chosen}


def _query(version: Version) -> Query:
    return Query(
        *(version.id, version.work, version.width, version.height, version.sha256, version.md5), ()
    )


def _entry(version: Version) -> Entry:
    return Entry(
        *("portfolio", "", str(version.id), None, None, None),
        *(version.width, version.height, version.sha256, version.md5),
    )
