# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where each tile of a grid lies when works stand in sections, each with a heading across."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class Sections:
    """Rows of a model as tiles in lines of `columns`; a new section begins on a line of its own.

    `counts` are the rows of each section; `line` and `heading` are heights in pixels. A heading of
    no height is none. Nothing is kept for a row, so that 100,000 are laid out at once.
    """

    def __init__(self, counts: Sequence[int], columns: int, line: int, heading: int) -> None:
        self.columns = columns
        self.heading = heading
        self._counts = counts
        self._line = line
        self._firsts = [0, *accumulate(counts)]
        self._tops = [0, *accumulate(heading + -(-count // columns) * line for count in counts)]

    @property
    def height(self) -> int:
        """Of everything, in pixels."""
        return self._tops[-1]

    def place(self, row: int) -> tuple[int, int]:
        """Column and top of a row's tile."""
        section = self._section_of(row)
        line, column = divmod(row - self._firsts[section], self.columns)
        return column, self._tops[section] + self.heading + line * self._line

    def at(self, column: int, y: int) -> int | None:
        """The row whose tile covers a place, if one does."""
        section = self._section_at(y)
        inside = y - self._tops[section] - self.heading
        if not (0 <= column < self.columns and 0 <= y < self.height) or inside < 0:
            return None
        row = inside // self._line * self.columns + column
        return self._firsts[section] + row if row < self._counts[section] else None

    def between(self, top: int, bottom: int) -> range:
        """The rows in all lines that are seen between two heights."""
        if not self._counts:
            return range(0)
        return range(self._first_from(top), self._first_from(bottom, after=True))

    def headings(self, top: int, bottom: int) -> list[tuple[int, int]]:
        """Number and top of each section whose heading is seen between two heights."""
        if not self.heading or not self._counts:
            return []
        seen = range(self._section_at(top), self._section_at(bottom) + 1)
        return [(at, self._tops[at]) for at in seen if self._tops[at] + self.heading > top]

    def beside(self, row: int, lines: int) -> int:
        """The row that is so many lines further down, or up, in the same column or the last."""
        column, top = self.place(row)
        section = self._section_of(row)
        for _ in range(abs(lines)):
            step = self._line if lines > 0 else -self._line
            inside = top + step - self._tops[section] - self.heading
            if not 0 <= inside < self._lines(section) * self._line:
                following = section + (1 if lines > 0 else -1)
                if not 0 <= following < len(self._counts):
                    break
                section = following
                inside = 0 if lines > 0 else (self._lines(section) - 1) * self._line
            top = self._tops[section] + self.heading + inside
        if top == self.place(row)[1]:
            return row
        first = self._firsts[section]
        line = (top - self._tops[section] - self.heading) // self._line
        return first + min(line * self.columns + column, self._counts[section] - 1)

    def _lines(self, section: int) -> int:
        return -(-self._counts[section] // self.columns)

    def _section_of(self, row: int) -> int:
        return bisect_right(self._firsts, row, hi=len(self._counts)) - 1

    def _section_at(self, y: int) -> int:
        return max(0, bisect_right(self._tops, y, hi=len(self._counts)) - 1)

    def _first_from(self, y: int, *, after: bool = False) -> int:
        """The first row of the line at a height, or of the one `after` it."""
        section = self._section_at(max(0, y))
        inside = max(0, y) - self._tops[section] - self.heading
        line = inside // self._line + after if inside >= 0 else 0
        return self._firsts[section] + min(line * self.columns, self._counts[section])
