# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The plan: what would be filed, for whom, in which words, to the last byte; then one button."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording, writing
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.opt_outs.choosing import Choosing
from artistguard.gui.opt_outs.plans import Made, bodies, make_plans
from artistguard.gui.opt_outs.shapes import shape
from artistguard.models import Plan, Progress, RequestState, Scope
from artistguard.wording.language import plural, write_number
from artistguard.wording.language import translate as _

_TYPING_MS: Final = 400


class Planning(QWidget):
    """Shows at once what is chosen comes to, and files it."""

    left = Signal()
    """The artist has filed the plan, or left it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._plans: list[Plan] = []
        self._filing: list[Plan] = []
        self._asked = 0
        self._stop: Callable[[], None] = _nothing
        self._choosing = Choosing(desk)
        self._choosing.changed.connect(self._choose)
        self._said = parts.text()
        self._lines = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._lines.setAccessibleName(_("Every line that would be filed"))
        self._lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lines.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # JSON in any language
        self._more = parts.muted()
        self._file = parts.primary(_("File it"))
        self._file.clicked.connect(self.file)
        self._save = QPushButton(_("Save every line…"))
        self._save.clicked.connect(self._ask_where)
        self._soon = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._soon.timeout.connect(self._plan)
        self._lay_out()
        QShortcut(QKeySequence.StandardKey.Cancel, self).activated.connect(self.go_back)

    def begin(self, works: list[int]) -> None:
        """Plan for these works; for everything, when there are none."""
        self._choosing.begin(works, [])
        self._plan()

    def begin_again(self, ids: list[str]) -> None:
        """Plan to ask anew for opt-outs that were refused or taken back, by their ids."""
        self._choosing.begin([], ids)
        self._plan()

    def stop(self) -> None:
        """Plan no longer; what was planned cannot be filed from here on."""
        self._soon.stop()
        self._stop()
        self._stop = _nothing
        self._asked += 1
        self._plans = []
        self._file.setEnabled(False)
        self._save.setEnabled(False)

    def go_back(self) -> None:
        """Leave the plan, and file nothing."""
        self.stop()
        self.left.emit()

    def file(self) -> None:
        """Write the plan down, once; the background sends it."""
        if not self._plans:
            return
        self._filing, self._plans = self._plans, []
        self._file.setEnabled(False)
        try:
            self._desk.guard.choices.call_artist(self._choosing.chosen().name)
        except Problem as problem:
            self._refuse(problem)
            return
        self._said.setText(_("Filing…"))
        self._desk.bridge.ask(partial(_write_down, self._filing), self._filed, self._refuse)

    def save(self, file: Path) -> None:
        """Write every line of the plan to a file; nothing is filed by it."""
        question = partial(_save_lines, self._plans, file)
        self._desk.bridge.ask(question, self._saved, self._tell_problem)

    def _choose(self) -> None:
        """What was planned is no longer what is chosen."""
        self.stop()
        self._soon.start()

    def _filed(self, _number: int) -> None:
        self._filing = []
        self._desk.bridge.wake(Topic.OPT_OUTS, Topic.WORKS)
        self.left.emit()

    def _refuse(self, problem: Problem) -> None:
        """Nothing was filed; the plan still stands, and can be filed once that is mended."""
        self._plans, self._filing = self._filing, []
        self._file.setEnabled(True)
        self._tell_problem(problem)

    def _tell_problem(self, problem: Problem) -> None:
        self._said.setText(wording.explain_problem(problem))

    def _plan(self) -> None:
        self.stop()
        self._said.setText(_("Working it out…"))
        made, asked, data = Made(), self._asked, self._desk.data
        chosen = self._choosing.chosen()
        self._stop = self._desk.bridge.work(
            lambda: make_plans(data, chosen, made),
            partial(self._show, asked, made),
            partial(self._tell, asked),
        )

    def _tell(self, asked: int, progress: Progress) -> None:
        if asked == self._asked:
            self._said.setText(wording.describe_progress(progress))

    def _show(self, asked: int, made: Made, problem: Problem | None) -> None:
        if asked != self._asked:
            return
        if problem:
            self._more.clear()
            self._lines.clear()
            self._tell_problem(problem)
            return
        self._plans = made.plans
        chosen = self._choosing.chosen()
        lines = [wording.describe_plans(made.plans, made.size)]
        if chosen.scope == Scope.DOMAIN and made.plans:
            domain = made.plans[0].wish.domain or ""
            lines.append(wording.count_at_domain(domain, made.entries, made.sets, more=made.more))
        lines.append(wording.describe_declarant(chosen.name))
        self._said.setText("\n".join(lines))
        self._lines.setPlainText("\n".join(made.first))
        said = _("The first {shown} of {all} lines are shown; all can be saved.").format(
            shown=write_number(len(made.first)), all=write_number(made.count)
        )
        self._more.setText(said if made.count > len(made.first) else "")
        name = plural("File {number} opt-out", "File {number} opt-outs", made.count)
        self._file.setText(name if made.count else _("Reserve what comes later"))
        self._file.setEnabled(any(not plan.is_empty for plan in made.plans))
        self._save.setEnabled(made.count > 0)

    def _ask_where(self) -> None:
        file, _kind = QFileDialog.getSaveFileName(
            self, _("Save every line"), "opt-outs.jsonl", "*.jsonl"
        )
        if file:
            self.save(Path(file))

    def _saved(self, count: int) -> None:
        self._more.setText(plural("{number} line was saved.", "{number} lines were saved.", count))

    def _lay_out(self) -> None:
        back = QPushButton(_("Back, file nothing"))
        back.clicked.connect(self.go_back)
        row = QHBoxLayout()
        row.addWidget(back)
        row.addWidget(self._save)
        row.addStretch()
        row.addWidget(self._file)
        drafted = QHBoxLayout()
        side = round(self.fontMetrics().height() * 1.2)
        mark = QLabel()
        icon = shape(RequestState.DRAFTED, self._desk.theme.name, side)
        mark.setPixmap(icon.pixmap(side, side))
        drafted.addWidget(mark)
        said = _("{state}: nothing is filed yet, and nothing has left this computer.")
        state = wording.name_request_state(RequestState.DRAFTED)
        drafted.addWidget(parts.heading(said.format(state=state)), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 22)
        layout.setSpacing(12)
        layout.addWidget(parts.title(_("Before anything is filed")))
        layout.addWidget(self._choosing)
        layout.addLayout(drafted)
        layout.addWidget(self._said)
        layout.addWidget(parts.muted(wording.describe_reservation()))
        layout.addWidget(parts.heading(_("Exactly this is filed, and nothing else")))
        layout.addWidget(self._lines, 1)
        layout.addWidget(self._more)
        layout.addLayout(row)


def _nothing() -> None:
    """There is nothing to stop."""


def _write_down(plans: list[Plan], guard: Guard) -> int:
    return guard.acts.file(plans)


def _save_lines(plans: list[Plan], file: Path, _guard: Guard) -> int:
    lines = [f"{body}\n" for body in bodies(plans)]
    writing.write(file, "".join(lines).encode())
    return len(lines)
