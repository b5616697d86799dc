# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The table of matches, band by band, with what they are filtered by."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.desk import Desk
from artistguard.gui.matches.model import MatchesModel
from artistguard.models import Band, Match, Verdict
from artistguard.store import Act, SoughtMatches
from artistguard.wording.language import translate as _
from artistguard.wording.language import write_number

_HOSTS: Final = 200  # in the filter, those with most copies
_TYPING_MS: Final = 150


@dataclass(frozen=True, slots=True)
class Found:
    """What is `sought` comes to, and all that is beside it.

    `waiting` are those of the `matches` that are to be decided. `counts` are of every band, under
    the other filters.
    """

    sought: SoughtMatches
    matches: array[int]
    waiting: array[int]
    counts: dict[tuple[Band, Verdict | None], int]
    confirmed: bool
    datasets: list[tuple[str, int]]
    hosts: list[tuple[str, int]]
    last: Act | None

    @property
    def is_narrowed(self) -> bool:
        """Whether some of the band may wait that are not sought."""
        return replace(self.sought, band=None, decided=None) != SoughtMatches()


def _seek(guard: Guard, sought: SoughtMatches) -> Found:
    asked = guard.store.judgements
    waiting = array("q") if sought.decided else asked.seek(replace(sought, decided=False))
    return Found(
        sought=sought,
        matches=asked.seek(sought),
        waiting=waiting,
        counts=asked.counts(replace(sought, band=None, decided=None)),
        confirmed=bool(asked.works(SoughtMatches(verdict=Verdict.MINE))),
        datasets=asked.datasets(),
        hosts=asked.hosts(_HOSTS),
        last=asked.act(),
    )


class Listing(QWidget):
    """Matches of one band; one is current."""

    picked = Signal()
    """Another match is current, or what is known of it has changed."""
    loaded = Signal(object)
    """Found."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._asked = 0
        self._work: int | None = None
        self._next: int | None = None
        self._found: Found | None = None
        self._goes_on = False
        self._model = MatchesModel(desk.guard.store.matches.chosen)
        self._bands = QButtonGroup(self)
        for at, band in enumerate(Band):
            button = QPushButton(wording.name_band(band))
            button.setCheckable(True)
            self._bands.addButton(button, at)
        self._bands.button(0).setChecked(True)
        self._decided = self._filter(_("Show matches that are"))
        self._decided.addItem(_("All matches"), None)
        self._decided.addItem(_("To decide"), False)
        self._decided.addItem(_("Decided"), True)
        self._dataset = self._filter(_("Show matches in"))
        self._dataset.addItem(_("All data sets"), None)
        self._host = self._filter(_("Show matches at"))
        self._host.addItem(_("All sites"), None)
        self._text = QLineEdit(clearButtonEnabled=True)
        self._text.setPlaceholderText(_("Name, address or caption"))
        self._text.setAccessibleName(_("Show matches with this in name, address or caption"))
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.load)
        self._text.textChanged.connect(lambda _text: self._typing.start())
        self._all_works = QPushButton(_("Show all works again"))
        self._all_works.clicked.connect(lambda: self.show_work(None))
        self._all_works.hide()
        self._counted = parts.muted()
        self._table = self._make_table()
        self._lay_out()
        self._bands.idClicked.connect(self.load)
        for box in (self._decided, self._dataset, self._host):
            box.currentIndexChanged.connect(self.load)

    def load(self, _chosen: int = 0) -> None:
        """Ask for what is sought, and show it when it is there."""
        self._asked += 1
        self._desk.bridge.ask(
            partial(_seek, sought=self.sought()), partial(self._show, self._asked)
        )

    def sought(self) -> SoughtMatches:
        """What the filters say."""
        return SoughtMatches(
            band=self.band,
            decided=self._decided.currentData(),
            dataset=self._dataset.currentData(),
            host=self._host.currentData(),
            work=self._work,
            text=self._text.text().strip(),
        )

    @property
    def band(self) -> Band:
        """The band that is shown."""
        return list(Band)[self._bands.checkedId()]

    def show_work(self, work: int | None) -> None:
        """Show the matches of one work, or of all."""
        self._work = work
        self._all_works.setVisible(work is not None)
        if work is not None:
            self._show_everything()
            seek = self._desk.guard.store.judgements.seek
            waiting = (seek(SoughtMatches(band=band, work=work)) for band in Band)
            for at, found in enumerate(waiting):
                if found:
                    self._bands.button(at).setChecked(True)
                    break
        self.load()

    def current(self) -> Match | None:
        """The match that is looked at."""
        index = self._table.currentIndex()
        return self._model.at(index.row()) if index.isValid() else None

    def go_on(self) -> None:
        """Make the next match that waits the current one, in the next band if need be."""
        found = self._model.next_undecided(self._table.currentIndex().row())
        if found is not None:
            self._pick(self._model.row_of(found))
            return
        bands = list(Band)
        here = bands.index(self.band)
        for band in bands[here + 1 :] + bands[:here]:
            if self._found and self._found.counts.get((band, None)):
                self._bands.button(bands.index(band)).setChecked(True)
                self.go_on_later()
                return

    def go_on_later(self) -> None:
        """Ask what stands now, and then go on to the next match that waits."""
        self._goes_on = True
        self.load()

    def decided(self) -> None:
        """The current match was just decided: show so, and go on to the next."""
        self._next = self._model.next_undecided(self._table.currentIndex().row())
        current = self.current()
        if current and self._next == current.id:
            self._next = None
        self.load()

    def focus(self) -> None:
        """Let keys go to the table."""
        self._table.setFocus()

    def type_text(self) -> None:
        """Let keys go to the text that is looked for."""
        self._text.setFocus()
        self._text.selectAll()

    def _show(self, asked: int, found: Found) -> None:
        if asked != self._asked:
            return
        self._found = found
        before, row = self.current(), self._table.currentIndex().row()
        self._model.show(found.matches)
        stays = before.id if before else None
        wanted = self._next if self._next is not None else stays
        self._next = None
        at = self._model.row_of(wanted) if wanted is not None else None
        if at is None and found.matches:
            at = min(max(row, 0), len(found.matches) - 1)
        self._pick(at)
        self._count(found)
        self._fill(self._dataset, found.datasets)
        self._fill(self._host, found.hosts)
        self.loaded.emit(found)
        self.picked.emit()
        current = self.current()
        goes_on, self._goes_on = self._goes_on, False
        if goes_on and current and current.verdict is not None:
            self.go_on()

    def _show_everything(self) -> None:
        """Take all filters back, but for the band and the work."""
        for box in (self._decided, self._dataset, self._host, self._text):
            box.blockSignals(True)
        for box in (self._decided, self._dataset, self._host):
            box.setCurrentIndex(0)
        self._text.clear()
        for box in (self._decided, self._dataset, self._host, self._text):
            box.blockSignals(False)

    def _pick(self, row: int | None) -> None:
        if row is not None:
            self._table.setCurrentIndex(self._model.index(row, 0))

    def _count(self, found: Found) -> None:
        for at, band in enumerate(Band):
            number = sum(count for (of, _said), count in found.counts.items() if of is band)
            self._bands.button(at).setText(f"{wording.name_band(band)}  {write_number(number)}")
        waiting = found.counts.get((self.band, None), 0)
        said = _("{waiting} of this band to decide; {shown} shown.")
        self._counted.setText(
            said.format(waiting=write_number(waiting), shown=write_number(len(found.matches)))
        )

    @staticmethod
    def _fill(box: QComboBox, rows: list[tuple[str, int]]) -> None:
        """Renew what can be chosen; what was chosen stays, even if nothing is there now."""
        chosen = box.currentData()
        box.blockSignals(True)
        while box.count() > 1:
            box.removeItem(1)
        for name, number in rows:
            box.addItem(f"{name} ({write_number(number)})", name)
        if chosen is not None and box.findData(chosen) < 0:
            box.addItem(chosen, chosen)
        box.setCurrentIndex(max(0, box.findData(chosen)) if chosen is not None else 0)
        box.blockSignals(False)

    @staticmethod
    def _filter(name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(7)
        return box

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName(_("Matches"))
        table.setModel(self._model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(round(table.fontMetrics().height() * 2.1))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(2, table.fontMetrics().averageCharWidth() * 16)
        table.selectionModel().currentRowChanged.connect(self._tell)
        return table

    def _tell(self, _current: QModelIndex, _before: QModelIndex) -> None:
        self.picked.emit()

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        for box in (self._decided, self._dataset, self._host):
            filters.addWidget(box, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        bands = QHBoxLayout()
        for button in self._bands.buttons():
            bands.addWidget(button, 1)
        layout.addLayout(bands)
        layout.addLayout(filters)
        layout.addWidget(self._text)
        layout.addWidget(self._all_works)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._counted)
