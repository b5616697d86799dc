# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The forms in which works are asked for: every variant of every work, as one array of hashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from artistguard import evidence
from artistguard.fingerprints import ALGORITHMS
from artistguard.models import Band, Fingerprint
from artistguard.search import WITNESSES


class Forms:
    """The hashes of one algorithm that works are asked for with, each work's variants in a row.

    `asked` has a fingerprint for each work and the key that stands for it. `values` is uint8 of
    shape (n, bytes); `quality` and `radius` have shape (n,). Each hash is asked for within `radius`
    bits, as far as it may lie and yet say `least`; -1 is for one of too little quality to be asked
    for at all: its neighbours are stripes, specks and gradients without number.
    """

    def __init__(
        self, algorithm: str, asked: Sequence[tuple[int, Fingerprint]], least: Band = Band.POSSIBLE
    ) -> None:
        self.witness = WITNESSES[algorithm]
        self._variants = ALGORITHMS[algorithm].variants
        self._keys = [key for key, _ in asked]
        values = b"".join(print_.values for _, print_ in asked)
        self.values = np.frombuffer(values, np.uint8).reshape(-1, ALGORITHMS[algorithm].bits // 8)
        self.quality = np.frombuffer(b"".join(print_.qualities for _, print_ in asked), np.uint8)
        reach = [evidence.radius(self.witness, variant, least) for variant in self._variants]
        weak = self.quality < evidence.LEAST_QUALITY[self.witness]
        self.radius = np.where(weak, -1, np.tile(reach, len(asked)))

    def groups(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """The hashes to ask for, by how far (in bits): those of one distance in one call."""
        for radius in np.unique(self.radius[self.radius >= 0]).tolist():
            yield radius, np.flatnonzero(self.radius == radius)

    def of(self, form: int) -> tuple[int, str, int]:
        """Which work a hash is of, by its key, which variant it is, and its quality."""
        work, variant = divmod(form, len(self._variants))
        return self._keys[work], self._variants[variant], int(self.quality[form])
