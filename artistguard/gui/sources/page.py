# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is searched, one part above the other: data sets on this computer, and servers."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from artistguard.gui import parts
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.page import Page
from artistguard.gui.sources.packs import PacksPart
from artistguard.gui.sources.servers import ServersPart
from artistguard.wording.language import translate as _


class SourcesPage(Page):
    """The data sets and servers in which works are looked up."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._packs = PacksPart(desk)
        self._servers = ServersPart(desk)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 22)
        layout.setSpacing(10)
        layout.addWidget(parts.title(_("Where your works are looked up")))
        layout.addWidget(
            parts.muted(
                _(
                    "“Not found” never means more than: not found in these sets, at these versions,"
                    " on the day they were searched."
                )
            )
        )
        layout.addSpacing(6)
        layout.addWidget(self._packs, 3)
        layout.addSpacing(10)
        layout.addWidget(self._servers, 2)

    def arrive(self) -> None:
        """Read anew what there is: packs may have come or gone."""
        self._packs.load()
        self._servers.load()

    def update_for(self, update: Update) -> None:
        """Show what was chosen elsewhere."""
        if Topic.SETTINGS in update.topics:
            self.arrive()

    def leave(self) -> None:
        """End a download or check; it goes on where it was the next time."""
        self._packs.stop()
