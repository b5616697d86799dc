# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which works are shown, and in which order: words, folder, standing, each with its counts."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from artistguard import wording
from artistguard.models import Order, Sought, Standing
from artistguard.portfolio import Around, Shelf
from artistguard.wording.language import translate as _

_TYPING_MS: Final = 150
_LETTERS: Final = 14
"""So wide is the box of folders, however long their names are."""

Index = QModelIndex | QPersistentModelIndex


class Filters(QWidget):
    """A row of boxes above the works."""

    changed = Signal()
    """Something else is sought."""

    def __init__(self) -> None:
        super().__init__()
        self._shelves: tuple[Shelf, ...] = ()
        self.text = QLineEdit(clearButtonEnabled=True)
        self.text.setPlaceholderText(_("Find by name or folder"))
        self.text.setAccessibleName(_("Find works by name or folder"))
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.text.textChanged.connect(lambda _new: self._typing.start())
        self.folder = QComboBox()
        self.folder.setAccessibleName(_("Show works in the folder"))
        self.folder.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.folder.setMinimumContentsLength(_LETTERS)
        self.folder.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.folder.view().setMinimumWidth(self.fontMetrics().averageCharWidth() * 3 * _LETTERS)
        self.folder.addItem(_("All folders"), None)
        self.standing = QComboBox()
        self.standing.setAccessibleName(_("Show works that are"))
        self.standing.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.standing.addItem(_("All works"), None)
        for standing in Standing:
            self.standing.addItem(wording.name_standing(standing), standing)
        self.order = QComboBox()
        self.order.setAccessibleName(_("Sort works"))
        for order in Order:
            self.order.addItem(wording.name_order(order), order)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        for box in (self.folder, self.standing, self.order):
            row.addWidget(box)
            box.currentIndexChanged.connect(self.changed)

    def sought(self) -> Sought:
        """What is sought now."""
        standing, order = self.standing.currentData(), self.order.currentData()
        return Sought(
            text=self.text.text().strip(),
            standing=Standing(standing) if standing else None,
            order=Order(order),
            within=self.folder.currentData(),
        )

    def is_set(self) -> bool:
        """Whether some works may be left out."""
        sought = self.sought()
        return bool(sought.text or sought.standing or sought.within is not None)

    def clear(self) -> None:
        """Leave nothing out."""
        with QSignalBlocker(self):
            self.text.clear()
            self.folder.setCurrentIndex(0)
            self.standing.setCurrentIndex(0)
        self._typing.stop()
        self.changed.emit()

    def count(self, around: Around) -> None:
        """Say at each choice how many works it would show."""
        for at, standing in enumerate(Standing, start=1):
            name, works = wording.name_standing(standing), around.counts[standing]
            self.standing.setItemText(at, wording.name_with_count(name, works))
        works = sum(around.counts.values())
        self.standing.setItemText(0, wording.name_with_count(_("All works"), works))
        if around.shelves != self._shelves:
            self._shelves = around.shelves
            self._fill_folders()

    def _fill_folders(self) -> None:
        """Show folders as they lie in each other; the chosen one stays so, while it is there."""
        chosen = self.folder.currentData()
        paths = [None, *(shelf.path for shelf in self._shelves)]
        found = paths.index(chosen) if chosen in paths else 0
        model = _Folders(self._shelves)
        model.setParent(self.folder)
        with QSignalBlocker(self.folder):
            self.folder.setModel(model)
            self.folder.setCurrentIndex(found)
        if chosen is not None and not found:
            self.changed.emit()


class _Folders(QAbstractListModel):
    """All folders, and each as it lies in others: of thousands, only those that are seen are said.

    An item for each would stop the screen for a tenth of a second.
    """

    def __init__(self, shelves: tuple[Shelf, ...]) -> None:
        super().__init__()
        self._shelves = shelves

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own form
        """How many there are to choose from."""
        return 0 if parent.isValid() else 1 + len(self._shelves)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name of a folder with its number of works, its path, or its path in words."""
        if index.row() == 0:
            return _("All folders") if role == Qt.ItemDataRole.DisplayRole else None
        shelf = self._shelves[index.row() - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            name, _above = wording.split_folder(shelf.path)
            return "\N{EM SPACE}" * shelf.depth + wording.name_with_count(name, shelf.works)
        if role == Qt.ItemDataRole.UserRole:
            return shelf.path
        return wording.spell(shelf.path) if role == Qt.ItemDataRole.ToolTipRole else None
