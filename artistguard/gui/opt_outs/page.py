# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opt-outs: the list of all, and before anything is filed, the plan."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedLayout

from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.opt_outs.listing import Listing
from artistguard.gui.opt_outs.planning import Planning
from artistguard.gui.page import Page


class OptOutsPage(Page):
    """The list, or the plan in its place."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._listing = Listing(desk)
        self._planning = Planning(desk)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._listing)
        self._stack.addWidget(self._planning)
        self._listing.planned.connect(lambda: self.open([]))
        self._planning.left.connect(self._list)

    def arrive(self) -> None:
        """Show how everything stands now."""
        self._listing.load()

    def open(self, *what: object) -> None:
        """Plan to opt out these works, a list of ids; everything, when it is empty."""
        works = what[0] if what else []
        assert isinstance(works, list)
        self._stack.setCurrentWidget(self._planning)
        self._planning.begin(works)

    def update_for(self, update: Update) -> None:
        """Show what has been sent, answered or taken back."""
        if update.topics & {Topic.OPT_OUTS, Topic.SETTINGS}:
            self._listing.load()

    def _list(self) -> None:
        self._stack.setCurrentWidget(self._listing)
        self._listing.load()
