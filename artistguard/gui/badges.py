# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The tray's icons: the shield, and a small shape for what is not as usual."""

from __future__ import annotations

from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from artistguard.background import State
from artistguard.gui import icons

SIZES: Final = (16, 22, 24, 32, 48, 64)
"""In pixels, as trays ask for them."""

_PART: Final = 0.62
_BRIGHT: Final = "#ffffff"

# A plate's corners, and the strokes on it, in a box of 1 by 1; no corners are a disc.
_DISC: Final[tuple[tuple[float, float], ...]] = ()
_TRIANGLE: Final = ((0.5, 0.0), (1.0, 0.95), (0.0, 0.95))
_SQUARE: Final = ((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95))
_DIAMOND: Final = ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5))
_BARS: Final = (((0.38, 0.28), (0.38, 0.72)), ((0.62, 0.28), (0.62, 0.72)))
_BADGES: Final = {
    State.WORKING: ("#1f6f45", _DISC, (((0.28, 0.54), (0.5, 0.3), (0.72, 0.54)),)),
    State.WAITING: ("#555b63", _SQUARE, _BARS),
    State.PAUSED: ("#17181b", _DISC, _BARS),
    State.OFFLINE: ("#555b63", _DIAMOND, (((0.3, 0.5), (0.7, 0.5)),)),
    State.NEEDS_YOU: (
        "#8f5600",
        _TRIANGLE,
        (((0.5, 0.36), (0.5, 0.54)), ((0.5, 0.78), (0.5, 0.79))),
    ),
    State.ERROR: ("#b3261e", _SQUARE, (((0.3, 0.3), (0.7, 0.7)), ((0.7, 0.3), (0.3, 0.7)))),
}


@cache
def icon(state: State) -> QIcon:
    """The tray's icon for a state, in all sizes."""
    made = QIcon()
    for size in SIZES:
        made.addPixmap(_draw(state, size))
    return made


def _draw(state: State, size: int) -> QPixmap:
    pixmap = icons.icon("artistguard", "", size).pixmap(size, size, QIcon.Mode.Normal)
    pixmap.setDevicePixelRatio(1)
    pixmap = pixmap.scaled(size, size, mode=Qt.TransformationMode.SmoothTransformation)
    if state not in _BADGES:
        return pixmap
    colour, corners, strokes = _BADGES[state]
    edge = round(size * _PART)
    box = QRectF(size - edge, size - edge, edge, edge).adjusted(0.5, 0.5, -0.5, -0.5)

    def at(point: tuple[float, float]) -> QPointF:
        return QPointF(box.left() + point[0] * box.width(), box.top() + point[1] * box.height())

    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A bright rim keeps the shape apart from the shield and from any panel, in one colour, too.
        painter.setPen(QPen(QColor(_BRIGHT), max(1.0, size / 20)))
        painter.setBrush(QColor(colour))
        if corners:
            painter.drawPolygon(QPolygonF([at(corner) for corner in corners]))
        else:
            painter.drawEllipse(box)
        pen = QPen(QColor(_BRIGHT), max(1.3, edge / 7))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in strokes:
            painter.drawPolyline(QPolygonF([at(point) for point in stroke]))
    return pixmap
