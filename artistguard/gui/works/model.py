# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The works of a grid as a model: all ids at once, their cards a page at a time."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from artistguard import wording
from artistguard.models import Card

PAGE: Final = 128
_PAGES: Final = 64  # 8,192 cards are kept

CARD: Final = Qt.ItemDataRole.UserRole
"""The role that gives an index's `Card`."""

Index = QModelIndex | QPersistentModelIndex


class WorksModel(QAbstractListModel):
    """Ids in the order that was asked for; `load` gives the cards of some of them."""

    def __init__(self, load: Callable[[Sequence[int]], list[Card]]) -> None:
        super().__init__()
        self._load = load
        self._works: array[int] = array("q")
        self._pages: OrderedDict[int, dict[int, Card]] = OrderedDict()

    def show(self, works: array[int]) -> None:
        """Show these works; when they are the same as before, only what is drawn is renewed."""
        self._pages.clear()
        if works == self._works:
            if works:
                self.dataChanged.emit(self.index(0), self.index(len(works) - 1))
            return
        self.beginResetModel()
        self._works = works
        self.endResetModel()

    def card(self, row: int) -> Card | None:
        """The card in a row; None when the work has gone from the database."""
        number, work = row // PAGE, self._works[row]
        page = self._pages.get(number)
        if page is None:
            wanted = self._works[number * PAGE : (number + 1) * PAGE]
            page = self._pages[number] = {card.work: card for card in self._load(wanted)}
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return page.get(work)

    def row_of(self, work: int) -> int | None:
        """Where a work is shown, if it is."""
        return self._works.index(work) if work in self._works else None

    def work(self, row: int) -> int:
        """The work in a row."""
        return self._works[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own form
        """How many works are shown."""
        return 0 if parent.isValid() else len(self._works)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The card of an index, and its words for those who cannot see it."""
        if not index.isValid():
            return None
        if role == CARD:
            return self.card(index.row())
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            card = self.card(index.row())
            return wording.describe_card(card) if card else None
        return None
