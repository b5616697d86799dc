# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Marks and entries in PostgreSQL: everything goes and comes in bulk, by binary COPY."""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from artistguard.engines import tables
from artistguard.engines.tables import ASKED, MARK, NO_LIMIT, WORDS, Collection, Marks
from artistguard.errors import Kind, Offline, Problem

# Whole numbers of 64 bits are kept as they are, with a sign that means nothing.
_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS artistguard_marks (
        collection BIGINT NOT NULL,
        band INTEGER NOT NULL,
        value BIGINT NOT NULL,
        row BIGINT NOT NULL,
        quality SMALLINT NOT NULL,
        word0 BIGINT NOT NULL,
        word1 BIGINT NOT NULL,
        word2 BIGINT NOT NULL,
        word3 BIGINT NOT NULL
    )""",
    """CREATE INDEX IF NOT EXISTS artistguard_marks_of
        ON artistguard_marks (collection, band, value)""",
    """CREATE TABLE IF NOT EXISTS artistguard_entries (
        collection BIGINT NOT NULL,
        row BIGINT NOT NULL,
        entry TEXT NOT NULL
    )""",
    """CREATE INDEX IF NOT EXISTS artistguard_entries_of
        ON artistguard_entries (collection, row)""",
    """CREATE TABLE IF NOT EXISTS artistguard_collections (
        collection BIGINT PRIMARY KEY,
        said TEXT NOT NULL
    )""",
)
_ASKED: Final = """CREATE TEMPORARY TABLE artistguard_asked (
    collection BIGINT NOT NULL,
    band INTEGER NOT NULL,
    value BIGINT NOT NULL
) ON COMMIT DELETE ROWS"""

# A lateral query with a limit is run once for each value that is asked for, by the index.
_HAVING: Final = """COPY (
    SELECT found.* FROM artistguard_asked AS asked CROSS JOIN LATERAL (
        SELECT * FROM artistguard_marks AS marks
        WHERE marks.collection = asked.collection
            AND marks.band = asked.band AND marks.value = asked.value
        LIMIT {limit:d}
    ) AS found
) TO STDOUT WITH (FORMAT binary)"""
_ENTRIES: Final = """COPY (
    SELECT found.* FROM artistguard_asked AS asked CROSS JOIN LATERAL (
        SELECT row, entry FROM artistguard_entries AS entries
        WHERE entries.collection = asked.collection AND entries.row = asked.value
        LIMIT 1
    ) AS found
) TO STDOUT"""

_FREED: Final = ("artistguard_marks", "artistguard_entries")
_DELETE: Final = "DELETE FROM {0} WHERE collection = :number"
# Each number is found from the one before by the index, as all rows are too many to look at.
_NUMBERS: Final = """WITH RECURSIVE found(collection) AS (
    (SELECT collection FROM {0} ORDER BY collection LIMIT 1)
    UNION ALL
    SELECT (
        SELECT collection FROM {0} WHERE collection > found.collection
        ORDER BY collection LIMIT 1
    ) FROM found WHERE found.collection IS NOT NULL
) SELECT collection FROM found WHERE collection IS NOT NULL"""

# How COPY writes rows: the number of columns, and each with its length before it.
_START: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_END: Final = struct.pack(">h", -1)
_TYPES: Final = {"collection": ">i8", "band": ">i4", "value": ">i8", "row": ">i8"} | {
    "quality": ">i2",
    **{f"word{number}": ">i8" for number in range(WORDS)},
}
_PATIENCE: Final = 600.0  # seconds; a million values may be asked for at once


class PostgreSQL:
    """The engine on a PostgreSQL server, on one connection: one thread after the other."""

    def __init__(self, connect: Any, errors: tuple[type[Exception], ...]) -> None:
        self._connect = connect
        self._errors = errors
        self._lock = threading.Lock()
        self._connection: Any = None

    @classmethod
    def open(cls, url: str) -> Self:
        """The engine at an address, see `engines.connected`.

        Raises Problem (BAD_USAGE, SERVER_PART_MISSING).
        """
        try:
            import pg8000.native  # noqa: PLC0415  # only who asks for PostgreSQL needs it
        except ImportError:
            raise Problem(Kind.SERVER_PART_MISSING, part="pg8000") from None
        where = _where(url)
        errors = (pg8000.native.Error, OSError, struct.error, ValueError, IndexError)
        return cls(lambda: pg8000.native.Connection(timeout=_PATIENCE, **where), errors)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._drop()

    def prepare(self) -> None:
        """Make the tables that are not there."""
        with self._transaction() as run:
            for table in _TABLES:
                run(table)

    def add(self, marks: Marks, entries: bytes) -> None:
        """Keep marks and entries."""
        with self._transaction() as run:
            if len(marks):
                _copy(run, "artistguard_marks", _rows(marks, list(_TYPES)))
            if entries:
                run("COPY artistguard_entries FROM STDIN", stream=io.BytesIO(entries))

    def announce(self, collection: Collection) -> None:
        """Let a collection be found."""
        said = io.BytesIO(tables.write_collection(collection))
        with self._transaction() as run:
            run("COPY artistguard_collections FROM STDIN", stream=said)

    def collections(self) -> list[Collection]:
        """Those announced that no other took the place of."""
        return tables.in_force(self.announced())

    def announced(self) -> list[Collection]:
        """All that was ever announced."""
        answer = io.BytesIO()
        with self._transaction() as run:
            run("COPY artistguard_collections TO STDOUT", stream=answer)
        return tables.read_collections(answer.getvalue())

    def having(self, asked: NDArray[np.void], limit: int = NO_LIMIT) -> Marks:
        """All marks that are asked for, at most `limit` for each."""
        return _marks(self._ask(asked, _HAVING.format(limit=limit)))

    def entries(self, collection: int, rows: NDArray[np.uint64]) -> bytes:
        """The entries at these rows."""
        asked = np.zeros(len(rows), ASKED)
        asked["collection"], asked["value"] = collection, rows
        return self._ask(asked, _ENTRIES)

    def numbers(self) -> set[int]:
        """The collections that marks or entries are there of."""
        with self._transaction() as run:
            return {int(number) for table in _FREED for (number,) in run(_NUMBERS.format(table))}

    def drop(self, collection: int) -> None:
        """Delete marks and entries; later loads take their space."""
        with self._transaction() as run:
            for table in _FREED:
                run(_DELETE.format(table), number=collection)

    def _ask(self, asked: NDArray[np.void], question: str) -> bytes:
        answer = io.BytesIO()
        with self._transaction() as run:
            _copy(run, "artistguard_asked", _rows(asked, list(ASKED.names or ())))
            run(question, stream=answer)
        return answer.getvalue()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                    self._connection.run(_ASKED)
                self._connection.run("BEGIN")
                yield self._connection.run
                self._connection.run("COMMIT")
            except self._errors as error:
                # Whatever it was, the next one starts afresh.
                self._drop()
                raise Offline(Kind.SERVER_DATABASE, reason=type(error).__name__) from error
            except BaseException:
                self._drop()
                raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*self._errors):
                connection.close()


def _copy(run: Any, table: str, rows: bytes) -> None:
    run(f"COPY {table} FROM STDIN WITH (FORMAT binary)", stream=io.BytesIO(rows))


def _form(columns: list[str]) -> np.dtype[np.void]:
    parts = [("columns", ">i2")]
    for name in columns:
        parts += [(f"{name} length", ">i4"), (name, _TYPES[name])]
    return np.dtype(parts)


def _rows(found: NDArray[np.void], columns: list[str]) -> bytes:
    """Rows as COPY takes them."""
    rows = np.empty(len(found), _form(columns))
    rows["columns"] = len(columns)
    for name in columns:
        rows[f"{name} length"] = rows.dtype[name].itemsize
        column = found["words"][:, int(name[-1])] if name.startswith("word") else found[name]
        rows[name] = column.astype(np.int64)
    return b"".join((_START, rows.tobytes(), _END))


def _marks(body: bytes) -> Marks:
    """Marks from the answer of a COPY."""
    form = _form(list(_TYPES))
    count, rest = divmod(len(body) - len(_START) - len(_END), form.itemsize)
    if rest or count < 0 or not body.startswith(_START):
        raise tables.bad_answer()
    rows = np.frombuffer(body, form, count, len(_START))
    marks = np.zeros(count, MARK)
    for name in ("collection", "band", "value", "row", "quality"):
        marks[name] = rows[name]
    for number in range(WORDS):
        marks["words"][:, number] = rows[f"word{number}"]
    return marks


def _where(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.query or parts.fragment or port == 0:
        raise Problem(Kind.BAD_USAGE, option="--index")
    host = unquote(parts.hostname or "localhost")
    return {
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or None,
        **({"unix_sock": host} if host.startswith("/") else {"host": host}),
        **({"port": port} if port else {}),
    }
