# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One shard after the other becomes rows of a pack, each batch with the place it ends at."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa

from artistguard import sandbox
from artistguard.errors import Problem
from artistguard.packing import samples
from artistguard.packing.formats import Format, Role
from artistguard.packing.looks import Look, Picture, look
from artistguard.packing.records import recorded
from artistguard.packing.rows import Skipped, rows_of, wanted
from artistguard.packing.samples import Sample
from artistguard.packing.shards import Archive, Pictures, Records, Shard, Table
from artistguard.packs.batches import Prepared, prepare
from artistguard.tables import Batch, read

T = TypeVar("T")
R = TypeVar("R")

_TOGETHER = 256
_SECONDS = 60.0
_MEMORY = 2 << 30


@dataclass(frozen=True, slots=True)
class Step:
    """Some rows of a shard: `end` is where the next ones start, `share` how much that is of it.

    `looked` says that pictures were looked at for them, which takes a thousand times as long.
    """

    batch: Prepared
    end: int
    share: float
    skipped: Skipped
    looked: bool = False


def read_shard(shard: Shard, form: Format, start: int) -> Iterator[Step]:
    """The rows of a shard from `start` on, which is 0 or the `end` of a step.

    Raises:
        Unreadable: It is damaged, or has no column that a pack could use.
    """
    if isinstance(shard, Pictures):
        yield from _seen(samples.lying_about(shard, start), form, shard)
    elif isinstance(shard, Archive):
        yield from _seen(samples.archived(shard, start), form, shard)
    elif isinstance(shard, Records):
        yield from _seen(recorded(shard, form, start), form, shard)
    elif _has_pictures(shard, form):
        yield from _seen(samples.in_rows(shard, form, start), form, shard)
    else:
        batches = read(shard.place, lambda field: wanted(form, field) is not None, start)
        yield from _ahead(batches, partial(_told, form, shard.place.name))


def _told(form: Format, name: str, batch: Batch) -> Step:
    rows, skipped = rows_of(batch, form, name)
    return Step(prepare(rows), batch.end, batch.share, skipped)


def _ahead(items: Iterator[T], function: Callable[[T], R]) -> Iterator[R]:
    """`map`, on several threads and a little ahead of what is asked for; arrays free the lock."""
    workers = os.cpu_count() or 1
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _has_pictures(shard: Table, form: Format) -> bool:
    first = next(read(shard.place, lambda field: wanted(form, field) is not None), None)
    return first is not None and any(
        wanted(form, field) is Role.PICTURE for field in first.columns.schema
    )


def _seen(found: Iterator[Sample], form: Format, shard: Shard) -> Iterator[Step]:
    """Look at pictures in processes of their own and put their rows together, in order."""
    rows = _Rows(form, shard)
    with closing(_in_order(found)) as looked:
        for sample, outcome in looked:
            rows.add(sample, outcome)
            if rows.number == _TOGETHER:
                yield rows.step()
                rows = _Rows(form, shard)
    if rows.number:
        yield rows.step()


class _Rows:
    """Pictures that were looked at, on their way into a batch."""

    def __init__(self, form: Format, shard: Shard) -> None:
        self.number = 0
        self._form = form
        self._shard = shard
        self._names = {name for names in form.columns.values() for name in names}
        self._told: list[Mapping[str, Any]] = []
        self._places: list[int] = []
        self._looks: list[Look | None] = []
        self._skipped: Skipped = Counter()
        self._end = self._read = 0

    def add(self, sample: Sample, outcome: Look | Problem) -> None:
        """Take a picture; one that cannot be looked at is kept if it was told where it is from."""
        self.number += 1
        self._end, self._read = sample.picture.number + 1, sample.read
        if isinstance(outcome, Problem):
            self._skipped[outcome.kind] += 1
            if sample.told.keys().isdisjoint(self._form.columns[Role.URL]):
                return
        self._told.append(sample.told)
        self._places.append(sample.picture.number)
        self._looks.append(None if isinstance(outcome, Problem) else outcome)

    def step(self) -> Step:
        """All that was taken."""
        # There may be any number of others, and a column for each would fill the memory.
        names = sorted({name for told in self._told for name in told if name in self._names})
        columns = pa.RecordBatch.from_arrays(
            [
                pa.array([_text(told.get(name)) for told in self._told], pa.large_string())
                for name in names
            ],
            names=names,
        )
        share = self._read / self._shard.size if self._shard.size else 1.0
        batch = Batch(columns, self._places, self._end, share)
        name = "" if isinstance(self._shard, Pictures) else self._shard.place.name
        rows, skipped = rows_of(batch, self._form, name, self._looks)
        return Step(prepare(rows), self._end, share, self._skipped + skipped, looked=True)


def _text(value: object) -> str | None:
    """What was told, as text tables have it."""
    if value is None or isinstance(value, str):
        return value and value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _in_order(found: Iterator[Sample]) -> Generator[tuple[Sample, Look | Problem]]:
    """What each sample looks like, in the order they come, although they are looked at at once."""
    waiting: dict[int, Sample] = {}
    looked: dict[int, Look | Problem] = {}

    def pictures() -> Iterator[Picture]:
        for sample in found:
            waiting[sample.picture.number] = sample
            yield sample.picture

    workers = max(1, os.cpu_count() or 1)
    for picture, outcome in sandbox.run(
        look, pictures(), workers=workers, seconds=_SECONDS, memory=_MEMORY
    ):
        looked[picture.number] = outcome
        while waiting and (first := next(iter(waiting))) in looked:
            yield waiting.pop(first), looked.pop(first)
