# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What holding two pictures against each other point by point has shown; quick to load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from artistguard.fingerprints.variants import Placing

ENOUGH: Final = 16
"""Twice the most, 8, on which 9,000 random pairs of 1,500 real pictures agreed in
`tests/bench/keypoints.py`. Of 8,416 pairs that fingerprints take for most alike 99 in 100 had at
most 7, and the six with most show the same, with other words or in another size. Of 3,920 altered
copies 82 in 100 had as many."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`inliers` points of two pictures agree on one place, size and turn of one in the other.

    They lie off by `residual` pixels on average, at a longest edge of 480 pixels; `mirrored` is
    whether one picture is the other's mirror image, and `placing` how the second lies on the first.
    """

    inliers: int
    residual: float
    mirrored: bool
    placing: Placing | None

    @property
    def agreed(self) -> bool:
        """Whether so many points agree that the pictures show the same."""
        return self.inliers >= ENOUGH
