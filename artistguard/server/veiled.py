# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Answers those who do not say what they look for: buckets to compare with, blocks of entries."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from artistguard import protocol
from artistguard.packs.buckets import EXACT, Bucket, Buckets
from artistguard.protocol import BLOCK_ROWS, BUCKET_ROWS
from artistguard.server.holdings import PackCollection


def layout(collection: PackCollection) -> dict[str, Any]:
    """How a collection is cut into buckets, as JSON."""
    with collection.lent() as pack:
        found = Buckets(pack)
        keys = [
            {"segment": segment, "kind": kind, "rows": rows}
            for segment in range(len(pack.manifest.segments))
            for kind in EXACT
            if (rows := found.keyed(segment, kind))
        ]
        shapes = [asdict(shape) for shape in found.shapes]
    return {"shapes": shapes, "keys": keys, "rows": collection.source.rows}


def buckets(collection: PackCollection, wanted: Sequence[object]) -> Iterator[dict[str, Any]]:
    """Each bucket as JSON, in order."""
    with collection.lent() as pack:
        found = Buckets(pack)
        for one in wanted:
            try:
                yield _bucket(found, one)
            except (KeyError, IndexError):
                yield {"status": 404, "reason": "bucket"}


def _bucket(found: Buckets, wanted: object) -> dict[str, Any]:
    match wanted:
        case {"segment": segment, "algorithm": str() as algorithm, "band": band, "value": value}:
            _whole(segment, band, value)
            return _spell(found.near(segment, algorithm, band, value, BUCKET_ROWS))
        case {"segment": segment, "algorithm": str() as algorithm, "start": start}:
            _whole(segment, start)
            return _spell(found.slice(segment, algorithm, start, BUCKET_ROWS))
        case {"segment": segment, "kind": str() as kind, "bits": bits, "value": value}:
            _whole(segment, bits, value)
            return _spell(found.exact(segment, kind, bits, value, BUCKET_ROWS))
    return {"status": 400, "reason": "bucket"}


def _whole(*values: object) -> None:
    if not all(type(value) is int and value >= 0 for value in values):
        raise IndexError(values)


def _spell(bucket: Bucket) -> dict[str, Any]:
    return {
        "rows": bucket.row.tolist(),
        "values": base64.b64encode(bucket.values.tobytes()).decode(),
        "qualities": base64.b64encode(bucket.quality.tobytes()).decode(),
        "more": bucket.more,
    }


def rows(collection: PackCollection, blocks: Sequence[object]) -> Iterator[dict[str, Any]]:
    """Each entry of each block as JSON, with its row."""
    last = (collection.source.rows - 1) // BLOCK_ROWS
    with collection.lent() as pack:
        for block in blocks:
            if type(block) is not int or not 0 <= block <= last:
                yield {"status": 404, "reason": "block"}
                continue
            first = block * BLOCK_ROWS
            numbers = np.arange(first, min(first + BLOCK_ROWS, collection.source.rows))
            for row, entry in zip(numbers.tolist(), pack.entries(numbers), strict=True):
                yield {"row": row, "entry": protocol.entry_parts(entry)}
