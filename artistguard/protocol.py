# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How a server and its clients speak: addresses, limits, and everything said as JSON.

Requests are one JSON object. Bulk answers are lines of JSON (``application/x-ndjson``), one for
each thing found or entry answered; the last line, ``{"end": …}``, counts the lines before it, so
that an answer that broke off is told from a short one. A line ``{"problem": …}`` in its place says
why the server could not go on: ``time`` that less at once would have been better. A long search
says ``{"searched": …}`` now and then, so that nobody takes it for dead.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from artistguard import wire
from artistguard.errors import Kind, Unreadable
from artistguard.models import (
    Answer,
    Band,
    Clue,
    Declaration,
    Entry,
    Fingerprint,
    Miss,
    More,
    Query,
    Sighting,
    Source,
    Witness,
)

SOURCES: Final = "/api/v1/sources"
SEARCH: Final = "/api/v1/search"
LAYOUT: Final = "/api/v1/layout"
BUCKETS: Final = "/api/v1/buckets"
ROWS: Final = "/api/v1/rows"
OPT_OUTS: Final = "/api/v1/opt-outs"
WITHDRAWALS: Final = "/api/v1/withdrawals"
NOTICES: Final = "/api/v1/notices"
DISPUTES: Final = "/api/v1/disputes"
CHECKPOINT: Final = "/api/v1/checkpoint"

LINES: Final = "application/x-ndjson"
MOST_ENTRIES: Final = 10_000
"""Most queries, clues, opt-outs or ids in one request."""

MOST_BUCKETS: Final = 64
"""Most buckets, or blocks of rows, in one request."""

BUCKET_ROWS: Final = 4_096
"""Most rows of one bucket."""

BLOCK_ROWS: Final = 128
"""Rows of one block: whose row is wanted is hidden among so many."""

_MAX_TEXT: Final = 4_096
_MAX_SIDE: Final = 1_000_000
_MAX_ALGORITHMS: Final = 8
_MAX_FORMS: Final = 256
_MAX_HASHES: Final = 1 << 16
_ALGORITHM = re.compile(r"[a-z][a-z0-9-]{0,31}/[1-9][0-9]{0,3}")
_SPELL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

STATUS: Final[Mapping[Answer, int]] = {Answer.FILED: 200, Answer.ALREADY_FILED: 208}
"""The status of an entry that was filed; a refused one has a 4xx."""


def spell(value: object) -> bytes:
    """A value as one line of JSON, without a line end."""
    return _SPELL(value).encode("utf-8", "replace")


def parse(body: bytes) -> Any:
    """A JSON value; raises Unreadable(BAD_REQUEST) for anything else, however deep or large."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable(Kind.BAD_REQUEST, field="json") from None


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def fault(field: str) -> Unreadable:
    """That a request or an answer is not in its form, and where."""
    return Unreadable(Kind.BAD_REQUEST, field=field)


# --- search: questions ----------------------------------------------------------------------------


def query_parts(query: Query) -> dict[str, Any]:
    """A query as JSON; `work` stays at home."""
    return {
        "key": query.key,
        "width": query.width,
        "height": query.height,
        "sha256": query.sha256.hex(),
        "md5": query.md5.hex(),
        "fingerprints": {
            print_.algorithm: {
                "values": base64.b64encode(print_.values).decode(),
                "qualities": base64.b64encode(print_.qualities).decode(),
            }
            for print_ in query.fingerprints
        },
    }


def read_query(parts: object) -> Query:
    """What `query_parts` wrote, with `work` the same as `key`.

    Raises Unreadable(BAD_REQUEST, field) for anything else.
    """
    match parts:
        case {
            "key": key,
            "width": width,
            "height": height,
            "sha256": str() as sha256,
            "md5": str() as md5,
            "fingerprints": dict() as prints,
        } if len(prints) <= _MAX_ALGORITHMS:
            pass
        case _:
            raise fault("query")
    _whole(key, "key", 1 << 53)
    _whole(width, "width", _MAX_SIDE)
    _whole(height, "height", _MAX_SIDE)
    return Query(
        key=key,
        work=key,
        width=width,
        height=height,
        sha256=_hex(sha256, "sha256", 32),
        md5=_hex(md5, "md5", 16),
        fingerprints=tuple(_read_print(*each) for each in prints.items()),
    )


def _read_print(algorithm: str, parts: object) -> Fingerprint:
    match parts:
        case {"values": str() as values, "qualities": str() as qualities} if (
            _ALGORITHM.fullmatch(algorithm) and len(values) <= _MAX_HASHES
        ):
            found = Fingerprint(algorithm, _base64(values), _base64(qualities))
        case _:
            raise fault("fingerprints")
    forms = len(found.qualities)
    if not 0 < forms <= _MAX_FORMS or len(found.values) % forms or max(found.qualities) > 100:
        raise fault("fingerprints")
    return found


def clue_parts(clue: Clue) -> dict[str, Any]:
    """A clue as JSON."""
    return {"urls": [*clue.urls], "hosts": [*clue.hosts], "names": [*clue.names]}


def read_clue(parts: object) -> Clue:
    """What `clue_parts` wrote; raises Unreadable(BAD_REQUEST, field) for anything else."""
    if not isinstance(parts, dict):
        raise fault("clue")
    return Clue(**{name: texts(parts, name) for name in ("urls", "hosts", "names")})


def texts(parts: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A member that is a list of texts, empty when it is missing."""
    values = parts.get(name, [])
    if (
        not isinstance(values, list)
        or len(values) > MOST_ENTRIES
        or not all(isinstance(value, str) and len(value) <= _MAX_TEXT for value in values)
    ):
        raise fault(name)
    return tuple(values)


# --- search: answers ------------------------------------------------------------------------------


def source_parts(source: Source) -> dict[str, Any]:
    """A source as JSON; which backend it is called is the reader's affair."""
    return {
        "dataset": source.dataset,
        "version": source.version,
        "revision": source.revision,
        "rows": source.rows,
        "answers": [*source.answers],
        "misses": [asdict(miss) for miss in source.misses],
    }


def read_source(parts: object, backend: str) -> Source:
    """What `source_parts` wrote; witnesses of a newer version are left out."""
    match parts:
        case {
            "dataset": str() as dataset,
            "version": str() as version,
            "revision": str() as revision,
            "rows": rows,
            "answers": list() as answers,
            **more,
        } if len(revision) <= 300 and len(dataset) <= 2_000 and len(version) <= 2_000:
            known = tuple(Witness(one) for one in answers if one in list(Witness))
            size, misses = _whole(rows, "rows", 1 << 53), _misses(more.get("misses"))
            return Source(backend, dataset, version, revision, size, known, misses)
    raise fault("source")


def _misses(parts: object) -> tuple[Miss, ...]:
    """What a server's search leaves out; what a newer version says of it is left out."""
    found = []
    for one in parts if isinstance(parts, list) else ():
        match one:
            case {"witness": str() as witness, "band": str() as band, "share": float() | int()} if (
                witness in list(Witness) and band in list(Band) and 0 <= one["share"] <= 1
            ):
                unlisted = _whole(one.get("unlisted", 0), "unlisted", 1 << 53)
                found.append(Miss(Witness(witness), Band(band), float(one["share"]), unlisted))
    return tuple(found[: len(Witness)])


def entry_parts(entry: Entry) -> dict[str, Any]:
    """An entry as JSON; what the source says for all of its rows is left out."""
    known = {
        "entry": entry.entry,
        "url": entry.url,
        "host": entry.host,
        "caption": entry.caption,
        "width": entry.width,
        "height": entry.height,
        "sha256": entry.sha256.hex() if entry.sha256 else None,
        "md5": entry.md5.hex() if entry.md5 else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def sighting_parts(sighting: Sighting) -> dict[str, Any]:
    """A sighting as JSON."""
    return {
        "key": sighting.key,
        "witness": sighting.witness,
        "distance": sighting.distance,
        "variant": sighting.variant,
        "quality": sighting.quality,
        "entry": entry_parts(sighting.entry),
    }


def read_sighting(parts: Mapping[str, object], source: Source) -> Sighting:
    """What `sighting_parts` wrote; raises Unreadable(BAD_REQUEST, field) for anything else."""
    match parts:
        case {
            "key": key,
            "witness": str() as witness,
            "distance": distance,
            "variant": str() as variant,
            "quality": quality,
            "entry": dict() as entry,
        } if witness in list(Witness) and len(variant) <= 100:
            return Sighting(
                key=None if key is None else _whole(key, "key", 1 << 53),
                entry=read_entry(entry, source),
                witness=Witness(witness),
                distance=_whole(distance, "distance", 1 << 16),
                variant=variant,
                quality=_whole(quality, "quality", 100),
            )
    raise fault("sighting")


def read_entry(parts: Mapping[str, object], source: Source) -> Entry:
    """What `entry_parts` wrote; raises Unreadable(BAD_REQUEST, field) for anything else."""
    sha256, md5 = _maybe_text(parts, "sha256"), _maybe_text(parts, "md5")
    ident = _maybe_text(parts, "entry")
    if ident is None:
        raise fault("entry")
    return Entry(
        dataset=source.dataset,
        dataset_version=source.version,
        entry=ident,
        url=_maybe_text(parts, "url"),
        host=_maybe_text(parts, "host"),
        caption=_maybe_text(parts, "caption"),
        width=_maybe_whole(parts, "width"),
        height=_maybe_whole(parts, "height"),
        sha256=None if sha256 is None else _hex(sha256, "sha256", 32),
        md5=None if md5 is None else _hex(md5, "md5", 16),
    )


def more_parts(more: More) -> dict[str, Any]:
    """That there is more, as JSON."""
    return {"more": {"witness": more.witness, "clue": more.clue, "limit": more.limit}}


def read_more(parts: object, source: Source) -> More:
    """What `more_parts` wrote under ``more``."""
    match parts:
        case {"witness": str() as witness, "clue": str() as clue, "limit": limit} if (
            witness in list(Witness)
        ):
            return More(Witness(witness), clue, source.dataset, _whole(limit, "limit", 1 << 53))
    raise fault("more")


# --- the registry ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """One entry's answer: a status as in HTTP, the receipt (a line) or the reason."""

    id: str
    status: int
    receipt: bytes | None = None
    reason: str | None = None


def declarations_body(declarations: Iterable[Declaration]) -> bytes:
    """A request that files opt-outs."""
    lines = ",".join(map(wire.spell_declaration, declarations))
    return f'{{"opt_outs":[{lines}]}}'.encode()


def withdrawals_body(ids: Sequence[str], at: str) -> bytes:
    """A request that takes opt-outs back."""
    return spell({"ids": [*ids], "withdrawn_at": at})


def notices_body(notices: Iterable[Mapping[str, Any]]) -> bytes:
    """A request that files notices, each with its ``id``, ``kind`` and the ``notice`` itself."""
    return spell({"notices": [*notices]})


def answer_parts(answer: EntryAnswer) -> dict[str, Any]:
    """One entry's answer as JSON."""
    parts: dict[str, Any] = {"id": answer.id, "status": answer.status}
    if answer.receipt is not None:
        parts["receipt"] = answer.receipt.decode()
    if answer.reason is not None:
        parts["reason"] = answer.reason
    return parts


def read_answer(parts: object) -> EntryAnswer:
    """What `answer_parts` wrote; raises Unreadable(BAD_REQUEST, field) for anything else."""
    match parts:
        case {"id": str() as ident, "status": 200 | 208 as status, "receipt": str() as receipt}:
            return EntryAnswer(ident, status, receipt.encode("utf-8", "replace"))
        case {"id": str() as ident, "status": int() as status, "reason": str() as reason} if (
            400 <= status < 500
        ):
            return EntryAnswer(ident, status, reason=reason[:200])
    raise fault("answer")


# --- values ---------------------------------------------------------------------------------------


def _whole(value: object, field: str, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise fault(field)
    return value


def _hex(text: str, field: str, size: int) -> bytes:
    if not wire.is_hex(text, size):
        raise fault(field)
    return bytes.fromhex(text)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise fault("fingerprints") from None


def _maybe_text(parts: Mapping[str, object], name: str) -> str | None:
    value = parts.get(name)
    if value is not None and not (isinstance(value, str) and len(value) <= 1 << 16):
        raise fault(name)
    return value


def _maybe_whole(parts: Mapping[str, object], name: str) -> int | None:
    value = parts.get(name)
    return None if value is None else _whole(value, name, 1 << 32)
