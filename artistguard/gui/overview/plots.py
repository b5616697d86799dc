# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Two plots, drawn in the theme's colours: bars that lie, and a number that grows over days."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from PySide6.QtCore import QBuffer, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QStyle, QWidget

from artistguard.gui.theme import Theme
from artistguard.wording.language import translate as _
from artistguard.wording.language import write_day, write_number

Values = Sequence[tuple[str, int]]
Draw = Callable[[QPainter, QRectF, Values, Theme, Qt.LayoutDirection], None]

_SHARP: Final = 2
"""How many pixels a saved image has for each on the screen."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Plot(QWidget):
    """One drawing of names or days with numbers."""

    def __init__(self, theme: Theme, draw: Draw, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._draw = draw
        self._values: Values = ()
        self.setAccessibleName(name)

    def say(self, name: str) -> str:
        """What a value is called; a day as the artist writes it."""
        return write_day(name) if self._draw is draw_growth else name

    def show_values(self, values: Values) -> None:
        """Draw these from now on."""
        self._values = values
        said = (f"{self.say(name)}: {write_number(number)}" for name, number in values)
        self.setAccessibleDescription("; ".join(said))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's
        """As high as its rows need."""
        rows = max(4, len(self._values)) if self._draw is draw_bars else 8
        return QSize(320, round(self.fontMetrics().height() * 1.7 * rows))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's
        """The same: a plot that is cut says something else."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's
        """Draw it."""
        with QPainter(self) as painter:
            self._paint(painter)

    def picture(self, *, vector: bool) -> bytes:
        """The drawing as SVG, or as PNG."""
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        if vector:
            generator = QSvgGenerator()
            generator.setOutputDevice(buffer)
            generator.setSize(self.size())
            generator.setViewBox(self.rect())
            with QPainter(generator) as painter:
                self._paint(painter)
            return bytes(buffer.data().data())
        image = QImage(self.size() * _SHARP, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_SHARP)
        with QPainter(image) as painter:
            painter.setFont(self.font())
            self._paint(painter)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # it takes text, not bytes
        return bytes(buffer.data().data())

    def table(self, name: str, number: str) -> str:
        """The numbers as CSV with a line of these headings, safe to be opened in a spreadsheet."""
        text = io.StringIO()
        lines = csv.writer(text)
        lines.writerow((name, number))
        for key, value in self._values:
            lines.writerow((f"'{key}" if key.startswith(_FORMULA) else key, value))
        return text.getvalue()

    def _paint(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self._theme.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if not self._values:
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _("Nothing yet."))
            return
        self._draw(painter, box, self._values, self._theme, self.layoutDirection())


def draw_bars(
    painter: QPainter,
    box: QRectF,
    values: Values,
    theme: Theme,
    direction: Qt.LayoutDirection,
) -> None:
    """A row for each: its name, a bar, its number."""
    metrics = painter.fontMetrics()
    row = metrics.height() * 1.7
    most = max(number for _name, number in values)
    names = min(
        box.width() * 0.4, max((metrics.horizontalAdvance(n) for n, _ in values), default=0)
    )
    numbers = metrics.horizontalAdvance(write_number(most)) + 8
    room = box.width() - names - numbers - 12
    for at, (name, number) in enumerate(values):
        line = QRect(round(box.left()), round(box.top() + at * row), round(box.width()), round(row))

        def place(left: float, width: float, line: QRect = line) -> QRect:
            wanted = QRect(round(line.left() + left), line.top(), round(width), line.height())
            return QStyle.visualRect(direction, line, wanted)

        leading = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft)
        painter.setPen(QColor(theme.text))
        said = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, round(names))
        painter.drawText(place(0, names + 2), leading | Qt.AlignmentFlag.AlignVCenter, said)
        long = max(2.0, room * number / max(1, most))
        bar = QRectF(place(names + 12, long)).adjusted(0, row * 0.22, 0, -row * 0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QColor(theme.muted))
        after = place(names + 12 + long + 6, numbers)
        painter.drawText(after, leading | Qt.AlignmentFlag.AlignVCenter, write_number(number))


def draw_growth(
    painter: QPainter,
    box: QRectF,
    values: Values,
    theme: Theme,
    direction: Qt.LayoutDirection,  # noqa: ARG001  # time goes to the right everywhere
) -> None:
    """A number that only grows, as steps over the days between the first and the last."""
    metrics = painter.fontMetrics()
    most = max(number for _name, number in values)
    margin = metrics.horizontalAdvance(write_number(most)) + 10
    area = box.adjusted(margin, metrics.height(), -8, -metrics.height() * 1.4)
    days = [date.fromisoformat(day).toordinal() for day, _number in values]
    span = max(1, days[-1] - days[0])
    painter.setPen(QPen(QColor(theme.line), 1))
    for share in (0.0, 0.5, 1.0):
        y = area.bottom() - share * area.height()
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    steps, before = [QPointF(area.left(), area.bottom())], area.bottom()
    for day, (_day, number) in zip(days, values, strict=True):
        x = area.left() + area.width() * (day - days[0]) / span
        y = area.bottom() - area.height() * number / most
        steps += [QPointF(x, before), QPointF(x, y)]
        before = y
    steps += [QPointF(area.right(), before), QPointF(area.right(), area.bottom())]
    painter.setBrush(QColor(theme.chosen))
    painter.setPen(QPen(QColor(theme.accent), 2))
    painter.drawPolygon(QPolygonF(steps))
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(box.left(), area.top() + metrics.ascent() / 2), write_number(most))
    painter.drawText(QPointF(box.left(), area.bottom() + metrics.ascent() / 2), "0")
    foot, first = box.bottom() - metrics.descent(), write_day(values[0][0])
    painter.drawText(QPointF(area.left(), foot), first)
    last = write_day(values[-1][0])
    if last != first:
        painter.drawText(QPointF(area.right() - metrics.horizontalAdvance(last), foot), last)
