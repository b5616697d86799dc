# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the page of one work is made of: its picture, how it stands, headings with lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from artistguard import wording
from artistguard.gui import parts
from artistguard.gui.icons import draw_shape
from artistguard.gui.theme import Theme
from artistguard.models import Standing

_LETTERS: Final = 32
"""So much of a near-duplicate's name and standing is shown; the rest is in the tip."""


class Chip(QWidget):
    """How a work stands, in words and shape on its colour, as on a tile."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._standing = Standing.UNCHECKED
        self.setFixedHeight(self.fontMetrics().height() + 8)

    def say(self, standing: Standing) -> None:
        """Say how a work stands."""
        self._standing = standing
        self.setAccessibleName(wording.name_standing(standing))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's
        """Draw the shape, and the words beside it."""
        said = wording.name_standing(self._standing)
        side = self.height() - 8
        width = self.fontMetrics().horizontalAdvance(said) + side + 24
        box = QRect(0 if self.isLeftToRight() else self.width() - width, 0, width, self.height())
        at = box.left() + 8 if self.isLeftToRight() else box.right() - 7 - side
        words = box.adjusted(side + 14, 0, -8, 0)
        if self.isRightToLeft():
            words = box.adjusted(8, 0, -side - 14, 0)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.standings[self._standing]))
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            colour = self._theme.on_standing
            draw_shape(painter, self._standing, QRectF(at, 4, side, side), colour)
            painter.setPen(QColor(colour))
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, said)


class Part(QWidget):
    """A heading with lines below it, and what can be done about them; hidden without lines."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._said = parts.text()
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._more = parts.muted()
        self._more.hide()
        self._buttons = QVBoxLayout()  # beside each other they would be wider than a small window
        self._buttons.setSpacing(6)
        self._links = QVBoxLayout()
        self._links.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(6)
        column.addWidget(parts.heading(title))
        column.addLayout(self._links)
        column.addWidget(self._said)
        column.addLayout(self._buttons)
        column.addWidget(self._more)
        self._offered: list[tuple[int, str]] = []
        self.hide()

    def button(self, said: str, does: Callable[[], object]) -> QPushButton:
        """Something that can be done."""
        button = QPushButton(said)
        button.clicked.connect(lambda _checked: does())
        self._buttons.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeading)
        return button

    def say(self, lines: list[str]) -> None:
        """Say these lines; without any, nothing is there."""
        self._said.setText("\n".join(lines))
        self._said.setVisible(any(lines))
        self.setVisible(bool(lines))

    def add(self, said: str) -> None:
        """Say this last, for now."""
        self._more.setText(said)
        self._more.setVisible(bool(said))

    def offer(self, works: list[tuple[int, str]], opens: Callable[[int], object]) -> None:
        """Name these works, each to be opened."""
        if works == self._offered:
            return
        self._offered = works
        while (item := self._links.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for work, said in works:
            metrics = self.fontMetrics()
            room = _LETTERS * metrics.averageCharWidth()
            shown = metrics.elidedText(said, Qt.TextElideMode.ElideMiddle, room)
            link = QPushButton(shown.replace("&", "&&"))
            link.setToolTip(said)
            link.setAccessibleName(said)
            link.clicked.connect(lambda _checked, work=work: opens(work))
            self._links.addWidget(link, alignment=Qt.AlignmentFlag.AlignLeading)


class Picture(QLabel):
    """A picture as large as there is room for."""

    def __init__(self) -> None:
        super().__init__(alignment=Qt.AlignmentFlag.AlignCenter)
        self._pixmap = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def show_picture(self, pixmap: QPixmap) -> None:
        """Show this one from now on."""
        self._pixmap = pixmap
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's
        """Keep it as large as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._pixmap.isNull():
            self.clear()
            return
        ratio = self.devicePixelRatioF()
        room = QSize(round(self.width() * ratio), round(self.height() * ratio))
        scaled = self._pixmap.scaled(
            *(room, Qt.AspectRatioMode.KeepAspectRatio),
            Qt.TransformationMode.SmoothTransformation,
        )
        scaled.setDevicePixelRatio(ratio)
        self.setPixmap(scaled)
