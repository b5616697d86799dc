# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every work in a grid, with filters above it and what can be done with the chosen ones below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.background import State
from artistguard.errors import Problem
from artistguard.gui import parts
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.page import Page
from artistguard.gui.works.banner import Banner, Empty
from artistguard.gui.works.delegate import PICTURE, TileDelegate
from artistguard.gui.works.detail import Detail
from artistguard.gui.works.filters import Filters
from artistguard.gui.works.grid import Grid
from artistguard.gui.works.menu import MOST_PATHS, WorksMenu, copy_paths
from artistguard.gui.works.model import WorksModel
from artistguard.gui.works.tiles import Tiles
from artistguard.gui.works.unreadable import UnreadableDialog
from artistguard.portfolio import Around, Arranged, path_of
from artistguard.wording.language import plural
from artistguard.wording.language import translate as _

_TOPICS = {Topic.WORKS, Topic.MATCHES, Topic.OPT_OUTS, Topic.SETTINGS}


class WorksPage(Page):
    """The grid of all works."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._model = WorksModel(desk.guard.store.gallery.cards)
        self._tiles = Tiles(desk.thumbnails, PICTURE, self.devicePixelRatioF())
        self._asked = self._answered = 0
        self._outdated = False
        self._grid = Grid()
        self._grid.setAccessibleName(_("Works"))
        self._grid.setModel(self._model)
        self._grid.use(TileDelegate(desk.theme, self._tiles, self._grid))
        self._grid.activated.connect(self._open_work)
        self._grid.selectionModel().selectionChanged.connect(self._count)
        self._grid.pressed_menu.connect(self._show_menu)
        self._tiles.made.connect(self._draw)
        self._filters = Filters()
        self._filters.changed.connect(self.load)
        self._nowhere = Banner(_("Add a data set…"), lambda: self.wants.emit("sources", ()))
        self._unreadable = Banner(_("Show which, and why…"), self._ask_unreadable)
        self._empty = Empty(_("Clear the filter"), self._filters.clear)
        self._shown = QStackedWidget()
        self._shown.addWidget(self._grid)
        self._shown.addWidget(self._empty)
        everything = QWidget()
        layout = QVBoxLayout(everything)
        layout.setContentsMargins(28, 16, 28, 14)
        layout.setSpacing(10)
        for widget in (self._filters, self._nowhere, self._unreadable):
            layout.addWidget(widget)
        layout.addWidget(self._shown, 1)
        layout.addLayout(self._below())
        self._detail = Detail(desk)
        self._detail.left.connect(self._close_work)
        self._detail.wants.connect(self.wants)
        self._either = QStackedLayout(self)
        self._either.addWidget(everything)
        self._either.addWidget(self._detail)
        self._listen_to_keys()
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
            # While much happens there is always news; each is shown before the next is asked for.
            self._detail.renew()
            self._outdated = self._asked != self._answered
            if not self._outdated:
                self.load()

    def leave(self) -> None:
        """End the thread that makes pictures."""
        self._tiles.close()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's
        """Take less room while the window is hidden in the tray."""
        super().hideEvent(event)
        if not self.window().isVisible():
            self._tiles.forget()

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
        sought, asked = self._filters.sought(), self._asked
        ask = self.desk.bridge.ask
        ask(lambda guard: guard.portfolio.arrange(sought), partial(self._show, asked))
        ask(
            lambda guard: guard.portfolio.look_around(sought),
            partial(self._look, asked),
            partial(self._miss, asked),
        )

    def look_again(self) -> None:
        """Let the background look through all folders now."""
        if self.desk.bridge.state.state is State.PAUSED:
            self._counted.setText(_("Paused. Resume to look through your folders."))
        else:
            self._counted.setText(_("Looking through your folders…"))
            self.desk.bridge.wake()

    def _show(self, asked: int, arranged: Arranged) -> None:
        if asked == self._asked:  # a later question is under way otherwise
            self._model.show(arranged.works)
            self._grid.arrange(arranged.sections)
            self._count()

    def _look(self, asked: int, around: Around) -> None:
        if asked != self._asked:
            return
        self._answered = asked
        if self._outdated:
            self._outdated = False
            self.load()
        self._filters.count(around)
        places = self.desk.guard.choices.places()
        self._nowhere.say("" if places or not around.works else wording.say_no_places())
        unread = around.unreadable
        self._unreadable.say(wording.say_unreadable(unread) if unread else "")
        filtered = self._filters.is_set() and around.works > 0
        said = wording.say_nothing_shown(filtered=filtered, works=around.works)
        self._empty.say(said, can=filtered)
        self._shown.setCurrentIndex(0 if self._model.rowCount() else 1)

    def _miss(self, asked: int, problem: Problem) -> None:
        """An answer that never comes is not waited for: what changes next is asked about again."""
        self._answered = max(self._answered, asked)
        self.desk.bridge.problem.emit(problem)

    def _draw(self, _work: int) -> None:
        self._grid.viewport().update()

    def _open_work(self, index: QModelIndex) -> None:
        self.open(self._model.work(index.row()))

    def _show_menu(self, place: QPoint) -> None:
        works = self.chosen()
        card = self._model.card(self._grid.currentIndex().row()) if len(works) == 1 else None
        menu = WorksMenu(self, works, card, self._paths, self._go)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _go(self, page: str, what: tuple[object, ...]) -> None:
        self.open(*what) if page == "works" else self.wants.emit(page, what)

    def _paths(self) -> list[str]:
        """Where the selected works lie, as far as anybody could want to paste them."""
        cards = self.desk.guard.store.gallery.cards(self.chosen()[:MOST_PATHS])
        return [path_of(card) for card in cards]

    def _ask_unreadable(self) -> None:
        self.desk.bridge.ask(
            lambda guard: list(guard.store.files.unreadable()), self._show_unreadable
        )

    def _show_unreadable(self, files: list[tuple[str, str]]) -> None:
        dialog = UnreadableDialog(self, files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _listen_to_keys(self) -> None:
        for keys, where, does in (
            (QKeySequence.StandardKey.Find, self, self._filters.text.setFocus),
            (QKeySequence.StandardKey.Refresh, self, self.look_again),
            (QKeySequence.StandardKey.Copy, self._grid, partial(copy_paths, self._paths)),
        ):
            shortcut = QShortcut(QKeySequence(keys), where)
            shortcut.activated.connect(does)
            if where is self._grid:
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)

    def _close_work(self) -> None:
        self._either.setCurrentIndex(0)
        self._grid.setFocus()

    def _below(self) -> QHBoxLayout:
        self._counted = parts.muted()
        self._protect = parts.primary(_("Opt out…"))
        self._protect.clicked.connect(lambda: self.wants.emit("opt_outs", (self.chosen(),)))
        again = QPushButton(_("Look for changes"))
        again.setToolTip(_("Look through your folders for what is new, changed or gone (F5)"))
        again.clicked.connect(self.look_again)
        row = QHBoxLayout()
        row.addWidget(self._counted, 1)
        row.addWidget(again)
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
