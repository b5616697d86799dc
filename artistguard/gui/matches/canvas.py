# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Two pictures held against each other: side by side, laid over, wiped or in turns."""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from artistguard.fingerprints import Placing
from artistguard.gui.theme import Theme
from artistguard.wording.language import mark
from artistguard.wording.language import translate as _

_TURN_MS: Final = 600  # slower than three flashes in a second, which nobody should be shown
_ZOOM_STEP: Final = 1.25
_ZOOMS: Final = (1.0, 16.0)
_GAP: Final = 12


class Mode(Enum):
    """How two pictures are held against each other."""

    BESIDE = mark("Side by side")
    OVER = mark("Overlay")
    WIPE = mark("Slider")
    TURNS = mark("Flicker")


class Canvas(QWidget):
    """Shows the artist's picture, and the data set's when it is there; both move together."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._mine = QPixmap()
        self._theirs = QPixmap()
        self._placing: Placing | None = None
        self._mode = Mode.BESIDE
        self._share = 0.5
        self._zoom = 1.0
        self._shift = QPointF()
        self._grip: QPointF | None = None
        self._turn = False
        self._timer = QTimer(self, interval=_TURN_MS)
        self._timer.timeout.connect(self._take_turns)
        self.setAccessibleName(_("Both pictures"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def show_mine(self, picture: QPixmap) -> None:
        """Show the artist's picture from now on."""
        self._mine = picture
        self.reset()

    def show_theirs(self, picture: QPixmap, placing: Placing | None = None) -> None:
        """Show the data set's picture from now on; none when it is null.

        Unless both are side by side, it is laid onto the artist's as `placing` says.
        """
        self._theirs = picture
        self._placing = placing
        self._run()

    def use(self, mode: Mode) -> None:
        """Hold them against each other so."""
        self._mode = mode
        self._run()

    def set_share(self, percent: int) -> None:
        """How much of the data set's picture is seen, laid over or wiped."""
        self._share = percent / 100
        self.update()

    def zoom(self, steps: float) -> None:
        """Come nearer, or go away, by so many steps."""
        self._zoom = min(max(self._zoom * _ZOOM_STEP**steps, _ZOOMS[0]), _ZOOMS[1])
        if self._zoom == _ZOOMS[0]:
            self._shift = QPointF()
        self.update()

    def reset(self) -> None:
        """See all of both again."""
        self._zoom, self._shift = 1.0, QPointF()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's
        """As large as there is room."""
        return QSize(640, 420)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's
        """Zoom with the wheel."""
        self.zoom(event.angleDelta().y() / 120)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's
        """Take hold of both pictures."""
        self._grip = event.position() - self._shift
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's
        """Drag both pictures."""
        if self._grip is not None and self._zoom > _ZOOMS[0]:
            self._shift = event.position() - self._grip
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002  # Qt's
        """Let go."""
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  # Qt's
        """Draw what the mode asks for."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            everything = QRectF(self.rect())
            if self._theirs.isNull():
                self._draw(painter, self._mine, everything)
            elif self._mode is Mode.BESIDE:
                half = (everything.width() - _GAP) / 2
                box = QRectF(0, 0, half, everything.height())
                self._draw(painter, self._mine, box)
                self._draw(painter, self._theirs, box.translated(half + _GAP, 0))
            elif self._mode is Mode.OVER:
                self._draw(painter, self._mine, everything)
                painter.setOpacity(self._share)
                self._draw_theirs(painter, everything, everything)
            elif self._mode is Mode.WIPE:
                self._draw_wiped(painter, everything)
            elif self._turn:
                self._draw_theirs(painter, everything, everything)
            else:
                self._draw(painter, self._mine, everything)

    def _draw_wiped(self, painter: QPainter, box: QRectF) -> None:
        edge = box.width() * (1 - self._share)
        shown = QRectF(edge, 0, box.width() - edge, box.height())
        self._draw(painter, self._mine, box, QRectF(0, 0, edge, box.height()))
        self._draw_theirs(painter, box, shown)
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.drawLine(QPointF(edge, 0), QPointF(edge, box.height()))

    def _draw(
        self, painter: QPainter, picture: QPixmap, box: QRectF, shown: QRectF | None = None
    ) -> None:
        """Draw a picture as large as fits into `box`, zoomed and shifted, where it is `shown`."""
        if picture.isNull():
            return
        painter.save()
        painter.setClipRect(shown or box)
        painter.drawPixmap(self._fit(picture, box), picture, QRectF(picture.rect()))
        painter.restore()

    def _draw_theirs(self, painter: QPainter, box: QRectF, shown: QRectF) -> None:
        """Draw the data set's picture where it lies on the artist's, as far as that is known."""
        if self._placing is None or self._mine.isNull():
            self._draw(painter, self._theirs, box, shown)
            return
        theirs, mine = self._theirs.size(), self._fit(self._mine, box)
        lies = QTransform.fromScale(1 / theirs.width(), 1 / theirs.height())
        lies *= QTransform(*self._placing)
        lies *= QTransform(mine.width(), 0, 0, mine.height(), mine.left(), mine.top())
        painter.save()
        painter.setClipRect(shown)
        painter.setTransform(lies, combine=True)
        painter.drawPixmap(0, 0, self._theirs)
        painter.restore()

    def _fit(self, picture: QPixmap, box: QRectF) -> QRectF:
        """Where a picture lies that is as large as fits into a box, zoomed and shifted."""
        fit = min(box.width() / picture.width(), box.height() / picture.height()) * self._zoom
        target = QRectF(0, 0, picture.width() * fit, picture.height() * fit)
        target.moveCenter(box.center() + self._shift)
        return target

    def _run(self) -> None:
        turning = self._mode is Mode.TURNS and not self._theirs.isNull()
        (self._timer.start if turning else self._timer.stop)()
        self.update()

    def _take_turns(self) -> None:
        self._turn = not self._turn
        self.update()
