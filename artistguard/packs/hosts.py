# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which rows come from a host or its subdomains, by host names written backwards, in order.

Backwards (``com example www``) a domain and everything below it stand side by side.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artistguard.packs import arrays
from artistguard.packs.keys import Ranges
from artistguard.packs.layout import order_of
from artistguard.wire import host_of


class Hosts:
    """The distinct hosts of a segment with the rows of each, host after host.

    Host i is ``names[ends[i]:ends[i + 1]]`` (ASCII), its rows ``rows[starts[i]:starts[i + 1]]``.
    """

    def __init__(
        self,
        names: NDArray[np.uint8],
        ends: NDArray[np.uint32],
        starts: NDArray[np.uint32],
        rows: NDArray[np.uint32],
    ) -> None:
        self._names = names
        self._ends = ends
        self._starts = starts
        self.rows = rows

    @classmethod
    def open(cls, path: Path, hosts: int, length: int, rows: int) -> Self:
        """Map a file of `hosts` hosts, `length` bytes of names and `rows` rows.

        Raises OSError or ValueError, see `arrays.mapped`.
        """
        parts = [("u1", length), ("<u4", hosts + 1), ("<u4", hosts + 1), ("<u4", rows)]
        return cls(*arrays.mapped(path, parts))

    @staticmethod
    def write(
        path: Path, hosts: Mapping[str, int], of_rows: NDArray[np.int32]
    ) -> tuple[int, int, int]:
        """Write `hosts`, numbered from 0, and the number of each row's host (-1 for none).

        Returns what `open` needs to know.
        """
        names = sorted((_backwards(host), number) for host, number in hosts.items())
        place = np.empty(len(names) + 1, np.int32)
        place[[number for _, number in names]] = np.arange(len(names), dtype=np.int32)
        place[-1] = -1  # the host of rows that have none
        places = place[of_rows]
        order = order_of((places + 1).astype(np.uint64) << np.uint64(32))
        rows = order[np.count_nonzero(places < 0) :]
        text = "".join(name for name, _ in names).encode("ascii")
        starts = np.bincount(places[rows], minlength=len(names)).cumsum()
        ends = np.cumsum([len(name) for name, _ in names])
        arrays.write(
            path,
            [
                np.frombuffer(text, np.uint8),
                np.concatenate(([0], ends)).astype("<u4"),
                np.concatenate(([0], starts)).astype("<u4"),
                rows.astype("<u4"),
            ],
        )
        return len(names), len(text), len(rows)

    def find(self, hosts: Sequence[str]) -> Ranges:
        """Where the rows of each host and its subdomains are in `rows`.

        `hosts` may be whole addresses; what has no host has no rows.
        """
        places = [self._with_subdomains(host_of(host)) for host in hosts]
        bounds = self._starts[np.array(places, np.int64).reshape(-1, 2)].astype(np.int64)
        return Ranges(bounds[:, 0], bounds[:, 1])

    def _with_subdomains(self, host: str | None) -> tuple[int, int]:
        if host is None:
            return 0, 0
        name = _backwards(host).encode("ascii")
        numbers = range(len(self._ends) - 1)
        low = bisect.bisect_left(numbers, name, key=self._name)
        return low, bisect.bisect_left(numbers, name + _AFTER, lo=low, key=self._name)

    def _name(self, number: int) -> bytes:
        return self._names[self._ends[number] : self._ends[number + 1]].tobytes()


# Labels are joined by the character before any that a label can hold, so that nothing comes between
# a host and its subdomains.
_JOINT = " "
_AFTER = b"!"


def _backwards(host: str) -> str:
    return _JOINT.join(reversed(host.split(".")))
