# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Everything that is kept of one artist as one file, and brought back from it; what helpers see."""

from __future__ import annotations

import json
import platform
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

from artistguard import __version__, settings, writing
from artistguard.errors import Damaged, Kind, Problem, Stopped
from artistguard.models import Check, Clock, Progress, stamp
from artistguard.store import FILE_NAME, Store

# The checkpoint comes before the log, so that the copy of the log holds at least all that it signs.
_PARTS: Final = (settings.NAME, FILE_NAME, "registry/checkpoint", "registry/log.jsonl")
_LARGEST: Final = 64 << 30  # bytes of one part; a million works take a fifth of it
_BLOCK: Final = 1 << 20
_STAGE: Final = "restore"
_NEW: Final = "new"
_READY: Final = "ready"
_HALF: Final = "half-done"
# A database's log and index come before it: they are nothing without it.
_MOVED: Final = (
    *(f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", FILE_NAME),
    *(settings.NAME, "registry"),
)
_LIBRARIES: Final = ("pillow", "pi-heif", "numpy", "pyarrow", "cryptography", "keyring", "httpx")


def save(data: Path, into: Path) -> Iterator[Progress]:
    """Write settings, database and registry into one ZIP file, while they are in use.

    The signing key stays in the keyring, packs and thumbnails where they are. Progress counts
    parts. Raises Stopped when it cannot be written; an older file there stays until all is done.
    """
    with (
        writing.replacing(into, mode=writing.OWNER_ONLY) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for done, part in enumerate(_PARTS, start=1):
            _add(archive, data, part, into)
            yield Progress("backup", done, len(_PARTS))


def _add(archive: zipfile.ZipFile, data: Path, part: str, into: Path) -> None:
    path = data / part
    if part == FILE_NAME:
        # The file alone is not the database while it is written to; its own copy is.
        path = into.with_name(f".{into.name}.{FILE_NAME}")
        store = Store(data)
        try:
            store.copy(path)
            archive.write(path, part)
        finally:
            store.close()
            path.unlink(missing_ok=True)
    elif path.exists():
        archive.write(path, part)


def restore(file: Path, data: Path) -> Iterator[Progress]:
    """Bring a backup back into a data folder that holds nothing yet.

    Progress counts parts.

    Raises:
        Problem: The folder is in use (DATA_IN_USE).
        Damaged: The file is no backup, or not whole (BACKUP_DAMAGED); nothing is brought back.
        Stopped: It cannot be written there.
    """
    if any((data / part).exists() for part in _PARTS):
        raise Problem(Kind.DATA_IN_USE, path=data)
    settings.prepare(data)
    (data / "registry").mkdir(mode=0o700, exist_ok=True)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = [part for part in _PARTS if part in archive.namelist()]
            if FILE_NAME not in parts or archive.testzip():
                raise Damaged(Kind.BACKUP_DAMAGED, path=file)
            for done, part in enumerate(parts, start=1):
                with archive.open(part) as packed:
                    _bring(packed, data / part, file)
                yield Progress("restore", done, len(parts))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise Damaged(Kind.BACKUP_DAMAGED, path=file) from error
    except FileNotFoundError as error:
        raise Problem(Kind.NO_SUCH_FILE, path=file) from error
    Store(data).close()  # one of a newer version, or damaged inside, is said now


@dataclass(frozen=True, slots=True)
class Held:
    """How much a data folder holds, to be compared with another."""

    works: int
    opt_outs: int
    receipts: int


def count(store: Store) -> Held:
    """How much there is in a database."""
    return Held(
        works=store.works.count(),
        opt_outs=sum(store.outbox.counts().values()),
        receipts=store.outbox.count_receipts(),
    )


def stage(file: Path, data: Path) -> Iterator[Progress]:
    """Unpack and check a backup beside what a data folder holds, which is not touched.

    `staged` then says what it is, `accept` lets it take the place of what is here at the next
    start, and `discard` forgets it. Raises as `restore` does.
    """
    discard(data)
    settings.prepare(data)
    (data / _STAGE).mkdir(mode=0o700)
    whole = False
    try:
        yield from restore(file, data / _STAGE / _NEW)
        with closing(Store(data / _STAGE / _NEW)) as store:
            whole = not store.check()
    finally:
        if not whole:
            discard(data)
    if not whole:
        raise Damaged(Kind.BACKUP_DAMAGED, path=file)


def staged(data: Path) -> Held:
    """What the backup holds that was unpacked last."""
    with closing(Store(data / _STAGE / _NEW)) as store:
        return count(store)


def discard(data: Path) -> None:
    """Forget an unpacked backup."""
    shutil.rmtree(data / _STAGE, ignore_errors=True)


def accept(data: Path, clock: Clock) -> Path:
    """Let the unpacked backup take its place at the next start; where all there is now will be."""
    aside = data / f"before-restore-{re.sub(r'[^0-9]', '', stamp(clock))}"
    writing.write(data / _STAGE / _READY, aside.name.encode())
    return aside


def settle(data: Path) -> Path | None:
    """Put an accepted backup in its place, while nobody has the data open; where the rest is now.

    What breaks off is finished the next time. A backup that was not accepted is forgotten. Raises
    Stopped when a file cannot be moved.
    """
    stage_ = data / _STAGE
    try:
        if (stage_ / _READY).exists():
            aside = data / (stage_ / _READY).read_text()
            aside.mkdir(mode=0o700, exist_ok=True)
            _move(data, aside)
            (stage_ / _READY).rename(stage_ / _HALF)
        if (stage_ / _HALF).exists():
            aside = data / (stage_ / _HALF).read_text()
            _move(stage_ / _NEW, data)
            discard(data)
            return aside
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=data, reason=error.strerror) from error
    discard(data)
    return None


def _move(source: Path, target: Path) -> None:
    """Move every part that is there; what lies at its place already was moved before."""
    for part in _MOVED:
        if (source / part).exists():
            (source / part).rename(target / part)


def _bring(packed: IO[bytes], path: Path, file: Path) -> None:
    left = _LARGEST
    try:
        with writing.replacing(path, mode=writing.OWNER_ONLY) as out:
            while block := packed.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise Damaged(Kind.BACKUP_DAMAGED, path=file)
                out.write(block)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=path, reason=error.strerror) from error


def help_bundle(checks: Sequence[Check], counts: Mapping[str, object]) -> bytes:
    """What helps others to help, as JSON: versions, counts, and which checks failed.

    Details are left out, since they may name works and places.
    """
    told = {
        "artistguard": __version__,
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "counts": counts,
        "checks": [{"check": check.name, "ok": check.ok} for check in checks],
    }
    return json.dumps(told, indent=1).encode() + b"\n"
