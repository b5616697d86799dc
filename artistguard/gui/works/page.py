# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every work in a grid, with filters above it and what can be done with the chosen ones below."""

from __future__ import annotations

from array import array
from functools import partial

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.gui import parts
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.page import Page
from artistguard.gui.works.detail import Detail
from artistguard.gui.works.grid import PICTURE, Grid, TileDelegate
from artistguard.gui.works.model import WorksModel
from artistguard.gui.works.tiles import Tiles
from artistguard.models import Order, Sought, Standing
from artistguard.wording.language import plural
from artistguard.wording.language import translate as _

_TYPING_MS = 150
_TOPICS = {Topic.WORKS, Topic.MATCHES, Topic.OPT_OUTS}


class WorksPage(Page):
    """The grid of all works."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._model = WorksModel(desk.guard.store.gallery.cards)
        self._tiles = Tiles(desk.thumbnails, PICTURE, self.devicePixelRatioF())
        self._asked = 0
        self._grid = Grid()
        self._grid.setAccessibleName(_("Works"))
        self._grid.setModel(self._model)
        self._grid.use(TileDelegate(desk.theme, self._tiles, self._grid))
        self._grid.activated.connect(self._open_work)
        self._grid.selectionModel().selectionChanged.connect(self._count)
        self._tiles.made.connect(self._draw)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.load)
        everything = QWidget()
        layout = QVBoxLayout(everything)
        layout.setContentsMargins(20, 16, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(self._above())
        layout.addWidget(self._grid, 1)
        layout.addLayout(self._below())
        self._detail = Detail(desk)
        self._detail.left.connect(self._close_work)
        self._detail.wants.connect(self.wants)
        self._either = QStackedLayout(self)
        self._either.addWidget(everything)
        self._either.addWidget(self._detail)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.activated.connect(self._text.setFocus)
        self.load()

    def open(self, *what: object) -> None:
        """Show one work by itself."""
        (work,) = what
        assert isinstance(work, int)
        self._detail.show_work(work)
        self._either.setCurrentWidget(self._detail)

    def update_for(self, update: Update) -> None:
        """Show what has changed."""
        if update.topics & _TOPICS:
            self.load()

    def leave(self) -> None:
        """End the thread that makes pictures."""
        self._tiles.close()

    def chosen(self) -> list[int]:
        """The works that are selected."""
        chosen = self._grid.selectionModel().selection()
        ranges = [chosen.at(at) for at in range(chosen.count())]
        return [
            self._model.work(row) for one in ranges for row in range(one.top(), one.bottom() + 1)
        ]

    def load(self) -> None:
        """Ask for the works that are sought, and show them when they are there."""
        self._asked += 1
        sought = self._sought()
        self.desk.bridge.ask(
            lambda guard: guard.portfolio.seek(sought), partial(self._show, self._asked)
        )

    def _show(self, asked: int, works: array[int]) -> None:
        if asked == self._asked:  # a later question is under way otherwise
            self._model.show(works)
            self._count()

    def _draw(self, _work: int) -> None:
        self._grid.viewport().update()

    def _open_work(self, index: QModelIndex) -> None:
        self.open(self._model.work(index.row()))

    def _close_work(self) -> None:
        self._either.setCurrentIndex(0)
        self._grid.setFocus()

    def _sought(self) -> Sought:
        return Sought(
            self._text.text().strip(),
            self._standing.currentData(),
            None,
            self._order.currentData(),
        )

    def _above(self) -> QHBoxLayout:
        self._text = QLineEdit(clearButtonEnabled=True)
        self._text.setPlaceholderText(_("Find by name or folder"))
        self._text.setAccessibleName(_("Find works by name or folder"))
        self._text.textChanged.connect(lambda _new: self._typing.start())
        self._standing = QComboBox()
        self._standing.setAccessibleName(_("Show works that are"))
        self._standing.addItem(_("All works"), None)
        for standing in Standing:
            self._standing.addItem(wording.name_standing(standing), standing)
        self._standing.currentIndexChanged.connect(self.load)
        self._order = QComboBox()
        self._order.setAccessibleName(_("Sort works"))
        for order in Order:
            self._order.addItem(wording.name_order(order), order)
        self._order.currentIndexChanged.connect(self.load)
        row = QHBoxLayout()
        row.addWidget(self._text, 1)
        row.addWidget(self._standing)
        row.addWidget(self._order)
        return row

    def _below(self) -> QHBoxLayout:
        self._counted = parts.muted()
        self._protect = parts.primary(_("Opt out…"))
        self._protect.clicked.connect(lambda: self.wants.emit("opt_outs", (self.chosen(),)))
        row = QHBoxLayout()
        row.addWidget(self._counted, 1)
        row.addWidget(self._protect)
        return row

    def _count(self) -> None:
        shown, chosen = self._model.rowCount(), len(self.chosen())
        said = plural("{number} work", "{number} works", shown)
        if chosen:
            picked = plural("{number} selected", "{number} selected", chosen)
            said = f"{said} · {picked}"
            self._protect.setText(_("Opt out the selected works…"))
        else:
            self._protect.setText(_("Opt out everything…"))
        self._protect.setEnabled(shown > 0)
        self._counted.setText(said)
