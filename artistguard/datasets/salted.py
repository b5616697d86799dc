# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which rows of a table are opted out by a salted list, which can be tested and not read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from artistguard.datasets.columns import Meaning, texts
from artistguard.datasets.sieve import (
    Reason,
    Reasons,
    first_reasons,
    hosts_of,
    normal_bytes,
    tidy_among,
    without_scheme,
)
from artistguard.datasets.table import Columns
from artistguard.proof import SaltedTest, SaltedWhat
from artistguard.tables import Column, Rows, decoded
from artistguard.wire import host_of

_COVERED, _PLAIN = 1, 2
_MOST_HOSTS = 1 << 20
Places = npt.NDArray[np.uint8]


class SaltedSieve:
    """A salted list, ready to judge batches of rows as `Sieve` does.

    Each file hash costs one keyed hash and each address two, as it is opted out by http as well as
    by https (see `Sieve`): some 200,000 addresses a second and processor. Each host that was not
    among the last million costs a deliberately slow one for itself and for every domain above it,
    some 2,000 a second; those of a batch share all processors. How pictures look is not in such a
    list, and `untested`.
    """

    untested: Final[tuple[Reason, ...]] = (Reason.FINGERPRINT,)

    def __init__(self, test: SaltedTest) -> None:
        self._test = test
        self._hosts: dict[bytes, int] = {}

    def judge(self, columns: Columns, size: int) -> Reasons:
        """Say why each of `size` rows is opted out, or that it is not."""
        return first_reasons(self._found(columns), size)

    def _found(self, columns: Columns) -> Iterator[tuple[Reason, Rows]]:
        places = [(column, self._places(column)) for column in columns.get(Meaning.URL, ())]
        for column, place in places:
            yield Reason.URL, self._addresses(column, place)
        for _, place in places:
            yield Reason.DOMAIN, np.flatnonzero(place & _COVERED)
        for meaning, reason, what, size in (
            (Meaning.SHA256, Reason.SHA256, SaltedWhat.SHA256, 32),
            (Meaning.MD5, Reason.MD5, SaltedWhat.MD5, 16),
        ):
            for column in columns.get(meaning, ()):
                rows, values = decoded(column, size)
                digits = values.tobytes().hex().encode()
                ends = range(0, len(digits), 2 * size)
                digests = (digits[at : at + 2 * size] for at in ends)
                yield reason, rows[np.array(self._test.among(what, digests), np.bool_)]

    def _places(self, column: Column) -> Places:
        """Say of each address whether its host is opted out, and whether that is tidily written."""
        hosts = hosts_of(column)
        known = self._look_up([bytes(host) for host in hosts.dictionary.to_pylist()])
        strange = len(known)
        place = hosts.indices.fill_null(strange).to_numpy(zero_copy_only=False)
        places: Places = np.array([*known, 0], np.uint8)[place]
        rows = np.flatnonzero((place == strange) & column.is_valid().to_numpy(False))
        for row, text in zip(rows, texts(column.take(rows)), strict=True):
            host = host_of((text or "").strip().removeprefix("//"))
            places[row] = _COVERED * (host is not None and self._test.host(host) is not None)
        return places

    def _look_up(self, written: list[bytes]) -> list[int]:
        new = [host for host in written if host not in self._hosts]
        if len(self._hosts) + len(new) > _MOST_HOSTS:
            self._hosts.clear()
            new = written
        if new:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                self._hosts.update(zip(new, pool.map(self._host, new), strict=True))
        return [self._hosts[host] for host in written]

    def _host(self, written: bytes) -> int:
        text = written.decode("utf-8", "replace")
        host = host_of(f"http://{text}/")
        if host is None:
            return 0
        return _COVERED * (self._test.host(host) is not None) | _PLAIN * (host == text)

    def _addresses(self, column: Column, places: Places) -> Rows:
        """Give the rows whose address is opted out by itself, in whatever spelling."""
        written = column.cast(pa.binary())
        tidy = tidy_among(written) & (places & _PLAIN).astype(np.bool_)
        spelt: list[bytes | None] = written.to_pylist()
        for at in np.flatnonzero(~tidy).tolist():
            spelt[at] = normal_bytes(spelt[at] or b"")
        rows = np.array([at for at, address in enumerate(spelt) if address], np.int64)
        alike = [without_scheme(address) for address in spelt if address]
        asked = np.zeros(len(rows), np.bool_)
        for scheme in (b"https:", b"http:"):  # the list holds hashes of whole addresses
            asked |= self._test.among(SaltedWhat.URL, [scheme + place for place in alike])
        return rows[asked]
