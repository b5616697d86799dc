# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opt-outs: the list of all, the wishes that stand, and before anything is filed, the plan."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from artistguard.gui import parts
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.opt_outs.listing import Listing
from artistguard.gui.opt_outs.planning import Planning
from artistguard.gui.opt_outs.wishes import Wishes
from artistguard.gui.page import Page
from artistguard.wording.language import translate as _
from artistguard.wording.language import write_number

_TOPICS: Final = {Topic.OPT_OUTS, Topic.SETTINGS, Topic.MATCHES, Topic.STATE}
"""That somebody is away is only told as a state."""


class OptOutsPage(Page):
    """The list or the wishes, or the plan in their place."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._listing = Listing(desk)
        self._wishes = Wishes(desk)
        self._planning = Planning(desk)
        self._listing.wants.connect(self.wants)
        self._listing.again.connect(self._ask_again)
        self._planning.left.connect(self._list)
        self._either = QStackedLayout()
        self._either.addWidget(self._listing)
        self._either.addWidget(self._wishes)
        self._tabs = QButtonGroup(self)
        for at, name in enumerate((_("Opt-outs"), _("Wishes that stand"))):
            button = QPushButton()
            button.setCheckable(True)
            self._tabs.addButton(button, at)
            self._name_tab(at, name)
        self._tabs.button(0).setChecked(True)
        self._tabs.idClicked.connect(self._either.setCurrentIndex)
        self._wishes.counted.connect(self._count_wishes)
        everything = QWidget()
        column = QVBoxLayout(everything)
        column.setContentsMargins(28, 22, 28, 18)
        column.setSpacing(12)
        column.addLayout(self._above())
        column.addLayout(self._either, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(everything)
        self._stack.addWidget(self._planning)

    def arrive(self) -> None:
        """Show how everything stands now."""
        self._load()

    def open(self, *what: object) -> None:
        """Plan to opt out these works, a list of ids; everything, when it is empty."""
        works = what[0] if what else []
        assert isinstance(works, list)
        self._stack.setCurrentWidget(self._planning)
        self._planning.begin(works)

    def update_for(self, update: Update) -> None:
        """Show what has been sent, answered, found again or taken back."""
        if update.topics & _TOPICS and self.isVisible():  # or it is seen on arrival
            self._load()

    def leave(self) -> None:
        """End what is under way."""
        self._planning.stop()
        self._listing.stop()

    def _ask_again(self, ids: list[str]) -> None:
        self._stack.setCurrentWidget(self._planning)
        self._planning.begin_again(ids)

    def _load(self) -> None:
        self._listing.load()
        self._wishes.load()

    def _list(self) -> None:
        self._stack.setCurrentIndex(0)
        self._load()

    def _count_wishes(self, number: int) -> None:
        said = _("Wishes that stand")
        self._name_tab(1, f"{said} ({write_number(number)})" if number else said)

    def _name_tab(self, at: int, said: str) -> None:
        """Name a tab, with room for its name in the bold letters of the current one."""
        button = self._tabs.button(at)
        button.setText(said)
        bold = button.font()
        bold.setBold(True)
        room = button.sizeHint().width() - button.fontMetrics().horizontalAdvance(said)
        button.setMinimumWidth(room + QFontMetrics(bold).horizontalAdvance(said))

    def _above(self) -> QHBoxLayout:
        plan = parts.primary(_("Opt out…"))
        plan.clicked.connect(lambda: self.open([]))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(parts.title(_("Opt-outs")))
        row.addSpacing(16)
        for button in self._tabs.buttons():
            row.addWidget(button)
        row.addStretch()
        row.addWidget(plan)
        return row
