# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The wishes that stand: what each covers, since when, and the way to end it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QPushButton, QVBoxLayout, QWidget

from artistguard import wording
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.tables import Table
from artistguard.models import Progress, StandingWish
from artistguard.wording.language import translate as _


class Wishes(QWidget):
    """The table of wishes that stand."""

    counted = Signal(int)
    """So many wishes stand."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._wishes: dict[str, StandingWish] = {}
        self._table = Table(
            _("Wishes that stand"), [_("What it covers"), _("For whom"), _("What is asked for")]
        )
        self._table.removed.connect(lambda _wish: self._ask())
        self._said = parts.muted()
        self._end = QPushButton(_("End the wish…"))
        self._end.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(self._said, 1)
        row.addWidget(self._end)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(
            parts.muted(
                _(
                    "A wish that stands goes on by itself: what you make later, and what is found"
                    " later, is opted out, too."
                )
            )
        )
        layout.addWidget(self._table, 1)
        layout.addLayout(row)

    def load(self) -> None:
        """Ask which wishes stand, and show them when they are there."""
        self._desk.bridge.ask(lambda guard: guard.store.requests.wishes(), self._show)

    def end(self, wish: str, *, withdraw: bool) -> None:
        """Let a wish no longer stand and, if to `withdraw`, take back what it asked for."""
        data = self._desk.data

        def job() -> Iterator[Progress]:
            with closing(Guard(data)) as guard:
                yield from guard.acts.end([wish], withdraw=withdraw)

        self._end.setEnabled(False)
        self._desk.bridge.work(job, self._ended, self._tell)

    def _show(self, wishes: list[StandingWish]) -> None:
        self._wishes = {one.wish.id: one for one in wishes}
        rows = [
            (
                one.wish.id,
                [
                    wording.name_wish(one),
                    wording.name_channel(one.wish.channel),
                    wording.describe_wish(one),
                ],
            )
            for one in wishes
        ]
        self._table.fill(rows)
        self._end.setEnabled(bool(rows))
        if not rows:
            self._said.setText(_("No wish stands: nothing is opted out by itself."))
        elif not self._said.text().endswith("."):
            self._said.clear()
        self.counted.emit(len(rows))

    def _ask(self) -> None:
        one = self._wishes.get(self._table.current() or "")
        if one is None:
            return
        box = QMessageBox(parent=self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(_("End the wish"))
        box.setText(_("End this wish?") + f"\n{wording.name_wish(one)}")
        box.setInformativeText(
            _(
                "What comes later is then not opted out by itself any more. What it has asked for"
                " so far can stay as it is, or be withdrawn."
            )
        )
        keep = box.addButton(_("End it, keep the opt-outs"), QMessageBox.ButtonRole.AcceptRole)
        back = box.addButton(_("End it, and withdraw them"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(_("Leave as it is"), QMessageBox.ButtonRole.RejectRole)
        box.setEscapeButton(stay)
        keep.clicked.connect(lambda: self.end(one.wish.id, withdraw=False))
        back.clicked.connect(lambda: self.end(one.wish.id, withdraw=True))
        box.finished.connect(box.deleteLater)
        box.open()

    def _tell(self, progress: Progress) -> None:
        self._said.setText(wording.describe_progress(progress))

    def _ended(self, problem: Problem | None) -> None:
        said = wording.explain_problem(problem) if problem else _("The wish has ended.")
        self._said.setText(said)
        self._desk.bridge.wake(Topic.OPT_OUTS, Topic.WORKS)
