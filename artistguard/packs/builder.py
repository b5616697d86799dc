# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Builds a pack from a stream of rows: complete and flushed to the disk, or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from artistguard.errors import Kind, Problem, Stopped
from artistguard.packs import manifest
from artistguard.packs.manifest import About, File, Manifest, Segment
from artistguard.packs.writer import RowBatch, SegmentWriter
from artistguard.writing import flush_folder, write

SEGMENT_ROWS = 10_000_000
"""Most rows of a segment: enough for a search to be worth its fixed cost in each, while building
one takes less than 2 GB of memory."""


def build(
    out: Path,
    about: About,
    batches: Iterable[RowBatch],
    *,
    built_at: str,
    segment_rows: int = SEGMENT_ROWS,
) -> Manifest:
    """Build the pack `out` from rows as they come; at no time are all rows in memory.

    It grows in a folder beside `out` and is moved there when everything is on the disk; a build
    that is broken off leaves at most that folder, which the next build of `out` clears away.

    Args:
        out: where the pack will be; must not exist.
        about: the data set.
        batches: its rows; what they raise goes through, and no pack is made.
        built_at: the time now, as `models.stamp` writes it.
        segment_rows: most rows of a segment, unless one batch has more.

    Raises:
        Problem: There is something at `out` (PACK_EXISTS).
        Stopped: The disk is full or cannot be written to.
    """
    if os.path.lexists(out):
        raise Problem(Kind.PACK_EXISTS, path=out)
    with _beside(out) as part, closing(_Builder(part, segment_rows)) as builder:
        for batch in batches:
            with _writing(out):
                builder.add(batch)
        with _writing(out):
            builder.finish(about, built_at)
            part.rename(out)
            flush_folder(out.parent)
    return manifest.read(out)


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """An empty folder beside `out`, gone at the end unless it was moved away."""
    part = out.with_name(f".{out.name}.part")
    try:
        with _writing(out):
            if part.exists():
                shutil.rmtree(part)
            part.mkdir(parents=True)
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        kind = Kind.DISK_FULL if full else Kind.DATA_NOT_WRITABLE
        raise Stopped(kind, path=out, reason=error.strerror) from error


class _Builder:
    """Hands rows to one segment after the other."""

    def __init__(self, folder: Path, segment_rows: int) -> None:
        self._folder = folder
        self._segment_rows = segment_rows
        self._segments: list[Segment] = []
        self._files: dict[str, File] = {}
        self._open: SegmentWriter | None = None

    def add(self, batch: RowBatch) -> None:
        if self._open is not None and self._open.rows + batch.rows.num_rows > self._segment_rows:
            self._end_segment()
        if self._open is None:
            folder = self._folder / manifest.folder_of(len(self._segments))
            folder.mkdir()
            self._open = SegmentWriter(folder)
        self._open.add(batch)

    def finish(self, about: About, built_at: str) -> None:
        if self._open is not None:
            self._end_segment()
        body = manifest.spell(about, built_at, self._segments, self._files)
        write(self._folder / manifest.NAME, body)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def _end_segment(self) -> None:
        assert self._open is not None
        self._segments.append(self._open.finish())
        for path in sorted(self._open.folder.iterdir()):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            name = f"{self._open.folder.name}/{path.name}"
            self._files[name] = File(path.stat().st_size, digest)
        flush_folder(self._open.folder)
        self._open = None
