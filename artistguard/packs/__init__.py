# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Offline data-set packs: built from published metadata, opened by memory map, asked in bulk.

What a pack says of itself is here, quick to load; `builder`, `growth` and `merging` write packs and
`pack` opens one, and take numpy and pyarrow to do so.
"""

from artistguard.packs.calibration import Calibration, stamp
from artistguard.packs.calibration import read as calibrations
from artistguard.packs.manifest import About, Manifest
from artistguard.packs.manifest import read as manifest_of

__all__ = [
    "About",
    "Calibration",
    "Manifest",
    "calibrations",
    "manifest_of",
    "stamp",
]
