# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The tree over the registry's log on disk, from which proofs are made in a few reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from artistguard import proof
from artistguard.errors import Damaged, Kind

_HASH: Final = 32
_AT_ONCE: Final = 1 << 20
"""Bytes of new hashes after which they are written, so that a long log is read in little memory."""


class NodeFile:
    """The nodes of a growing tree, 32 bytes each, in the order that `proof` describes.

    The file only repeats what the log says. So nothing is lost with it: what is missing, cut off or
    otherwise than the log has it is written anew while the log is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.forget()

    def forget(self) -> None:
        """Begins again with an empty tree; the file is looked at when leaves come."""
        self._frontier = proof.Frontier()
        self._new = bytearray()
        self._kept = 0

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return self._frontier.root

    def append(self, body: bytes) -> None:
        """Adds the leaf of an entry, given without its line end."""
        for node in self._frontier.append(proof.leaf_hash(body)):
            self._new += node
        if len(self._new) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Has the file hold every node; what it held otherwise is replaced.

        It is not forced onto the disk: what a power cut takes is made again from the log.
        """
        if not self._new:
            return
        with open(self.path, "r+b", buffering=0, opener=_open_or_make) as file:
            file.seek(self._kept)
            if file.read(len(self._new)) != self._new:
                file.truncate(self._kept)
                file.seek(self._kept)
                left = memoryview(self._new)
                while left:
                    left = left[file.write(left) :]
        self._kept += len(self._new)
        self._new = bytearray()

    @contextmanager
    def reading(self) -> Iterator[proof.Nodes]:
        """Lends what gives the node at a place (from 0), once it was flushed.

        Raises Damaged(REGISTRY_DAMAGED, path, line, part) when the file was cut off meanwhile.
        """

        def node(number: int) -> bytes:
            file.seek(number * _HASH)
            found = file.read(_HASH)
            if len(found) != _HASH:
                raise Damaged(Kind.REGISTRY_DAMAGED, path=str(self.path), line=number, part="tree")
            return found

        with self.path.open("rb", buffering=0) as file:
            yield node


def _open_or_make(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, mode=0o600)
