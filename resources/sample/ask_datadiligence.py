# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Asks an ArtistGuard server, through the datadiligence package, which addresses may be used.

    python resources/sample/ask_datadiligence.py http://127.0.0.1:8439 training-set.parquet

This is what a trainer's pipeline does who has never heard of ArtistGuard: the package is as it
comes, only the server's address is another. The server's key is in SPAWNING_OPTS_KEY.
"""

import sys

import datadiligence
import pyarrow.parquet as pq
from datadiligence.rules import SpawningAPI


def main(server: str, table: str) -> int:
    """Say how many of the table's addresses are opted out; 1 when none is."""
    SpawningAPI.SPAWNING_AI_API_URL = f"{server}/api/v2/query/urls/"
    datadiligence.load_defaults()
    urls = pq.read_table(table, columns=["URL"])["URL"].to_pylist()
    allowed = datadiligence.filter_allowed(urls=urls)
    sys.stdout.write(f"{len(urls) - len(allowed)} of {len(urls)} addresses are opted out\n")
    return 0 if len(allowed) < len(urls) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
