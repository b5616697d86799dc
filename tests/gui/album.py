# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures of every page to look at, in each theme, at two scales, and from right to left.

python tests/gui/album.py OUT [THEME-SCALE-DIRECTION…]

The names in OUT are as `dark-2-ltr-works.png`. Nothing is drawn on a screen.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import closing
from itertools import product
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from artistguard.guard import Guard
from artistguard.gui.app import App
from artistguard.gui.pages import PAGES
from artistguard.models import Scope, Verdict
from artistguard.store import SoughtMatches

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
KINDS = [
    *("-".join(kind) for kind in product(("light", "dark"), ("1", "2"), ("ltr",))),
    *("light-1-rtl", "dark-2-rtl", "contrast-1-ltr"),
]
WIDTH, HEIGHT = 1280, 820
HIGH = {"overview": 1750, "settings": 2100}
"""Pages that scroll, at a height that shows all of them."""
STILL = 3  # as often a picture has to come out the same
LOOK_MS = 150
PATIENCE = 100  # looks


def main(out, *kinds):
    """Fill a data folder with the sample, and draw it in a process of its own for each scale."""
    with tempfile.TemporaryDirectory() as data:
        fill(Path(data))
        for kind in kinds or KINDS:
            print(kind, flush=True)
            environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
            environ["QT_SCALE_FACTOR"] = kind.split("-")[1]
            command = [sys.executable, __file__, "--draw", kind, data, out]
            subprocess.run(command, env=environ, check=True)


def fill(data):
    """Take the sample in, look it up, opt some of it out, and judge a few matches."""

    with closing(Guard(data)) as guard:
        guard.choices.add_packs([str(SAMPLE / "pack")])
        list(guard.scan([str(SAMPLE / "portfolio")]))
        list(guard.search(guard.choices.clue()))
        works = [work.id for work in guard.store.works.all()]
        for work in works[:4]:
            guard.opt_out(guard.plan(Scope.WORK, work=work))
        list(guard.deliver())
        found = guard.store.judgements.seek(SoughtMatches())
        guard.review.decide(list(found[:3]), Verdict.MINE)
        guard.review.decide(list(found[5:6]), Verdict.NOT_MINE)
        # Nobody is there: it is only to be seen among the servers, and to be asked about.
        guard.choices.add_server("https://registry.art-union.example", None, private=True)


def draw(kind, data, out):
    """Draw every page of one kind."""

    theme, _scale, direction = kind.split("-")
    application = QApplication([])
    if direction == "rtl":
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    with tempfile.TemporaryDirectory() as empty:
        for folder, pages in (
            (Path(empty), [("welcome", "works", ())]),
            (
                Path(data),
                [
                    *((name, name, ()) for name in PAGES),
                    ("work", "works", (1,)),
                    ("plan", "opt_outs", ([],)),
                ],
            ),
        ):
            with closing(Guard(folder)) as guard:
                guard.choices.look(theme=theme, language="en")
            app = App(folder)
            app.start([])
            for name, page, what in pages:
                app.window.resize(WIDTH, HIGH.get(name, HEIGHT))
                app.window.go(page, *what)
                settle(app).save(str(Path(out) / f"{kind}-{name}.png"))
            app.end()


def settle(app):
    """The window once it is drawn, everything is answered, and nothing changes any more."""

    still, last = 0, None
    for _look in range(PATIENCE):
        answered = []
        app.bridge.ask(lambda _guard: True, answered.append)
        while not answered:
            QTest.qWait(LOOK_MS)
        seen = app.window.grab().toImage()
        busy = any(job.is_alive() for job, _stopped in app.bridge._jobs)
        still = 0 if busy or seen != last else still + 1
        last = seen
        if still == STILL:
            break
    return last


if __name__ == "__main__":
    if sys.argv[1] == "--draw":
        draw(*sys.argv[2:])
    else:
        Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
        main(*sys.argv[1:])
