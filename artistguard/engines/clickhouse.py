# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Marks and entries in ClickHouse, on one server or on all of a cluster, spoken to over HTTP.

Every value that is asked for goes as the rows of an external table, never in the text of a
statement. The statements are for every release from 18.16 on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import numpy as np
from numpy.typing import NDArray

from artistguard.engines import tables
from artistguard.engines.tables import ASKED, MARK, NO_LIMIT, Collection, Marks
from artistguard.errors import Kind, Offline, Problem

MOST_BYTES: Final = 4 << 30
"""Most bytes that are taken of one answer."""

_MARK: Final = (
    "collection UInt32, band UInt16, value UInt64, row UInt64, quality UInt8,"
    " word0 UInt64, word1 UInt64, word2 UInt64, word3 UInt64"
)
# The columns of each table, its order, and what says on which server of a cluster a row is. What is
# there twice becomes one in time; it lies on the same server.
_TABLES: Final = {
    "artistguard_marks": (_MARK, "collection, band, value, row", "intHash64(value)"),
    "artistguard_entries": (
        "collection UInt32, row UInt64, entry String",
        "collection, row",
        "intHash64(row)",
    ),
    "artistguard_collections": ("collection UInt32, said String", "collection", "collection"),
}
_GRANULE: Final = 512
"""Rows that are read together: few, since what is looked up lies far apart."""

_ASKED: Final = "collection UInt32, band UInt16, value UInt64"
_ROWS: Final = "collection UInt32, row UInt64"
_ROW: Final = np.dtype([("collection", "<u4"), ("row", "<u8")])

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")
_CODE: Final = re.compile(r"Code: (\d+)")
_TIMEOUT: Final = httpx.Timeout(600.0, connect=10.0)

Send = Callable[[str, bytes, "tuple[str, bytes] | None"], bytes]
"""Sends a statement with the body of its INSERT, or with the types and rows of the table ``asked``
that it speaks of; gives the answer's bytes or raises Offline."""


class ClickHouse:
    """The engine on a server, or on all servers of a cluster through any of them."""

    def __init__(
        self, send: Send, cluster: str | None = None, close: Callable[[], None] = lambda: None
    ) -> None:
        self._send = send
        self._cluster = cluster
        self._close = close

    @classmethod
    def open(cls, url: str) -> Self:
        """The engine at an address, see `engines.connected`; raises Problem(BAD_USAGE)."""
        client, cluster = _client(url)
        return cls(lambda *parts: _post(client, *parts), cluster, client.close)

    def close(self) -> None:
        """Let go of all connections."""
        self._close()

    def prepare(self) -> None:
        """Make the tables that are not there; on every server of a cluster once."""
        for name, (columns, order, spread) in _TABLES.items():
            self._send(
                f"CREATE TABLE IF NOT EXISTS {name} ({columns}) ENGINE = ReplacingMergeTree"
                f" PARTITION BY collection ORDER BY ({order})"
                f" SETTINGS index_granularity = {_GRANULE}",
                b"",
                None,
            )
            if self._cluster:
                self._send(
                    f"CREATE TABLE IF NOT EXISTS {name}_everywhere AS {name} ENGINE = Distributed"
                    f"('{self._cluster}', currentDatabase(), '{name}', {spread})",
                    b"",
                    None,
                )

    def add(self, marks: Marks, entries: bytes) -> None:
        """Keep marks and entries."""
        if len(marks):
            self._insert("artistguard_marks", "RowBinary", marks.tobytes())
        if entries:
            self._insert("artistguard_entries", "TabSeparated", entries)

    def announce(self, collection: Collection) -> None:
        """Let a collection be found."""
        said = tables.write_collection(collection)
        self._insert("artistguard_collections", "TabSeparated", said)

    def collections(self) -> list[Collection]:
        """Those announced that no other took the place of."""
        return tables.in_force(self.announced())

    def announced(self) -> list[Collection]:
        """All that was ever announced."""
        table = self._table("artistguard_collections")
        answer = self._send(f"SELECT collection, said FROM {table} FORMAT TabSeparated", b"", None)
        return tables.read_collections(answer)

    def having(self, asked: NDArray[np.void], limit: int = NO_LIMIT) -> Marks:
        """All marks that are asked for, at most `limit` for each."""
        most = "" if limit == NO_LIMIT else f" LIMIT {limit:d} BY collection, band, value"
        table = self._table("artistguard_marks")
        answer = self._send(
            f"SELECT * FROM {table} WHERE (collection, band, value) IN asked{most}"
            " FORMAT RowBinary",
            b"",
            (_ASKED, asked.astype(ASKED).tobytes()),
        )
        return _read(answer)

    def entries(self, collection: int, rows: NDArray[np.uint64]) -> bytes:
        """The entries at these rows."""
        asked = np.empty(len(rows), _ROW)
        asked["collection"], asked["row"] = collection, rows
        table = self._table("artistguard_entries")
        return self._send(
            f"SELECT row, entry FROM {table} WHERE (collection, row) IN asked FORMAT TabSeparated",
            b"",
            (_ROWS, asked.tobytes()),
        )

    def numbers(self) -> set[int]:
        """The collections that marks or entries are there of on this server."""
        answer = self._send(
            "SELECT DISTINCT partition FROM system.parts WHERE active"
            " AND database = currentDatabase()"
            " AND table IN ('artistguard_marks', 'artistguard_entries') FORMAT TabSeparated",
            b"",
            None,
        )
        try:
            return set(map(int, answer.split()))
        except ValueError as error:
            raise tables.bad_answer() from error

    def drop(self, collection: int) -> None:
        """Free the space of marks and entries on this server."""
        for name in ("artistguard_marks", "artistguard_entries"):
            self._send(f"ALTER TABLE {name} DROP PARTITION {collection:d}", b"", None)

    def _insert(self, name: str, form: str, body: bytes) -> None:
        self._send(f"INSERT INTO {self._table(name)} FORMAT {form}", body, None)

    def _table(self, name: str) -> str:
        return f"{name}_everywhere" if self._cluster else name


def _read(answer: bytes) -> Marks:
    if len(answer) % MARK.itemsize:
        raise tables.bad_answer()
    return np.frombuffer(answer, MARK)


def _client(url: str) -> tuple[httpx.Client, str | None]:
    parts = urlsplit(url)
    how = dict(parse_qsl(parts.query))
    database = unquote(parts.path.lstrip("/")) or "default"
    cluster = how.pop("cluster", None)
    secure = how.pop("secure", "0") == "1"
    try:
        port = parts.port or (8443 if secure else 8123)
    except ValueError:
        port = 0
    named = _NAME.fullmatch(database) and (cluster is None or _NAME.fullmatch(cluster))
    host = parts.hostname or ""
    if not (named and port and _HOST.fullmatch(host)) or how or parts.fragment:
        raise Problem(Kind.BAD_USAGE, option="--index")
    host = f"[{host}]" if ":" in host else host
    client = httpx.Client(
        base_url=f"{'https' if secure else 'http'}://{host}:{port}",
        auth=(unquote(parts.username or "default"), unquote(parts.password or "")),
        # An answer begins when it is whole, so that its status tells; rows are lasting on their
        # shard before an INSERT ends.
        params={"database": database, "wait_end_of_query": 1, "insert_distributed_sync": 1},
        timeout=_TIMEOUT,
        trust_env=False,
    )
    return client, cluster


def _post(
    client: httpx.Client, statement: str, body: bytes, asked: tuple[str, bytes] | None
) -> bytes:
    how: dict[str, Any] = {"content": body}
    params: Mapping[str, str] = {"query": statement}
    if asked is not None:
        types, rows = asked
        params = {**params, "asked_structure": types, "asked_format": "RowBinary"}
        how = {"files": {"asked": ("asked", rows)}}
    try:
        with client.stream("POST", "/", params=params, **how) as response:
            answer = bytearray()
            for part in response.iter_bytes():
                answer += part
                if len(answer) > MOST_BYTES:
                    raise Offline(Kind.SERVER_DATABASE, reason="too much")
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise Offline(Kind.SERVER_DATABASE, reason=type(error).__name__) from error
    if response.status_code != httpx.codes.OK:
        code = _CODE.search(answer[:1000].decode("ascii", "replace"))
        reason = f"ClickHouse {code[1]}" if code else f"HTTP {response.status_code}"
        raise Offline(Kind.SERVER_DATABASE, reason=reason)
    return bytes(answer)
