# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What has to be said, above the pages: it stays until it is dismissed or mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from artistguard.errors import Kind, Problem
from artistguard.gui import icons, parts
from artistguard.gui.theme import Theme
from artistguard.models import Standing
from artistguard.wording.language import translate as _

MOST: Final = 3
"""More at once nobody reads; the newest are shown, and older ones come back as those go."""

_KEPT: Final = 20

_PAGES: Final = {
    Kind.NOT_SIGNED_IN: "sources",
    Kind.UNKNOWN_CHANNEL: "sources",
    Kind.OFFLINE: "sources",
    Kind.REFUSED: "opt_outs",
    Kind.FOLDER_MISSING: "settings",
    Kind.FOLDER_EMPTIED: "settings",
    Kind.FOLDER_UNREADABLE: "settings",
    Kind.NO_KEYRING: "settings",
}


def page_for(problem: Problem | None) -> str:
    """The name of the page where most can be done about a problem."""
    return _PAGES.get(problem.kind, "sources") if problem else "sources"


@dataclass(frozen=True, slots=True)
class Notice:
    """Words, and buttons with what each does; one of the same `key` takes its place."""

    key: str
    said: str
    buttons: tuple[tuple[str, Callable[[], None]], ...] = field(default=(), compare=False)


class Notices(QWidget):
    """A strip of notices, the newest first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._all: list[Notice] = []
        self._dismissed: set[Notice] = set()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(28, 14, 28, 0)
        self._column.setSpacing(8)
        self.setAccessibleName(_("Notices"))
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Say this, unless it is said already or was dismissed."""
        if notice in self._all or notice in self._dismissed:
            return
        self._all = [notice, *(one for one in self._all if one.key != notice.key)][:_KEPT]
        self._fill()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def keep_only(self, kind: str, keys: Sequence[str]) -> None:
        """Of the notices whose keys begin with `kind`, keep these; the others are mended."""
        kept = [one for one in self._all if not one.key.startswith(kind) or one.key in keys]
        self._dismissed = {
            one for one in self._dismissed if not one.key.startswith(kind) or one.key in keys
        }
        if kept != self._all:
            self._all = kept
            self._fill()

    def dismiss(self, notice: Notice) -> None:
        """Show it no longer; it comes back when it was mended and happens again."""
        self._dismissed.add(notice)
        self._all.remove(notice)
        self._fill()

    def _fill(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if row := item.widget():
                row.hide()
                row.deleteLater()
        for notice in self._all[:MOST]:
            self._column.addWidget(self._row(notice))
        self.setVisible(bool(self._all))

    def _row(self, notice: Notice) -> QFrame:
        frame = QFrame()
        frame.setObjectName("notice")
        frame.setProperty("mirrored", self.isRightToLeft())
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 10, 10, 10)
        row.setSpacing(10)
        row.addWidget(self._sign(), alignment=Qt.AlignmentFlag.AlignTop)
        said = parts.text(notice.said)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(said, 1)
        dismiss = (_("Dismiss"), lambda: self.dismiss(notice))
        for title, does in (*notice.buttons, dismiss):
            button = QPushButton(title)
            button.clicked.connect(lambda _checked=False, does=does: does())
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        return frame

    def _sign(self) -> QLabel:
        edge = round(self.fontMetrics().height() * 1.2)
        scale = self.devicePixelRatioF()
        pixmap = QPixmap(round(edge * scale), round(edge * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            box = QRectF(0, 0, edge, edge)
            icons.draw_shape(painter, Standing.CONFIRMED, box, self._theme.warning)
        label = QLabel()
        label.setPixmap(pixmap)
        return label
