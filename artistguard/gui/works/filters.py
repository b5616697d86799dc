# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which works are shown, and in which order: words, folder, standing, each with its counts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from artistguard import wording
from artistguard.models import Order, Sought, Standing
from artistguard.portfolio import Around, Shelf
from artistguard.wording.language import translate as _

_TYPING_MS: Final = 150
_LETTERS: Final = 14
"""So wide is the box of folders, however long their names are."""


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
        model = QStandardItemModel(self.folder)
        model.appendRow(QStandardItem(_("All folders")))
        found = 0
        for row, shelf in enumerate(self._shelves, start=1):
            name, _above = wording.split_folder(shelf.path)
            said = wording.name_with_count(name, shelf.works)
            item = QStandardItem("\N{EM SPACE}" * shelf.depth + said)
            item.setData(shelf.path, Qt.ItemDataRole.UserRole)
            item.setToolTip(wording.spell(shelf.path))
            model.appendRow(item)
            if shelf.path == chosen:
                found = row
        with QSignalBlocker(self.folder):
            self.folder.setModel(model)
            self.folder.setCurrentIndex(found)
        if chosen is not None and not found:
            self.changed.emit()
