# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Turns rows that are ready for a pack into the marks and entries of an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artistguard.engines.tables import EXACT, MARK, Held, Marks
from artistguard.models import Entry
from artistguard.packs import addresses, names
from artistguard.packs.bands import Band
from artistguard.packs.batches import Hashes, Prepared
from artistguard.packs.layout import band_values, lay_out, starts_of
from artistguard.wire import host_of

_KNOWN = 100  # quality of a hash of which none was said


def text_keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    """A key of each text, see `addresses.keys`."""
    return addresses.keys(pa.array(texts, pa.string()))


def exact_marks(batch: Prepared, first: int) -> Iterator[tuple[str, Marks]]:
    """What finds rows by file hash, address, host with the domains above it, and caption.

    Row i of the batch is row `first` + i of the collection.
    """
    for kind, found in batch.keys.items():
        yield kind, _marks(EXACT[kind], found.keys, found.rows, first)
    numbers = batch.host[batch.host >= 0].astype(np.int64)
    rows = np.flatnonzero(batch.host >= 0)
    above = [_with_domains(host) for host in batch.hosts]
    keys = text_keys([name for domains in above for name in domains])
    counts = np.array([len(domains) for domains in above], np.int64)
    ends = counts.cumsum()
    each = counts[numbers]
    place = np.arange(each.sum()) - np.repeat(each.cumsum() - each, each)
    chosen = np.repeat((ends - counts)[numbers], each) + place
    yield "host", _marks(EXACT["host"], keys[chosen], np.repeat(rows, each), first)
    yield "name", _name_marks(batch.rows.column("caption"), first)


def hash_marks(hashes: Hashes, held: Held, first: int) -> Iterator[Marks]:
    """What finds rows by hash, a band at a time; the first band has one mark for each hash.

    A hash that several rows share is found once, by the first of them; the others come last.
    """
    words = lay_out(hashes.values)
    rows = np.asarray(hashes.row, np.int64)
    quality = np.full(len(rows), _KNOWN, np.uint8) if hashes.quality is None else hashes.quality
    whole = np.ascontiguousarray(words).view(np.dtype((np.void, words.shape[1] * 8))).reshape(-1)
    _, once, which = np.unique(whole, return_index=True, return_inverse=True)
    for number, band in enumerate(zip(starts_of(held.widths), held.widths, strict=True)):
        values = band_values(words, Band(*band, 0))[once]
        found = _marks(held.first + number, values, rows[once], first)
        found["words"][:, : words.shape[1]] = words[once]
        found["quality"] = quality[once]
        yield found
    stands_for = once[which]
    again = np.flatnonzero(stands_for != np.arange(len(rows)))
    shared = rows[stands_for[again]].astype(np.uint64) + np.uint64(first)
    yield _marks(held.same, shared, rows[again], first)


def entries(batch: Prepared, first: int) -> Iterator[tuple[int, Entry]]:
    """The rows with their numbers; of what data set they are is said once, elsewhere."""
    for number, parts in enumerate(batch.rows.to_pylist(), first):
        yield number, _entry(parts)


def _entry(parts: Mapping[str, Any]) -> Entry:
    host = host_of(parts["url"]) if parts["url"] else None
    return Entry(dataset="", dataset_version="", host=host, **parts)


def _marks(band: int, values: NDArray[np.uint64], rows: NDArray[np.int64], first: int) -> Marks:
    marks = np.zeros(len(values), MARK)
    marks["band"] = band
    marks["value"] = values
    marks["row"] = rows.astype(np.uint64) + np.uint64(first)
    return marks


def _name_marks(captions: pa.Array[Any], first: int) -> Marks:
    """What finds rows by the terms of their captions, each once for a row."""
    held = [set(names.terms(caption)) if caption else set() for caption in captions.to_pylist()]
    rows = np.repeat(np.arange(len(held)), [len(terms) for terms in held])
    keys = text_keys([term for terms in held for term in terms])
    return _marks(EXACT["name"], keys, rows, first)


def _with_domains(host: str) -> list[str]:
    """A host and all domains that it is in: ``www.example.org``, ``example.org``, ``org``."""
    labels = host.split(".")
    return [".".join(labels[at:]) for at in range(len(labels))]
