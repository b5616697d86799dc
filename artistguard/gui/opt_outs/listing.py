# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every opt-out and where it stands, with its proof, and the way to take it back."""

from __future__ import annotations

from array import array
from functools import partial
from pathlib import Path

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.errors import Problem
from artistguard.guard import Guard, now
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.opt_outs.model import COLUMNS, RequestsModel
from artistguard.models import Request, RequestState, SoughtRequests
from artistguard.wording.language import plural, write_number
from artistguard.wording.language import translate as _


class Listing(QWidget):
    """The table of all opt-outs, and all about the current one."""

    planned = Signal()
    """A new plan is wanted."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._asked = 0
        self._model = RequestsModel(
            lambda numbers: desk.guard.store.requests.requests(numbers, desk.guard.acts.late())
        )
        self._state = QComboBox()
        self._state.setAccessibleName(_("Show opt-outs that are"))
        self._state.addItem(_("All opt-outs"), None)
        for state in RequestState:
            self._state.addItem(wording.name_request_state(state), state)
        self._state.currentIndexChanged.connect(self.load)
        self._table = self._make_table()
        self._about = parts.text()
        self._body = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._body.setAccessibleName(_("Exactly what is sent"))
        self._counted = parts.muted()
        self._told = parts.muted()
        self._withdraw = QPushButton(_("Withdraw…"))
        self._withdraw.clicked.connect(self._ask_withdrawal)
        self._lay_out()
        self._describe()

    def load(self) -> None:
        """Ask how everything stands, and show it when it is there."""
        self._asked += 1
        state: RequestState | None = self._state.currentData()
        question = partial(_seek, state=state)
        self._desk.bridge.ask(question, partial(self._show, self._asked))

    def chosen(self) -> list[Request]:
        """The opt-outs that are selected."""
        rows = self._table.selectionModel().selectedRows()
        found = (self._model.request(index.row()) for index in rows)
        return [request for request in found if request]

    def withdraw(self) -> None:
        """Take back what is selected; the background tells the channels."""
        ids = [request.id for request in self.chosen()]
        self._desk.bridge.ask(lambda guard: guard.withdraw(ids), self._withdrawn)

    def export(self, into: Path) -> None:
        """Write every receipt into a folder."""
        self._told.setText(_("Writing receipts…"))
        question = partial(_export, into)
        self._desk.bridge.ask(question, self._exported, self._fail)

    def _show(self, asked: int, found: tuple[array[int], dict[RequestState, int]]) -> None:
        if asked != self._asked:
            return
        numbers, counts = found
        self._model.show(numbers)
        for at, state in enumerate(RequestState, start=1):
            name = wording.name_request_state(state)
            self._state.setItemText(at, f"{name} ({write_number(counts[state])})")
        self._counted.setText(plural("{number} opt-out", "{number} opt-outs", len(numbers)))
        self._describe()

    def _describe(self, _selected: QItemSelection | None = None) -> None:
        chosen = self.chosen()
        one = chosen[0] if len(chosen) == 1 else None
        self._withdraw.setEnabled(bool(chosen))
        if one:
            self._about.setText(
                f"{wording.name_subject(one)}\n{wording.explain_request(one, now())}"
            )
            self._body.setPlainText(self._desk.guard.store.requests.body(one.id))
        else:
            said = plural("{number} selected", "{number} selected", len(chosen))
            nothing = _("What is here was asked by you, or by a wish of yours that stands.")
            self._about.setText(said if chosen else nothing)
            self._body.clear()

    def _ask_withdrawal(self) -> None:
        count = len(self.chosen())
        said = plural("Withdraw {number} opt-out?", "Withdraw {number} opt-outs?", count)
        about = _(
            "Those who were asked are told that it no longer stands. That it stood until now stays"
            " on record. It is not asked again by itself; a wish that stands goes on for the rest."
        )
        box = QMessageBox(QMessageBox.Icon.Question, _("Withdraw"), said, parent=self)
        box.setInformativeText(about)
        withdraw = box.addButton(_("Withdraw"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(_("Leave as it is"), QMessageBox.ButtonRole.RejectRole)
        withdraw.clicked.connect(self.withdraw)
        box.open()

    def _withdrawn(self, _opt_outs: object) -> None:
        self._desk.bridge.wake(Topic.OPT_OUTS, Topic.WORKS)

    def _ask_export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("A folder for the receipts"))
        if folder:
            self.export(Path(folder))

    def _exported(self, count: int) -> None:
        self._told.setText(
            plural("{number} receipt was written.", "{number} receipts were written.", count)
        )

    def _fail(self, problem: Problem) -> None:
        self._told.setText(wording.explain_problem(problem))

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName(_("Opt-outs"))
        table.setModel(self._model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 2.2))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        wide = self.fontMetrics().averageCharWidth()
        for column, width in zip(range(1, len(COLUMNS)), (26, 22, 14, 14), strict=True):
            table.setColumnWidth(column, wide * width)
        table.selectionModel().selectionChanged.connect(self._describe)
        return table

    def _lay_out(self) -> None:
        plan = parts.primary(_("Opt out…"))
        plan.clicked.connect(self.planned)
        export = QPushButton(_("Save receipts…"))
        export.clicked.connect(self._ask_export)
        above = QHBoxLayout()
        above.addWidget(parts.title(_("Opt-outs")))
        above.addStretch()
        above.addWidget(self._state)
        above.addWidget(plan)
        detail = QWidget()
        column = QVBoxLayout(detail)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self._about)
        column.addWidget(self._body, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._table)
        split.addWidget(detail)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        below = QHBoxLayout()
        below.addWidget(self._counted)
        below.addWidget(self._told, 1)
        below.addWidget(export)
        below.addWidget(self._withdraw)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 18)
        layout.setSpacing(10)
        layout.addLayout(above)
        layout.addWidget(split, 1)
        layout.addLayout(below)


def _seek(
    guard: Guard, *, state: RequestState | None
) -> tuple[array[int], dict[RequestState, int]]:
    for _done in guard.store.gallery.refresh():
        pass
    late = guard.acts.late()
    found = guard.store.requests.seek(SoughtRequests(late, state))
    return found, guard.store.requests.counts(late)


def _export(into: Path, guard: Guard) -> int:
    return sum(1 for _written in guard.export_receipts(into))
