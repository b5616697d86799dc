# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""All opt-outs as a table model: numbers at once, rows a page at a time."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from artistguard import wording
from artistguard.models import Request, RequestState
from artistguard.wording import requests
from artistguard.wording.language import mark, write_day
from artistguard.wording.language import translate as _

_PAGE: Final = 128
_PAGES: Final = 64

Index = QModelIndex | QPersistentModelIndex

COLUMNS: Final[tuple[tuple[str, Callable[[Request], str]], ...]] = (
    (mark("What"), requests.name_row),
    (mark("For whom"), lambda request: wording.name_channel(request.channel)),
    (mark("State"), lambda request: wording.name_request_state(request.state)),
    (mark("Asked on"), lambda request: write_day(request.created_at)),
)

CHANNEL: Final = 1
STATE: Final = 2
"""The columns that say for whom an opt-out is and where it stands."""


class RequestsModel(QAbstractTableModel):
    """Opt-outs by number; `load` gives those of some numbers, `draw` the shape of a state."""

    def __init__(
        self, load: Callable[[Sequence[int]], list[Request]], draw: Callable[[RequestState], QIcon]
    ) -> None:
        super().__init__()
        self._load = load
        self._draw = draw
        self._numbers: array[int] = array("q")
        self._pages: OrderedDict[int, dict[int, Request]] = OrderedDict()

    def show(self, numbers: array[int]) -> None:
        """Show these; when they are the same as before, only their words are renewed."""
        self._pages.clear()
        if numbers == self._numbers:
            if numbers:
                last = self.index(len(numbers) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._numbers = numbers
        self.endResetModel()

    def numbers(self, first: int, last: int) -> array[int]:
        """The numbers of the opt-outs in these rows, the last one not included."""
        return self._numbers[first:last]

    def row_of(self, number: int) -> int | None:
        """Where an opt-out is shown, if it is."""
        return self._numbers.index(number) if number in self._numbers else None

    def request(self, row: int) -> Request | None:
        """The opt-out in a row."""
        number, wanted = row // _PAGE, self._numbers[row]
        page = self._pages.get(number)
        if page is None:
            numbers = self._numbers[number * _PAGE : (number + 1) * _PAGE]
            page = self._pages[number] = {one.number: one for one in self._load(numbers)}
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return page.get(wanted)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own form
        """How many opt-outs are shown."""
        return 0 if parent.isValid() else len(self._numbers)

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
        """The words of a cell, and the shape beside those of a state."""
        shaped = role == Qt.ItemDataRole.DecorationRole and index.column() == STATE
        if role != Qt.ItemDataRole.DisplayRole and not shaped:
            return None  # a tooltip would read a stranger's words as a page
        request = self.request(index.row()) if index.isValid() else None
        if request is None:
            return None
        return self._draw(request.state) if shaped else COLUMNS[index.column()][1](request)
