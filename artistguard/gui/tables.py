# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Short tables that are read and never edited: a few rows, all shown at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

KEY = Qt.ItemDataRole.UserRole


class Table(QTableWidget):
    """Rows of words, each with a key; one row is current."""

    removed = Signal(str)
    """The key of a row on which Delete was pressed."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        super().__init__(0, len(columns))
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(columns))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 2.2))
        self.setShowGrid(False)
        self.setAlternatingRowColors(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(columns) - 1, QHeaderView.ResizeMode.Stretch)

    def fill(self, rows: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Show these rows, each a key and its words; the current key stays the current one."""
        before = self.current()
        self.setRowCount(len(rows))
        for at, (key, words) in enumerate(rows):
            for column, said in enumerate(words):
                item = QTableWidgetItem(said)
                item.setToolTip(said)
                item.setData(KEY, key)
                self.setItem(at, column, item)
            if key == before:
                self.setCurrentCell(at, 0)
        # From right to left, `selectRow` finds no column before the table is laid out.
        if rows and self.current() is None:
            self.setCurrentCell(0, 0)

    def current(self) -> str | None:
        """The key of the current row."""
        key = self.model().index(self.currentRow(), 0).data(KEY)
        return None if key is None else str(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's
        """Let Delete ask for the row to be removed."""
        key = self.current()
        if event.key() == Qt.Key.Key_Delete and key is not None:
            self.removed.emit(key)
        else:
            super().keyPressEvent(event)
