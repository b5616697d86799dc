# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""When the next request may go out, from the clock and what the host said."""

from datetime import datetime

import pytest

from artistguard import pacing
from artistguard.pacing import Pace

NOW = datetime.fromisoformat("2026-11-24T07:00:00+00:00")


def test_a_host_that_has_not_complained_is_asked_at_once():
    pace = pacing.sent(Pace(), 100.0)
    assert pacing.wait(pace, 100.0) == 0


def test_a_host_that_names_a_pause_gets_it_and_is_asked_more_slowly_afterwards():
    pace = pacing.slowed(Pace(), 100.0, 7.0)
    assert pacing.wait(pace, 100.0) == 7.0
    assert pacing.wait(pace, 104.5) == 2.5
    pace = pacing.sent(pace, 107.0)
    assert pacing.wait(pace, 107.0) == pacing.FIRST_GAP


def test_one_that_names_none_is_left_alone_longer_and_longer():
    pace, waits = Pace(), []
    for now in range(0, 12_000, 1_000):
        pace = pacing.slowed(pace, float(now), None)
        waits.append(pacing.wait(pace, float(now)))
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert max(waits) == pacing.LONGEST_GAP


def test_answers_bring_the_pace_back_to_none():
    pace = pacing.slowed(pacing.slowed(Pace(), 0.0, 0.0), 0.0, 0.0)
    gaps = [(pace := pacing.answered(pace)).gap for _ in range(12)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == 0


@pytest.mark.parametrize("asked, waits", [(-5.0, 0.0), (1e12, pacing.LONGEST_PAUSE)])
def test_no_host_can_ask_for_a_pause_without_end_or_sense(asked, waits):
    assert pacing.wait(pacing.slowed(Pace(), 0.0, asked), 0.0) == waits


@pytest.mark.parametrize(
    "header, seconds",
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("12", 12.0),
        (" 3 ", 3.0),
        ("-3", None),
        ("٣", None),
        ("9" * 400, 999_999_999.0),
        ("Tue, 24 Nov 2026 07:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 06:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 07:00:10", 10.0),
        ("Tue, 99 Nov 2026 07:01:30 GMT", None),
        ("Tue, 24 Nov 99999999999999 07:01:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_a_number_or_a_date(header, seconds):
    assert pacing.pause_asked(header, NOW) == seconds


def test_batches_shrink_to_one_and_never_to_none():
    sizes = [1_000]
    while sizes[-1] > 1:
        sizes.append(pacing.shrunk(sizes[-1]))
    assert sizes[:4] == [1_000, 700, 489, 342]
    assert pacing.shrunk(1) == 1
