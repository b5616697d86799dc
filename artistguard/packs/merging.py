# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Small segments of a pack become one, as a search pays for each of them anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from artistguard.errors import Damaged, Kind
from artistguard.packs import manifest
from artistguard.packs.batches import prepare
from artistguard.packs.growth import growing
from artistguard.packs.manifest import Manifest
from artistguard.packs.pack import Pack


def merge(out: Path, *, built_at: str, segment_rows: int, postings_cap: int) -> Manifest:
    """Make segments that lie side by side into one wherever that has at most `segment_rows` rows.

    Each new segment takes the place of the old ones in one step; whoever has the pack open keeps
    what they see.

    Raises:
        Problem: There is no pack at `out` (PACK_MISSING, PACK_NEWER).
        Damaged: It is not as written (PACK_DAMAGED).
        Stopped: The disk is full or cannot be written to.
    """
    while True:
        whole = manifest.read(out)
        run = _small(whole.segments, segment_rows)
        if not run:
            return whole
        _check(out, run)
        numbers = tuple(one.number for one in run)
        with growing(
            out,
            whole.about,
            built_at=built_at,
            task=f"merge {numbers}",
            postings_cap=postings_cap,
            base=whole,
            instead_of=numbers,
        ) as growth:
            with Pack.open(out) as pack:
                for segment in pack.segments:
                    if segment.described.number in numbers:
                        for batch in segment.contents():
                            growth.add(prepare(batch))
            growth.finish()


def _small(segments: Sequence[manifest.Segment], most: int) -> list[manifest.Segment]:
    """The first neighbours, as many as together have at most `most` rows, if there are two."""
    run: list[manifest.Segment] = []
    for segment in segments:
        if sum(one.rows for one in run) + segment.rows > most:
            if len(run) > 1:
                return run
            run = []
        run.append(segment)
    return run if len(run) > 1 else []


def _check(out: Path, run: Sequence[manifest.Segment]) -> None:
    """Read every byte first: what is damaged must not come out with a clean bill."""
    with Pack.open(out) as pack:
        for check in pack.verify(manifest.folder_of(one.number) for one in run):
            if not check.whole:
                raise Damaged(Kind.PACK_DAMAGED, path=out, file=check.name)
