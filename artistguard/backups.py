# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Everything that is kept of one artist as one file, and brought back from it; what helpers see."""

from __future__ import annotations

import json
import platform
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

from artistguard import __version__, settings, writing
from artistguard.errors import Damaged, Kind, Problem, Stopped
from artistguard.models import Check, Progress
from artistguard.store import FILE_NAME, Store

# The checkpoint comes before the log, so that the copy of the log holds at least all that it signs.
_PARTS: Final = (settings.NAME, FILE_NAME, "registry/checkpoint", "registry/log.jsonl")
_LARGEST: Final = 64 << 30  # bytes of one part; a million works take a fifth of it
_BLOCK: Final = 1 << 20
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
