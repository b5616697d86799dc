# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Counts what the server does, in the text form that Prometheus reads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Metrics:
    """Counters since the server started; may be used by any thread."""

    _requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    _sums: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    under_way: int = 0

    def begin(self) -> None:
        """A request has come in."""
        with self._lock:
            self.under_way += 1

    def end(self, route: str, status: int, sums: Mapping[str, float]) -> None:
        """A request was answered; `sums` are its seconds, bytes and entries by name."""
        with self._lock:
            self.under_way -= 1
            self._requests[route, status] += 1
            for name, value in sums.items():
                self._sums[name, route] += value  # type: ignore[assignment]  # seconds have parts

    def text(self) -> str:
        """All counters, one a line."""
        with self._lock:
            lines = ["# TYPE artistguard_requests_total counter"]
            lines += [
                f'artistguard_requests_total{{route="{route}",status="{status}"}} {count}'
                for (route, status), count in sorted(self._requests.items())
            ]
            for name in sorted({name for name, _ in self._sums}):
                lines.append(f"# TYPE artistguard_{name}_total counter")
                lines += [
                    f'artistguard_{name}_total{{route="{route}"}} {value:.6g}'
                    for (named, route), value in sorted(self._sums.items())
                    if named == name
                ]
            lines.append("# TYPE artistguard_requests_under_way gauge")
            lines.append(f"artistguard_requests_under_way {self.under_way}")
        return "\n".join(lines) + "\n"
