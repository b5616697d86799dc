# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Published data sets become packs: streamed, checked, and gone on with where one was stopped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from artistguard.models import Progress
from artistguard.packing.formats import FORMATS, Format
from artistguard.packing.live import calibrate
from artistguard.packing.rows import Skipped
from artistguard.packing.shards import Shard, find_shards, task_of
from artistguard.packing.steps import read_shard
from artistguard.packs import About, Manifest
from artistguard.packs.builder import POSTINGS_CAP, SEGMENT_ROWS
from artistguard.packs.growth import Growth, growing
from artistguard.packs.merging import merge
from artistguard.packs.pack import Pack

__all__ = ["FORMATS", "BuildReport", "append", "build", "calibrate"]

_STEP = "build"
PICTURES_AT_ONCE = 20_000
"""Pictures of a segment: what is lost at most when a build is broken off."""
_MANY_SEGMENTS = 16
"""How many a search may have to go through before those that are small are merged."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a pack holds now, and what was left out of it by reason.

    `distinct` counts the distinct hashes of the algorithm that has most. Rows that are left out as
    ``hash_shared_by_too_many`` are there, but not listed under a hash that very many have: it is
    that of blank pictures and placeholders.
    """

    rows: int
    distinct: int
    skipped: Mapping[str, int]
    seconds: float


def build(
    sources: Sequence[str],
    out: Path,
    about: About,
    form: str = "auto",
    *,
    built_at: str,
    segment_rows: int = SEGMENT_ROWS,
) -> Generator[Progress, None, BuildReport]:
    """Build the pack `out` from all that `sources` hold.

    A build that was broken off goes on after its last finished segment when it is called again with
    the same sources, unchanged. Memory grows with the number of files, not with what is in them.

    Args:
        sources: files, folders, patterns, or addresses that fsspec knows, ``https://`` included.
        out: where the pack will be; must not exist.
        about: the data set; what is empty is filled in from the format.
        form: a name in `FORMATS`.
        built_at: the time now, as `models.stamp` writes it.
        segment_rows: most rows of a segment.

    Yields:
        How many bytes of the sources have been read.

    Raises:
        Problem: There is something at `out` (PACK_EXISTS).
        Unreadable: A source cannot be read or has nothing that a pack could use; what was finished
            is kept, and the build can go on once the source is mended.
        Stopped: The disk is full or cannot be written to.
    """
    about = _completed(about, FORMATS[form], out)
    return (
        yield from _make(
            sources, out, about, form, built_at=built_at, segment_rows=segment_rows, base=None
        )
    )


def append(
    sources: Sequence[str],
    out: Path,
    form: str = "auto",
    *,
    built_at: str,
    segment_rows: int = SEGMENT_ROWS,
) -> Generator[Progress, None, BuildReport]:
    """Add all that `sources` hold to the pack `out`, which stays whole whatever happens.

    As `build` in all else; what is appended twice is there twice. The report counts the whole pack,
    and of what was left out, what is new.

    Raises:
        Problem: There is no pack at `out` (PACK_MISSING, PACK_NEWER).
        Damaged: It is not as written (PACK_DAMAGED).
    """
    with Pack.open(out) as pack:
        base = pack.manifest
    return (
        yield from _make(
            sources, out, base.about, form, built_at=built_at, segment_rows=segment_rows, base=base
        )
    )


def _make(
    sources: Sequence[str],
    out: Path,
    about: About,
    form: str,
    *,
    built_at: str,
    segment_rows: int,
    base: Manifest | None,
) -> Generator[Progress, None, BuildReport]:
    began = time.monotonic()
    found = find_shards(sources, only_pictures=form == "images")
    task = task_of(found, form, repr(about), repr(base is None))
    with growing(
        out, about, built_at=built_at, task=task, postings_cap=POSTINGS_CAP, base=base
    ) as growth:
        skipped = yield from _grow(growth, found, FORMATS[form], segment_rows)
        manifest = growth.finish()
    if len(manifest.segments) > _MANY_SEGMENTS:
        manifest = merge(
            out, built_at=built_at, segment_rows=SEGMENT_ROWS, postings_cap=POSTINGS_CAP
        )
    return _report(manifest, skipped, time.monotonic() - began)


def _completed(about: About, form: Format, out: Path) -> About:
    told = (
        about.dataset or form.dataset or out.stem,
        about.version,
        about.source or form.source,
        about.licence or form.licence,
    )
    # What comes from a command line or a file's name may hold bytes that are no text.
    return About(*(one.encode("utf-8", "replace").decode() for one in told))


def _grow(
    growth: Growth, found: Sequence[Shard], form: Format, segment_rows: int
) -> Generator[Progress, None, Skipped]:
    total = sum(shard.size for shard in found)
    skipped: Skipped = Counter(growth.note.get("skipped", {}))
    first, start = growth.note.get("shard", 0), growth.note.get("row", 0)
    before = sum(shard.size for shard in found[:first])
    for number, shard in enumerate(found[first:], first):
        for step in read_shard(shard, form, start):
            growth.add(step.batch)
            skipped += step.skipped
            most = min(PICTURES_AT_ONCE, segment_rows) if step.looked else segment_rows
            if growth.rows >= most:
                growth.end_segment({"shard": number, "row": step.end, "skipped": skipped})
            yield Progress(_STEP, before + round(shard.size * step.share), total)
        before += shard.size
        start = 0
    growth.end_segment({"shard": len(found), "row": 0, "skipped": skipped})
    return skipped


def _report(manifest: Manifest, skipped: Skipped, seconds: float) -> BuildReport:
    distinct: Counter[str] = Counter()
    for held in (held for segment in manifest.segments for held in segment.held):
        distinct[held.algorithm] += held.distinct
        skipped["hash_shared_by_too_many"] += held.left_out
    skipped = +skipped
    return BuildReport(manifest.rows, max(distinct.values(), default=0), dict(skipped), seconds)
