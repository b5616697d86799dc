# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The files that could not be read, each with why and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from artistguard import folder, wording
from artistguard.errors import Kind
from artistguard.gui import parts, revealing
from artistguard.wording.language import mark
from artistguard.wording.language import translate as _

_COLUMNS: Final = (mark("File"), mark("Why, and what to do"))

Index = QModelIndex | QPersistentModelIndex


class UnreadableModel(QAbstractTableModel):
    """A row for each file: its path and why it could not be read."""

    def __init__(self, files: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.files = files

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own form
        """How many files there are."""
        return 0 if parent.isValid() else len(self.files)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own form
        """Path and reason."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a cell."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        path, error = self.files[index.row()]
        if index.column() == 0:
            return wording.spell(path)
        return wording.explain(Kind(error), {"path": path})

    def headerData(  # noqa: N802  # Qt's
        self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The title of a column."""
        if role == Qt.ItemDataRole.DisplayRole and way == Qt.Orientation.Horizontal:
            return _(_COLUMNS[section])
        return None


class UnreadableDialog(QDialog):
    """A table of files; a double click, or Enter, shows one where it lies."""

    def __init__(self, parent: QWidget, files: Sequence[tuple[str, str]]) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Files that could not be read"))
        self.model = UnreadableModel(files)
        self.table = QTableView()
        self.table.setAccessibleName(_("Files that could not be read"))
        self.table.setModel(self.model)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 3.6))
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.activated.connect(self._reveal)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(_("Close"))
        show = buttons.addButton(_("Show in its folder"), QDialogButtonBox.ButtonRole.ActionRole)
        show.clicked.connect(lambda: self._reveal(self.table.currentIndex()))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(parts.text(wording.say_unreadable(len(files))))
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        self.table.selectRow(0)
        self.resize(self.fontMetrics().averageCharWidth() * 130, self.fontMetrics().height() * 28)

    def _reveal(self, index: Index) -> None:
        if index.isValid():
            revealing.reveal(folder.from_text(self.model.files[index.row()][0]))
