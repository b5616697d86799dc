# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The packs and servers that are searched: what each covers, and how one comes and is checked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artistguard.errors import Damaged, Kind, Problem, Unreadable
from artistguard.models import Progress, Query, Source

# Enough of a window is there without the libraries that read far files and speak to servers.
if TYPE_CHECKING:
    from artistguard.packs import Manifest
    from artistguard.tables import Place

_MANIFEST: Final = "manifest.json"
_PART: Final = ".part"
_BLOCK: Final = 1 << 20
_MANIFEST_SIZE: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Offer:
    """What one pack holds: which data set, how many entries, and how many can be found by what.

    `answers` are algorithms and exact witnesses with the number of entries, most first; `problem`
    says why nothing else is known.
    """

    path: str
    dataset: str = ""
    version: str = ""
    licence: str = ""
    built_at: str = ""
    rows: int = 0
    size: int = 0
    answers: tuple[tuple[str, int], ...] = ()
    problem: Problem | None = None


def describe(path: str) -> Offer:
    """What the pack in a folder says of itself."""
    from artistguard.packs import manifest

    try:
        read = manifest.read(Path(path))
    except Problem as problem:
        return Offer(path, problem=problem)
    answers = sorted(read.answers.items(), key=lambda answer: -answer[1])
    return Offer(
        path=path,
        dataset=read.about.dataset,
        version=read.about.version,
        licence=read.about.licence,
        built_at=read.built_at,
        rows=read.rows,
        size=sum(file.size for file in read.files.values()),
        answers=tuple((name, rows) for name, rows in answers if rows),
    )


def verify(path: str) -> Iterator[Progress]:
    """Read every byte of a pack. Raises Damaged (PACK_DAMAGED) at the first file that is not whole.

    Progress counts files.
    """
    from artistguard.packs.pack import Pack

    with Pack.open(Path(path)) as pack:
        total = len(pack.manifest.files)
        for done, check in enumerate(pack.verify(), start=1):
            if not check.whole:
                raise Damaged(Kind.PACK_DAMAGED, path=Path(path), file=check.name)
            yield Progress("verify", done, total)


def download(address: str, into: Path) -> Iterator[Progress]:
    """Bring a pack that lies at a web address into a new folder; what is there already is kept.

    Every file is compared with the manifest, which is written last: until then there is no pack.
    Progress counts bytes.

    Raises:
        Problem: NOT_HTTPS, or a newer version made the pack (PACK_NEWER).
        Damaged: What came is not what the manifest says (PACK_DAMAGED).
        Unreadable: It cannot be read (TABLE_UNREADABLE); what has come stays for the next time.
    """
    from artistguard import calls, writing
    from artistguard.packs import manifest

    base = calls.Server(address).url.removesuffix(f"/{_MANIFEST}").rstrip("/")
    body = _small(f"{base}/{_MANIFEST}")
    wanted = manifest.parse(body, into)
    into.mkdir(parents=True, exist_ok=True)
    yield from _bring(base, wanted, into)
    writing.write(into / _MANIFEST, body)


def _bring(base: str, wanted: Manifest, into: Path) -> Iterator[Progress]:
    total = sum(file.size for file in wanted.files.values())
    done = 0
    for name, file in wanted.files.items():
        path = into / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            for came in _fetch(f"{base}/{name}", path.with_name(path.name + _PART), file.size):
                yield Progress("download", done + came, total)
            _accept(path, file.sha256, into)
        done += file.size
        yield Progress("download", done, total)


def _fetch(address: str, part: Path, size: int) -> Iterator[int]:
    """Bring the rest of one file; how many bytes of it are there, as they come."""
    there = part.stat().st_size if part.exists() else 0
    with _place(address).opened() as far, part.open("ab") as near:
        far.seek(there)
        while there < size and (block := far.read(min(_BLOCK, size - there))):
            near.write(block)
            there += len(block)
            yield there


def _accept(path: Path, sha256: str, pack: Path) -> None:
    part = path.with_name(path.name + _PART)
    with part.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    if not whole:
        part.unlink()  # going on from what is wrong would never end well
        raise Damaged(Kind.PACK_DAMAGED, path=pack, file=path.name)
    part.replace(path)


def _small(address: str) -> bytes:
    with _place(address).opened() as far:
        body = far.read(_MANIFEST_SIZE + 1)
    if len(body) > _MANIFEST_SIZE:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=address)
    return body


def _place(address: str) -> Place:
    from artistguard import tables

    return tables.find(address)[0]


def try_server(url: str, key: str | None, *, private: bool) -> list[Source]:
    """Ask a server what it searches, and for a hash that nobody has, to see whether it can be used.

    It is asked as it would be later: with the key, or, if `private`, in buckets and without one.
    Raises Problem (NOT_HTTPS), Offline, NotSignedIn, Refused or SlowDown.
    """
    from artistguard import calls
    from artistguard.search import remote

    nobodys = Query(0, 0, 1, 1, secrets.token_bytes(32), secrets.token_bytes(16), ())
    with calls.Caller(calls.Server(url, key)) as caller:
        backends = remote.opened(caller, private=private)
        for backend in backends[:1]:
            for _sighting in backend.look_up([nobodys]):
                pass
        return [backend.source for backend in backends]
