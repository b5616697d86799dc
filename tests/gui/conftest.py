# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The running app over a data folder of its own, and what a person would do to it."""

import os
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from artistguard.guard import Guard
from artistguard.gui.app import App
from artistguard.gui.bridge import Bridge
from artistguard.gui.desk import Desk
from artistguard.gui.theme import LIGHT
from artistguard.wording import language

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"


@pytest.fixture(autouse=True)
def _words_in_english():
    yield
    language.speak(["en"])


@pytest.fixture
def qtbot(qtbot):
    """The robot of pytest-qt; it waits as long as a busy machine may need, not five seconds."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=60_000)
    return qtbot


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    monkeypatch.setenv("ARTISTGUARD_DATA", str(folder))
    return folder


@pytest.fixture
def protected(data, run):
    """A data folder with the sample portfolio taken in and looked up, nothing opted out yet."""
    assert run("pack", "add", SAMPLE / "pack", "--data", data)[0] == 0
    assert run("scan", SAMPLE / "portfolio", "--data", data)[0] == 0
    assert run("search", "--data", data)[0] == 0
    return data


@pytest.fixture
def open_app(qtbot):
    """Start the app over a data folder: `open_app(data, *paths)`; it ends with the test."""
    running = []

    def start(folder, *paths):
        app = App(folder)
        running.append(app)
        app.start(list(paths))
        qtbot.waitExposed(app.window)
        return app

    yield start
    for app in running:
        app.end()
        app.window.deleteLater()


@pytest.fixture
def desk(data, qtbot):
    """What a page is given, with threads that run."""
    bridge = Bridge(data)
    with closing(Guard(data)) as guard:
        bridge.start()
        yield Desk(data, guard, bridge, LIGHT)
        bridge.close()
        # Pages that are still there would ask a guard that is closed.
        for widget in QApplication.topLevelWidgets():
            widget.hide()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
