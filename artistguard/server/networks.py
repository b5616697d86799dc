# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How much a day those may ask who show no key: counted by network, in memory, never written."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from typing import Final

from artistguard.models import Clock
from artistguard.server.refusals import quota_spent

MOST: Final = 1 << 16
"""Networks that are told apart in one day; all further ones share one quota."""

_HOST_BITS: Final = {4: 32 - 24, 6: 128 - 48}  # what one household or site is commonly given
_OTHERS: Final = 0, 0


class Networks:
    """The entries that each network has asked for today; may be used by any thread.

    A network is the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. Each has
    `per_day` entries; a day ends at midnight, UTC.
    """

    def __init__(self, per_day: int, clock: Clock) -> None:
        self._per_day = per_day
        self._clock = clock
        self._day = clock().date()
        self._spent: Counter[tuple[int, int]] = Counter()
        self._lock = threading.Lock()

    def spend(self, address: str, entries: int) -> None:
        """Count entries; raises Denied(429), and counts none, when there are not that many left."""
        now = self._clock()
        network = _network(address)
        with self._lock:
            if now.date() != self._day:
                self._day = now.date()
                self._spent.clear()
            if network not in self._spent and len(self._spent) >= MOST:
                network = _OTHERS
            if self._spent[network] + entries > self._per_day:
                raise quota_spent(now)
            self._spent[network] += entries


def _network(address: str) -> tuple[int, int]:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return _OTHERS  # a proxy may say anything
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.version, int(ip) >> _HOST_BITS[ip.version]
