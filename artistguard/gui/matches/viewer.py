# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One match: both pictures, why it is one, and the data set's picture when the artist asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.errors import Problem
from artistguard.fingerprints import Placing, placing
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.desk import Desk
from artistguard.gui.matches.canvas import Canvas, Mode
from artistguard.models import Match, Progress
from artistguard.review import LARGEST, Look
from artistguard.wording import reviewing
from artistguard.wording.language import translate as _

_KEPT: Final = 8  # pictures of data sets, in memory only
_REST_MS: Final = 120  # a match is rested at so long before its work is read


class Viewer(QWidget):
    """Both pictures of one match and what is known of it.

    `opened` gives a guard for the thread that asks for a picture.
    """

    def __init__(self, desk: Desk, opened: Callable[[Path], Guard]) -> None:
        super().__init__()
        self._desk = desk
        self._opened = opened
        self._match: Match | None = None
        self._looks: OrderedDict[int, Look] = OrderedDict()
        self._stop: Callable[[], None] = lambda: None
        self._canvas = Canvas(desk.theme)
        self._ask = QPushButton(_("Show the data set's picture"))
        self._ask.clicked.connect(self.fetch)
        self._asking = parts.muted()
        self._why = parts.text()
        self._shown = parts.text()
        self._known = parts.muted()
        self._known.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = QPushButton(_("Copy address"))
        self._copy.clicked.connect(self._copy_address)
        for label in (self._asking, self._why, self._shown, self._known):
            # Captions and addresses are strangers': none of them is to become a page with links.
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._share = QSlider(Qt.Orientation.Horizontal)
        self._share.setRange(0, 100)
        self._share.setValue(50)
        self._share.setAccessibleName(_("How much of the data set's picture is seen"))
        self._share.valueChanged.connect(self._canvas.set_share)
        self._modes = QButtonGroup(self)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._read_work)
        self._lay_out()
        self.use(0)
        self.show_match(None)

    def show_match(self, match: Match | None) -> None:
        """Look at another match, or at what has changed of this one."""
        same = match is not None and self._match is not None and match.id == self._match.id
        self._match = match
        self._copy.setEnabled(bool(match and match.entry.url))
        if same:
            return
        self._stop()
        self._canvas.show_mine(QPixmap())
        self._describe()
        self._rest.start()

    def fetch(self) -> None:
        """Ask the host for the data set's picture, in a thread of its own."""
        match = self._match
        if match is None or match.entry.url is None:
            return
        self._ask.setEnabled(False)
        self._asking.setText(_("Asking {host}…").format(host=match.entry.host))
        got: list[Look] = []

        def job() -> Iterator[Progress]:
            with closing(self._opened(self._desk.data)) as guard:
                got.append(guard.review.look(match))
            yield from ()

        self._stop = self._desk.bridge.work(job, partial(self._fetched, match, got), self._pass)

    def use(self, mode: int) -> None:
        """Hold the pictures against each other in the mode of this number, from 0."""
        button = self._modes.button(mode)
        button.setChecked(True)
        self._canvas.use(list(Mode)[mode])
        self._share.setVisible(list(Mode)[mode] in (Mode.OVER, Mode.WIPE))

    def zoom(self, steps: int) -> None:
        """Come nearer or go away; 0 shows all again."""
        if steps:
            self._canvas.zoom(steps)
        else:
            self._canvas.reset()

    def stop(self) -> None:
        """End what is under way."""
        self._stop()

    def _pass(self, progress: Progress) -> None:
        """There is none: one picture is one step."""

    def _fetched(self, match: Match, got: list[Look], problem: Problem | None) -> None:
        if got:
            self._looks[match.id] = got[0]
            while len(self._looks) > _KEPT:
                self._looks.popitem(last=False)
        if self._match and self._match.id == match.id:
            self._describe()
            if problem:
                self._asking.setText(wording.explain_problem(problem))

    def _read_work(self) -> None:
        match = self._match
        if match is None or match.path is None:
            return
        path = match.path
        self._desk.bridge.ask(
            lambda guard: guard.portfolio.preview(path),
            partial(self._show_mine, match.id),
            partial(self._miss, match.id),
        )

    def _show_mine(self, match: int, jpeg: bytes) -> None:
        if self._match and self._match.id == match:
            picture = QPixmap()
            picture.loadFromData(jpeg, "JPEG")
            self._canvas.show_mine(picture)

    def _miss(self, match: int, problem: Problem) -> None:
        if self._match and self._match.id == match:
            self._shown.setText(wording.explain_problem(problem))

    def _describe(self) -> None:
        match = self._match
        look = self._looks.get(match.id) if match else None
        picture = QPixmap()
        if look:
            picture.loadFromData(look.picture, "JPEG")
        self._canvas.show_theirs(picture, _place(match, look) if match and look else None)
        self._panel.setVisible(look is None)
        for widget in (self._modes_row, self._share):
            widget.setEnabled(look is not None)
        self._shown.setText(_describe_look(look) if look else "")
        self._shown.setVisible(bool(self._shown.text()))
        self._ask.setEnabled(bool(match and match.entry.url))
        if match is None:
            self._asking.setText(_("Nothing to look at here."))
            self._why.setText("")
            self._known.setText("")
            return
        host = match.entry.host
        self._asking.setText(
            reviewing.explain_asking(host, LARGEST)
            if match.entry.url and host
            else _("The data set does not say where the picture lies.")
        )
        self._why.setText(reviewing.explain_match(match))
        lines = (reviewing.describe_entry(match), match.entry.caption, match.entry.url)
        self._known.setText("\n".join(wording.spell(line) for line in lines if line))

    def _copy_address(self) -> None:
        if self._match and self._match.entry.url:
            QGuiApplication.clipboard().setText(self._match.entry.url)

    def _lay_out(self) -> None:
        self._modes_row = QWidget()
        row = QHBoxLayout(self._modes_row)
        row.setContentsMargins(0, 0, 0, 0)
        for at, mode in enumerate(Mode):
            button = QPushButton(_(mode.value))
            button.setCheckable(True)
            button.setToolTip(_("Key {key}").format(key=at + 1))
            button.clicked.connect(partial(self.use, at))
            self._modes.addButton(button, at)
            row.addWidget(button)
        row.addStretch(1)
        self._panel = QFrame()
        self._panel.setObjectName("card")
        inside = QVBoxLayout(self._panel)
        inside.setContentsMargins(22, 22, 22, 22)
        inside.addStretch()
        inside.addWidget(self._ask)
        inside.addWidget(self._asking)
        inside.addStretch()
        pictures = QHBoxLayout()
        pictures.setSpacing(12)
        pictures.addWidget(self._canvas, 1)
        pictures.addWidget(self._panel, 1)
        known = QHBoxLayout()
        known.addWidget(self._known, 1)
        known.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._modes_row)
        layout.addWidget(self._share)
        layout.addLayout(pictures, 1)
        for label in (self._why, self._shown):
            layout.addWidget(label)
        layout.addLayout(known)


def _place(match: Match, look: Look) -> Placing | None:
    """How the data set's picture lies on the work: point by point, or else as it was found."""
    if look.agreement and look.agreement.agreed:
        return look.agreement.placing
    return placing(match.variant)


def _describe_look(look: Look) -> str:
    agreement = look.agreement
    if agreement is None:
        return reviewing.say_incomparable()
    said = reviewing.describe_agreement(
        agreement.inliers, mirrored=agreement.mirrored, agreed=agreement.agreed
    )
    return f"{said} {reviewing.explain_laying()}" if agreement.agreed else said
