# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Fills an engine on a Spark cluster: python spark_job.py MASTER SOURCE ENGINE ROWS."""

import os
import sys

from pyspark import SparkContext, TaskContext

from artistguard.engines import spark
from artistguard.packs import About


def main():
    master, source, url, rows = sys.argv[1:]
    with SparkContext(master, "artistguard") as context:
        workers = set(context.parallelize(range(4), 4).map(where).collect())
        whole, skipped = spark.load(
            context, [source], url, About("spark", "1"), form="auto", rows=int(rows)
        )
    print("rows", whole.rows, "skipped", sum(skipped.values()), "workers", len(workers))


def where(_):
    assert TaskContext.get() is not None
    return os.getppid()


if __name__ == "__main__":
    main()
