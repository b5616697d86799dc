# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The grid of works: a list that wraps, and the delegate that draws one tile."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from artistguard import wording
from artistguard.gui.icons import draw_shape
from artistguard.gui.theme import Theme
from artistguard.gui.works.model import CARD
from artistguard.gui.works.tiles import Tiles, centred
from artistguard.models import Card

PICTURE: Final = (176, 150)
"""The room for a picture on a tile, in device-independent pixels."""

_PADDING: Final = 10

Index = QModelIndex | QPersistentModelIndex


class TileDelegate(QStyledItemDelegate):
    """Draws a work: its picture, its name, and how it stands in words and shape."""

    def __init__(self, theme: Theme, tiles: Tiles, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tiles = tiles
        metrics = QFontMetrics(parent.font())
        self._line = metrics.height()
        self.size = QSize(
            PICTURE[0] + 2 * _PADDING, PICTURE[1] + 2 * _PADDING + 2 * self._line + 14
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, ARG002  # Qt's
        """The same for every tile."""
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one tile."""
        card: Card | None = index.data(CARD)
        if card is None:
            return
        space: QRect = option.rect
        box = QRect(QPoint(0, 0), self.size).adjusted(3, 3, -3, -3)
        box.moveCenter(space.center())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_frame(painter, option, box)
        inner = box.adjusted(_PADDING - 3, _PADDING - 3, 3 - _PADDING, 3 - _PADDING)
        self._draw_picture(painter, card, QRect(inner.topLeft(), QSize(*PICTURE)))
        words = QRect(inner.left(), inner.top() + PICTURE[1] + 6, inner.width(), self._line)
        painter.setPen(QColor(self._theme.text))
        leading = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft)
        metrics = painter.fontMetrics()
        name = metrics.elidedText(card.name, Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, leading | Qt.AlignmentFlag.AlignVCenter, name)
        words.translate(0, self._line + 4)
        self._draw_standing(painter, option, card, words)
        painter.restore()

    def _draw_frame(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect) -> None:
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if chosen or focused or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(self._theme.chosen if chosen else self._theme.surface))
            edge = self._theme.accent if chosen or focused else self._theme.line
            painter.setPen(QPen(QColor(edge), 2.5 if focused else 1.2))
            painter.drawRoundedRect(box, 9, 9)

    def _draw_picture(self, painter: QPainter, card: Card, box: QRect) -> None:
        pixmap = self._tiles.get(card)
        if pixmap and not pixmap.isNull():
            painter.drawPixmap(centred(pixmap, box), pixmap)
            return
        painter.setBrush(QColor(self._theme.raised))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box.adjusted(20, 16, -20, -16), 6, 6)

    def _draw_standing(
        self, painter: QPainter, option: QStyleOptionViewItem, card: Card, box: QRect
    ) -> None:
        colour = self._theme.standings[card.standing]
        said = wording.name_standing(card.standing)
        if card.copies:
            said = f"{said} · {wording.count_copies(card.copies)}"
        direction: Qt.LayoutDirection = option.direction
        side = self._line - 4
        metrics = painter.fontMetrics()
        said = metrics.elidedText(said, Qt.TextElideMode.ElideRight, box.width() - side - 16)
        width = metrics.horizontalAdvance(said) + side + 16
        pill = QStyle.visualRect(direction, box, QRect(box.left(), box.top(), width, self._line))
        painter.setBrush(QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(pill, self._line / 2, self._line / 2)
        mark = QStyle.visualRect(
            direction, pill, QRect(pill.left() + 5, pill.top() + 2, side, side)
        )
        draw_shape(painter, card.standing, QRectF(mark), self._theme.on_standing)
        painter.setPen(QColor(self._theme.on_standing))
        words = QStyle.visualRect(direction, pill, pill.adjusted(side + 9, 0, 0, 0))
        leading = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft)
        painter.drawText(words, leading | Qt.AlignmentFlag.AlignVCenter, said)


class Grid(QListView):
    """A list that wraps into a grid and spreads over the width that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("works")
        # Icon mode keeps a rectangle for each item: 100,000 take seconds to lay out.
        self.setViewMode(QListView.ViewMode.ListMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        # A list that wraps keeps room for a scroll bar whether there is one or not.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self._tile = QSize(*PICTURE)

    def use(self, delegate: TileDelegate) -> None:
        """Draw tiles with this delegate."""
        self._tile = delegate.size
        self.setItemDelegate(delegate)
        self._spread()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's
        """Keep the columns spread over the width."""
        self._spread()
        super().resizeEvent(event)

    def _spread(self) -> None:
        width = self.viewport().width() - 1  # one that fits exactly is wrapped
        columns = max(1, width // self._tile.width())
        self.setGridSize(QSize(width // columns, self._tile.height()))

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
