# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every opt-out and where it stands, found by state, channel and words, and what can be done."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QItemSelection, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.opt_outs.detail import Detail
from artistguard.gui.opt_outs.model import CHANNEL, COLUMNS, RequestsModel
from artistguard.gui.opt_outs.shapes import shape
from artistguard.models import Progress, Request, RequestState, SoughtRequests
from artistguard.wording.language import plural, write_number
from artistguard.wording.language import translate as _

_TYPING_MS: Final = 200
_AGAIN: Final = (RequestState.REFUSED, RequestState.WITHDRAWN)
_MOST_AGAIN: Final = 2_000  # opt-outs that are looked at for whether they can be asked anew


@dataclass(frozen=True, slots=True)
class Found:
    """What the filters come to, and what there is for each of them."""

    numbers: array[int]
    counts: dict[RequestState, int]
    channels: list[tuple[str, int]]


class Listing(QWidget):
    """The table of opt-outs, and all about the current one."""

    wants = Signal(str, tuple)
    """Another page by its name, and what is to be opened there."""
    again = Signal(list)
    """These opt-outs, by their ids, are to be asked for anew."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._asked = 0
        self._stop: Callable[[], None] | None = None
        side = round(self.fontMetrics().height() * 1.1)
        self._model = RequestsModel(
            lambda numbers: desk.guard.store.requests.requests(numbers, desk.guard.acts.late()),
            lambda state: shape(state, desk.theme.name, side),
        )
        self._text = QLineEdit(clearButtonEnabled=True)
        self._text.setPlaceholderText(_("Find by name, address, data set or domain"))
        self._text.setAccessibleName(_("Find opt-outs"))
        self._soon = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._soon.timeout.connect(self.load)
        self._text.textChanged.connect(lambda _new: self._soon.start())
        self._state = self._make_filter(_("Show opt-outs that are"), _("All opt-outs"))
        for state in RequestState:
            if state is not RequestState.DRAFTED:
                icon = shape(state, desk.theme.name, side)
                self._state.addItem(icon, wording.name_request_state(state), state)
        self._channel = self._make_filter(_("Show opt-outs for"), _("For whomever"))
        self._table = self._make_table(side)
        self._detail = Detail(desk)
        self._detail.wants.connect(self.wants)
        self._detail.again.connect(self._ask_again)
        self._counted = parts.muted()
        self._told = parts.muted()
        self._halt = QPushButton(_("Stop"))
        self._halt.clicked.connect(self.stop)
        self._export = QPushButton()
        self._export.clicked.connect(self._ask_export)
        self._withdraw = QPushButton(_("Withdraw…"))
        self._withdraw.clicked.connect(self._ask_withdrawal)
        self._lay_out()
        self._describe()

    def load(self) -> None:
        """Ask how everything stands, and show it when it is there."""
        self._asked += 1
        question = partial(_seek, sought=self.sought())
        self._desk.bridge.ask(question, partial(self._show, self._asked))

    def sought(self) -> SoughtRequests:
        """What the filters say."""
        state = self._state.currentData()
        return SoughtRequests(
            self._desk.guard.acts.late(),
            RequestState(state) if state else None,
            self._channel.currentData(),
            self._text.text().strip(),
        )

    def chosen(self) -> array[int]:
        """The numbers of the opt-outs that are selected."""
        found: array[int] = array("q")
        for rows in self._blocks():
            found += self._model.numbers(rows.start, rows.stop)
        return found

    def withdraw(self, numbers: Sequence[int]) -> None:
        """Take these back; the background tells those who were asked."""
        data = self._desk.data

        def job() -> Iterator[Progress]:
            with closing(Guard(data)) as guard:
                yield from guard.acts.withdraw(numbers)

        said = plural("{number} is withdrawn.", "{number} are withdrawn.", len(numbers))
        self._work(job, said)

    def export(self, into: Path) -> None:
        """Write a list and the receipts of what is selected, or of all that is shown."""
        numbers = self.chosen() or self._model.numbers(0, self._model.rowCount())
        data, troubles = self._desk.data, list[str]()

        def job() -> Iterator[Progress]:
            with closing(Guard(data)) as guard:
                for news in guard.acts.save(numbers, into):
                    if isinstance(news, Progress):
                        yield news
                    else:
                        troubles.append(wording.explain_problem(news))

        said = plural(
            "{number} opt-out was saved, with its receipts.",
            "{number} opt-outs were saved, with their receipts.",
            len(numbers),
        )
        self._work(job, said, troubles)

    def stop(self) -> None:
        """Leave off what is under way; what is done stays done."""
        if self._stop:
            self._stop()
            self._end_work(_("Stopped. What is done so far stays."))

    def _show(self, asked: int, found: Found) -> None:
        if asked != self._asked:
            return
        current = self._current()
        self._model.show(found.numbers)
        row = self._model.row_of(current.number) if current else None
        if row is not None and not self.chosen():
            self._table.selectRow(row)
        for at in range(1, self._state.count()):
            state = RequestState(self._state.itemData(at))
            count = write_number(found.counts[state])
            self._state.setItemText(at, f"{wording.name_request_state(state)} ({count})")
        self._offer(found.channels)
        self._counted.setText(plural("{number} opt-out", "{number} opt-outs", len(found.numbers)))
        self._describe()

    def _offer(self, channels: Sequence[tuple[str, int]]) -> None:
        chosen = self._channel.currentData()
        self._channel.blockSignals(True)
        while self._channel.count() > 1:
            self._channel.removeItem(1)
        for name, count in channels:
            said = f"{wording.spell(wording.name_channel(name))} ({write_number(count)})"
            self._channel.addItem(said, name)
        self._channel.setCurrentIndex(max(0, self._channel.findData(chosen)))
        self._channel.blockSignals(False)
        self._table.setColumnHidden(CHANNEL, len(channels) < 2)
        self._channel.setVisible(len(channels) > 1)

    def _current(self) -> Request | None:
        blocks = self._blocks()
        if len(blocks) == 1 and len(blocks[0]) == 1:
            return self._model.request(blocks[0].start)
        return None

    def _blocks(self) -> list[range]:
        """The rows that are selected; all of 300,000 are one block."""
        chosen = self._table.selectionModel().selection()
        blocks = (chosen.at(at) for at in range(chosen.count()))
        return [range(block.top(), block.bottom() + 1) for block in blocks]

    def _describe(self, _new: QItemSelection | None = None, _old: object = None) -> None:
        count = len(self.chosen())
        busy = self._stop is not None
        again = self._state.currentData() in _AGAIN  # then each of them is
        self._detail.show_request(self._current(), count, again=again)
        self._withdraw.setEnabled(count > 0 and not busy)
        self._export.setText(_("Save the selected…") if count else _("Save all…"))
        self._export.setEnabled(self._model.rowCount() > 0 and not busy)

    def _ask_again(self) -> None:
        rows = [row for rows in self._blocks() for row in rows[:_MOST_AGAIN]][:_MOST_AGAIN]
        found = (self._model.request(row) for row in rows)
        if ids := [one.id for one in found if one and one.state in _AGAIN]:
            self.again.emit(ids)

    def _ask_withdrawal(self) -> None:
        numbers = self.chosen()  # the list may change while the question stands
        said = plural("Withdraw {number} opt-out?", "Withdraw {number} opt-outs?", len(numbers))
        about = _(
            "Those who were asked are told that it no longer stands. That it stood until now stays"
            " on record. It is not asked again by itself; a wish that stands goes on for the rest."
        )
        box = QMessageBox(QMessageBox.Icon.Question, _("Withdraw"), said, parent=self)
        box.setInformativeText(about)
        withdraw = box.addButton(_("Withdraw"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(_("Leave as it is"), QMessageBox.ButtonRole.RejectRole))
        withdraw.clicked.connect(lambda: self.withdraw(numbers))
        box.finished.connect(box.deleteLater)
        box.open()

    def _ask_export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("A folder for the list and receipts"))
        if folder:
            self.export(Path(folder))

    def _work(
        self, job: Callable[[], Iterator[Progress]], said: str, troubles: Sequence[str] = ()
    ) -> None:
        """Do something long, and tell how far it is; `said` is said at its end."""

        def done(problem: Problem | None) -> None:
            last = [wording.explain_problem(problem)] if problem else [said, *troubles]
            self._end_work(" ".join(last))

        self._told.setText(_("Working…"))
        self._stop = self._desk.bridge.work(job, done, self._tell)
        self._halt.show()
        self._describe()

    def _tell(self, progress: Progress) -> None:
        if self._stop:
            self._told.setText(wording.describe_progress(progress))

    def _end_work(self, said: str) -> None:
        self._stop = None
        self._halt.hide()
        self._told.setText(said)
        self._desk.bridge.wake(Topic.OPT_OUTS, Topic.WORKS)

    def _make_filter(self, name: str, everything: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItem(everything, None)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(16)
        box.currentIndexChanged.connect(lambda _row: self.load())
        return box

    def _make_table(self, side: int) -> QTableView:
        table = QTableView()
        table.setAccessibleName(_("Opt-outs"))
        table.setModel(self._model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setIconSize(QSize(side, side))
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 2.2))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        wide = self.fontMetrics().averageCharWidth()
        for column, width in zip(range(1, len(COLUMNS)), (16, 24, 13), strict=True):
            table.setColumnWidth(column, wide * width)
        table.selectionModel().selectionChanged.connect(self._describe)
        return table

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.addWidget(self._text, 2)
        above.addWidget(self._state, 1)
        above.addWidget(self._channel, 1)
        split = QSplitter(childrenCollapsible=False)
        split.addWidget(self._table)
        split.addWidget(self._detail)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        wide = self.fontMetrics().averageCharWidth()
        split.setSizes([wide * 90, wide * 48])
        below = QHBoxLayout()
        below.addWidget(self._counted)
        below.addWidget(self._told, 1)
        for button in (self._halt, self._export, self._withdraw):
            below.addWidget(button)
        self._halt.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(above)
        layout.addWidget(split, 1)
        layout.addLayout(below)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.activated.connect(self._text.setFocus)


def _seek(guard: Guard, *, sought: SoughtRequests) -> Found:
    for _done in guard.store.gallery.refresh():
        pass
    asked = guard.store.requests
    return Found(asked.seek(sought), asked.counts(sought.late), asked.channels())
