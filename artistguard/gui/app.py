# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Starts the app, one per data folder, in the artist's language and colours, and ends it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from artistguard import __version__
from artistguard.guard import Guard
from artistguard.gui import icons, theme
from artistguard.gui.bridge import Bridge
from artistguard.gui.desk import Desk
from artistguard.gui.instance import Listener, hand_over
from artistguard.gui.window import Window
from artistguard.wording import language


class App:
    """The parts of the running app, made in order and ended in the other order."""

    def __init__(self, data: Path) -> None:
        self.guard = Guard(data)
        self.bridge = Bridge(data)
        desk = Desk(data, self.guard, self.bridge, theme.choose(self.guard.choices.settings.theme))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, desk.theme)
        self.window = Window(desk)
        self.window.closing.connect(self._close)
        self.listener = Listener(data, self._take)

    def start(self, paths: Sequence[str]) -> None:
        """Show the window, and let the threads begin."""
        self.window.show()
        self.bridge.start()
        if paths:
            self.window.take(paths)

    def end(self) -> None:
        """End everything that runs; nothing is lost."""
        self.listener.close()
        self.window.leave()
        self.bridge.close()
        self.guard.close()

    def _take(self, paths: list[str]) -> None:
        """A second start has come by."""
        if paths:
            self.window.take(paths)
        self.window.showNormal()
        self.window.raise_()
        self.window.activateWindow()

    def _close(self, event: QCloseEvent) -> None:
        event.accept()
        QApplication.quit()


def run(data: Path, paths: Sequence[str]) -> int:
    """Run the app over one data folder until it is ended; the exit status."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("ArtistGuard")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("artistguard")
    application.setQuitOnLastWindowClosed(False)
    application.setWindowIcon(icons.icon("artistguard", "", 64))
    if hand_over(data, paths):
        return 0
    language.speak(QLocale.system().uiLanguages())
    app = App(data)
    try:
        app.start(paths)
        return application.exec()
    finally:
        app.end()
