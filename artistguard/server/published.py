# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Hands out files of the registry: the lists that were published, and its log."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from artistguard import protocol
from artistguard.channels import lists, salted
from artistguard.channels.registry import LogState
from artistguard.channels.storage import LogFile, Storage
from artistguard.server.refusals import Denied

LIST: Final = "/list"
SALTED_LIST: Final = "/salted-list"
LOG: Final = "/log"

OPEN: Final = (*lists.FILES, lists.MANIFEST)
SALTED: Final = (salted.SALTED, salted.RESERVATION, lists.MANIFEST)

KINDS: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": protocol.LINES,
    ".parquet": "application/vnd.apache.parquet",
    ".txt": "text/plain",
}

_PIECE: Final = 1 << 16
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Version:
    """A file as it is now: its first `size` bytes, what they are known by and since when."""

    file: BinaryIO
    size: int
    tag: str
    since: float


@dataclass(frozen=True, slots=True)
class Served:
    """One file as an ASGI application: whole, a range of it, or only that it is as it was.

    RFC 9110: If-None-Match and If-Modified-Since (§13.1; the latter for the very moment we gave),
    one range of bytes (§14.1.2; of more than one, the whole file) and If-Range (§13.1.5). Raises
    what `opened` does.
    """

    media_type: str
    opened: Callable[[], Version]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        version = await anyio.to_thread.run_sync(self.opened)
        with version.file:
            answer = self._answer(version, Headers(scope=scope), scope["method"])
            await answer(scope, receive, send)

    def _answer(self, version: Version, asked: Headers, method: str) -> Response:
        size = version.size
        tag = f'"{version.tag}"'
        moment = formatdate(version.since, usegmt=True)
        headers = {
            "ETag": tag,
            "Last-Modified": moment,
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-cache",  # or a manifest would be met with files of another day
            "X-Content-Type-Options": "nosniff",
        }
        if _is_known(asked, tag, moment):
            return Response(status_code=304, headers=headers)
        span = None
        if method == "GET" and asked.get("If-Range", tag) in (tag, moment):
            span = _span(asked.get("Range", ""), size)
        if span is not None:
            headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
        if span is not None and not span:
            body, where = protocol.spell({"reason": "range"}), {"Content-Range": f"bytes */{size}"}
            return Response(body, 416, where, KINDS[".json"])
        status, span = (200, range(size)) if span is None else (206, span)
        headers["Content-Length"] = str(len(span))
        pieces = _pieces(version.file, span if method == "GET" else range(0))
        return StreamingResponse(pieces, status, headers, self.media_type)


def listed(folder: Path, names: tuple[str, ...], name: str) -> Served:
    """A file of a published list; raises Denied(404) for what is none."""
    if name not in names:
        raise Denied(404, "unknown_name")
    path = folder / name
    return Served(KINDS[path.suffix], partial(_of_file, path))


def logged(storage: Storage, state: LogState) -> Served:
    """The log up to a state, others appending to it meanwhile; from any server the same."""

    def opened() -> Version:
        if isinstance(storage, LogFile):
            return _of_file(storage.path, state.size)
        if state.at is None:
            raise Denied(404, "unpublished")
        since = datetime.fromisoformat(state.at).timestamp()
        return Version(storage.opened(), state.size, state.head, since)

    return Served(protocol.LINES, opened)


def _of_file(path: Path, size: int | None = None) -> Version:
    """A file, or the first bytes of it; raises Denied(404) when there is none."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Denied(404, "unpublished") from None
    facts = os.fstat(file.fileno())
    size = facts.st_size if size is None else size
    tag = f"{facts.st_ino:x}-{facts.st_mtime_ns:x}-{size:x}"
    return Version(file, size, tag, facts.st_mtime)


def _is_known(asked: Headers, tag: str, moment: str) -> bool:
    tags = ",".join(asked.getlist("If-None-Match"))
    if not tags:
        return asked.get("If-Modified-Since") == moment
    return bool({"*", tag} & {each.strip().removeprefix("W/") for each in tags.split(",")})


def _span(text: str, size: int) -> range | None:
    """The bytes that a Range header asks for, none of them there when empty; None for no range."""
    asked = _RANGE.fullmatch(text)
    match asked and asked.groups():
        case ("", "") | None:
            return None
        case ("", last):
            return range(max(0, size - int(last)), size)
        case (first, ""):
            return range(int(first), size)
        case (first, last) if int(first) <= int(last):
            return range(int(first), min(int(last) + 1, size))
    return None


def _pieces(file: BinaryIO, span: range) -> Iterator[bytes]:
    file.seek(span.start)
    left = len(span)
    while left and (piece := file.read(min(left, _PIECE))):
        left -= len(piece)
        yield piece
