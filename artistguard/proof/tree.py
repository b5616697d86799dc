# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree over a log's entries (RFC 6962, section 2.1) and its proofs.

A tree's hashes (*nodes*) are kept in the order in which they become known: after the leaf come the
nodes that it completes, so that growing only ever adds at the end. Anything that gives the 32 bytes
at a place in this order can make proofs, in a number of reads that grows with the logarithm of the
tree. Checking needs no nodes (RFC 9162, sections 2.1.3.2 and 2.1.4.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import reduce

Nodes = Callable[[int], bytes]
"""Gives the hash at a place (from 0) in the order described above."""


def leaf_hash(body: bytes) -> bytes:
    """The leaf of an entry, given without its line end."""
    return hashlib.sha256(b"\0" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def node_count(size: int) -> int:
    """How many nodes are known of a tree of `size` leaves."""
    return 2 * size - size.bit_count()


class Frontier:
    """The right edge of a growing tree: all that is needed to add leaves and to know the root."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> list[bytes]:
        """Adds one leaf and returns the nodes that are known from now on, the leaf first."""
        known = [leaf]
        completed = self.size
        while completed & 1:
            known.append(node_hash(self._peaks.pop(), known[-1]))
            completed >>= 1
        self._peaks.append(known[-1])
        self.size += 1
        return known

    @property
    def root(self) -> bytes:
        """The hash of the whole tree."""
        return _join(self._peaks)


def root_of(nodes: Nodes, size: int) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _subtree(nodes, 0, size)


def inclusion_path(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """The proof that leaf `index` (from 0) is in the tree of the first `size` leaves."""
    path = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(nodes, middle, stop))
            stop = middle
        else:
            path.append(_subtree(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency_path(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of that of `new`; 0 < old <= new."""
    path = []
    start, stop = 0, new
    while stop != old:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_subtree(nodes, middle, stop))
            stop = middle
        else:
            path.append(_subtree(nodes, start, middle))
            start = middle
    if start:
        path.append(_subtree(nodes, start, stop))
    return path[::-1]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path shows that `leaf` is number `index` in the tree of this size and root."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(other, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, other)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path shows that the old tree is the beginning of the new one."""
    if not 0 < old < new:
        return 0 < old == new and old_root == new_root and not path
    steps = [old_root, *path] if old.bit_count() == 1 else path
    if not steps:
        return False
    first, *others = steps
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    found_old = found_new = first
    for other in others:
        if last == 0:
            return False
        if here & 1 or here == last:
            found_old, found_new = node_hash(other, found_old), node_hash(other, found_new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found_new = node_hash(found_new, other)
        here, last = here >> 1, last >> 1
    return last == 0 and (found_old, found_new) == (old_root, new_root)


def _split(size: int) -> int:
    """The largest power of two below `size`, where RFC 6962 divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(nodes: Nodes, start: int, stop: int) -> bytes:
    """The hash over some leaves, of which the first begins a complete subtree."""
    peaks = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        last = start + (1 << level) - 1
        peaks.append(nodes(node_count(last) + level))
        start = last + 1
    return _join(peaks)


def _join(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return hashlib.sha256().digest()
    return reduce(lambda right, left: node_hash(left, right), reversed(peaks))
