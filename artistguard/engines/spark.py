# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Fills an engine from published data sets on a Spark cluster: a task for each shard.

Spark hands the shards out, and hands out again what was lost; what is done with a shard is what
`packing` does with it on one machine. A shard that is added twice is there once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from artistguard import engines
from artistguard.engines import loading
from artistguard.engines.loading import Load
from artistguard.engines.tables import Collection
from artistguard.packing.formats import FORMATS
from artistguard.packing.shards import Shard, find_shards
from artistguard.packing.steps import read_shard
from artistguard.packs import About


def load(
    context: Any, sources: Sequence[str], url: str, about: About, *, form: str, rows: int
) -> tuple[Collection, Counter[str]]:
    """Add all that `sources` hold to the engine at `url`, as one collection.

    Args:
        context: a `pyspark.SparkContext`, on whose workers this package is installed, too.
        sources: as for `packing.build`, for the workers to read.
        url: an engine whose tables are there, see `engines.prepare`.
        about: the data set.
        form: a name in `packing.FORMATS`.
        rows: about how many rows there will be, which decides how hashes are cut.

    Returns:
        The collection, and how many rows were left out by reason.

    Raises what `engines.connected` raises, and Spark what a task could not do in several tries.
    """
    collection = loading.begun(about, rows)
    shards = list(enumerate(find_shards(sources, only_pictures=form == "images")))
    task = partial(_add, url, collection, form)
    done = context.parallelize(shards, max(1, len(shards))).map(task).collect()
    with engines.connected(url) as engine:
        whole = loading.finished(engine, collection, [added for added, _ in done])
    return whole, sum((skipped for _, skipped in done), Counter())


def _add(
    url: str, collection: Collection, form: str, numbered: tuple[int, Shard]
) -> tuple[Load, Counter[str]]:
    """What a worker does with a shard."""
    number, shard = numbered
    skipped: Counter[str] = Counter()

    def batches() -> Any:
        for step in read_shard(shard, FORMATS[form], 0):
            skipped.update(step.skipped)
            yield step.batch

    with engines.connected(url) as engine:
        return loading.add(engine, collection, number, batches()), skipped
