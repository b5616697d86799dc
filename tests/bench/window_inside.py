# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The real program with somebody inside who looks or acts, and says in JSON lines what that took.

    python tests/bench/window_inside.py paint|scroll|filter|lag --data DIR

Started by the other benchmarks of the window. `paint` says when, by the monotonic clock, the window
was painted and when works were; `scroll` and `filter` say how many milliseconds each frame or
filter took; `lag` says of every second by how much the event loop was late at most.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QListView

from artistguard import __main__
from artistguard.gui.app import App

FRAME_MS = 16
FRAMES = 600
STEP = 40  # pixels a frame, which is a swift flick of 2,400 a second
TURN_MS = 5
WAITING = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def say(**what):
    print(json.dumps(what), flush=True)


def resident():
    """Megabytes of this process, by Linux's /proc."""
    return int(Path("/proc/self/status").read_text("ascii").split("VmRSS:")[1].split()[0]) / 1024


def milliseconds(begun):
    return (time.perf_counter() - begun) * 1e3


class Looking(QObject):
    """Sees when the window, and when the grid with its works, has been painted first."""

    def __init__(self, app, seen):
        super().__init__(QApplication.instance())
        self.app = app
        self.seen = seen
        self.window = False
        QApplication.instance().installEventFilter(self)

    def eventFilter(self, what, event):  # noqa: N802  # Qt's
        if event.type() == QEvent.Type.Paint:
            if not self.window:
                self.window = True
                QTimer.singleShot(0, lambda: say(window=time.monotonic()))
            grid = grid_of(self.app)
            if grid and what is grid.viewport() and grid.model().rowCount():
                QApplication.instance().removeEventFilter(self)
                QTimer.singleShot(0, lambda: self.seen(grid))
        return False


def grid_of(app):
    return app.window.findChild(QListView, "works")


def paint(app):
    def seen(grid):
        say(works=time.monotonic(), rows=grid.model().rowCount())
        app.quit()

    Looking(app, seen)


def rest(seconds):
    """Let everything happen that happens meanwhile."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        QApplication.processEvents()
        time.sleep(min(left, 0.002))


def scroll(app):
    """Flick through the grid; a frame is the move, the painting, and what came in meanwhile."""

    def seen(grid):
        rest(2)
        bar, took = grid.verticalScrollBar(), []
        for _ in range(FRAMES):
            begun = time.perf_counter()
            bar.setValue(bar.value() + STEP)
            grid.viewport().repaint()
            QApplication.processEvents()
            took.append(milliseconds(begun))
            rest(max(0, FRAME_MS - took[-1]) / 1e3)
        far = []
        for part in range(1, 40):
            begun = time.perf_counter()
            bar.setValue(bar.maximum() * (part * 17 % 40) // 40)
            grid.viewport().repaint()
            far.append(milliseconds(begun))
            rest(0.2)
        say(frames=took, far=far, resident=resident())
        app.quit()

    Looking(app, seen)


def filters(app):
    """Choose how works stand, and look for letters; from the choice to the picture of it."""

    def seen(grid):
        rest(2)
        page = app.window._made["works"]
        shown, took = [], {}
        # Waiting for more events ends with one: this is one when nothing else comes any more.
        heart = QTimer(page, interval=1_000)
        heart.start()
        show = page._show
        page._show = lambda *what: (show(*what), shown.append(True))
        sought = page._filters
        sought._typing.setInterval(0)  # how long typing may pause is no part of it
        ways = {
            "how works stand": lambda: sought.standing.setCurrentIndex(3),
            "letters": lambda: sought.text.setText("set 12"),
            "nothing any more": sought.clear,
        }
        for _ in range(7):
            for name, choose in ways.items():
                shown.clear()
                begun = time.perf_counter()
                choose()
                while not shown and milliseconds(begun) < 10_000:
                    QApplication.processEvents(WAITING)
                grid.viewport().repaint()
                took.setdefault(name, []).append(milliseconds(begun))
                rest(0.7)
        say(**{name: statistics.median(one) for name, one in took.items()})
        app.quit()

    Looking(app, seen)


def lag(app):
    """By how much a timer of 5 ms is late, at most, in every second."""
    last = worst = 0.0
    told = time.perf_counter()

    def turn():
        nonlocal last, worst, told
        now = time.perf_counter()
        if last:
            worst = max(worst, now - last - TURN_MS / 1e3)
        if now - told > 1:
            say(lag=worst * 1e3)
            told, worst = now, 0.0
        last = time.perf_counter()

    timer = QTimer(app.window, interval=TURN_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(turn)
    timer.start()


DEEDS = {"paint": paint, "scroll": scroll, "filter": filters, "lag": lag}


def main():
    deed = DEEDS[sys.argv.pop(1)]
    start = App.start

    def watched(app, *what, **how):
        deed(app)
        start(app, *what, **how)

    App.start = watched
    return __main__.main()


if __name__ == "__main__":
    sys.exit(main())
