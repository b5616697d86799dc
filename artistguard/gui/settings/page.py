# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the artist chooses, in cards one above the other."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from artistguard.gui import parts
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.page import RESTART, Page
from artistguard.gui.settings.artist import ArtistCard
from artistguard.gui.settings.background import BackgroundCard
from artistguard.gui.settings.folders import FoldersCard
from artistguard.gui.settings.looks import LooksCard
from artistguard.gui.settings.records import RecordsCard
from artistguard.wording.language import translate as _


class SettingsPage(Page):
    """Names, folders, looks and records."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._cards = (
            ArtistCard(desk),
            FoldersCard(desk),
            BackgroundCard(desk),
            LooksCard(desk),
            RecordsCard(desk),
        )
        self._cards[-1].accepted.connect(lambda: self.wants.emit(RESTART, ()))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(28, 22, 28, 22)
        column.setSpacing(14)
        column.addWidget(parts.title(_("Settings")))
        for card in self._cards:
            column.addWidget(card)
        column.addStretch()
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        area.setAccessibleName(_("Settings"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def arrive(self) -> None:
        """Show what is chosen now."""
        for card in self._cards:
            card.load()

    def update_for(self, update: Update) -> None:
        """Show what was chosen elsewhere."""
        if update.topics & {Topic.SETTINGS, Topic.WORKS, Topic.STATE}:
            self.arrive()
