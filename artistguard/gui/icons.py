# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Icons in the theme's colours, and the shapes that say how a work stands without colour."""

from __future__ import annotations

from functools import cache
from typing import Final

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from artistguard.gui import resources
from artistguard.models import Standing


@cache
def icon(name: str, colour: str, size: int = 24) -> QIcon:
    """One of `resources/icons/` in this colour, sharp on every screen."""
    svg = resources.find(f"icons/{name}.svg").read_text("utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    made = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(size * scale, size * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            renderer.render(painter)
        pixmap.setDevicePixelRatio(scale)
        made.addPixmap(pixmap)
    return made


def draw_shape(painter: QPainter, standing: Standing, box: QRectF, colour: str) -> None:
    """Draw the shape that stands for a standing into a square box."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(colour), max(1.4, box.width() / 8))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if standing is Standing.UNCHECKED:
        pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    margin = box.width() / 10
    painter.drawPath(_shape(standing, box.adjusted(margin, margin, -margin, -margin)))
    painter.restore()


# Strokes in a box of 1 by 1, of points, where one point is a dot; and rings by centre and radius.
_STROKES: Final = {
    Standing.UNCHECKED: (),
    Standing.CLEAR: (((0.3, 0.52), (0.45, 0.67), (0.72, 0.36)),),
    Standing.POSSIBLE: (
        ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5), (0.5, 0.0)),
        ((0.5, 0.32), (0.5, 0.56)),
        ((0.5, 0.73),),
    ),
    Standing.CONFIRMED: (
        ((0.5, 0.04), (1.0, 0.94), (0.0, 0.94), (0.5, 0.04)),
        ((0.5, 0.38), (0.5, 0.62)),
        ((0.5, 0.78),),
    ),
    Standing.RESERVED: (
        ((0.5, 0.0), (0.94, 0.16), (0.94, 0.5), (0.5, 1.0), (0.06, 0.5), (0.06, 0.16), (0.5, 0.0)),
        ((0.3, 0.45), (0.46, 0.61), (0.7, 0.32)),
    ),
    Standing.DISPUTED: (((0.1, 0.1), (0.9, 0.9)), ((0.9, 0.1), (0.1, 0.9))),
    Standing.ALLOWED: (((0.52, 0.5), (1.0, 0.5), (1.0, 0.75)), ((0.78, 0.5), (0.78, 0.7))),
}
_RINGS: Final = {
    Standing.UNCHECKED: ((0.5, 0.5), 0.5),
    Standing.CLEAR: ((0.5, 0.5), 0.5),
    Standing.ALLOWED: ((0.27, 0.5), 0.25),
}


def _shape(standing: Standing, box: QRectF) -> QPainterPath:
    path = QPainterPath()

    def at(point: tuple[float, float]) -> QPointF:
        return QPointF(box.left() + point[0] * box.width(), box.top() + point[1] * box.height())

    if standing in _RINGS:
        centre, radius = _RINGS[standing]
        path.addEllipse(at(centre), radius * box.width(), radius * box.height())
    for first, *rest in _STROKES[standing]:
        path.moveTo(at(first))
        for point in rest:
            path.lineTo(at(point))
        if not rest:
            path.addEllipse(at(first), 0.4, 0.4)
    return path
