# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Runs the plans of `packs.bands` on an engine: it looks values up, hashes are compared here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artistguard.engines.tables import ASKED, NO_LIMIT, Collection, Engine, Held, Marks
from artistguard.packs import bands
from artistguard.packs.bands import Plan
from artistguard.packs.keys import Ranges
from artistguard.packs.layout import Bytes, Words, band_values, lay_out

AT_ONCE = 1 << 20
"""Values asked for, and marks expected, in one request."""

# An engine is never scanned, and a value costs it no less when there are few rows; so plans are
# those for so many rows at least.
_LEAST_ROWS = 1_000_000
_RECALLS = (None, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


@dataclass(frozen=True, slots=True)
class Hits:
    """Pairs of a query (int64) and a row (uint64) within the radius, each once; shape (n,).

    `distance` (uint16) is in bits, `quality` (uint8, 0 to 100) that of the row's hash.
    """

    query: NDArray[np.int64]
    row: NDArray[np.uint64]
    distance: NDArray[np.uint16]
    quality: NDArray[np.uint8]


def cut(bits: int, rows: int) -> tuple[int, ...]:
    """The widths of the bands for hashes of `bits` bits in a collection of about `rows` rows."""
    return bands.cut(bits, max(rows, _LEAST_ROWS))


def plan(bits: int, radius: int, rows: int, widths: tuple[int, ...]) -> Plan:
    """The plan of `bands.plan`, or where that is too dear the affordable one that finds most."""
    for recall in _RECALLS:
        found = bands.plan(bits, radius, max(rows, _LEAST_ROWS), recall=recall, widths=widths)
        if not found.is_scan and found.cost <= bands.PATIENCE:
            break
    return found


def near(
    engine: Engine, collection: Collection, held: Held, values: Bytes, radius: int
) -> Iterator[Hits]:
    """All rows with a hash within `radius` bits of each of `values` (uint8, shape (n, bytes)).

    As many as the plan finds, see `plan`; a part of the queries at a time. A row with several
    hashes may come several times.
    """
    words = lay_out(values)
    way = plan(held.bits, radius, held.distinct, held.widths)
    several = max(1, int(AT_ONCE / max(way.probes, way.candidates)))
    for start in range(0, len(words), several):
        block = words[start : start + several]
        hits = _compare(block, *_found(engine, collection, held, block, way), radius)
        yield from _same(engine, collection, held, hits, start)


def exact(
    engine: Engine, collection: Collection, band: int, keys: NDArray[np.uint64], limit: int
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The number of a key and a row that is found by it, for each such pair, in order."""
    found: list[tuple[NDArray[np.int64], NDArray[np.uint64]]] = []
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        marks = engine.having(_asked(collection, band, np.unique(some)), limit)
        order = np.argsort(some, kind="stable")
        which, query = _join(some[order], marks["value"])
        found.append((order[query] + start, marks["row"][which]))
    query = np.concatenate([one for one, _ in found] or [np.empty(0, np.int64)])
    row = np.concatenate([one for _, one in found] or [np.empty(0, np.uint64)])
    order = np.lexsort((row, query))
    new = order[_changes(query[order], row[order])]
    return query[new], row[new]


def _found(
    engine: Engine, collection: Collection, held: Held, queries: Words, way: Plan
) -> tuple[NDArray[np.int64], Marks]:
    """Pairs of a query and a mark in one of whose bands they are near enough."""
    starts = np.cumsum([0, *held.widths]).tolist()
    keys, numbers = [], []
    for band in way.bands:
        flips = bands.masks(band.width, band.radius)
        probes = band_values(queries, band)[:, None] ^ flips
        keys.append(np.uint64(starts.index(band.start) << 32) | probes.reshape(-1))
        numbers.append(np.repeat(np.arange(len(queries)), len(flips)))
    probed = np.concatenate(keys)
    order = np.argsort(probed)
    probed, query = probed[order], np.concatenate(numbers)[order]
    once = np.unique(probed)
    numbered = (once >> np.uint64(32)).astype(np.uint16) + np.uint16(held.first)
    asked = _asked(collection, numbered, once & np.uint64(0xFFFF_FFFF))
    marks = engine.having(asked)
    bands_found = (marks["band"] - np.uint16(held.first)).astype(np.uint64)
    which, position = _join(probed, bands_found << np.uint64(32) | marks["value"])
    return query[position], marks[which]


def _compare(queries: Words, query: NDArray[np.int64], marks: Marks, radius: int) -> Hits:
    """Those pairs that are within the radius, each once."""
    across = queries.shape[1]
    counts = np.bitwise_count(marks["words"][:, :across] ^ queries[query])
    distance = counts.sum(axis=1, dtype=np.uint16)
    kept = np.flatnonzero(distance <= radius)
    row = marks["row"][kept]
    order = np.lexsort((distance[kept], row, query[kept]))
    new = order[_changes(query[kept[order]], row[order])]
    kept, row = kept[new], row[new]
    return Hits(query[kept], row, distance[kept], marks["quality"][kept])


def _same(
    engine: Engine, collection: Collection, held: Held, hits: Hits, start: int
) -> Iterator[Hits]:
    """The hits, and all rows that have the same hash as one of them."""
    which, row = exact(engine, collection, held.same, hits.row, NO_LIMIT)
    yield Hits(hits.query + start, hits.row, hits.distance, hits.quality)
    if len(which):
        yield Hits(hits.query[which] + start, row, hits.distance[which], hits.quality[which])


def _asked(
    collection: Collection, band: int | NDArray[np.uint16], values: NDArray[np.uint64]
) -> NDArray[np.void]:
    asked = np.empty(len(values), ASKED)
    asked["collection"] = collection.number
    asked["band"] = band
    asked["value"] = values
    return asked


def _changes(query: NDArray[np.int64], row: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which pairs are not like the one before them."""
    new = np.ones(len(query), np.bool_)
    new[1:] = (row[1:] != row[:-1]) | (query[1:] != query[:-1])
    return new


def _join(
    ordered: NDArray[np.uint64], keys: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The position of a key and that of an equal one in `ordered`, for each such pair."""
    low = np.searchsorted(ordered, keys, "left").astype(np.int64)
    high = np.searchsorted(ordered, keys, "right").astype(np.int64)
    return Ranges(low, high).flat()
