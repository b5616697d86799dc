# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The grid of works: tiles spread over the width that there is, in sections with headings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QCursor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem

from artistguard.gui.works.delegate import TileDelegate
from artistguard.gui.works.sections import Sections

Index = QModelIndex | QPersistentModelIndex

_Cursor = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


class Grid(QListView):
    """A list that is laid out by `Sections`, for which Qt's own would keep a place of every row."""

    pressed_menu = Signal(QPoint)
    """What can be done with the selected works is asked for, there on the screen."""

    # Qt asks for places while it makes the view, before anything could be set on it.
    _delegate: TileDelegate | None = None
    _named: Sequence[tuple[str, int]] = ()
    _laid = Sections([], 1, 1, 0)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("works")
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)

    def use(self, delegate: TileDelegate) -> None:
        """Draw tiles and headings with this delegate."""
        self._delegate = delegate
        self.setItemDelegate(delegate)
        self.doItemsLayout()

    def arrange(self, sections: Sequence[tuple[str, int]]) -> None:
        """Put the rows into these sections, each a folder and how many; none for no headings."""
        self._named = sections
        self.doItemsLayout()

    # what Qt asks of a view

    def doItemsLayout(self) -> None:  # noqa: N802  # Qt's
        """Find a place for everything."""
        if self._delegate is None:
            return
        rows = self.model().rowCount()
        counts = [count for _, count in self._named]
        named = bool(counts) and sum(counts) == rows
        columns = max(1, self.viewport().width() // self._delegate.size.width())
        self._laid = Sections(
            counts if named else [rows] if rows else [],
            *(columns, self._delegate.size.height()),
            self._delegate.heading if named else 0,
        )
        self._measure()
        self.viewport().update()

    def updateGeometries(self) -> None:  # noqa: N802  # Qt's
        """Keep the columns spread over the width, and what is on top there."""
        if self._delegate is None:
            return
        columns = max(1, self.viewport().width() // self._delegate.size.width())
        if columns == self._laid.columns:
            self._measure()
            return
        seen = self._laid.between(self.verticalOffset(), self.verticalOffset() + 1)
        self.doItemsLayout()
        if seen and seen.start < self.model().rowCount():
            self.verticalScrollBar().setValue(self._laid.place(seen.start)[1] - self._laid.heading)

    def visualRect(self, index: Index) -> QRect:  # noqa: N802  # Qt's
        """Where a work is on the screen, or would be."""
        if not index.isValid() or index.row() not in self._laid.between(0, self._laid.height):
            return QRect()
        return self._box(index.row())

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802  # Qt's
        """The work at a point, if there is one."""
        row = self._laid.at(self._column(point.x()), point.y() + self.verticalOffset())
        return self.model().index(row, 0) if row is not None else QModelIndex()

    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:  # noqa: N802  # Qt's
        """Bring a work into sight, with the heading above the first line of a section."""
        box = self.visualRect(index)
        if box.isNull():
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if hint == _Hint.PositionAtCenter:
            bar.setValue(bar.value() + box.center().y() - height // 2)
        elif box.top() < self._laid.heading or hint == _Hint.PositionAtTop:
            bar.setValue(bar.value() + box.top() - self._laid.heading)
        elif box.bottom() > height or hint == _Hint.PositionAtBottom:
            bar.setValue(bar.value() + box.bottom() + 1 - height)

    def moveCursor(self, action: _Cursor, _keys: Qt.KeyboardModifier) -> QModelIndex:  # noqa: N802  # Qt's
        """The work that a key leads to."""
        rows = self.model().rowCount()
        if not rows:
            return QModelIndex()
        row = max(0, self.currentIndex().row())
        forward = -1 if self.isRightToLeft() else 1
        page = max(1, self.viewport().height() // self.itemDelegate().size.height())  # type: ignore[attr-defined]  # ours
        match action:
            case _Cursor.MoveLeft:
                row -= forward
            case _Cursor.MoveRight:
                row += forward
            case _Cursor.MovePrevious | _Cursor.MoveNext:
                row += 1 if action == _Cursor.MoveNext else -1
            case _Cursor.MoveUp | _Cursor.MoveDown:
                row = self._laid.beside(row, 1 if action == _Cursor.MoveDown else -1)
            case _Cursor.MovePageUp | _Cursor.MovePageDown:
                row = self._laid.beside(row, page if action == _Cursor.MovePageDown else -page)
            case _Cursor.MoveHome | _Cursor.MoveEnd:
                row = 0 if action == _Cursor.MoveHome else rows - 1
        return self.model().index(min(max(row, 0), rows - 1), 0)

    def verticalOffset(self) -> int:  # noqa: N802  # Qt's
        """How far it is scrolled down."""
        return self.verticalScrollBar().value()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802  # Qt's
        """Move what is drawn already."""
        self.viewport().scroll(dx, dy)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:  # noqa: N802  # Qt's
        """Select all works from one corner to the other, in reading order."""
        ends = sorted(map(self._nearest, (rect.topLeft(), rect.bottomRight())))
        if ends[1] >= self.model().rowCount():
            return
        first, last = (self.model().index(row, 0) for row in ends)
        self.selectionModel().select(QItemSelection(first, last), command)

    def selectAll(self) -> None:  # noqa: N802  # Qt's
        """Select everything as one range; Qt's own makes one for every item."""
        model = self.model()
        if model.rowCount():
            everything = QItemSelection(model.index(0, 0), model.index(model.rowCount() - 1, 0))
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(everything, flags)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802, ARG002  # Qt's
        """What to draw anew when the selection changes; Qt's own walks through every item."""
        return QRegion(self.viewport().rect())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's
        """Ask for the menu of the selected works, by mouse or by key."""
        point = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            point = self.visualRect(self.currentIndex()).center()
        if self.indexAt(point).isValid():
            self.pressed_menu.emit(self.viewport().mapToGlobal(point))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's
        """Draw the headings and tiles that are seen."""
        if self._delegate is None:
            return
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state
        under = self.viewport().mapFromGlobal(QCursor.pos())
        hovered = self.indexAt(under).row() if self.viewport().underMouse() else -1
        current = self.currentIndex().row() if self.hasFocus() else -1
        top = event.rect().top() + self.verticalOffset()
        bottom = event.rect().bottom() + self.verticalOffset()
        flag = QStyle.StateFlag
        with QPainter(self.viewport()) as painter:
            self._draw_headings(painter, top, bottom)
            for row in self._laid.between(top, bottom):
                index = self.model().index(row, 0)
                option.rect = self._box(row)
                state = plain
                for holds, one in (
                    (self.selectionModel().isSelected(index), flag.State_Selected),
                    (row == current, flag.State_HasFocus),
                    (row == hovered, flag.State_MouseOver),
                ):
                    state = state | one if holds else state & ~one
                option.state = state
                self._delegate.paint(painter, option, index)

    # where things are

    def _draw_headings(self, painter: QPainter, top: int, bottom: int) -> None:
        assert self._delegate is not None
        for section, y in self._laid.headings(top, bottom):
            width = self.viewport().width()
            spare = (width // self._laid.columns - self._delegate.size.width()) // 2
            box = QRect(spare, y - self.verticalOffset(), width - 2 * spare, self._laid.heading)
            self._delegate.draw_heading(painter, box, self.layoutDirection(), *self._named[section])

    def _measure(self) -> None:
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._laid.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(self.fontMetrics().height() * 3)

    def _box(self, row: int) -> QRect:
        assert self._delegate is not None
        column, top = self._laid.place(row)
        width = self.viewport().width() // self._laid.columns
        box = QRect(
            *(column * width, top - self.verticalOffset()),
            *(width, self._delegate.size.height()),
        )
        return QStyle.visualRect(self.layoutDirection(), self.viewport().rect(), box)

    def _column(self, x: int) -> int:
        if self.isRightToLeft():
            x = self.viewport().width() - 1 - x
        return x // max(1, self.viewport().width() // self._laid.columns)

    def _nearest(self, point: QPoint) -> int:
        """The row at a point, or the one in the line there that is nearest."""
        y = max(0, point.y() + self.verticalOffset())
        column = min(max(self._column(point.x()), 0), self._laid.columns - 1)
        row = self._laid.at(column, y)
        if row is not None:
            return row
        line = self._laid.between(y, y)
        return min(line.start + column, max(line.stop, line.start + 1) - 1)
