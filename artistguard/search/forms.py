# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The forms in which works are asked for: every variant of every work, as one array of hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from artistguard import evidence
from artistguard.fingerprints import ALGORITHMS, DCT256, PHASH64, SSCD256
from artistguard.models import Fingerprint, Witness

WITNESSES: Mapping[str, Witness] = MappingProxyType(
    {DCT256: Witness.DCT256, PHASH64: Witness.PHASH64, SSCD256: Witness.EMBEDDING}
)
"""Whose word the hashes of an algorithm are."""


class Forms:
    """The hashes of one algorithm that works are asked for with, each work's variants in a row.

    `asked` has a fingerprint for each work and the key that stands for it. `values` is uint8 of
    shape (n, bytes); `quality` and `radius` (in bits) have shape (n,). A hash
    that cannot say more than "possible" is asked for its like alone: its neighbours are stripes,
    specks and gradients without number.
    """

    def __init__(self, algorithm: str, asked: Sequence[tuple[int, Fingerprint]]) -> None:
        self.witness = WITNESSES[algorithm]
        self._variants = ALGORITHMS[algorithm].variants
        self._keys = [key for key, _ in asked]
        values = b"".join(print_.values for _, print_ in asked)
        self.values = np.frombuffer(values, np.uint8).reshape(-1, ALGORITHMS[algorithm].bits // 8)
        self.quality = np.frombuffer(b"".join(print_.qualities for _, print_ in asked), np.uint8)
        reach = [evidence.radius(self.witness, variant) for variant in self._variants]
        weak = self.quality < evidence.LEAST_QUALITY[self.witness]
        self.radius = np.where(weak, 0, np.tile(reach, len(asked)))

    def of(self, form: int) -> tuple[int, str]:
        """Which work a hash is of, by its key, and which variant it is."""
        return self._keys[form // len(self._variants)], self._variants[form % len(self._variants)]
