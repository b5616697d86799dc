# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Near-duplicates inside the portfolio are grouped under one work, their master."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np

from artistguard import evidence
from artistguard.fingerprints import ALGORITHMS, DCT256
from artistguard.models import Band, Entry, Query, Sighting, Version, Witness
from artistguard.packs.hamming import HammingIndex
from artistguard.store import Store


def group(store: Store) -> int:
    """Compare versions that are new with the whole portfolio; how many works changed their master.

    The master of a group is its largest picture, the first taken in where several are as large.
    Works are grouped only on evidence that would make a match certain.
    """
    done = store.works.grouped_to()
    versions: list[Version] = []
    hashes: list[bytes] = []
    qualities: list[bytes] = []
    for version, print_ in store.works.fingerprints_by(DCT256):
        versions.append(version)
        hashes.append(print_.values)
        qualities.append(print_.qualities)
    if not versions or versions[-1].id <= done:
        return 0
    first_new = next(at for at, version in enumerate(versions) if version.id > done)
    pairs = _near_duplicates(versions, hashes, qualities, first_new)
    before = {work.id: work.master for work in store.works.all()}
    after = _choose_masters(before, pairs, versions)
    changed = {work: master for work, master in after.items() if before[work] != master}
    with store.writing():
        store.works.set_masters(changed, versions[-1].id)
    return len(changed)


def _near_duplicates(
    versions: list[Version], hashes: list[bytes], qualities: list[bytes], first_new: int
) -> Iterator[tuple[int, int]]:
    """Pairs of works of which a version of one certainly shows a version of the other."""
    length = ALGORITHMS[DCT256].bits // 8
    variants = ALGORITHMS[DCT256].variants
    index = HammingIndex.from_hashes(
        np.frombuffer(b"".join(each[:length] for each in hashes), np.uint8).reshape(-1, length)
    )
    asked = np.frombuffer(b"".join(hashes[first_new:]), np.uint8).reshape(-1, length)
    reach = max(evidence.radius(Witness.DCT256, variant) for variant in variants)
    for hits in index.blocks(asked, reach):
        rows = zip(hits.query.tolist(), hits.row.tolist(), hits.distance.tolist(), strict=True)
        for at, together in groupby(rows, key=lambda hit: first_new + hit[0] // len(variants)):
            sightings: dict[int, list[Sighting]] = {}
            for query, row, distance in together:
                variant = query % len(variants)
                quality = min(qualities[at][variant], qualities[row][0])
                sightings.setdefault(row, []).append(
                    Sighting(
                        at,
                        _entry(versions[row]),
                        Witness.DCT256,
                        distance,
                        variants[variant],
                        quality,
                    )
                )
            for row, seen in sightings.items():
                judgement = evidence.judge(seen, _query(versions[at]))
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
