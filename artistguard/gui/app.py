# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Starts the app, one per data folder, in the artist's language and colours, and ends it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QSessionManager
from PySide6.QtWidgets import QApplication, QMessageBox

from artistguard import __version__, backups, settings, wording
from artistguard.background import Leave
from artistguard.choices import has_agreed
from artistguard.errors import Problem
from artistguard.guard import Guard, now
from artistguard.gui import icons, machine, profiles, speech, theme
from artistguard.gui.bridge import Bridge
from artistguard.gui.desk import Desk
from artistguard.gui.ending import Signals
from artistguard.gui.instance import Listener, hand_over
from artistguard.gui.network import Network
from artistguard.gui.rest import Rest
from artistguard.gui.tray import Deeds, Tray
from artistguard.gui.window import Window
from artistguard.wording.language import translate as _

PATIENCE_MS: Final = 60_000
"""A session that has not ended by then goes on."""


RESTARTS: Final = 75
"""How the event loop ends when the app is to begin anew; no status of the program."""


class App:
    """The parts of the running app, made in order and ended in the other order."""

    def __init__(self, data: Path, power: Callable[[], machine.Power] = machine.read_power) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        self._data = data
        self._ending = False
        self._ended = False
        self.guard = Guard(data)
        gauge = machine.PowerGauge(power)
        self.network = Network()
        leave = Leave(
            read=lambda chosen: machine.may_read(chosen, gauge()),
            call=self.network.may_call,
            ask=has_agreed,
        )
        self.bridge = Bridge(data, leave=leave)
        self.network.returned.connect(self.bridge.wake)
        self.rest = Rest(self.guard, self.bridge)
        self.window = self._open_window()
        self.tray = Tray(self.bridge, self.rest, Deeds(self.show, self.bridge.wake, self.quit))
        self._call()
        self.listener = Listener(data, self._take)
        application.styleHints().colorSchemeChanged.connect(self.dress)
        application.commitDataRequest.connect(self._let_session_end)

    def start(self, paths: Sequence[str], *, hidden: bool = False) -> None:
        """Show the window, unless it is to be `hidden` in the tray, and let the threads begin."""
        if not hidden:
            self.window.show()
        self.tray.start(self._show_small if hidden else lambda: None)
        self.bridge.start()
        if paths:
            self.window.take(paths)

    def end(self) -> None:
        """End everything that runs, once; nothing is lost."""
        if self._ended:
            return
        self._ended = True
        self._application.styleHints().colorSchemeChanged.disconnect(self.dress)
        self.listener.close()
        self.tray.close()
        self.window.leave()
        self.bridge.close()
        self.guard.close()

    def show(self, page: str = "") -> None:
        """Bring the window to the front, and in it a page."""
        if page:
            self.window.go(page)
        self.window.showNormal() if self.window.isMinimized() else self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def quit(self) -> None:
        """End the app from outside the window."""
        self._ending = True
        QApplication.quit()

    def restart(self) -> None:
        """End the app so that `run` begins it anew."""
        self._ending = True
        QApplication.exit(RESTARTS)

    def dress(self) -> None:
        """Follow the system from light to dark and back, unless the artist has chosen."""
        worn, chosen = self.window, theme.choose(self.guard.choices.settings.theme)
        if chosen == worn.theme:
            return
        self.window = self._open_window()
        self.window.restoreGeometry(worn.saveGeometry())
        self.window.go(worn.page)
        if worn.isVisible():
            self.window.show()
        worn.retire()
        worn.deleteLater()

    def _show_small(self) -> None:
        """Be found where there is no tray, without being in the way."""
        if not self.window.isVisible():
            self.window.showMinimized()

    def _open_window(self) -> Window:
        chosen = theme.choose(self.guard.choices.settings.theme)
        theme.apply(self._application, chosen)
        window = Window(Desk(self._data, self.guard, self.bridge, chosen))
        window.closing.connect(self._close)
        window.restarted.connect(self.restart)
        window.windowTitleChanged.connect(self._call)
        window.paused.connect(lambda rest: self.rest.pause() if rest else self.rest.resume())
        return window

    def _call(self, _title: str = "") -> None:
        self.tray.call(profiles.title(self._data))

    def _take(self, paths: list[str]) -> None:
        """A second start has come by."""
        if paths:
            self.window.take(paths)
        self.show()

    def _close(self, event: QCloseEvent) -> None:
        """Hide in the tray if there is one now, and else ask what is wanted."""
        if self._ending:
            event.accept()
            return
        event.ignore()
        if not self.tray.is_there():
            self._ask_to_quit()
            return
        self.window.hide()
        machine.give_back()
        if not self.guard.choices.settings.knows_tray:
            self.guard.choices.arrange(knows_tray=True)
            self.tray.say(wording.explain_closing())

    def _ask_to_quit(self) -> None:
        box = QMessageBox(self.window)
        box.setWindowTitle("ArtistGuard")
        box.setText(_("Quit ArtistGuard?"))
        box.setInformativeText(
            _("While it is closed, your folders are not watched. Nothing is lost by quitting.")
        )
        stay = box.addButton(_("Keep running minimised"), QMessageBox.ButtonRole.AcceptRole)
        quits = box.addButton(_("Quit"), QMessageBox.ButtonRole.DestructiveRole)
        box.setEscapeButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.setDefaultButton(stay)
        stay.clicked.connect(self.window.showMinimized)
        quits.clicked.connect(self.quit)
        box.finished.connect(box.deleteLater)
        box.open()

    def _let_session_end(self, _session: QSessionManager) -> None:
        """The person logs out: no question may stand in the way, unless they change their mind."""
        self._ending = True
        QTimer.singleShot(PATIENCE_MS, self.tray, self._stay)

    def _stay(self) -> None:
        self._ending = False


def run(data: Path, paths: Sequence[str], *, hidden: bool = False) -> int:
    """Run the app over one data folder until it is ended; the exit status."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("ArtistGuard")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("artistguard")
    application.setQuitOnLastWindowClosed(False)
    application.setWindowIcon(icons.icon("artistguard", "", 64))
    if hand_over(data, None if hidden and not paths else paths):
        return 0
    signals = Signals()
    speech.speak(application, settings.load(data, now)[0].language)
    try:
        while (status := _run(application, data, signals, paths, hidden=hidden)) == RESTARTS:
            paths, hidden = (), False
        return status
    finally:
        signals.close()


def _run(
    application: QApplication, data: Path, signals: Signals, paths: Sequence[str], *, hidden: bool
) -> int:
    """Run the app once; how its event loop ended."""
    aside = _settle(data)
    app = App(data)
    signals.heard.connect(app.quit)
    # Windows ends the program as soon as those were told that care.
    application.aboutToQuit.connect(app.end)
    try:
        app.start(paths, hidden=hidden)
        if aside:
            app.window.say(wording.say_restored(str(aside)))
        return application.exec()
    finally:
        application.aboutToQuit.disconnect(app.end)
        signals.heard.disconnect(app.quit)
        app.end()


def _settle(data: Path) -> Path | None:
    """Put a backup in its place that was accepted; where all is that was there before."""
    try:
        return backups.settle(data)
    except Problem as problem:
        QMessageBox.warning(None, "ArtistGuard", wording.explain_problem(problem))
        return None
