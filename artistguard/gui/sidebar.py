# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The left edge of the window: the pages, and how things stand, always in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.background import Changed, State
from artistguard.gui import icons, parts
from artistguard.gui.theme import Theme
from artistguard.models import Progress
from artistguard.wording import reach
from artistguard.wording.language import translate as _

LETTERS: Final = 28
"""How many letters of average width it is wide, or more where a page's title needs it."""

_BESIDE_TITLE: Final = 76  # pixels: an icon, and the stylesheet's margins and padding


class Sidebar(QFrame):
    """Chooses a page, and says what the background is doing."""

    picked = Signal(str)
    """The name of a page."""
    entered = Signal(str)
    """The name of the page that is shown: keys are to go there."""
    paused = Signal(bool)
    """Whether the background is to rest."""

    def __init__(self, theme: Theme, pages: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        metrics = self.fontMetrics()
        longest = max(metrics.horizontalAdvance(title) for _name, title in pages)
        self.setFixedWidth(max(LETTERS * metrics.averageCharWidth(), longest + _BESIDE_TITLE))
        self._theme = theme
        self._resting = False
        self._said = parts.muted()
        self._step = parts.muted()
        self._bar = QProgressBar(textVisible=False)
        self._pause = QPushButton()
        brand = parts.heading("ArtistGuard")
        brand.setContentsMargins(18, 0, 0, 4)
        self._pages = QListWidget()
        self._pages.setObjectName("pages")
        self._pages.setAccessibleName(_("Pages"))
        self._pages.setIconSize(QSize(20, 20))
        self._pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name, title in pages:
            item = QListWidgetItem(icons.icon(name, theme.text, 20), title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            # The stylesheet's padding does not count in a row's height.
            item.setSizeHint(QSize(0, round(self.fontMetrics().height() * 2.4)))
            self._pages.addItem(item)
        self._pages.currentItemChanged.connect(self._pick)
        self._pages.itemActivated.connect(lambda _item: self.entered.emit(self.current()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 18, 0, 14)
        layout.addWidget(brand)
        layout.addWidget(self._pages, 1)
        self._foot = self._standing()
        layout.addLayout(self._foot)

    def add_below(self, widget: QWidget) -> None:
        """Put something at the foot."""
        self._foot.addWidget(widget)

    def go(self, name: str) -> None:
        """Choose a page by its name."""
        for row in range(self._pages.count()):
            if self._pages.item(row).data(Qt.ItemDataRole.UserRole) == name:
                self._pages.setCurrentRow(row)

    def current(self) -> str:
        """The name of the page that is chosen."""
        name: str = self._pages.currentItem().data(Qt.ItemDataRole.UserRole)
        return name

    def is_leafed_through(self) -> bool:
        """Whether somebody goes from page to page by keys, which are to stay here for the next."""
        pressed = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        return self._pages.hasFocus() and not pressed

    def show_state(self, changed: Changed) -> None:
        """Say how things stand."""
        resting = changed.state is State.PAUSED
        said = wording.name_state(changed.state, changed.waits)
        if changed.problem:
            said = f"{said} {wording.explain_problem(changed.problem)}"
        away = reach.describe_away([one.path for one in changed.away])
        self._said.setText(f"{said} {away}".rstrip())
        self._pause.setText(_("Resume") if resting else _("Pause"))
        self._pause.setIcon(icons.icon("resume" if resting else "pause", self._theme.text, 16))
        self._resting = resting
        self._bar.setVisible(changed.state is State.WORKING)

    def show_progress(self, progress: Progress) -> None:
        """Draw how far a step has come."""
        self._bar.setRange(0, progress.total or 0)
        self._bar.setValue(progress.done)
        done = progress.total is not None and progress.done >= progress.total
        self._step.setText("" if done else wording.describe_progress(progress))

    def _standing(self) -> QVBoxLayout:
        self._bar.setAccessibleName(_("Progress"))
        self._pause.clicked.connect(lambda: self.paused.emit(not self._resting))
        layout = QVBoxLayout()
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(8)
        for widget in (self._said, self._step, self._bar, self._pause):
            layout.addWidget(widget)
        self.show_state(Changed(State.WORKING))
        return layout

    def _pick(self, item: QListWidgetItem | None) -> None:
        if item:
            self.picked.emit(item.data(Qt.ItemDataRole.UserRole))
