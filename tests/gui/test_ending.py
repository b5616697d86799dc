# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The program ends cleanly however it is ended, and a window that was worn leaves nothing."""

import gc
import os
import signal
import subprocess
import sys
import threading
import weakref

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from artistguard.gui import theme
from artistguard.gui.instance import hand_over
from artistguard.gui.pages import PAGES
from waiting import wait_until


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals for others")
@pytest.mark.parametrize("said", ["SIGTERM", "SIGINT", "SIGHUP"])
@pytest.mark.parametrize("when", ["at work", "at rest"])
def test_a_signal_ends_it_as_quitting_does(said, when, data, paint, qtbot, tmp_path):
    art = tmp_path / "art"
    for seed in range(30 if when == "at work" else 1):
        paint(f"{seed}.png", seed, folder=art)
    process = subprocess.Popen(
        [sys.executable, "-m", "artistguard", "--data", data, art],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until((data / "artistguard.sqlite-wal").exists)
    if when == "at rest":
        wait_until(lambda: hand_over(data, None))
    process.send_signal(getattr(signal, said))
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in errors
    # The last who closes a database folds its log into it; nobody listens for a second start.
    assert not (data / "artistguard.sqlite-wal").exists()
    assert not hand_over(data, None)


def ask_for(app, label, gate, told):
    """Ask something that a label waits for; the answer comes when the gate is open."""
    app.bridge.ask(lambda _guard: gate.wait(30), lambda _one: told.append(label.text()))


def test_a_worn_window_is_gone_with_all_its_pages(open_app, protected, qtbot, monkeypatch):
    app = open_app(protected)
    for name in PAGES:
        app.window.go(name)
    worn = weakref.ref(app.window)
    page = weakref.ref(app.window._made["matches"])
    told, gate = [], threading.Event()
    ask_for(app, QLabel(app.window), gate, told)
    monkeypatch.setattr(theme, "choose", lambda _wanted: theme.DARK)
    app.dress()

    def is_gone():
        gc.collect()
        return worn() is None and page() is None

    qtbot.waitUntil(is_gone, timeout=20_000)
    gate.set()
    asked = []
    app.bridge.ask(lambda _guard: 2, asked.append)
    qtbot.waitUntil(lambda: asked == [2])
    assert told == []
    assert app.window in QApplication.topLevelWidgets()


def test_ending_twice_is_ending_once(open_app, data):
    before = set(threading.enumerate())
    app = open_app(data)
    app.end()
    assert set(threading.enumerate()) <= before
    app.end()
    assert set(threading.enumerate()) <= before
