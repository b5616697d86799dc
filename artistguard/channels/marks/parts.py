# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A picture's file as parts: what is said about the picture, and the rest, which is never changed.

What is written is put together from ranges of the file as it was and a few bytes of our own, so
that a part nobody named is copied byte for byte, and large files are never held in memory.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Final

from artistguard.errors import Kind, Unreadable

Piece = bytes | range
"""Bytes to be written, or where in the file those bytes stand that are to be written."""

COUNT_LIMIT: Final = 1_000_000
"""Chunks of one file; animations of an hour have fewer."""

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where in one file a packet of XMP stands, or is to stand.

    `packet` is the one that is there. `put` gives the pieces of the whole file with another in its
    place; None where this format has no place that we know. `rest` gives all but the credentials,
    and what depends on their length: two files that differ in those only have the same; it is told
    how many bytes the file had without. `is_signed` says that there are Content Credentials in it,
    `takes_credentials` that they can be put in without loss.
    """

    packet: bytes | None
    put: Callable[[bytes], list[Piece]] | None
    rest: Callable[[int], list[Piece]]
    is_signed: bool = False
    takes_credentials: bool = True


def size_of(file: IO[bytes]) -> int:
    """How many bytes an open file has."""
    return file.seek(0, io.SEEK_END)


def read_at(file: IO[bytes], at: int, size: int) -> bytes:
    """Exactly these bytes of a file. Raises Unreadable (TRUNCATED) where it ends before."""
    try:
        file.seek(at)
    except (OverflowError, OSError) as error:  # past what any file could have
        raise Unreadable(Kind.TRUNCATED) from error
    body = file.read(size)
    if len(body) != size:
        raise Unreadable(Kind.TRUNCATED)
    return body


def write(file: IO[bytes], pieces: Iterable[Piece], into: IO[bytes]) -> None:
    """Write the pieces of a file into another. Raises Unreadable (TRUNCATED)."""
    for piece in pieces:
        if isinstance(piece, bytes):
            into.write(piece)
            continue
        for at in range(piece.start, piece.stop, _BLOCK):
            into.write(read_at(file, at, min(_BLOCK, piece.stop - at)))


def digest(file: IO[bytes], pieces: Iterable[Piece]) -> bytes:
    """The SHA-256 of what `write` would write."""
    sha256 = hashlib.sha256()
    for piece in pieces:
        if isinstance(piece, bytes):
            sha256.update(piece)
            continue
        for at in range(piece.start, piece.stop, _BLOCK):
            sha256.update(read_at(file, at, min(_BLOCK, piece.stop - at)))
    return sha256.digest()
