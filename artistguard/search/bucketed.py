# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One collection of a server as buckets and blocks, each request on a connection of its own."""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from artistguard import protocol
from artistguard.calls import Caller, Traffic
from artistguard.errors import Problem, Unreadable
from artistguard.fingerprints import ALGORITHMS
from artistguard.models import Entry, Source
from artistguard.packs.buckets import EXACT, Shape

_MOST_SHAPES: Final = 100_000


class Near(NamedTuple):
    """Asks for the rows whose band has this value."""

    segment: int
    algorithm: str
    band: int
    value: int


class Keyed(NamedTuple):
    """Asks for the rows whose key begins with these bits."""

    segment: int
    kind: str
    bits: int
    value: int


Question = Near | Keyed


@dataclass(frozen=True, slots=True)
class Bucket:
    """The answer: rows (n,), and the hash or key (n, bytes) and quality (n,) of each."""

    rows: NDArray[np.int64]
    values: NDArray[np.uint8]
    qualities: NDArray[np.uint8]


class Bucketed:
    """Asks for buckets and blocks; raises Problem(BAD_ANSWER) for what cannot be one."""

    def __init__(self, caller: Caller, source: Source) -> None:
        self._caller = caller
        self._source = source
        self.rows = source.rows

    @property
    def traffic(self) -> Traffic:
        """What went over the line."""
        return self._caller.traffic

    @cached_property
    def _layout(self) -> tuple[list[Shape], list[tuple[int, str, int]]]:
        path = f"{protocol.LAYOUT}?revision={quote(self._source.revision, safe='')}"
        match self._caller.get(path):
            case {"shapes": list() as shapes, "keys": list() as keys} if (
                len(shapes) + len(keys) <= _MOST_SHAPES
            ):
                try:
                    return [_shape(one) for one in shapes], [_keys(one) for one in keys]
                except (TypeError, KeyError, ValueError):
                    raise self.untrusted("layout") from None
        raise self.untrusted("layout")

    @property
    def shapes(self) -> list[Shape]:
        """How hashes are cut."""
        return self._layout[0]

    @property
    def keys(self) -> list[tuple[int, str, int]]:
        """Segment, kind and number of rows of whatever has keys."""
        return self._layout[1]

    def bits_of(self, question: Question) -> int:
        """How many bits of a hash the question tells."""
        if isinstance(question, Keyed):
            return question.bits
        shape = self._shape(question.segment, question.algorithm)
        return shape.widths[question.band]

    def dummies(self, real: set[Question], chance: random.Random) -> Callable[[], Question]:
        """Makes questions of the same forms as the real ones, with any value."""
        forms = sorted({(type(one).__name__, *one[:3]) for one in real})
        models = [next(q for q in real if (type(q).__name__, *q[:3]) == form) for form in forms]

        def dummy() -> Question:
            model = chance.choice(models)
            return model._replace(value=chance.getrandbits(self.bits_of(model)))

        return dummy

    def buckets(self, questions: Sequence[Question]) -> Iterator[Bucket]:
        """The bucket of each question, in order; an empty one where there is none."""
        parts = {"buckets": [question._asdict() for question in questions]}
        lines = self._ask(protocol.BUCKETS, parts)
        if len(lines) != len(questions):
            raise self.untrusted("buckets")
        for question, line in zip(questions, lines, strict=True):
            if isinstance(question, Keyed):
                yield self._bucket(line, 8)
            else:
                bits = self._shape(question.segment, question.algorithm).bits
                yield self._bucket(line, bits // 8)

    def slices(self, shape: Shape) -> Iterator[Bucket]:
        """All hashes of a segment too small to be cut: asking for all tells nothing."""
        for start in range(0, shape.distinct, protocol.BUCKET_ROWS):
            wanted = {"segment": shape.segment, "algorithm": shape.algorithm, "start": start}
            [line] = self._ask(protocol.BUCKETS, {"buckets": [wanted]})
            yield self._bucket(line, shape.bits // 8)

    def entries(self, blocks: Sequence[int]) -> Iterator[tuple[int, Entry]]:
        """The entries of whole blocks, each with its row."""
        for line in self._ask(protocol.ROWS, {"blocks": [*blocks]}):
            match line:
                case {"row": int() as row, "entry": dict() as entry}:
                    try:
                        yield row, protocol.read_entry(entry, self._source)
                    except Unreadable as fault:
                        raise self._caller.untrusted(fault) from fault
                case _:
                    raise self.untrusted("rows")

    def untrusted(self, field: str) -> Problem:
        """That the server answered what cannot be."""
        return self._caller.untrusted(protocol.fault(field))

    def _ask(self, path: str, parts: dict[str, Any]) -> list[Any]:
        body = protocol.spell({"revision": self._source.revision, **parts})
        return self._caller.lines_unlinked(path, body)

    def _shape(self, segment: int, algorithm: str) -> Shape:
        return next(
            one for one in self.shapes if (one.segment, one.algorithm) == (segment, algorithm)
        )

    def _bucket(self, line: object, length: int) -> Bucket:
        match line:
            case {"rows": list() as rows, "values": str() as values, "qualities": str() as known}:
                pass
            case _:
                raise self.untrusted("bucket")
        try:
            found = np.array(rows, np.int64).reshape(-1)
            hashes = np.frombuffer(base64.b64decode(values, validate=True), np.uint8)
            quality = np.frombuffer(base64.b64decode(known, validate=True), np.uint8)
            hashes = hashes.reshape(len(found), length)
        except (binascii.Error, ValueError, TypeError, OverflowError):
            raise self.untrusted("bucket") from None
        outside = len(found) and not 0 <= found.min() <= found.max() < self.rows
        if outside or len(quality) != len(found):
            raise self.untrusted("bucket")
        return Bucket(found, hashes, quality)


def _shape(parts: dict[str, Any]) -> Shape:
    shape = Shape(**parts | {"widths": tuple(parts["widths"])})
    whole = (shape.segment, shape.bits, shape.distinct, *shape.widths)
    if not all(type(one) is int and one >= 0 for one in whole) or shape.bits % 8:
        raise ValueError(shape)
    known = ALGORITHMS.get(shape.algorithm)
    if known is not None and known.bits != shape.bits:
        raise ValueError(shape)
    if sum(shape.widths) > shape.bits or not all(0 < width <= 32 for width in shape.widths):
        raise ValueError(shape)
    return shape


def _keys(parts: dict[str, Any]) -> tuple[int, str, int]:
    segment, kind, rows = parts["segment"], parts["kind"], parts["rows"]
    if type(segment) is not int or kind not in EXACT or type(rows) is not int or rows < 0:
        raise ValueError(parts)
    return segment, kind, rows
