# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which rows of a table are opted out, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from artistguard.datasets.columns import Meaning, texts
from artistguard.datasets.opt_out_list import OptOutList
from artistguard.datasets.resemblance import DCT256, PHASH64, Resemblance
from artistguard.datasets.table import Columns
from artistguard.tables import Bytes, Column, Rows, decoded
from artistguard.wire import host_of, normalise_url


class Reason(StrEnum):
    """Why a row is dropped: the first of these, in this order, that applies."""

    URL = "url"
    DOMAIN = "domain"
    SHA256 = "sha256"
    MD5 = "md5"
    FINGERPRINT = "fingerprint"


Places = npt.NDArray[np.uint8]
KEPT = -1
Reasons = npt.NDArray[np.int8]
"""A position in the order of `Reason` for each row, or `KEPT`."""

# How the host of an address is written; the rest need not be read to know that it is not asked for.
_AUTHORITY = r"^\s*(?i:https?)://(?P<host>[^/?#\\]*)"
# An address that is in its one spelling already; see `wire.normalise_url`.
_TIDY = (
    r"^https?://[a-z0-9_-]+(?:\.[a-z0-9_-]+)*/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*"
    r"(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?]+)?$"
)
_DOMAIN, _ADDRESS = 1, 2
_MOST_HOSTS = 1 << 20


class Sieve:
    """An opt-out list, ready to judge batches of rows.

    An address is opted out in whatever spelling, and by http as well as by https: data sets mix the
    two for one picture. One that is no http(s) address is so exactly as it was declared.
    """

    untested: Final[tuple[Reason, ...]] = ()

    def __init__(self, opt_outs: OptOutList) -> None:
        self._list = opt_outs
        self._urls = frozenset(url.encode() for url in opt_outs.urls)
        self._normal = frozenset(without_scheme(url.encode()) for url in opt_outs.normalised)
        self._hosts: dict[bytes, int] = {}
        self._sha256 = _Digests(opt_outs.sha256)
        self._md5 = _Digests(opt_outs.md5)
        self._phash64 = Resemblance(opt_outs.phash64, PHASH64)
        self._dct256 = Resemblance(opt_outs.dct256, DCT256)

    def judge(self, columns: Columns, size: int) -> Reasons:
        """Say why each of `size` rows is opted out, or that it is not."""
        return first_reasons(self._found(columns), size)

    def _found(self, columns: Columns) -> Iterator[tuple[Reason, Rows]]:
        places = [(column, self._places(column)) for column in columns.get(Meaning.URL, ())]
        for column, place in places:
            yield Reason.URL, self._addresses(column, np.flatnonzero(place & _ADDRESS))
        for _, place in places:
            yield Reason.DOMAIN, np.flatnonzero(place & _DOMAIN)
        for column in columns.get(Meaning.SHA256, ()):
            yield Reason.SHA256, self._sha256.among(*decoded(column, 32))
        for column in columns.get(Meaning.MD5, ()):
            yield Reason.MD5, self._md5.among(*decoded(column, 16))
        for column in columns.get(Meaning.PHASH64, ()):
            yield Reason.FINGERPRINT, self._phash64.among(*decoded(column, 8), columns)
        for column in columns.get(Meaning.DCT256, ()):
            yield Reason.FINGERPRINT, self._dct256.among(*decoded(column, 32), columns)

    def _places(self, column: Column) -> Places:
        """Say of each address whether its host is opted out, or has opted-out addresses."""
        hosts = hosts_of(column)
        known = [self._host(host) for host in hosts.dictionary.to_pylist()]
        strange = len(known)
        place = hosts.indices.fill_null(strange).to_numpy(zero_copy_only=False)
        places: Places = np.array([*known, 0], np.uint8)[place]
        # No address as we know them, but perhaps as it was opted out, or a host without a scheme.
        rows = np.flatnonzero((place == strange) & column.is_valid().to_numpy(False))
        for row, text in zip(rows, texts(column.take(rows)), strict=True):
            places[row] = _ADDRESS | self._place((text or "").strip().removeprefix("//"))
        return places

    def _host(self, written: bytes) -> int:
        known = self._hosts.get(written)
        if known is None:
            if len(self._hosts) == _MOST_HOSTS:
                self._hosts.clear()
            known = self._place(f"http://{written.decode('utf-8', 'replace')}/")
            self._hosts[written] = known
        return known

    def _place(self, address: str) -> int:
        host = host_of(address)
        if host is None:
            return _ADDRESS  # no address as we know them, but perhaps one that was opted out
        labels = host.split(".")
        covered = not self._list.domains.isdisjoint(
            ".".join(labels[at:]) for at in range(len(labels))
        )
        return _DOMAIN * covered | _ADDRESS * (host in self._list.hosts)

    def _addresses(self, column: Column, rows: Rows) -> Rows:
        """Give those of `rows` whose address is opted out, as it is or in another spelling."""
        written = column.take(rows).cast(pa.binary())
        pairs = zip(written.to_pylist(), tidy_among(written).tolist(), strict=True)
        return rows[np.array([self._is_asked(*pair) for pair in pairs], np.bool_)]

    def _is_asked(self, written: bytes | None, tidy: bool) -> bool:
        if written is None or written in self._urls:
            return written is not None
        normal = written if tidy else normal_bytes(written)
        return normal is not None and without_scheme(normal) in self._normal


def normal_bytes(written: bytes) -> bytes | None:
    """Give `wire.normalise_url` of an address as it stands in a table."""
    normal = normalise_url(written.decode("utf-8", "replace"))
    return normal.encode() if normal else None


def without_scheme(normal: bytes) -> bytes:
    """Cut off what is before the place in an http(s) address in its one spelling."""
    return normal.partition(b":")[2]


def first_reasons(found: Iterable[tuple[Reason, Rows]], size: int) -> Reasons:
    """Give each of `size` rows the first reason, in their order, for which it was found."""
    reasons = np.full(size, KEPT, np.int8)
    for reason, rows in found:
        reasons[rows[reasons[rows] == KEPT]] = list(Reason).index(reason)
    return reasons


def hosts_of(column: Column) -> Any:
    """Give the hosts of addresses as they are written there, each once; null where none is seen."""
    spelt = pc.extract_regex(column.cast(pa.binary()), _AUTHORITY)
    return pc.struct_field(spelt, "host").dictionary_encode()


def tidy_among(written: Column) -> npt.NDArray[np.bool_]:
    """Say which addresses, as bytes, are in their one spelling already, if their host is."""
    tidy = pc.match_substring_regex(written, _TIDY).fill_null(False)
    return np.asarray(tidy.to_numpy(zero_copy_only=False), np.bool_)


class _Digests:
    """Opted-out file hashes; a table of how they begin settles nearly every look-up."""

    def __init__(self, values: frozenset[bytes]) -> None:
        self._values = values
        self._begins = np.zeros(1 << 20, np.bool_)
        for value in values:
            self._begins[int.from_bytes(value[:3]) >> 4] = True

    def among(self, rows: Rows, values: Bytes) -> Rows:
        """Give those of `rows` (n,) whose hash in `values` (n, bytes) is opted out."""
        first = values[:, :3].astype(np.int64)
        begins = first[:, 0] << 12 | first[:, 1] << 4 | first[:, 2] >> 4
        likely = np.flatnonzero(self._begins[begins])
        return rows[[at for at in likely if values[at].tobytes() in self._values]]
