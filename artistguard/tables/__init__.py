# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Tables of data-set rows as they are published: found, opened and read in bounded pieces."""

from artistguard.tables.digests import Bytes, Column, Rows, decoded, is_text
from artistguard.tables.places import Place, find
from artistguard.tables.reader import Batch, is_table, read

__all__ = [
    "Batch",
    "Bytes",
    "Column",
    "Place",
    "Rows",
    "decoded",
    "find",
    "is_table",
    "is_text",
    "read",
]
