# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The window: pages beside a sidebar, a place to drop folders anywhere, and what has to be said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from artistguard import wording
from artistguard.background import Changed, State
from artistguard.choices import has_agreed
from artistguard.errors import Kind, Problem
from artistguard.gui import profiles, resources
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.notices import Notice, Notices, page_for
from artistguard.gui.page import RESTART, Page
from artistguard.gui.pages import FIRST, PAGES, make
from artistguard.gui.profiles import ProfileButton
from artistguard.gui.sidebar import Sidebar
from artistguard.gui.theme import Theme
from artistguard.gui.welcome import Welcome, paths_of
from artistguard.wording.language import translate as _


class Window(QMainWindow):
    """Shows one page at a time; each is made when it is first wanted."""

    closing = Signal(QCloseEvent)
    """The artist closes the window; whoever listens may keep the app running."""
    paused = Signal(bool)
    """Whether the background is to rest."""
    restarted = Signal()
    """Everything is to end and begin anew."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._made: dict[str, Page] = {}
        self.setWindowTitle(profiles.title(desk.data))
        self.resize(QSize(1280, 820))
        self.setAcceptDrops(True)
        self._sidebar = Sidebar(
            desk.theme, [(name, _(title)) for name, (title, _kind) in PAGES.items()]
        )
        self._profile = ProfileButton(desk)
        self._profile.renamed.connect(self._rename)
        self._sidebar.add_below(self._profile)
        self._stack = QStackedWidget()
        self._welcome = Welcome(desk.theme)
        self._stack.addWidget(self._welcome)
        inside = QWidget()
        layout = QHBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sidebar)
        self._notices = Notices(desk.theme)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._notices)
        column.addWidget(self._stack, 1)
        layout.addLayout(column, 1)
        self.setCentralWidget(inside)
        self._connect()
        self._ask_for_consent()
        self.go(FIRST)

    def go(self, name: str, *what: object) -> None:
        """Show a page, and in it what is named: a work, some works to opt out."""
        self._sidebar.go(name)
        self._show(name)
        if what:
            self._made[name].open(*what)

    def take(self, paths: Sequence[str]) -> None:
        """Take in folders and files, wherever they were dropped or named."""
        if self._desk.guard.portfolio.add(paths):
            self._desk.bridge.wake(Topic.WORKS)
            self.go(FIRST)

    def try_sample(self) -> None:
        """Take in the sample portfolio, and search the sample data set for it."""
        self._desk.guard.choices.add_packs([str(resources.find("sample/pack"))])
        self.take([str(resources.find("sample/portfolio"))])

    def say(self, said: str) -> None:
        """Say something above the pages, until it is dismissed."""
        self._notices.show_notice(Notice(f"problem {said}", said))

    @property
    def theme(self) -> Theme:
        """The colours it is drawn in."""
        return self._desk.theme

    @property
    def page(self) -> str:
        """The name of the page that is looked at."""
        return self._sidebar.current()

    def retire(self) -> None:
        """Make room for a window in other colours; answers may still come in."""
        bridge = self._desk.bridge
        bridge.changed.disconnect(self._update)
        bridge.progress.disconnect(self._sidebar.show_progress)
        bridge.problem.disconnect(self._tell)
        self.leave()
        self.hide()

    def leave(self) -> None:
        """Let every page end what it has going."""
        for page in self._made.values():
            page.leave()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's
        """Let whoever listens decide what closing means."""
        self.closing.emit(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's
        """Accept what is a file or folder of this computer."""
        if paths_of(event):
            event.acceptProposedAction()
            self._welcome.show_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802, ARG002  # Qt's
        """Nothing is held over the window any more."""
        self._welcome.show_over(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's
        """Take in what is dropped."""
        self._welcome.show_over(False)
        event.acceptProposedAction()
        self.take(paths_of(event))

    def _rename(self) -> None:
        self.setWindowTitle(profiles.title(self._desk.data))

    def _connect(self) -> None:
        bridge = self._desk.bridge
        self._sidebar.picked.connect(self._show)
        self._sidebar.entered.connect(self._enter)
        self._sidebar.paused.connect(self.paused)
        self._welcome.chosen.connect(self.take)
        self._welcome.sampled.connect(self.try_sample)
        bridge.changed.connect(self._update)
        bridge.progress.connect(self._sidebar.show_progress)
        bridge.problem.connect(self._tell)

    def _show(self, name: str) -> None:
        if not self._desk.guard.portfolio.folders() and name == FIRST:
            self._stack.setCurrentWidget(self._welcome)
            return
        page = self._made.get(name)
        if page is None:
            page = self._made[name] = make(name, self._desk)
            page.wants.connect(self._wish)
            self._stack.addWidget(page)
        self._desk.guard.choices.renew()
        self._stack.setCurrentWidget(page)
        page.arrive()
        if not self._sidebar.is_leafed_through():
            page.begin()

    def _enter(self, name: str) -> None:
        if page := self._made.get(name):
            page.begin()

    def _wish(self, name: str, what: tuple[object, ...]) -> None:
        if name == RESTART:
            self.restarted.emit()
        else:
            self.go(name, *what)

    def _update(self, update: Update) -> None:
        self._sidebar.show_state(self._desk.bridge.state)
        if update.topics & {Topic.STATE, Topic.SETTINGS}:
            self._desk.guard.choices.renew()
            self._tell_state()
            self._ask_for_consent()
        for page in self._made.values():
            page.update_for(update)

    def _tell(self, problem: Problem) -> None:
        self.say(wording.explain_problem(problem))

    def _tell_state(self) -> None:
        """Say what waits for the artist, beside the way to where it can be mended."""
        stands = self._desk.bridge.state
        loud = stands.problem and stands.state in (State.NEEDS_YOU, State.ERROR)
        self._notices.keep_only("state", ["state"] if loud else [])
        self._tell_away(stands)
        if stands.problem and loud:
            page = page_for(stands.problem)
            button = (_("Go there"), partial(self.go, page))
            said = wording.explain_problem(stands.problem)
            self._notices.show_notice(Notice("state", said, (button,)))

    def _tell_away(self, stands: Changed) -> None:
        """Say which folders are out of reach, for as long as they are."""
        elsewhere = (_("Say where it is now…"), partial(self.go, "settings"))
        notices = [
            Notice(
                f"away {one.path}",
                wording.explain(Kind(one.error), {"path": one.path}),
                (elsewhere,) if one.error == Kind.FOLDER_MISSING else (),
            )
            for one in stands.away
            if one.error
        ]
        self._notices.keep_only("away", [notice.key for notice in notices])
        for notice in notices:
            self._notices.show_notice(notice)

    def _ask_for_consent(self) -> None:
        """Say what each server would be shown, and wait: before a yes it is not searched."""
        choices = self._desk.guard.choices
        private = choices.settings.private
        new = [url for url in choices.settings.servers if not has_agreed(choices.settings, url)]
        self._notices.keep_only("ask", [f"ask {url}" for url in new])
        for url in new:
            (host,) = choices.servers([url])
            buttons = [(_("Search there"), partial(self._agree, url, private=private))]
            if not private:
                said = _("Search in buckets instead")
                buttons.append((said, partial(self._agree, url, private=True)))
            said = wording.ask_for_consent(host, private=private)
            self._notices.show_notice(Notice(f"ask {url}", said, tuple(buttons)))

    def _agree(self, url: str, *, private: bool) -> None:
        self._desk.guard.choices.agree(url, private=private)
        self._desk.bridge.wake(Topic.SETTINGS)
