# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Says of a search that does not find all how much it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from artistguard import evidence
from artistguard.fingerprints import ALGORITHMS
from artistguard.models import Band, Miss
from artistguard.search import WITNESSES


def missed(
    algorithm: str, least: Band, share_at: Callable[[int], float], unlisted: int = 0
) -> Iterator[Miss]:
    """What is missed by one algorithm's hashes; nothing where all of every band is found.

    `share_at` says which share of the hashes at exactly so many bits is found.
    """
    witness = WITNESSES[algorithm]
    variants = ALGORITHMS[algorithm].variants
    share = share_at(max(evidence.radius(witness, variant, least) for variant in variants))
    if least is not Band.POSSIBLE or share < 1 or unlisted:
        yield Miss(witness, least, share, unlisted)
