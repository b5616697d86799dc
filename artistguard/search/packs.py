# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Looks works up in an offline pack: each witness that the pack has is asked once, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artistguard import evidence
from artistguard.fingerprints import ALGORITHMS, DCT256, PHASH64, SSCD256
from artistguard.models import Clue, Entry, Query, Sighting, Source, Witness
from artistguard.search import Backend

WITNESSES = {DCT256: Witness.DCT256, PHASH64: Witness.PHASH64, SSCD256: Witness.EMBEDDING}


@contextmanager
def opened(folders: Iterable[Path]) -> Iterator[list[Backend]]:
    """Every pack as a backend, closed whatever happens.

    Raises Damaged or Problem for the first pack that cannot be opened.
    """
    with ExitStack() as stack:
        backends: list[Backend] = []
        for folder in folders:
            raise NotImplementedError
            stack.callback(pack.close)
            backends.append(PackBackend(pack))
        yield backends


class PackBackend:
    """One pack, asked as any other backend is."""

    def __init__(self, pack: object) -> None:
        self._pack = pack

    @property
    def source(self) -> Source:
        """The pack's data set, at the version and revision its manifest names."""
        raise NotImplementedError

    def look_up(self, queries: Sequence[Query]) -> Iterator[Sighting]:
        """What file hashes and fingerprints saw of these works."""
        yield from self._by_file_hash(queries)
        for algorithm in WITNESSES:
            yield from self._by_fingerprint(algorithm, queries)
