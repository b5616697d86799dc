# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How hashes are laid out for searching: bits shuffled into words, rows ordered by each band."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from artistguard.packs import bands
from artistguard.packs.bands import Band

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]

BLOCK = 4
"""Copied rows that are compared together: half a cache line."""

_MAX_ROWS = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in the order of one band's value.

    The rows with value v are ``order[starts[v]:starts[v + 1]]`` (both uint32). Hashes of one word
    are also copied in that order (`copies`, padded to whole blocks), so that a probe reads one
    place in memory and not one for each row.
    """

    starts: NDArray[np.uint32]
    order: NDArray[np.uint32]
    copies: Words | None


def lay_out(hashes: Bytes) -> Words:
    """Put the bits of `hashes` (uint8, shape (n, bytes)) in the order of `bands.shuffled`.

    Returns little-endian uint64, shape (n, 1) for up to 64 bits, else (n, even number of words):
    place p is bit p % 64 of word p // 64.
    """
    rows, length = hashes.shape
    words = np.zeros((rows, words_across(length)), "<u8")
    for block in stretches(rows, 1 << 12):
        for values, laid_out in zip(hashes[block].T, _each_byte(length), strict=True):
            words[block] |= laid_out.take(values, axis=0)
    return words


@cache
def _each_byte(length: int) -> list[Words]:
    """For each byte of a hash, how a hash is laid out that has one of its 256 values and no more.

    As every bit has a place of its own, a hash is all of its bytes' put together.
    """
    places = np.array(bands.shuffled(length * 8))
    found = []
    for byte in range(length):
        alone = np.zeros((256, length), np.uint8)
        alone[:, byte] = np.arange(256)
        bits = np.unpackbits(alone, axis=1).take(places, axis=1)
        words = np.zeros((256, words_across(length) * 8), np.uint8)
        words[:, :length] = np.packbits(bits, axis=1, bitorder="little")
        found.append(words.view("<u8"))
    return found


def taken_back(words: Words, length: int) -> Bytes:
    """The hashes, of `length` bytes each, that `lay_out` has made `words` of."""
    places = np.array(bands.shuffled(length * 8))
    hashes = np.empty((len(words), length), np.uint8)
    laid_out = np.ascontiguousarray(words).view(np.uint8).reshape(len(words), -1)[:, :length]
    for block in stretches(len(words), 1 << 12):
        shuffled = np.unpackbits(laid_out[block], axis=1, bitorder="little")
        bits = np.empty_like(shuffled)
        bits[:, places] = shuffled
        hashes[block] = np.packbits(bits, axis=1)
    return hashes


def stretches(total: int, size: int) -> Iterator[slice]:
    """Cut what has a length of `total` into slices of at most `size`."""
    return (slice(at, min(at + size, total)) for at in range(0, total, size))


def order_of(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """What a stable argsort of `keys` gives, in a third of the time.

    The first bits of a key and its place are sorted as one number. Only where those bits are the
    same for several are the others looked at.
    """
    places = np.uint64(max(1, len(keys) - 1).bit_length())
    others = (np.uint64(1) << places) - np.uint64(1)
    both = keys & ~others
    both |= np.arange(len(keys), dtype=np.uint64)
    both.sort()
    order: NDArray[np.int64] = (both & others).view(np.int64)
    if not (keys & others).any():
        return order
    both >>= places
    same = np.zeros(len(keys), np.bool_)
    same[1:] = both[1:] == both[:-1]
    same[:-1] |= same[1:]
    alike = order[same]
    order[same] = alike[np.argsort(keys[alike], kind="stable")]
    return order


def words_across(length: int) -> int:
    """The number of words for hashes of `length` bytes."""
    return 1 if length <= 8 else 2 * math.ceil(length / 16)


def band_values(words: Words, band: Band) -> NDArray[np.uint64]:
    """The bits of a band of every row of `words`, its first place the lowest bit."""
    word, shift = divmod(band.start, 64)
    values = words[:, word] >> np.uint64(shift)
    if shift + band.width > 64:
        values |= words[:, word + 1] << np.uint64(64 - shift)
    values &= np.uint64((1 << band.width) - 1)
    return values


def starts_of(widths: Sequence[int]) -> list[int]:
    """Where bands of these widths start when they are cut one after the other."""
    return list(itertools.accumulate(widths, initial=0))[:-1]


def tables(words: Words, widths: Sequence[int]) -> Iterator[Table]:
    """One table for each band; needs about 20 bytes of memory for each row."""
    assert len(words) <= _MAX_ROWS
    for start, width in zip(starts_of(widths), widths, strict=True):
        # Sorting value and row as one number is several times faster than an argsort.
        keys = band_values(words, Band(start, width, 0)) << np.uint64(32)
        keys |= np.arange(len(words), dtype=np.uint64)
        keys.sort()
        order = keys.astype(np.uint32)
        keys >>= np.uint64(32)
        starts = np.zeros((1 << width) + 1, np.uint32)
        np.bincount(keys.view(np.int64), minlength=1 << width).cumsum(
            out=starts[1:], dtype=np.uint32
        )
        copies = None
        if words.shape[1] == 1:
            copies = np.zeros(-(-len(words) // BLOCK) * BLOCK, np.uint64)
            words[:, 0].take(order, out=copies[: len(words)], mode="clip")
        yield Table(starts, order, copies)
