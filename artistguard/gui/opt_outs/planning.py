# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The plan: what would be filed, for whom, in which words, to the last byte; then one button."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
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
from artistguard.gui.opt_outs.plans import FOLDER, Chosen, Made, bodies, make_plans
from artistguard.models import Plan, Progress, Scope
from artistguard.wording.language import plural, write_number
from artistguard.wording.language import translate as _

_TYPING_MS: Final = 400


class Planning(QWidget):
    """Asks for scope, channel and name, and shows at once what they come to."""

    left = Signal()
    """The artist has filed the plan, or left it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._works: list[int] = []
        self._plans: list[Plan] = []
        self._asked = 0
        self._stop: Callable[[], None] = _nothing
        self._scope = QComboBox()
        self._domain = QLineEdit()
        self._domain.setPlaceholderText(_("example.org"))
        self._folder = QComboBox()
        self._where = QFormLayout()
        self._channel = QComboBox()
        self._name = QLineEdit()
        self._name.setPlaceholderText(_("Name withheld"))
        self._said = parts.text()
        self._lines = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._lines.setAccessibleName(_("Every line that would be filed"))
        self._lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._more = parts.muted()
        self._file = parts.primary("")
        self._file.clicked.connect(self.file)
        self._soon = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._soon.timeout.connect(self._plan)
        self._lay_out()
        for changed in (
            self._scope.activated,
            self._folder.activated,
            self._channel.activated,
            self._name.textEdited,
            self._domain.textEdited,
        ):
            changed.connect(self._choose)
        QShortcut(QKeySequence.StandardKey.Cancel, self).activated.connect(self.left)

    def begin(self, works: list[int]) -> None:
        """Plan for these works; for everything, when there are none."""
        self._works = works
        self._scope.clear()
        if works:
            said = plural(
                "{number} selected work with all its copies",
                "{number} selected works with all their copies",
                len(works),
            )
            self._scope.addItem(said, Scope.WORK)
        self._scope.addItem(_("All works with all their copies, later ones, too"), Scope.ALL)
        self._scope.addItem(
            _("All copies that were found and are certain or likely"), Scope.MATCHES
        )
        self._scope.addItem(_("Everything of mine at one domain"), Scope.DOMAIN)
        self._scope.addItem(_("All works in one folder with all their copies"), FOLDER)
        self._folder.clear()
        for folder, count in self._desk.guard.store.gallery.folders():
            self._folder.addItem(f"{wording.spell(folder)} ({write_number(count)})", folder)
        self._channel.clear()
        for channel in self._desk.guard.choices.channels():
            self._channel.addItem(wording.name_channel(channel), channel)
        self._name.setText(self._desk.guard.choices.settings.declarant)
        self._plan()

    def file(self) -> None:
        """Write the plan down; the background sends it."""
        plans, name = self._plans, self._name.text().strip()
        self._desk.guard.choices.call_artist(name)
        self._file.setEnabled(False)
        self._desk.bridge.ask(
            partial(_write_down, plans), self._filed, partial(self._fail, self._asked)
        )

    def _choose(self, _new: object = None) -> None:
        """What was planned is no longer what is chosen, and cannot be filed from here on."""
        self._stop()
        self._asked += 1
        self._plans = []
        self._file.setEnabled(False)
        self._soon.start()

    def _filed(self, _number: int) -> None:
        self._plans = []
        self._desk.bridge.wake(Topic.OPT_OUTS, Topic.WORKS)
        self.left.emit()

    def _plan(self) -> None:
        self._asked += 1
        scope = self._scope.currentData()
        self._where.setRowVisible(self._domain, scope == Scope.DOMAIN)
        self._where.setRowVisible(self._folder, scope == FOLDER)
        self._said.setText(_("Working it out…"))
        self._file.setEnabled(False)
        chosen = Chosen(
            scope=scope,
            works=tuple(self._works),
            folder=self._folder.currentData() or "",
            domain=self._domain.text().strip(),
            channel=self._channel.currentData(),
            name=self._name.text().strip(),
        )
        made = Made()
        asked = self._asked
        self._stop = self._desk.bridge.work(
            lambda: make_plans(self._desk.data, chosen, made),
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
            self._fail(asked, problem)
            return
        self._plans = made.plans
        name = wording.describe_declarant(self._name.text().strip())
        self._said.setText(f"{wording.describe_plans(made.plans, made.size)}\n{name}")
        self._lines.setPlainText("\n".join(made.first))
        self._more.setText(
            _("The first {shown} of {all} lines are shown; all can be saved.").format(
                shown=write_number(len(made.first)), all=write_number(made.count)
            )
        )
        said = plural("File {number} opt-out", "File {number} opt-outs", made.count)
        self._file.setText(said if made.count else _("Reserve what comes later"))
        self._file.setEnabled(any(not plan.is_empty for plan in made.plans))

    def _fail(self, asked: int, problem: Problem) -> None:
        if asked != self._asked:
            return
        self._plans = []
        self._more.clear()
        self._lines.clear()
        self._said.setText(wording.explain_problem(problem))

    def _save(self) -> None:
        file, _kind = QFileDialog.getSaveFileName(
            self, _("Save every line"), "opt-outs.jsonl", "*.jsonl"
        )
        if file:
            question = partial(_save_lines, self._plans, Path(file))
            self._desk.bridge.ask(question, self._saved, partial(self._fail, self._asked))

    def _saved(self, count: int) -> None:
        self._more.setText(plural("{number} line was saved.", "{number} lines were saved.", count))

    def _lay_out(self) -> None:
        form = self._where
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(_("What"), self._scope)
        form.addRow(_("Domain"), self._domain)
        form.addRow(_("Folder"), self._folder)
        form.addRow(_("For whom"), self._channel)
        form.addRow(_("In the name of"), self._name)
        save = QPushButton(_("Save every line…"))
        save.clicked.connect(self._save)
        back = QPushButton(_("Back, file nothing"))
        back.clicked.connect(self.left)
        row = QHBoxLayout()
        row.addWidget(back)
        row.addWidget(save)
        row.addStretch()
        row.addWidget(self._file)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 22)
        layout.setSpacing(12)
        layout.addWidget(parts.title(_("Before anything is filed")))
        layout.addLayout(form)
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
