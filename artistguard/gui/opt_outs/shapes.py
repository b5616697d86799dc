# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The shape that says where an opt-out stands without colour, on a disc of the theme's."""

from __future__ import annotations

from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from artistguard.gui.theme import THEMES
from artistguard.models import RequestState, Standing

Strokes = tuple[tuple[tuple[float, float], ...], ...]

# Strokes in a box of 1 by 1; one point alone is a dot.
_CHECK: Final = ((0.26, 0.52), (0.43, 0.69), (0.75, 0.33))
_STROKES: Final[dict[RequestState, Strokes]] = {
    RequestState.DRAFTED: (((0.3, 0.7), (0.7, 0.3)), ((0.28, 0.78), (0.5, 0.78))),
    RequestState.QUEUED: (((0.28, 0.5),), ((0.5, 0.5),), ((0.72, 0.5),)),
    RequestState.SENT: (((0.26, 0.5), (0.74, 0.5)), ((0.54, 0.3), (0.74, 0.5), (0.54, 0.7))),
    RequestState.OVERDUE: (((0.5, 0.24), (0.5, 0.52), (0.7, 0.64)),),
    RequestState.ACTION_NEEDED: (((0.5, 0.24), (0.5, 0.56)), ((0.5, 0.76),)),
    RequestState.ACKNOWLEDGED: (_CHECK,),
    RequestState.IN_PROGRESS: (((0.3, 0.25), (0.7, 0.25), (0.3, 0.75), (0.7, 0.75), (0.3, 0.25)),),
    RequestState.DONE: (
        ((0.16, 0.52), (0.32, 0.69), (0.58, 0.35)),
        ((0.46, 0.66), (0.5, 0.69), (0.82, 0.33)),
    ),
    RequestState.REAPPEARED: (
        ((0.3, 0.32), (0.62, 0.32), (0.74, 0.44), (0.74, 0.58), (0.62, 0.7), (0.34, 0.7)),
        ((0.44, 0.18), (0.3, 0.32), (0.44, 0.46)),
    ),
    RequestState.DISPUTED: (((0.3, 0.3), (0.7, 0.7)), ((0.7, 0.3), (0.3, 0.7))),
    RequestState.REFUSED: (((0.24, 0.5), (0.76, 0.5)),),
    RequestState.WITHDRAWING: (
        ((0.26, 0.5), (0.74, 0.5)),
        ((0.46, 0.3), (0.26, 0.5), (0.46, 0.7)),
    ),
    RequestState.WITHDRAWN: (
        ((0.4, 0.5), (0.76, 0.5)),
        ((0.56, 0.34), (0.4, 0.5), (0.56, 0.66)),
        ((0.26, 0.28), (0.26, 0.72)),
    ),
}

_COLOURS: Final = {
    RequestState.SENT: Standing.CLEAR,
    RequestState.OVERDUE: Standing.POSSIBLE,
    RequestState.ACTION_NEEDED: Standing.POSSIBLE,
    RequestState.ACKNOWLEDGED: Standing.RESERVED,
    RequestState.IN_PROGRESS: Standing.ALLOWED,
    RequestState.DONE: Standing.RESERVED,
    RequestState.REAPPEARED: Standing.CONFIRMED,
    RequestState.DISPUTED: Standing.DISPUTED,
    RequestState.REFUSED: Standing.CONFIRMED,
}


@cache
def shape(state: RequestState, theme: str, size: int) -> QIcon:
    """The shape of a state in the colours of the theme of this name."""
    made = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(size * scale, size * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            _draw(painter, state, theme, QRectF(0, 0, size * scale, size * scale))
        pixmap.setDevicePixelRatio(scale)
        made.addPixmap(pixmap)
    return made


def _draw(painter: QPainter, state: RequestState, theme: str, box: QRectF) -> None:
    colours = THEMES[theme]
    plate = colours.standings[_COLOURS.get(state, Standing.UNCHECKED)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(plate))
    painter.drawEllipse(box)
    pen = QPen(QColor(colours.on_standing), max(1.2, box.width() / 10))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_path(_STROKES[state], box.width()))


def _path(strokes: Strokes, side: float) -> QPainterPath:
    path = QPainterPath()
    for first, *rest in strokes:
        path.moveTo(QPointF(*first) * side)
        for point in rest:
            path.lineTo(QPointF(*point) * side)
        if not rest:
            path.addEllipse(QPointF(*first) * side, side / 60, side / 60)
    return path
