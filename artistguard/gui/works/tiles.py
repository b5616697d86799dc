# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures of works at tile size, made by a thread of their own and kept while there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Final

from PySide6.QtCore import QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPixmap

from artistguard.models import Card

Find = Callable[[list[Card]], Iterator[tuple[Card, bytes | None]]]
"""Gives the thumbnail of each of these works as JPEG, None where there is none; one thread's."""

_KEPT: Final = 400  # ten screens, and some 40 MB
_AHEAD: Final = 24
RADIUS: Final = 6


class Tiles(QObject):
    """The pictures of tiles: there at once or soon. What was asked for last is made first."""

    made = Signal(int)
    """A work whose picture is there now."""
    _finished = Signal(int, QImage)

    def __init__(self, opened: Callable[[], Find], size: tuple[int, int], ratio: float) -> None:
        super().__init__()
        self._opened = opened
        self._size = (round(size[0] * ratio), round(size[1] * ratio))
        self._ratio = ratio
        self._kept: OrderedDict[int, tuple[bytes, QPixmap]] = OrderedDict()
        self._wanted: OrderedDict[int, Card] = OrderedDict()
        self._there = threading.Condition()
        self._closed = False
        self._asked: dict[int, bytes] = {}
        self._thread = threading.Thread(target=self._make, name="tiles")
        self._finished.connect(self._keep)
        self._thread.start()

    def get(self, card: Card) -> QPixmap | None:
        """The picture of a work, or None and `made` later."""
        kept = self._kept.get(card.work)
        if kept:
            self._kept.move_to_end(card.work)
        if (kept is None or kept[0] != card.sha256) and self._asked.get(card.work) != card.sha256:
            self._asked[card.work] = card.sha256
            with self._there:
                self._wanted[card.work] = card
                self._there.notify()
        return kept[1] if kept else None

    def forget(self) -> None:
        """Keep no picture: nobody looks."""
        self._kept.clear()

    def close(self) -> None:
        """End the thread."""
        with self._there:
            self._closed = True
            self._there.notify()
        self._thread.join()

    def _make(self) -> None:
        find = self._opened()
        while wanted := self._next():
            for card, jpeg in find(wanted):
                image = QImage.fromData(jpeg) if jpeg else QImage()
                self._finished.emit(card.work, self._fitted(image))
                if self._closed:
                    return

    def _next(self) -> list[Card]:
        with self._there:
            while not self._wanted and not self._closed:
                self._there.wait()
            if self._closed:
                return []
            # A page that was scrolled past need not be drawn before the one that is looked at.
            return [
                self._wanted.popitem(last=True)[1] for _ in range(min(_AHEAD, len(self._wanted)))
            ]

    def _fitted(self, image: QImage) -> QImage:
        """The picture scaled into the tile, whole, with round corners."""
        if image.isNull():
            return image
        width, height = self._size
        scaled = image.scaled(
            *(width, height, Qt.AspectRatioMode.KeepAspectRatio),
            Qt.TransformationMode.SmoothTransformation,
        )
        rounded = QImage(scaled.size(), QImage.Format.Format_ARGB32_Premultiplied)
        rounded.fill(Qt.GlobalColor.transparent)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(rounded.rect()), RADIUS * self._ratio, RADIUS * self._ratio)
        with QPainter(rounded) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipPath(shape)
            painter.drawImage(0, 0, scaled)
        return rounded

    def _keep(self, work: int, image: QImage) -> None:
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(self._ratio)
        self._kept[work] = (self._asked.pop(work, b""), pixmap)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.made.emit(work)


def centred(pixmap: QPixmap, box: QRect) -> QRect:
    """Where a picture lies in a box that it fits into."""
    size = pixmap.deviceIndependentSize().toSize()
    place = QRect(box.topLeft(), size)
    place.moveCenter(box.center())
    return place
