# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Bakes small packs for tests: a data set of real pictures, hashed as a real one would be."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from PIL import Image

from artistguard import fingerprints, packs
from artistguard.fingerprints import hashing
from artistguard.models import Fingerprint
from artistguard.packs.batches import Hashes, RowBatch
from artistguard.packs.builder import build
from artistguard.packs.rows import SCHEMA


@dataclass(frozen=True)
class Row:
    """One entry; `picture` is a path or None, and is hashed as the data set's own copy."""

    entry: str
    picture: object = None
    url: str | None = None
    caption: str | None = None
    file_hashes: bool = True


def bake(out, rows, dataset="web", version="2026-01", published_only=False, strangers=()):
    """Build the pack `out`; with `published_only` it has the 64-bit hash alone, as COYO has.

    `strangers` are 256-bit hashes (uint8, shape (n, 32)) of entries that have nothing else.
    """
    columns = {name: [] for name in SCHEMA.names}
    hashes = {}
    for number, row in enumerate(rows):
        body = row.picture.read_bytes() if row.picture else None
        columns["entry"].append(row.entry)
        columns["url"].append(row.url or f"https://host{number}.example/{row.entry}.jpg")
        columns["caption"].append(row.caption)
        hashed = body if row.file_hashes else None
        columns["sha256"].append(hashlib.sha256(hashed).digest() if hashed else None)
        columns["md5"].append(hashlib.md5(hashed).digest() if hashed else None)
        size = (None, None)
        if row.picture:
            with Image.open(row.picture) as picture:
                size = picture.size
                prints = hashing.index(picture.convert("RGB"))
            for print_ in prints:
                if not published_only or print_.algorithm == fingerprints.PHASH64:
                    hashes.setdefault(print_.algorithm, []).append((number, print_))
        columns["width"].append(size[0])
        columns["height"].append(size[1])
    for number, stranger in enumerate(strangers, len(rows)):
        for name, column in columns.items():
            column.append(f"stranger-{number}" if name == "entry" else None)
        print_ = Fingerprint(fingerprints.DCT256, stranger.tobytes(), bytes([100]))
        hashes.setdefault(fingerprints.DCT256, []).append((number, print_))
    table = pa.RecordBatch.from_pydict(columns, schema=SCHEMA)
    batch = RowBatch(table, {name: _hashes(prints) for name, prints in hashes.items()})
    about = packs.About(dataset, version, source="tests", licence="CC0-1.0")
    build(out, about, [batch], built_at="2026-01-01T00:00:00Z")
    return out


def _hashes(prints):
    rows = [number for number, print_ in prints for _ in print_.qualities]
    values = b"".join(print_.values for _, print_ in prints)
    return Hashes(
        np.array(rows),
        np.frombuffer(values, np.uint8).reshape(len(rows), -1),
        np.frombuffer(b"".join(print_.qualities for _, print_ in prints), np.uint8),
    )
