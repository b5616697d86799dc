# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What keeps the window quick and light, as far as a busy machine can tell; see tests/bench."""

import threading
import time
from array import array

import pytest
from PySide6.QtCore import QTimer

from artistguard.background import Aside, State
from artistguard.gui import bridge as bridges
from artistguard.gui.bridge import Bridge
from artistguard.gui.works.filters import Filters
from artistguard.gui.works.grid import Grid
from artistguard.gui.works.model import PAGE, WorksModel
from artistguard.models import Card, Standing
from artistguard.portfolio import Around, Shelf

MUCH = 0.5
"""Seconds of processor time of the screen's own thread, which other programs cannot take from it;
ten times what is meant, since what they do to its caches can."""


@pytest.fixture
def longest(qtbot):
    """How long the event loop was at one thing, at most."""
    worst, last = [0.0], [time.thread_time()]

    def turn():
        now = time.thread_time()
        worst[0] = max(worst[0], now - last[0])
        last[0] = now

    timer = QTimer(interval=5)
    timer.timeout.connect(turn)
    timer.start()
    yield worst
    timer.stop()


def test_the_screen_is_not_held_up_while_pictures_are_taken_in(
    data, open_app, paint, tmp_path, qtbot, longest
):
    for seed in range(24):
        paint(f"{seed}.png", seed, folder=tmp_path / "art")
    app = open_app(data)
    qtbot.waitUntil(lambda: app.bridge.state.state is State.IDLE, timeout=60_000)
    longest[0] = 0.0
    app.window.take([str(tmp_path / "art")])
    qtbot.waitUntil(lambda: app.guard.summary().works == 24, timeout=60_000)
    assert 0 < longest[0] < MUCH


def test_steps_are_taken_aside_and_their_process_goes(data, qtbot, monkeypatch):
    rested = threading.Event()
    opened = []

    class Seen(Aside):
        def __init__(self, folder):
            super().__init__(folder)
            opened.append(self)

        def rest(self):
            was_there = super().rest()
            rested.set()
            return was_there

    monkeypatch.setattr(bridges, "Aside", Seen)
    monkeypatch.setattr(bridges, "LINGER_SECONDS", 0.01)
    bridge = Bridge(data)
    bridge.start()
    qtbot.waitUntil(rested.is_set, timeout=60_000)
    assert bridge.state.state is State.IDLE
    assert opened[0]._other is None
    bridge.close()


def test_only_what_is_seen_of_100_000_works_is_asked_for(qtbot):
    asked = []

    def load(works):
        asked.extend(works)
        return [
            Card(work, "/", f"{work}", b"", 1, 1, Standing.CLEAR, 0, False, "2026")
            for work in works
        ]

    model = WorksModel(load)
    grid = Grid()
    qtbot.addWidget(grid)
    grid.setModel(model)
    model.show(array("q", range(100_000)))
    grid.show()
    qtbot.waitExposed(grid)
    assert len(asked) <= PAGE
    model.card(99_999)
    assert len(asked) <= 2 * PAGE


def test_thousands_of_folders_are_listed_by_those_that_are_seen(qtbot, monkeypatch):
    filters = Filters()
    qtbot.addWidget(filters)
    shelves = tuple(Shelf(f"/art/{number:05}/", 1, 3) for number in range(5_000))
    said = []
    monkeypatch.setattr(
        "artistguard.wording.split_folder", lambda path: (said.append(path) or path, "")
    )
    filters.count(Around(dict.fromkeys(Standing, 0), shelves, 15_000, 0))
    assert filters.folder.count() == 5_001
    assert len(said) < 100
    assert filters.folder.itemData(5_000) == "/art/04999/"
