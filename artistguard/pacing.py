# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Says when the next request may go to a host: plain functions over a pace and the clock's time.

A host that answers is asked faster and faster, down to no pause at all; one that asks for a pause
gets it, and is asked more slowly afterwards. All times are seconds of one monotonic clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

T = TypeVar("T")

FIRST_GAP: Final = 0.5
LONGEST_GAP: Final = 60.0
LONGEST_PAUSE: Final = 86_400.0
"""A host that asks for a longer pause is asked again after a day all the same."""

SHRINK: Final = 0.7
MOST_SHRINKS: Final = 5

_FASTER: Final = 0.5
_SLOWER: Final = 2.0
_NO_GAP: Final = 0.01


@dataclass(frozen=True, slots=True)
class Pace:
    """How one host is spoken to: `gap` lies between two requests, the next goes from `free_at`."""

    gap: float = 0.0
    free_at: float = 0.0


def wait(pace: Pace, now: float) -> float:
    """How long to wait before the next request may be sent; 0 means now."""
    return max(0.0, pace.free_at - now)


def sent(pace: Pace, now: float) -> Pace:
    """The pace once a request was sent."""
    return replace(pace, free_at=max(pace.free_at, now + pace.gap))


def answered(pace: Pace) -> Pace:
    """The pace once the host answered a request."""
    gap = pace.gap * _FASTER
    return replace(pace, gap=gap if gap > _NO_GAP else 0.0)


def slowed(pace: Pace, now: float, asked: float | None) -> Pace:
    """The pace once the host asked for a pause, of `asked` seconds if it said so, or failed."""
    gap = min(max(FIRST_GAP, pace.gap * _SLOWER), LONGEST_GAP)
    pause = gap if asked is None else min(max(0.0, asked), LONGEST_PAUSE)
    return Pace(gap, max(pace.free_at, now + pause))


def pause_asked(header: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date (RFC 9110, 10.2.3).

    None when there is no such header or it makes no sense; a date in the past is no pause.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None


def shrunk(size: int) -> int:
    """The next smaller batch for a host that found one of `size` entries too large."""
    return max(1, int(size * SHRINK))


def cut(items: Sequence[T], size: int) -> tuple[Sequence[T], Sequence[T]]:
    """The first batch of at most `size` and the rest."""
    return items[:size], items[size:]
