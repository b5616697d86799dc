# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Offline data-set packs: built from published metadata, opened by memory map, asked in bulk."""

from artistguard.packs.builder import build
from artistguard.packs.manifest import About, Manifest
from artistguard.packs.pack import FileCheck, Found, Pack
from artistguard.packs.segment import PackHits
from artistguard.packs.writer import Hashes, RowBatch

__all__ = [
    "About",
    "FileCheck",
    "Found",
    "Hashes",
    "Manifest",
    "Pack",
    "PackHits",
    "RowBatch",
    "build",
]
