# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Offline data-set packs: built from published metadata, opened by memory map, asked in bulk."""

from artistguard.packs.batches import Hashes, Prepared, RowBatch, prepare
from artistguard.packs.builder import POSTINGS_CAP, SEGMENT_ROWS, build
from artistguard.packs.calibration import Calibration, stamp
from artistguard.packs.calibration import read as calibrations
from artistguard.packs.growth import Growth, growing
from artistguard.packs.manifest import About, Manifest
from artistguard.packs.merging import merge
from artistguard.packs.pack import FileCheck, Found, Pack
from artistguard.packs.rows import SCHEMA as ROWS
from artistguard.packs.segment import PackHits

__all__ = [
    "POSTINGS_CAP",
    "ROWS",
    "SEGMENT_ROWS",
    "About",
    "Calibration",
    "FileCheck",
    "Found",
    "Growth",
    "Hashes",
    "Manifest",
    "Pack",
    "PackHits",
    "Prepared",
    "RowBatch",
    "build",
    "calibrations",
    "growing",
    "merge",
    "prepare",
    "stamp",
]
