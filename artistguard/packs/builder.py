# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Builds a pack from a stream of rows: complete and flushed to the disk, or not there at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from artistguard.packs.batches import RowBatch, prepare
from artistguard.packs.growth import growing
from artistguard.packs.manifest import About, Manifest

SEGMENT_ROWS = 10_000_000
"""Most rows of a segment: enough for a search to be worth its fixed cost in each, while building
one takes less than 2 GB of memory."""
POSTINGS_CAP = 10_000
"""Most rows listed for one hash: what more share is a blank picture or a placeholder."""


def build(
    out: Path,
    about: About,
    batches: Iterable[RowBatch],
    *,
    built_at: str,
    segment_rows: int = SEGMENT_ROWS,
    postings_cap: int = POSTINGS_CAP,
) -> Manifest:
    """Build the pack `out` from rows as they come; at no time are all rows in memory.

    It grows in a folder beside `out` and is moved there when everything is on the disk; a build
    that is broken off by the machine leaves at most that folder, which the next one clears away.

    Args:
        out: where the pack will be; must not exist.
        about: the data set.
        batches: its rows; what they raise goes through, and no pack is made.
        built_at: the time now, as `models.stamp` writes it.
        segment_rows: most rows of a segment, unless one batch has more.
        postings_cap: most rows listed for one hash in a segment.

    Raises:
        Problem: There is something at `out` (PACK_EXISTS).
        Stopped: The disk is full or cannot be written to.
    """
    nobody_goes_on = uuid4().hex
    with growing(
        out, about, built_at=built_at, task=nobody_goes_on, postings_cap=postings_cap
    ) as growth:
        try:
            for batch in batches:
                if growth.rows and growth.rows + batch.rows.num_rows > segment_rows:
                    growth.end_segment({})
                growth.add(prepare(batch))
            return growth.finish()
        finally:
            growth.discard()
