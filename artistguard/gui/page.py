# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What every page of the window is: it opens what it is asked to, and keeps up with changes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from artistguard.gui.bridge import Update
from artistguard.gui.desk import Desk

RESTART: Final = "restart"
"""What a page wants, in place of another page, when everything has to begin anew."""


class Page(QWidget):
    """One page; it is made once, when it is first looked at."""

    wants = Signal(str, tuple)
    """Another page by its name, and what is to be opened there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def arrive(self) -> None:
        """The page is looked at again."""

    def begin(self) -> None:
        """Let keys go to where the work begins; not called while pages are leafed through."""

    def open(self, *what: object) -> None:
        """Show something certain: a work, some works to opt out."""

    def update_for(self, update: Update) -> None:
        """Show what has changed, whether the page is looked at or not."""

    def leave(self) -> None:
        """End what is going on; the window closes for good."""
