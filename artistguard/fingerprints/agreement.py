# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What holding two pictures against each other point by point has shown; quick to load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 16
"""Inliers that no two different pictures reached in `tests/test_keypoints.py`; see there."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`inliers` points of two pictures agree on one place, size and turn of one in the other.

    They lie off by `residual` pixels on average, at a longest edge of 480 pixels; `mirrored` is
    whether one picture is the other's mirror image.
    """

    inliers: int
    residual: float
    mirrored: bool

    @property
    def agreed(self) -> bool:
        """Whether so many points agree that the pictures show the same."""
        return self.inliers >= ENOUGH
