# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Draws one work as a tile, and the heading above the works of one folder."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from artistguard import wording
from artistguard.gui.icons import draw_shape
from artistguard.gui.theme import Theme
from artistguard.gui.works.model import CARD
from artistguard.gui.works.tiles import Tiles, centred
from artistguard.models import Card
from artistguard.wording.language import write_number

PICTURE: Final = (176, 150)
"""The room for a picture on a tile, in device-independent pixels."""

_PADDING: Final = 10
_PALE: Final = 0.35
"""How much is seen of the picture of a work that has no file any more."""

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
        self.heading = self._line * 2 + 4
        self._bold = QFont(parent.font())
        self._bold.setWeight(QFont.Weight.DemiBold)

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
        painter.setPen(QColor(self._theme.muted if card.gone else self._theme.text))
        leading = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft)
        metrics = painter.fontMetrics()
        name = metrics.elidedText(
            wording.spell(card.name), Qt.TextElideMode.ElideMiddle, words.width()
        )
        painter.drawText(words, leading | Qt.AlignmentFlag.AlignVCenter, name)
        words.translate(0, self._line + 4)
        self._draw_standing(painter, option, card, words)
        painter.restore()

    def draw_heading(
        self, painter: QPainter, box: QRect, direction: Qt.LayoutDirection, folder: str, count: int
    ) -> None:
        """Draw what stands above the works of one folder: its name, how many, where it lies."""
        name, where = wording.split_folder(folder)
        words = box.adjusted(_PADDING, self._line // 2, -_PADDING, 0)
        leading = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft)
        painter.save()
        for said, font, colour, elided in (
            (name, self._bold, self._theme.text, Qt.TextElideMode.ElideMiddle),
            (wording.count_works(count), painter.font(), self._theme.muted, None),
            (where, painter.font(), self._theme.muted, Qt.TextElideMode.ElideLeft),
        ):
            metrics = QFontMetrics(font)
            shown = metrics.elidedText(said, elided, words.width()) if elided else said
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(
                QStyle.visualRect(direction, box, words),
                leading | Qt.AlignmentFlag.AlignVCenter,
                shown,
            )
            words.setLeft(words.left() + metrics.horizontalAdvance(shown) + self._line)
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
        painter.setOpacity(_PALE if card.gone else 1)
        if pixmap and not pixmap.isNull():
            painter.drawPixmap(centred(pixmap, box), pixmap)
        else:
            painter.setBrush(QColor(self._theme.raised))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(box.adjusted(20, 16, -20, -16), 6, 6)
        painter.setOpacity(1)
        if card.gone:
            self._draw_gone(painter, box)

    def _draw_gone(self, painter: QPainter, box: QRect) -> None:
        said = wording.say_gone()
        chip = QRect(0, 0, painter.fontMetrics().horizontalAdvance(said) + 20, self._line + 6)
        chip.moveCenter(box.center())
        painter.setBrush(QColor(self._theme.surface))
        painter.setPen(QPen(QColor(self._theme.muted), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, said)

    def _draw_standing(
        self, painter: QPainter, option: QStyleOptionViewItem, card: Card, box: QRect
    ) -> None:
        colour = self._theme.standings[card.standing]
        said = wording.name_standing(card.standing)
        direction: Qt.LayoutDirection = option.direction
        side = self._line - 4
        metrics, room = painter.fontMetrics(), box.width() - self._line - 12
        if card.copies:
            full = f"{said} · {wording.count_copies(card.copies)}"
            fits = metrics.horizontalAdvance(full) <= room
            said = full if fits else f"{said} · {write_number(card.copies)}"
        said = metrics.elidedText(said, Qt.TextElideMode.ElideRight, room)
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
