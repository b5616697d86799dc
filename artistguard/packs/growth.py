# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A pack while it grows: what is finished is kept, and takes its place in one step at the end."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from artistguard import locks
from artistguard.errors import Kind, Problem, Stopped
from artistguard.packs import manifest
from artistguard.packs.batches import Prepared
from artistguard.packs.manifest import About, Manifest
from artistguard.packs.writer import SegmentWriter
from artistguard.writing import flush_folder, write

JOURNAL = "journal.json"
_MAX_JOURNAL = 64 << 20


@dataclass(frozen=True, slots=True)
class _Journal:
    """How far a pack has grown: `note` is the builder's own, of when the last segment ended."""

    task: str
    base: str
    note: Mapping[str, Any]
    grown: Manifest


class Growth:
    """New segments, made in a folder beside the pack and moved into place when all are whole.

    Open it with `growing`. `note` is what `end_segment` was last given for the same task, so that
    a builder that was broken off goes on from there; it is empty at the start. `rows` counts what
    the open segment holds, `grown` the rows of all finished ones.
    """

    def __init__(
        self,
        out: Path,
        about: About,
        *,
        built_at: str,
        task: str,
        base: Manifest | None,
        postings_cap: int,
        instead_of: Collection[int],
    ) -> None:
        self._out = out
        self._part = part_of(out)
        self._base = base
        self._instead_of = instead_of
        self._task = task
        self._about = about
        self._built_at = built_at
        self._cap = postings_cap
        self._journal = self._found() or self._begun()
        self._open: SegmentWriter | None = None
        with _writing(out):
            self._clear(self._part, self._journal.grown)

    @property
    def note(self) -> Mapping[str, Any]:
        """What the builder wrote down when the last segment ended."""
        return self._journal.note

    @property
    def grown(self) -> int:
        """The rows of the finished new segments."""
        return self._journal.grown.rows

    @property
    def rows(self) -> int:
        """The rows of the segment that is being written."""
        return 0 if self._open is None else self._open.rows

    def add(self, batch: Prepared) -> None:
        """Take some rows; raises Stopped when they cannot be written."""
        with _writing(self._out):
            if self._open is None:
                folder = self._part / manifest.folder_of(self._free_number())
                folder.mkdir()
                self._open = SegmentWriter(folder, self._cap)
            self._open.add(batch)

    def end_segment(self, note: Mapping[str, Any]) -> None:
        """Finish the segment, if one is open, and remember `note` (anything JSON can hold)."""
        with _writing(self._out):
            grown = self._journal.grown
            if self._open is not None:
                segment, files = self._open.finish()
                folder, self._open = self._open.folder, None
                flush_folder(folder)
                named = {f"{folder.name}/{name}": file for name, file in sorted(files.items())}
                segment = replace(segment, number=self._free_number())
                grown = replace(
                    grown,
                    segments=(*grown.segments, segment),
                    files={**grown.files, **named},
                )
            self._journal = replace(self._journal, note=note, grown=grown)
            self._write_journal()

    def finish(self) -> Manifest:
        """Put everything in its place; the manifest goes last, so that no reader sees half."""
        self.end_segment(self.note)
        with _writing(self._out):
            if self._base is None:
                write(self._part / manifest.NAME, manifest.spell(self._journal.grown))
                self._part.rename(self._out)
                flush_folder(self._out.parent)
                (self._out / JOURNAL).unlink()
            else:
                self._join(self._base)
        return manifest.read(self._out)

    def close(self) -> None:
        """Close all files; what is not finished will be made again."""
        if self._open is not None:
            self._open.close()

    def discard(self) -> None:
        """Clear away what is not in its place yet, so that nobody can go on from it."""
        self.close()
        shutil.rmtree(self._part, ignore_errors=True)

    def _join(self, base: Manifest) -> None:
        """Make the new segments part of the pack; whatever is broken off here can be done again."""
        grown = self._journal.grown
        if not _holds(base, grown):
            for segment in grown.segments:
                name = manifest.folder_of(segment.number)
                if (self._part / name).exists():
                    shutil.rmtree(self._out / name, ignore_errors=True)
                    (self._part / name).rename(self._out / name)
            flush_folder(self._out)
            kept = (one for one in base.segments if one.number not in self._instead_of)
            gone = {manifest.folder_of(number) for number in self._instead_of}
            files = {
                name: file
                for name, file in base.files.items()
                if name.partition("/")[0] not in gone
            }
            base = replace(
                base,
                built_at=self._built_at,
                segments=(*kept, *grown.segments),
                files={**files, **grown.files},
            )
            write(self._out / manifest.NAME, manifest.spell(base))
        shutil.rmtree(self._part)
        self._clear(self._out, base)

    @staticmethod
    def _clear(folder: Path, described: Manifest) -> None:
        """Remove segments that nothing speaks of: they were replaced, or never finished."""
        spoken_of = {manifest.folder_of(one.number) for one in described.segments}
        for path in folder.glob("segment-*"):
            if path.name not in spoken_of:
                shutil.rmtree(path, ignore_errors=True)

    def _begun(self) -> _Journal:
        with _writing(self._out):
            shutil.rmtree(self._part, ignore_errors=True)
            self._part.mkdir(parents=True)
        base = self._base.revision if self._base else ""
        return _Journal(self._task, base, {}, Manifest(self._about, self._built_at, (), {}, ""))

    def _found(self) -> _Journal | None:
        """What an earlier run for the same task has left, if all of it is still there."""
        journal = _read(self._part / JOURNAL)
        if journal is None or journal.task != self._task:
            return None
        if self._base is not None and _holds(self._base, journal.grown):
            return journal  # only the folder was still to be cleared away
        if journal.base != (self._base.revision if self._base else ""):
            return None
        for name, file in journal.grown.files.items():
            places = (self._part / name, self._out / name)  # a join may have been broken off
            if not any(_size(place) == file.size for place in places):
                return None
        return replace(journal, grown=replace(journal.grown, about=self._about))

    def _free_number(self) -> int:
        taken = {one.number for one in self._journal.grown.segments}
        if self._base is not None:
            taken |= {one.number for one in self._base.segments}
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def _write_journal(self) -> None:
        parts = {
            "task": self._journal.task,
            "base": self._journal.base,
            "note": self._journal.note,
            "manifest": manifest.spell(self._journal.grown).decode(),
        }
        write(self._part / JOURNAL, json.dumps(parts).encode())


@contextmanager
def growing(
    out: Path,
    about: About,
    *,
    built_at: str,
    task: str,
    postings_cap: int,
    base: Manifest | None = None,
    instead_of: Collection[int] = (),
) -> Iterator[Growth]:
    """A pack that grows at `out`: a new one, or new segments of the pack `base` that is there.

    `task` names what is being built from; whoever comes again with the same goes on where the last
    one ended. What another task has left is cleared away. The new segments take the place of those
    whose numbers are in `instead_of`.

    Raises:
        Problem: There is something at `out` although it is to be new (PACK_EXISTS).
        Stopped: The disk is full or cannot be written to; or another is building the same pack, or
            has changed it since `base` was read (PACK_BUSY).
    """
    with _alone(out):
        if base is None and os.path.lexists(out):
            raise Problem(Kind.PACK_EXISTS, path=out)
        if base is not None and manifest.read(out).revision != base.revision:
            raise Stopped(Kind.PACK_BUSY, path=out)
        growth = Growth(
            out,
            about,
            built_at=built_at,
            task=task,
            base=base,
            postings_cap=postings_cap,
            instead_of=instead_of,
        )
        try:
            yield growth
        finally:
            growth.close()


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep all others from growing a pack at `out`; raises Stopped (PACK_BUSY)."""
    with ExitStack() as stack:
        with _writing(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            lock = out.with_name(f".{out.name}.lock")
            try:
                stack.enter_context(locks.held(lock, 0, Kind.PACK_BUSY, tidy=True))
            except Stopped as error:
                raise Stopped(Kind.PACK_BUSY, path=out) from error
        yield


def part_of(out: Path) -> Path:
    """The folder in which a pack at `out` grows."""
    return out.with_name(f".{out.name}.part")


def _read(path: Path) -> _Journal | None:
    """A journal, or None when there is none that makes sense: it is ours, but begin anew then."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError, Problem):
        if path.stat().st_size <= _MAX_JOURNAL:
            parts = json.loads(path.read_bytes())
            body = parts["manifest"].encode()
            grown = manifest.parse(body, path.parent)
            return _Journal(parts["task"], parts["base"], dict(parts["note"]), grown)
    return None


def _holds(base: Manifest, grown: Manifest) -> bool:
    """Whether all that has grown is part of a pack already."""
    return bool(grown.files) and grown.files.items() <= base.files.items()


def _size(path: Path) -> int | None:
    with suppress(OSError):
        return path.stat().st_size
    return None


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        kind = Kind.DISK_FULL if full else Kind.DATA_NOT_WRITABLE
        raise Stopped(kind, path=out, reason=error.strerror) from error
