# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The window from the first minute on: a folder is dropped, and its works appear."""

import subprocess
import sys

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from artistguard.gui import theme
from artistguard.gui.sidebar import Sidebar
from artistguard.gui.works.grid import Grid
from artistguard.models import Standing


def test_this_qt_does_not_take_references_off_none():
    """PySide6 6.12.0 on Python 3.11 does, in every call that returns nothing, and dies of it."""
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(1_000):
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < 100


def drop(window, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys))


def test_a_dropped_folder_becomes_works(open_app, data, paint, qtbot, tmp_path):
    for seed in range(3):
        paint(f"{seed}.png", seed, folder=tmp_path / "art")
    app = open_app(data)
    assert app.window.findChildren(Grid) == []
    drop(app.window, tmp_path / "art")
    (grid,) = app.window.findChildren(Grid)
    qtbot.waitUntil(lambda: grid.model().rowCount() == 3, timeout=20_000)
    names = {grid.model().card(row).name for row in range(3)}
    assert names == {"0.png", "1.png", "2.png"}


def test_the_sample_is_found_in_the_sample_set(open_app, data, qtbot):
    app = open_app(data)
    (button,) = [
        button for button in app.window.findChildren(QPushButton) if "sample" in button.text()
    ]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (grid,) = app.window.findChildren(Grid)

    def standings():
        model = grid.model()
        return [model.card(row).standing for row in range(model.rowCount())]

    qtbot.waitUntil(lambda: standings().count(Standing.CONFIRMED) >= 10, timeout=60_000)


def test_a_second_start_hands_its_folder_to_the_first(open_app, data, paint, qtbot, tmp_path):
    paint("0.png", 1, folder=tmp_path / "art")
    app = open_app(data)
    second = subprocess.Popen([sys.executable, "-m", "artistguard", str(tmp_path / "art")])
    qtbot.waitUntil(lambda: app.guard.portfolio.folders() != [], timeout=20_000)
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    assert second.returncode == 0
    assert app.guard.portfolio.folders() == [str(tmp_path / "art")]


def test_pages_are_leafed_through_by_keys_and_entered_with_return(open_app, protected, qtbot):
    app = open_app(protected)
    pages = app.window._sidebar._pages
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow)
    pages.setFocus()
    for name in ("matches", "opt_outs", "overview"):
        qtbot.keyClick(pages, Qt.Key.Key_Down)
        assert app.window.page == name
        assert pages.hasFocus()
    for _ in range(2):
        qtbot.keyClick(pages, Qt.Key.Key_Up)
    qtbot.keyClick(pages, Qt.Key.Key_Return)
    assert QApplication.focusWidget().accessibleName() == "Matches"
    app.window.go("overview")
    at = pages.visualItemRect(pages.item(1)).center()
    qtbot.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert QApplication.focusWidget().accessibleName() == "Matches"


def test_the_sidebar_is_as_wide_as_its_longest_title_needs(qtbot):
    short = Sidebar(theme.LIGHT, [("works", "Works")])
    title = "Einstellungen des Arbeitsplatzes"
    long = Sidebar(theme.LIGHT, [("works", title)])
    for sidebar in (short, long):
        qtbot.addWidget(sidebar)
    assert short.width() < long.width()
    assert long.width() > long.fontMetrics().horizontalAdvance(title)
