# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Lines of CSV, TSV and JSONL files, gzipped or not, taken apart without trusting one of them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

# No row of picture metadata is a longer line; one that is passes through in pieces, unread.
_LONGEST_LINE = 1 << 24


class Start(bytes):
    """The first piece of a line that is too long to read."""


class Rest(bytes):
    """A later piece of it."""


@contextmanager
def unpacked(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """What a file called `name` holds: itself, or what was gzipped into it.

    Raises EOFError, zlib.error or OSError when it was not.
    """
    if not name.lower().endswith(".gz"):
        yield file
        return
    with gzip.GzipFile(fileobj=file) as packed, io.BufferedReader(packed) as stream:
        try:
            yield stream
        except zlib.error as error:
            raise OSError(str(error)) from error


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Each line with its end; one that is too long comes as a `Start` and `Rest`s."""
    while line := stream.readline(_LONGEST_LINE):
        if len(line) < _LONGEST_LINE:
            yield line
            continue
        yield Start(line)
        while not line.endswith(b"\n") and (line := stream.readline(_LONGEST_LINE)):
            yield Rest(line)


class _Echo:
    """Lines on their way into a csv reader, remembered until it has taken a whole record."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.taken: list[bytes] = []
        self.ended = False

    def __iter__(self) -> _Echo:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        if isinstance(line, Start | Rest):
            raise csv.Error
        return line.decode("utf-8", "replace")


def parsed(
    lines: Iterator[bytes], delimiter: str
) -> Iterator[tuple[list[bytes], list[str] | None]]:
    """Give the lines of each record and its fields, None when they cannot be made out."""
    echo = _Echo(lines)
    reader = csv.reader(echo, delimiter=delimiter)
    while True:
        echo.taken = []
        fields: list[str] | None
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fields = None
        # Lines that end within a record leave a quoted field open.
        yield echo.taken, None if echo.ended else fields
