# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the server says of itself to programs: its addresses in the form of OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from artistguard import __version__, proof, protocol
from artistguard.models import Band, Subject, Witness
from artistguard.server.accounts import Scope
from artistguard.server.published import KINDS, LIST, LOG, OPEN, SALTED, SALTED_LIST
from artistguard.server.spawning import PATH

_JSON: Final = "application/json"
_TEXT: Final = {"type": "string", "maxLength": 4096}
_COUNT: Final = {"type": "integer", "minimum": 0}
_HEX32: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HEX16: Final = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_BASE64: Final = {"type": "string", "contentEncoding": "base64", "maxLength": 65536}
_MOMENT: Final = {"type": "string", "examples": ["2026-11-24T07:00:00Z"]}


def _object(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {**required, **optional}
    return {"type": "object", "required": [*required], "properties": properties}


def _list(of: Mapping[str, Any], most: int = protocol.MOST_ENTRIES) -> dict[str, Any]:
    return {"type": "array", "items": of, "maxItems": most}


_ANYTHING: Final = _object({})
_DISPUTE: Final = _object(
    {
        "id": {"type": "string"},
        "of": {"type": "string"},
        "claimant": {"type": "string"},
        "reason": {"type": "string"},
        "raised_at": _MOMENT,
    }
)


def _content(kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {kind: {"schema": schema}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_SCHEMAS: Final = {
    "Refusal": _object({"reason": {"type": "string"}}),
    "Source": _object(
        {
            "dataset": {"type": "string"},
            "version": {"type": "string"},
            "revision": {"type": "string"},
            "rows": _COUNT,
            "answers": {"type": "array", "items": {"enum": [*Witness]}},
            "misses": {
                "type": "array",
                "items": _object(
                    {
                        "witness": {"enum": [*Witness]},
                        "band": {"enum": [*Band]},
                        "share": {"type": "number", "minimum": 0, "maximum": 1},
                        "unlisted": _COUNT,
                    }
                ),
            },
        }
    ),
    "Query": _object(
        {
            "key": _COUNT,
            "width": _COUNT,
            "height": _COUNT,
            "sha256": _HEX32,
            "md5": _HEX16,
            "fingerprints": {
                "type": "object",
                "maxProperties": 8,
                "additionalProperties": _object({"values": _BASE64, "qualities": _BASE64}),
            },
        }
    ),
    "Clue": _object({}, urls=_list(_TEXT), hosts=_list(_TEXT), names=_list(_TEXT)),
    "OptOut": _object(
        {
            "id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"},
            "picture": {"type": "object"},
            "place": {"type": "object"},
            "wish": _object(
                {
                    "declarant": {"type": "string"},
                    "declared_at": _MOMENT,
                    "reservation": {"type": "string"},
                    "reservation_sha256": _HEX32,
                    "standing": {"type": "boolean"},
                    "subject": {"enum": [*Subject]},
                }
            ),
        }
    ),
    "Bucket": {
        "anyOf": [
            _object({"segment": _COUNT, "algorithm": _TEXT, "band": _COUNT, "value": _COUNT}),
            _object({"segment": _COUNT, "algorithm": _TEXT, "start": _COUNT}),
            _object({"segment": _COUNT, "kind": _TEXT, "bits": _COUNT, "value": _COUNT}),
        ]
    },
    "Notice": _object(
        {"id": {"type": "string"}, "kind": {"enum": [*proof.KINDS]}, "notice": {"type": "object"}},
        party={"type": "string"},
    ),
    "Key": _object(
        {
            "id": {"type": "string"},
            "account": {"type": "string"},
            "scopes": {"type": "array", "items": {"enum": [*Scope]}},
            "per_day": _COUNT,
            "created_at": _MOMENT,
            "revoked_at": {"type": ["string", "null"]},
        }
    ),
}

_ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_REFUSED: Final = {"description": "Not carried out", **_content(_JSON, _ref("Refusal"))}
_REFUSALS: Final = {
    str(status): _REFUSED for status in (400, 401, 403, 404, 408, 409, 413, 429, 503)
}


def _operation(
    about: str, answer: Mapping[str, Any], body: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": about,
        "responses": {"200": {"description": "Done", **answer}, **_REFUSALS},
        "security": [{"key": []}, {}],
        **more,
    }
    if body is not None:
        operation["requestBody"] = {"required": True, **body}
    return operation


_LINES: Final = _content(protocol.LINES, {"type": "string"})
_URLS: Final = _operation(
    "Which of these addresses are opted out, one a line, answered in order",
    _content(
        _JSON,
        _object(
            {
                "urls": {
                    "type": "array",
                    "items": _object(
                        {
                            "url": {"type": "string"},
                            "optOut": {"type": "boolean"},
                            "optIn": {"const": False},
                        }
                    ),
                }
            }
        ),
    ),
    _content("text/plain", {"type": "string"}),
)


def _file(about: str, kinds: Iterable[str], names: Sequence[str] = ()) -> dict[str, Any]:
    """A file, whole or a range of it; with `names`, the one of them that the path says."""
    content: dict[str, Any] = {"content": {kind: {"schema": {}} for kind in kinds}}
    operation = _operation(about, content)
    operation["responses"] |= {
        "206": {"description": "The range of bytes that was asked for", **content},
        "304": {"description": "It is as it was"},
        "416": _REFUSED,
    }
    if names:
        where = {"name": "name", "in": "path", "required": True, "schema": {"enum": [*names]}}
        operation["parameters"] = [where]
    return operation


DOCUMENT: Final[Mapping[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "ArtistGuard", "version": __version__},
    "paths": {
        "/healthz": {
            "get": _operation(
                "Whether the server can do its work",
                _content(_JSON, _object({"status": {"const": "ok"}})),
            )
        },
        "/metrics": {
            "get": _operation("Counters for Prometheus", _content("text/plain", {"type": "string"}))
        },
        protocol.SOURCES: {
            "get": _operation(
                "The data sets that can be asked for",
                _content(_JSON, _object({"sources": _list(_ref("Source"))})),
            )
        },
        protocol.SEARCH: {
            "post": _operation(
                "Look works, or the artist's addresses, sites and names, up in one data set",
                _LINES,
                _content(
                    _JSON,
                    _object(
                        {"revision": {"type": "string"}},
                        queries=_list(_ref("Query")),
                        clue=_ref("Clue"),
                    ),
                ),
            )
        },
        protocol.LAYOUT: {
            "get": _operation(
                "How a data set is cut into buckets",
                _content(
                    _JSON, _object({"shapes": _list(_object({})), "keys": _list(_object({}))})
                ),
                parameters=[{"name": "revision", "in": "query", "schema": {"type": "string"}}],
            )
        },
        protocol.BUCKETS: {
            "post": _operation(
                "All that shares some bits with what is looked for",
                _LINES,
                _content(
                    _JSON,
                    _object(
                        {
                            "revision": {"type": "string"},
                            "buckets": _list(_ref("Bucket"), protocol.MOST_BUCKETS),
                        }
                    ),
                ),
            )
        },
        protocol.ROWS: {
            "post": _operation(
                "Whole blocks of entries",
                _LINES,
                _content(
                    _JSON,
                    _object(
                        {
                            "revision": {"type": "string"},
                            "blocks": _list(_COUNT, protocol.MOST_BUCKETS),
                        }
                    ),
                ),
            )
        },
        protocol.NOTICES: {
            "post": _operation(
                "File who may speak for whom, and disputes",
                _LINES,
                _content(_JSON, _object({"notices": _list(_ref("Notice"))})),
            )
        },
        protocol.DISPUTES: {
            "get": _operation(
                "What others say against opt-outs of the key's account, and did not take back",
                _content(_JSON, _object({"disputes": _list(_DISPUTE, protocol.MOST_ENTRIES)})),
            )
        },
        protocol.CHECKPOINT: {
            "get": _operation(
                "A signed note of how far the log has come",
                _content("text/plain", {"type": "string"}),
            )
        },
        protocol.OPT_OUTS: {
            "get": _operation(
                "What the key's account has filed, oldest first",
                _LINES,
                parameters=[{"name": "after", "in": "query", "schema": _COUNT}],
            ),
            "post": _operation(
                "File opt-outs; one answer for each, with its receipt",
                _LINES,
                _content(_JSON, _object({"opt_outs": _list(_ref("OptOut"))})),
            ),
        },
        protocol.OPT_OUTS + "/{id}": {
            "get": _operation(
                "The receipt of an opt-out, and of its withdrawal",
                _content(
                    _JSON,
                    _object(
                        {
                            "receipt": {"type": "string"},
                            "withdrawal": {"type": ["string", "null"]},
                        }
                    ),
                ),
                parameters=[_ID],
            )
        },
        protocol.WITHDRAWALS: {
            "post": _operation(
                "Take opt-outs back, with a record",
                _LINES,
                _content(
                    _JSON,
                    _object({"ids": _list({"type": "string"}), "withdrawn_at": _MOMENT}),
                ),
            )
        },
        LIST + "/{name}": {
            "get": _file(
                "A file of the public list, if there is one and it is for everyone to read",
                KINDS.values(),
                OPEN,
            )
        },
        SALTED_LIST + "/{name}": {
            "get": _file(
                "A file of the salted public list, when there is one", KINDS.values(), SALTED
            )
        },
        LOG: {
            "get": _file(
                "The log, for mirrors; a checkpoint that was asked for before it fits what is there"
                " then, and after bytes that one has only the range after them is needed",
                [KINDS[".jsonl"]],
            )
        },
        PATH: {"post": _URLS},
        PATH + "/": {"post": _URLS},
        "/api/v1/keys": {
            "get": _operation(
                "All keys, without their secrets",
                _content(_JSON, _object({"keys": {"type": "array", "items": _ref("Key")}})),
            )
        },
        "/api/v1/keys/{id}": {
            "delete": _operation(
                "Make a key good for nothing",
                _content(_JSON, _object({"revoked": {"type": "string"}})),
                parameters=[_ID],
            )
        },
    },
    "components": {
        "schemas": _SCHEMAS,
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    },
}
"""The OpenAPI document; how each line of a bulk answer looks is said in `protocol`."""
