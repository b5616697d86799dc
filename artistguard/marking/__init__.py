# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Marked copies of pictures: which are made, where, and the record of each.

A copy gets its name only when it is whole and its row is written, so that after a stop anywhere the
next run knows what is ours, goes on, and never writes over a file of somebody else's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artistguard import folder, sandbox
from artistguard.channels.marks import SUFFIXES, Means, Notice, Signer
from artistguard.errors import Kind, Problem, Stopped, Unreadable
from artistguard.folder import from_text, to_text
from artistguard.marking.drafts import (
    NEEDS,
    NEEDS_TO_SIGN,
    Draft,
    Job,
    clear_stale,
    draw_up,
    name_beside,
    new_job,
    place,
    sha256_of,
)
from artistguard.marking.outcomes import LeftOut, MarkedFile, MarkState, Signing
from artistguard.models import Clock, FoundFile, Progress, stamp
from artistguard.settings import Marks, Settings
from artistguard.store import KeptMark, Store

if TYPE_CHECKING:
    from artistguard.secrets import Vault

__all__ = ["KEPT", "LeftOut", "MarkState", "MarkedFile", "Marking", "Outcome", "Signing"]

KEPT: Final = ".original"
"""What the original's name ends with where a picture was marked in place."""

SECONDS: Final = 300.0
"""What signing two gigabytes on a slow disk may take."""

MEMORY: Final = 2 << 30

_TOGETHER = 32
"""Copies per transaction: a stop loses at most these."""

Outcome = Signing | LeftOut | Progress | MarkedFile


@dataclass(slots=True)
class _Found:
    """Pictures with where their copies go, and the suffixes of those that cannot be marked."""

    files: list[tuple[FoundFile | Unreadable, Path | None]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Order:
    """What one run declares and signs with, how far it is, and the drafts that it holds."""

    notice: Notice
    declared: str
    beside: bool
    signer: Signer | None = None
    signing: Signing | None = None
    total: int = 0
    done: int = 0
    drafts: list[tuple[Job, Draft]] = field(default_factory=list)


class Marking:
    """Marks pictures for one artist; `settings` and `vault` are asked for when needed."""

    def __init__(
        self,
        store: Store,
        settings: Callable[[], Settings],
        vault: Callable[[], Vault],
        clock: Clock,
    ) -> None:
        self._store = store
        self._settings = settings
        self._vault = vault
        self._clock = clock

    def mark(
        self,
        paths: Sequence[str],
        into: Path | None,
        marks: Marks | None = None,
        *,
        credentials: bool = True,
    ) -> Iterator[Outcome]:
        """Copy pictures, and all in folders, into a folder, marked; None marks them in place.

        A folder's pictures lie below a folder of its name, as they did in it. In place, originals
        are kept beside, under a name that ends with `KEPT`. `marks` are instead of those in the
        settings. What was marked before and has not changed since is left as it is.

        Raises Unreadable (FOLDER_MISSING), Problem (CERTIFICATE_UNUSABLE), and Stopped when the
        disk is full or cannot be written to.
        """
        roots = [folder.normal(path) for path in paths]
        for root in roots:
            if not os.path.lexists(root):
                raise Unreadable(Kind.FOLDER_MISSING, path=root)
        places = {root: into / Path(root).name if into else None for root in roots}
        found = _find(places, into, ())
        yield from self._mark(found, marks or self._settings().marks, credentials=credentials)

    def mark_exports(self, restless: Collection[str] = ()) -> Iterator[Outcome]:
        """Mark what was exported into the folder that the settings name; without one, nothing.

        What is `restless`, being written just now, is left for another time. Raises Unreadable
        (FOLDER_MISSING), Problem for what a person can mend, and Stopped (DISK_FULL).
        """
        marks = self._settings().marks
        if not marks.export_from or not Path(marks.export_from).is_dir():
            return
        into = Path(folder.normal(marks.export_to))
        if not into.is_dir():  # on a drive that is not there, perhaps: nothing is made in its place
            raise Unreadable(Kind.FOLDER_MISSING, path=into)
        found = _find({folder.normal(marks.export_from): into}, into, restless)
        try:
            yield from self._mark(found, marks, credentials=True)
        except Stopped as problem:
            if problem.kind is Kind.DISK_FULL:
                raise
            raise Problem(problem.kind, **problem.facts) from problem

    def signing(self, marks: Marks | None = None) -> Signing:
        """Who would sign; the certificate, and its key, are made if there are none yet."""
        return self._signer(marks or self._settings().marks)[1]

    def _mark(self, found: _Found, marks: Marks, *, credentials: bool) -> Iterator[Outcome]:
        if found.others:
            yield LeftOut(len(found.others), tuple(sorted(set(found.others))))
        order = self._order(marks, credentials=credentials)
        order.total = len(found.files)
        jobs = []
        for file, out in found.files:
            job = self._job(file, out, order.declared)
            if isinstance(job, Job):
                jobs.append(job)
            else:
                order.done += 1
                yield job
                yield Progress("mark", order.done, order.total)
        if jobs and credentials:
            order.signer, order.signing = self._signer(marks)
            yield order.signing
        if jobs:
            yield from self._run(jobs, order)

    # what is to be done

    def _order(self, marks: Marks, *, credentials: bool) -> _Order:
        texts = (marks.rights, marks.statement, marks.terms, marks.licensor)
        notice = Notice(marks.reservation, self._name(marks), *texts)
        said = {
            "xmp": {name: value for name, value in asdict(notice).items() if value},
            "credentials": ["c2pa.training-mining", "cawg.training-mining"] * credentials,
            "beside": credentials and marks.beside,
        }
        return _Order(notice, json.dumps(said, ensure_ascii=False, sort_keys=True), marks.beside)

    def _job(
        self, file: FoundFile | Unreadable, out: Path | None, declared: str
    ) -> Job | MarkedFile:
        """What is to be done for one picture, unless it was done before or cannot be."""
        if isinstance(file, Unreadable):
            return MarkedFile(str(file.facts["path"]), None, MarkState.FAILED, problem=file)
        if out is None:
            return self._job_in_place(file.path, declared)
        ours = self._ours(file.path, out)
        if ours and ours.declared == declared and _is_source(ours, file):
            return _known(ours)
        if ours is None and os.path.lexists(out):
            return _taken(file.path, out)
        beside = ours.beside if ours else None
        return new_job(file.path, out, ours=ours is not None, beside=beside)

    def _job_in_place(self, path: str, declared: str) -> Job | MarkedFile:
        out = Path(from_text(path)).resolve()
        kept = out.with_name(out.name + KEPT)
        ours = self._ours(path, out)
        if ours and ours.declared == declared:
            return _known(ours)
        if ours and kept.is_file() and sha256_of(kept) == ours.source_sha256:
            source = to_text(str(kept))
            return new_job(path, out, source=source, ours=True, beside=ours.beside)
        if os.path.lexists(kept) and not (kept.is_file() and sha256_of(kept) == sha256_of(out)):
            return _taken(path, kept)
        return new_job(path, out, ours=True, keep=kept)

    def _ours(self, path: str, out: Path) -> KeptMark | None:
        """The record of what lies at `out`, if it is our copy of this picture and untouched."""
        rows = [row for row in self._store.marks.at(to_text(str(out))) if row.source == path]
        if not rows or not out.is_file():
            return None
        info = out.stat()
        for row in rows:
            if (row.copy_size, row.copy_mtime_ns) == (info.st_size, info.st_mtime_ns):
                return row
        sha256 = sha256_of(out)
        return next((row for row in rows if row.copy_sha256 == sha256), None)

    # doing it

    def _run(self, jobs: Sequence[Job], order: _Order) -> Iterator[Progress | MarkedFile]:
        for place_ in {Path(from_text(job.out)).parent for job in jobs}:
            clear_stale(place_, self._clock().timestamp())
        workers = self._settings().workers or os.cpu_count() or 1
        draw = partial(draw_up, notice=order.notice, signer=order.signer, beside=order.beside)
        results = sandbox.run(
            draw,
            jobs,
            workers=min(workers, len(jobs)),
            seconds=SECONDS,
            memory=MEMORY,
            needs=NEEDS_TO_SIGN if order.signer else NEEDS,
        )
        try:
            with closing(results):  # type: ignore[type-var]  # it is a generator
                for job, result in results:
                    order.done += 1
                    if isinstance(result, Stopped):
                        raise result
                    if isinstance(result, Problem):
                        yield MarkedFile(job.path, job.out, MarkState.FAILED, problem=result)
                    else:
                        order.drafts.append((job, result))
                    if len(order.drafts) >= _TOGETHER:
                        yield from self._settle(order)
                    yield Progress("mark", order.done, order.total)
                yield from self._settle(order)
        finally:
            for job in jobs:
                with suppress(OSError):
                    Path(from_text(job.draft)).unlink()

    def _settle(self, order: _Order) -> Iterator[MarkedFile]:
        """Give finished copies their names, each once its row is written."""
        drafts, order.drafts = order.drafts, []
        besides: dict[Job, Path] = {}
        for job, draft in drafts:
            if draft.manifest is not None:
                besides[job] = name_beside(job, besides.values())
        with self._store.writing():
            numbers = [
                self._store.marks.add(self._row(job, draft, besides.get(job), order))
                for job, draft in drafts
            ]
        for (job, draft), number in zip(drafts, numbers, strict=True):
            beside = besides.get(job)
            try:
                place(job, draft, beside)
            except Problem as problem:
                with self._store.writing():
                    self._store.marks.drop(number)
                if isinstance(problem, Stopped):
                    raise
                yield MarkedFile(job.path, job.out, MarkState.FAILED, problem=problem)
            else:
                yield _marked(job, draft, beside)

    def _row(self, job: Job, draft: Draft, beside: Path | None, order: _Order) -> KeptMark:
        return KeptMark(
            *(job.path, draft.source_size, draft.source_mtime_ns, draft.source_sha256),
            *(job.out, draft.size, draft.mtime_ns, draft.sha256),
            *(to_text(str(beside)) if beside else None, ",".join(draft.means)),
            *(order.declared, order.signing.sha256 if order.signing else None),
            stamp(self._clock),
        )

    def _name(self, marks: Marks) -> str:
        return marks.creator or self._settings().declarant

    def _signer(self, marks: Marks) -> tuple[Signer, Signing]:
        from artistguard.marking.signers import signer_for

        return signer_for(marks, self._name(marks), self._store, self._vault(), self._clock)


def _find(
    places: Mapping[str, Path | None], into: Path | None, restless: Collection[str]
) -> _Found:
    """Every picture below each root, but those where the copies go; a file named is always one."""
    found = _Found()
    for root, base in places.items():
        for change in folder.changes([root], {}, folder.PICTURES, restless):
            if isinstance(change, Unreadable):
                found.files.append((change, None))
            elif isinstance(change, FoundFile):
                path = Path(from_text(change.path))
                suffix = path.suffix.lower()
                if into is not None and path.is_relative_to(into):
                    continue
                if suffix not in SUFFIXES and path != Path(root):
                    found.others.append(suffix)
                else:
                    found.files.append((change, _mirrored(path, Path(root), base)))
    return found


def _mirrored(path: Path, root: Path, base: Path | None) -> Path | None:
    """Where a picture's copy goes; one that is reached by a link lies below its folder's name."""
    if base is None or path == root:
        return base
    below = path.relative_to(root) if path.is_relative_to(root) else Path(*path.parts[-2:])
    return base / below


def _is_source(row: KeptMark, file: FoundFile) -> bool:
    if (row.source_size, row.source_mtime_ns) == (file.size, file.mtime_ns):
        return True
    return sha256_of(Path(from_text(file.path))) == row.source_sha256


def _known(row: KeptMark) -> MarkedFile:
    means = tuple(Means(word) for word in row.means.split(","))
    added = row.copy_size - row.source_size
    return MarkedFile(row.source, row.copy, MarkState.KNOWN, added, means, row.beside)


def _taken(path: str, place_: Path) -> MarkedFile:
    problem = Problem(Kind.OUTPUT_TAKEN, path=place_)
    return MarkedFile(path, to_text(str(place_)), MarkState.FAILED, problem=problem)


def _marked(job: Job, draft: Draft, beside: Path | None) -> MarkedFile:
    added = draft.size + len(draft.manifest or b"") - draft.source_size
    means = tuple(map(Means, draft.means))
    said = to_text(str(beside)) if beside else None
    return MarkedFile(job.path, job.out, MarkState.MARKED, added, means, said, draft.creator)
