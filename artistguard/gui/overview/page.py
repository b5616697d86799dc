# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Numbers above, plots in the middle, what could be done now below."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording, writing
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.bridge import Update
from artistguard.gui.desk import Desk
from artistguard.gui.overview.plots import Draw, Plot, Values, draw_bars, draw_growth
from artistguard.gui.page import Page
from artistguard.gui.tables import Table
from artistguard.models import OptOutState, Standing, Summary, Summing
from artistguard.wording.language import translate as _
from artistguard.wording.language import write_number

_PATIENCE_MS = 1_000
"""The sums over everything are asked for no oftener."""


class OverviewPage(Page):
    """Everything in sums."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._soon = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._soon.timeout.connect(self._load)
        self._numbers = [parts.title("") for _number in range(4)]
        self._todo = QVBoxLayout()
        self._todo.setContentsMargins(0, 0, 0, 0)
        self._advice: list[QWidget] = []
        self._plots = {
            "protected": PlotCard(desk, _("Works reserved over time"), draw_growth),
            "by_set": PlotCard(desk, _("Copies found, by data set"), draw_bars),
            "by_host": PlotCard(desk, _("Copies found, by website"), draw_bars),
            "by_year": PlotCard(desk, _("Copies found, by year"), draw_bars),
            "answering": PlotCard(desk, _("Requests sent and answered"), draw_bars),
            "covered": PlotCard(desk, _("Works looked up, by data set"), draw_bars),
        }
        self._lists = parts.text()
        self._lay_out()

    def arrive(self) -> None:
        """Sum up anew."""
        self._load()

    def update_for(self, update: Update) -> None:
        """Sum up anew, soon, when the page is looked at."""
        if update.topics and self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _load(self) -> None:
        self.desk.bridge.ask(_sum_up, self._show)

    def _show(self, sums: tuple[Summary, dict[Standing, int], Summing]) -> None:
        summary, standings, summing = sums
        waiting = summary.opt_outs[OptOutState.QUEUED] + summary.opt_outs[OptOutState.WITHDRAWING]
        reserved = standings[Standing.RESERVED] + standings[Standing.DISPUTED]
        for label, number in zip(
            self._numbers,
            (
                f"{write_number(reserved)} / {write_number(summary.works)}",
                write_number(sum(summary.matches.values())),
                write_number(summary.opt_outs[OptOutState.ACKNOWLEDGED]),
                write_number(waiting),
            ),
            strict=True,
        ):
            label.setText(number)
        counts = {
            "answering": wording.count_answering(summing.answering),
            "covered": [(f"{one.dataset} {one.version}", one.works) for one in summing.covered],
        }
        for name, card in self._plots.items():
            card.show_values(counts[name] if name in counts else getattr(summing, name))
        lines = [
            f"{wording.name_channel(one.channel)}: {wording.describe_answering(one)}"
            for one in summing.answering
        ]
        lines += [
            f"{one.dataset} {one.version}: {wording.describe_covered(one)}"
            for one in summing.covered
        ]
        self._lists.setText("\n".join(lines) or _("Nothing was searched or sent yet."))
        self._advise(summary, summing.unsure)

    def _advise(self, summary: Summary, unsure: int) -> None:
        for old in self._advice:
            self._todo.removeWidget(old)
            old.deleteLater()
        places = len(self.desk.guard.choices.places())
        todo = wording.advise(summary, unsure, places)
        self._advice = [self._advice_button(said, page) for said, page in todo]
        if not todo:
            self._advice = [parts.text(_("Nothing waits for you."))]
        for new in self._advice:
            self._todo.addWidget(new)

    def _advice_button(self, said: str, page: str) -> QWidget:
        button = QPushButton(said)
        button.clicked.connect(lambda: self.wants.emit(page, ()))
        return button

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(28, 22, 28, 22)
        column.setSpacing(14)
        column.addWidget(parts.title(_("Overview")))
        row = QHBoxLayout()
        names = (
            *(_("works reserved"), _("copies found")),
            *(_("opt-outs acknowledged"), _("opt-outs waiting")),
        )
        for number, name in zip(self._numbers, names, strict=True):
            row.addWidget(_card(number, parts.muted(name)))
        column.addLayout(row)
        room = QWidget()
        room.setLayout(self._todo)
        column.addWidget(_card(parts.heading(_("Five minutes this month")), room))
        grid = QGridLayout()
        grid.setSpacing(14)
        for at, card in enumerate(self._plots.values()):
            grid.addWidget(card, at // 2, at % 2)
        column.addLayout(grid)
        heading = parts.heading(_("Sent, answered and searched"))
        column.addWidget(_card(heading, self._lists))
        column.addStretch()
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        area.setAccessibleName(_("Overview"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)


class PlotCard(QFrame):
    """A plot with its numbers as a table, to be saved as either."""

    def __init__(self, desk: Desk, name: str, draw: Draw) -> None:
        super().__init__()
        self.setObjectName("card")
        self._name = name
        self._plot = Plot(desk.theme, draw, name)
        self._table = Table(name, ["", _("Number")])
        self._either = QStackedLayout()
        self._either.addWidget(self._plot)
        self._either.addWidget(self._table)
        self._failed = parts.warning()
        self._failed.hide()
        self._turn = QPushButton(_("Show as table"))
        self._turn.clicked.connect(self._swap)
        image = QPushButton(_("Save image…"))
        image.clicked.connect(self._save_image)
        numbers = QPushButton(_("Save CSV…"))
        numbers.clicked.connect(self._save_numbers)
        row = QHBoxLayout()
        for button in (self._turn, image, numbers):
            button.setAccessibleDescription(name)
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.addWidget(parts.heading(name))
        layout.addLayout(self._either, 1)
        layout.addLayout(row)
        layout.addWidget(self._failed)

    def show_values(self, values: Values) -> None:
        """Draw and list these."""
        self._plot.show_values(values)
        self._table.fill(
            [(name, [self._plot.say(name), write_number(number)]) for name, number in values]
        )

    def save(self, file: Path) -> None:
        """Write the plot to an image file, or its numbers to a CSV file."""
        if file.suffix.lower() == ".csv":
            writing.write(file, self._plot.table(self._name, _("Number")).encode("utf-8-sig"))
        else:
            writing.write(file, self._plot.picture(vector=file.suffix.lower() == ".svg"))

    def _swap(self) -> None:
        tabled = self._either.currentWidget() is self._plot
        self._either.setCurrentWidget(self._table if tabled else self._plot)
        self._turn.setText(_("Show as plot") if tabled else _("Show as table"))

    def _save_image(self) -> None:
        self._ask(_("Save image"), ".png", "*.png *.svg")

    def _save_numbers(self) -> None:
        self._ask(_("Save CSV"), ".csv", "*.csv")

    def _ask(self, said: str, suffix: str, kinds: str) -> None:
        name = f"{self._name}{suffix}".replace("/", "-")
        chosen, _kind = QFileDialog.getSaveFileName(self, said, name, kinds)
        if not chosen:
            return
        file = Path(chosen)
        self._failed.hide()
        try:
            self.save(file if file.suffix else file.with_suffix(suffix))
        except Problem as problem:
            self._failed.setText(wording.explain_problem(problem))
            self._failed.show()


def _card(*widgets: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(18, 14, 18, 14)
    for widget in widgets:
        layout.addWidget(widget)
    return card


def _sum_up(guard: Guard) -> tuple[Summary, dict[Standing, int], Summing]:
    for _done in guard.store.gallery.refresh():
        pass
    return guard.summary(), guard.store.gallery.counts(), guard.store.overview.sum_up()
