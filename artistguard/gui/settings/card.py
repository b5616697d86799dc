# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One part of the settings: a heading, what it is for, and its controls."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from artistguard.gui import parts
from artistguard.gui.desk import Desk


class Card(QFrame):
    """A frame with a heading; `load` shows what is chosen now."""

    def __init__(self, desk: Desk, title: str, about: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.desk = desk
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 18)
        self.column.setSpacing(10)
        self.column.addWidget(parts.heading(title))
        self.column.addWidget(parts.muted(about))

    def load(self) -> None:
        """Show what is chosen now."""
