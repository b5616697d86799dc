# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What every engine holds: marks that find rows, and the rows' entries, as bytes that all share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from artistguard import protocol
from artistguard.errors import Kind, Problem, Unreadable
from artistguard.models import Entry, Source

Marks: TypeAlias = NDArray[np.void]
"""Marks, of type `MARK`, shape (n,)."""

ASKED: Final = np.dtype([("collection", "<u4"), ("band", "<u2"), ("value", "<u8")])
"""What is asked for: all marks with this value in this band of this collection."""

WORDS: Final = 4
MARK: Final = np.dtype([*ASKED.descr, ("row", "<u8"), ("quality", "u1"), ("words", "<u8", WORDS)])
"""One row, to be found by one value. `words` is its hash as `layout.lay_out` has it, filled up with
zeros, and `quality` that of the hash (0 to 100); both are zero where the value is not cut from a
hash."""

# The bands of what is found by the key of its text; those of hashes come after them, see `Held`.
EXACT: Final = {"sha256": 0, "md5": 1, "url": 2, "host": 3, "name": 4}
MOST_BANDS: Final = 64
_WIDEST: Final = 32  # bits

NO_LIMIT: Final = (1 << 63) - 1

_ESCAPED: Final = re.compile(rb"\\(.)")


@dataclass(frozen=True, slots=True)
class Held:
    """The hashes of one algorithm in a collection, cut into bands of `widths` bits.

    `first` is the number of the first band. That after the last has the rows that share a hash:
    its value is the one of them that has the marks.
    """

    algorithm: str
    bits: int
    widths: tuple[int, ...]
    first: int
    distinct: int = 0

    @property
    def same(self) -> int:
        """The band of rows that share a hash."""
        return self.first + len(self.widths)


@dataclass(frozen=True, slots=True)
class Collection:
    """One data set at one version in an engine; `answers` counts the rows that each kind finds.

    It takes the place of the collections whose numbers are in `instead_of`. Their marks and entries
    stay for those who search them now, until `cleaning` drops them. One that is `instead_of` itself
    is no collection, but says of the others that they were dropped.
    """

    number: int
    dataset: str
    version: str
    revision: str
    rows: int
    answers: dict[str, int]
    held: tuple[Held, ...]
    instead_of: tuple[int, ...] = ()


class Engine(Protocol):
    """A database that holds collections. Every method raises Offline when it cannot be used now."""

    def prepare(self) -> None:
        """Make the tables that are not there."""

    def add(self, marks: Marks, entries: bytes) -> None:
        """Keep marks, and entries as `write_entries` wrote them."""

    def announce(self, collection: Collection) -> None:
        """Let a collection be found, all of which has been added."""

    def announced(self) -> list[Collection]:
        """All that was ever announced; raises Problem(BAD_ANSWER) for what is not ours."""

    def collections(self) -> list[Collection]:
        """Those announced that no other took the place of; raises as `announced`."""

    def having(self, asked: NDArray[np.void], limit: int = NO_LIMIT) -> Marks:
        """All marks that are asked for (`ASKED`, each once), at most `limit` for each."""

    def entries(self, collection: int, rows: NDArray[np.uint64]) -> bytes:
        """The entries at these rows, for `read_entries`."""

    def numbers(self) -> set[int]:
        """The collections that marks or entries are there of; on a cluster, on this server."""

    def drop(self, collection: int) -> None:
        """Free the space of marks and entries; on a cluster, on this server."""

    def close(self) -> None:
        """Let go of all connections."""


def write_entries(collection: int, rows: Iterable[tuple[int, Entry]]) -> bytes:
    """Collection, row and entry on a line each, tabs between: both engines' form of text.

    JSON in ASCII has no character that it escapes but the backslash.
    """
    lines = []
    for row, entry in rows:
        text = json.dumps(protocol.entry_parts(entry), separators=(",", ":"))
        lines.append(f"{collection}\t{row}\t{text}\n".replace("\\", r"\\"))
    return "".join(lines).encode("ascii")


def read_entries(body: bytes, source: Source) -> Iterator[tuple[int, Entry]]:
    """Rows and entries from lines of both; raises Problem(BAD_ANSWER) for anything else."""
    for row, text in _lines(body):
        try:
            yield int(row), protocol.read_entry(json.loads(text), source)
        except (ValueError, RecursionError, AttributeError, Unreadable) as error:
            raise bad_answer() from error


def write_collection(one: Collection) -> bytes:
    """A collection's number and what it says of itself, on one line."""
    parts = asdict(one)
    text = json.dumps(parts).replace("\\", r"\\")
    return f"{parts['number']}\t{text}\n".encode("ascii")


def read_collections(body: bytes) -> list[Collection]:
    """All collections that were announced, by number; raises Problem(BAD_ANSWER) otherwise."""
    try:
        found = [_collection(json.loads(text)) for _, text in _lines(body)]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise bad_answer() from error
    return [one for _, one in sorted({one.number: one for one in found}.items())]


def in_force(announced: Iterable[Collection]) -> list[Collection]:
    """Those that no other took the place of."""
    every = list(announced)
    gone = {number for one in every for number in one.instead_of}
    return [one for one in every if one.number not in gone]


def dropped(announced: Iterable[Collection]) -> set[int]:
    """The numbers of those that were dropped; what is still there of them is not all."""
    return {
        number for one in announced if one.number in one.instead_of for number in one.instead_of
    }


def bad_answer() -> Problem:
    """That an engine holds what we have not written."""
    return Problem(Kind.BAD_ANSWER, host="index", reason="entry")


def _lines(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in body.splitlines():
        first, tab, text = line.partition(b"\t")
        if not tab:
            raise bad_answer()
        yield first, _ESCAPED.sub(rb"\1", text)


def _collection(parts: Any) -> Collection:
    held = tuple(
        Held(
            str(one["algorithm"]),
            int(one["bits"]),
            tuple(map(int, one["widths"])),
            int(one["first"]),
            int(one["distinct"]),
        )
        for one in parts["held"]
    )
    number = int(parts["number"])
    if not 0 <= number < 1 << 32 or not all(map(_is_sound, held)):
        raise ValueError(number)
    return Collection(
        number,
        str(parts["dataset"]),
        str(parts["version"]),
        str(parts["revision"]),
        int(parts["rows"]),
        {str(kind): int(rows) for kind, rows in parts["answers"].items()},
        held,
        tuple(map(int, parts["instead_of"])),
    )


def _is_sound(held: Held) -> bool:
    return (
        0 < held.bits <= 64 * WORDS
        and 0 < len(held.widths) < MOST_BANDS
        and sum(held.widths) <= held.bits
        and all(0 < width <= _WIDEST for width in held.widths)
        and max(EXACT.values()) < held.first <= 1 << 15
    )
