# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Near-duplicates inside the portfolio are grouped under one work, their master."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from artistguard import evidence
from artistguard.fingerprints import DCT256
from artistguard.models import Band, Entry, Fingerprint, Progress, Query, Sighting, Version
from artistguard.packs.hamming import HammingIndex
from artistguard.search.forms import Forms
from artistguard.store import Store

BATCH = 1000
"""Versions compared, and their groups kept, at a time."""


def group(store: Store) -> Iterator[Progress]:
    """Compare versions that are new with the whole portfolio and keep who is whose master.

    The master of a group is its largest picture, the first taken in where several are as large.
    Works are grouped only on evidence that would make a match certain.
    """
    done = store.works.grouped_to()
    if store.works.newest_version() <= done:
        return
    known = list(store.works.fingerprints_by(DCT256))
    versions = [version for version, _ in known]
    prints = [print_ for _, print_ in known]
    plain = np.frombuffer(b"".join(print_.plain for print_ in prints), np.uint8)
    index = HammingIndex.from_hashes(plain.reshape(len(prints), -1))
    groups = _Groups({work.id: work.master for work in store.works.all()}, versions)
    new = [at for at, version in enumerate(versions) if version.id > done]
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        changed = groups.join(_near_duplicates(versions, prints, index, batch))
        with store.writing():
            store.works.set_masters(changed, versions[batch[-1]].id)
        yield Progress("group", start + len(batch), len(new))


def _near_duplicates(
    versions: Sequence[Version],
    prints: Sequence[Fingerprint],
    index: HammingIndex,
    batch: Sequence[int],
) -> Iterator[tuple[int, int]]:
    """Pairs of works of which a version of one certainly shows a version of the other."""
    forms = Forms(DCT256, [(at, prints[at]) for at in batch], Band.CERTAIN)
    for radius, chosen in forms.groups():
        for hits in index.blocks(forms.values[chosen], radius):
            found = zip(hits.query.tolist(), hits.row.tolist(), hits.distance.tolist(), strict=True)
            for query, row, distance in found:
                at, variant, quality = forms.of(int(chosen[query]))
                if versions[at].work == versions[row].work:
                    continue
                least = min(quality, prints[row].qualities[0])
                sighting = Sighting(
                    at, _entry(versions[row]), forms.witness, distance, variant, least
                )
                judgement = evidence.judge([sighting], _query(versions[at]))
                if judgement and judgement.band is Band.CERTAIN:
                    yield versions[at].work, versions[row].work


class _Groups:
    """Works that belong together, each group under its largest."""

    def __init__(self, masters: Mapping[int, int | None], versions: Sequence[Version]) -> None:
        self._master = {work: master or work for work, master in masters.items()}
        self._members: dict[int, list[int]] = {}
        for work, master in self._master.items():
            self._members.setdefault(master, []).append(work)
        self._area: dict[int, int] = {}
        for version in versions:
            area = version.width * version.height
            self._area[version.work] = max(self._area.get(version.work, 0), area)

    def join(self, pairs: Iterable[tuple[int, int]]) -> dict[int, int | None]:
        """Put the groups of each pair together; the works whose master changed, and to whom."""
        changed: dict[int, int | None] = {}
        for pair in pairs:
            both = {self._master[work] for work in pair}
            if len(both) == 1:
                continue
            master, other = sorted(both, key=lambda work: (-self._area[work], work))
            moved = self._members.pop(other)
            self._members[master] += moved
            for work in moved:
                self._master[work] = changed[work] = master
        return changed


def _query(version: Version) -> Query:
    return Query(
        *(version.id, version.work, version.width, version.height, version.sha256, version.md5), ()
    )


def _entry(version: Version) -> Entry:
    return Entry(
        *("portfolio", "", str(version.id), None, None, None),
        *(version.width, version.height, version.sha256, version.md5),
    )
