# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""All matches that are sought as a table model: ids at once, rows a page at a time."""

from __future__ import annotations

import os
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from artistguard.models import Match
from artistguard.wording import reviewing
from artistguard.wording.language import mark
from artistguard.wording.language import translate as _

_PAGE: Final = 128
_PAGES: Final = 64
_FARTHEST: Final = 20_000  # rows that are looked at for the next one to decide

Index = QModelIndex | QPersistentModelIndex


def name_work(match: Match) -> str:
    """The name of the work's file; a match of no work points to the artist."""
    return match.path.rpartition(os.sep)[2] if match.path else _("You, not one work")


COLUMNS: Final[tuple[tuple[str, Callable[[Match], str]], ...]] = (
    (mark("Work"), name_work),
    (mark("Site"), lambda match: match.entry.host or ""),
    (mark("You said"), lambda match: reviewing.name_verdict(match.verdict)),
)


class MatchesModel(QAbstractTableModel):
    """Matches by id; `load` gives those of some ids."""

    def __init__(self, load: Callable[[Sequence[int]], list[Match]]) -> None:
        super().__init__()
        self._load = load
        self._ids: array[int] = array("q")
        self._pages: OrderedDict[int, dict[int, Match]] = OrderedDict()

    def show(self, ids: array[int]) -> None:
        """Show these; when they are the same as before, only their words are renewed."""
        self._pages.clear()
        if ids == self._ids:
            if ids:
                last = self.index(len(ids) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._ids = ids
        self.endResetModel()

    def at(self, row: int) -> Match | None:
        """The match in a row; None when there is no such row."""
        if not 0 <= row < len(self._ids):
            return None
        number = row // _PAGE
        page = self._pages.get(number)
        if page is None:
            wanted = self._ids[number * _PAGE : (number + 1) * _PAGE]
            page = self._pages[number] = {match.id: match for match in self._load(wanted)}
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return page.get(self._ids[row])

    def row_of(self, match: int) -> int | None:
        """Where a match is shown, if it is."""
        return self._ids.index(match) if match in self._ids else None

    def next_undecided(self, row: int) -> int | None:
        """The match after a row, or from the start again, that waits for the artist, by id."""
        count = len(self._ids)
        for step in range(1, min(count, _FARTHEST) + 1):
            match = self.at((row + step) % count)
            if match and match.verdict is None:
                return match.id
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own form
        """How many matches are shown."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own form
        """How many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802  # Qt's
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The heading of a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _(COLUMNS[section][0])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a cell."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None  # a tooltip would read a stranger's words as a page
        match = self.at(index.row()) if index.isValid() else None
        return COLUMNS[index.column()][1](match) if match else None
