# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Fills an engine: from a pack, or with the shards of a data set by any number of processes."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from artistguard.engines import asking, marks, tables
from artistguard.engines.tables import MOST_BANDS, Collection, Engine, Held, Marks, write_entries
from artistguard.errors import Kind, Offline
from artistguard.fingerprints import ALGORITHMS
from artistguard.models import Entry
from artistguard.packs import About
from artistguard.packs.batches import Prepared, prepare
from artistguard.packs.pack import Pack

_AT_ONCE: Final = 1 << 20
"""Marks that are sent together, about."""
_SHARD_BITS: Final = 40
"""Row r of shard s is row ``s << 40 | r`` of the collection, so that shards need not be counted."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one shard has added: its rows, what they are found by and how many distinct hashes."""

    rows: int
    answers: Mapping[str, int]
    distinct: Mapping[str, int]


def begun(about: About, rows: int) -> Collection:
    """A collection of about `rows` rows, which nobody finds before `finished`.

    What a load that was broken off has added is never found: its number is not used again.
    """
    held = tuple(
        Held(name, one.bits, asking.cut(one.bits, rows), MOST_BANDS * place)
        for place, (name, one) in enumerate(sorted(ALGORITHMS.items()), 1)
    )
    return Collection(secrets.randbits(32), about.dataset, about.version, "", 0, {}, held)


def add(engine: Engine, collection: Collection, shard: int, batches: Iterable[Prepared]) -> Load:
    """Add a shard, its number from 0: what every process does that fills an engine.

    Batches are sent on as they come. Raises Offline, after which the same shard may be added again:
    its rows have the same numbers, and what is there twice counts once.
    """
    sender = _Sender(engine, collection.number)
    rows = 0
    answers: Counter[str] = Counter()
    distinct: Counter[str] = Counter()
    for batch in batches:
        first = (shard << _SHARD_BITS) + rows
        for kind, some in marks.exact_marks(batch, first):
            answers[kind] += len(np.unique(some["row"]))
            sender.add(some)
        for held in collection.held:
            hashes = batch.hashes.get(held.algorithm)
            if hashes is not None:
                answers[held.algorithm] += len(hashes.row)
                for number, some in enumerate(marks.hash_marks(hashes, held, first)):
                    distinct[held.algorithm] += 0 if number else len(some)
                    sender.add(some)
        sender.add_entries(marks.entries(batch, first))
        rows += batch.rows.num_rows
    sender.flush()
    return Load(rows, dict(answers), dict(distinct))


def finished(engine: Engine, collection: Collection, loads: Iterable[Load]) -> Collection:
    """Let the collection be found, with all that was added to it.

    It takes the place of those of the same data set at the same version.
    """
    what = collection.dataset, collection.version
    before = (one for one in engine.collections() if (one.dataset, one.version) == what)
    rows = 0
    answers: Counter[str] = Counter()
    distinct: Counter[str] = Counter()
    for one in loads:
        rows += one.rows
        answers.update(one.answers)
        distinct.update(one.distinct)
    held = (replace(one, distinct=distinct[one.algorithm]) for one in collection.held)
    whole = replace(
        collection,
        revision=collection.revision or f"{collection.number:08x}",
        rows=rows,
        answers=dict(answers),
        held=tuple(one for one in held if one.distinct),
        instead_of=tuple(one.number for one in before),
    )
    engine.announce(whole)
    if whole.number in tables.dropped(engine.announced()):
        raise Offline(Kind.SERVER_DATABASE, reason="the load was dropped before it ended")
    return whole


def load(pack: Path, engine: Engine, expected: int | None = None) -> Iterator[tuple[int, int]]:
    """Load a pack; yields the segments that are loaded and how many there are.

    Nothing is done when the engine has it already. `expected` is how many rows the bands are cut
    for, by default those of the pack.

    Raises what `Pack.open` raises, Damaged for a file that is not as written, and Offline.
    """
    with Pack.open(pack) as opened:
        described = opened.manifest
        if described.revision in {one.revision for one in engine.collections()}:
            return
        rows = described.rows if expected is None else expected
        collection = replace(begun(described.about, rows), revision=described.revision)
        loads = []
        for number, segment in enumerate(opened.segments):
            yield number, len(opened.segments)
            loads.append(add(engine, collection, number, map(prepare, segment.contents())))
            segment.close()
    finished(engine, collection, loads)
    yield len(described.segments), len(described.segments)


class _Sender:
    """Puts marks and entries together, as engines like few large pieces."""

    def __init__(self, engine: Engine, collection: int) -> None:
        self._engine = engine
        self._collection = collection
        self._marks: list[Marks] = []
        self._entries: list[bytes] = []

    def add(self, some: Marks) -> None:
        some["collection"] = self._collection
        self._marks.append(some)
        if sum(map(len, self._marks)) >= _AT_ONCE:
            self.flush()

    def add_entries(self, rows: Iterable[tuple[int, Entry]]) -> None:
        self._entries.append(write_entries(self._collection, rows))

    def flush(self) -> None:
        if self._marks:
            self._engine.add(np.concatenate(self._marks), b"".join(self._entries))
            self._marks, self._entries = [], []
