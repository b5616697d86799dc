# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Tiles in sections: every row has one place, and every place at most one row."""

import random

import pytest

from artistguard.gui.works.sections import Sections

LINE, HEADING = 100, 30


def test_a_section_begins_on_a_line_of_its_own_below_its_heading():
    laid = Sections([5, 1], 3, LINE, HEADING)
    assert [laid.place(row) for row in range(6)] == [
        (0, 30), (1, 30), (2, 30), (0, 130), (1, 130), (0, 260),
    ]  # fmt: skip
    assert laid.height == 360
    assert laid.headings(0, 400) == [(0, 0), (1, 230)]
    assert laid.headings(31, 200) == []
    assert laid.at(0, 10) is None
    assert laid.at(2, 150) is None
    assert laid.at(1, 150) == 4


def test_what_is_placed_is_found_there_and_seen_in_its_line():
    dice = random.Random(7)
    for _ in range(50):
        counts = [dice.randint(1, 9) for _ in range(dice.randint(1, 6))]
        laid = Sections(counts, dice.randint(1, 5), LINE, dice.choice([0, HEADING]))
        places = [laid.place(row) for row in range(sum(counts))]
        assert len(set(places)) == len(places)
        for row, (column, top) in enumerate(places):
            assert laid.at(column, top) == laid.at(column, top + LINE - 1) == row
            seen = laid.between(top + 1, top + LINE - 1)
            assert [other for other, (_, y) in enumerate(places) if y == top] == list(seen)
        assert laid.between(0, laid.height) == range(sum(counts))


@pytest.mark.parametrize(
    "row, lines, expected",
    [(0, 1, 3), (2, 1, 4), (4, 1, 5), (5, -1, 3), (1, 5, 5), (5, 1, 5), (1, -1, 1), (5, -9, 0)],
)
def test_up_and_down_keep_the_column_across_headings(row, lines, expected):
    assert Sections([5, 1], 3, LINE, HEADING).beside(row, lines) == expected


def test_nothing_is_laid_out_as_nothing():
    laid = Sections([], 4, LINE, HEADING)
    assert (laid.height, laid.at(0, 0), list(laid.between(0, 500))) == (0, None, [])
