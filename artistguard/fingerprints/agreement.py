# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What holding two pictures against each other point by point has shown; quick to load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from artistguard.fingerprints.variants import Placing

ENOUGH: Final = 16
"""Three times the most, 5, on which different pictures agreed: 182 pairs of the sample's works, and
560 of a work and a stranger. The sample's altered copies had 19, as a small picture on a page, to
524. `tests/test_keypoints.py` keeps watch over a part of this."""


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
