# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A quiet line above the works, with one thing that can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from artistguard.gui import parts


class Banner(QFrame):
    """Words and a button; hidden until there is something to say."""

    def __init__(self, button: str, does: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._said = parts.text()
        self.button = QPushButton(button)
        self.button.clicked.connect(lambda _checked: does())
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(12)
        row.addWidget(self._said, 1)
        row.addWidget(self.button)
        self.hide()

    def say(self, said: str) -> None:
        """Say this; nothing to say hides it."""
        self._said.setText(said)
        self.setVisible(bool(said))


class Empty(QWidget):
    """In place of the works, why there are none, and a button if something can be done."""

    def __init__(self, button: str, does: Callable[[], object]) -> None:
        super().__init__()
        self._said = parts.muted()
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(button)
        self.button.clicked.connect(lambda _checked: does())
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addStretch()
        column.addWidget(self._said)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addStretch(2)

    def say(self, said: str, *, can: bool) -> None:
        """Say this; whether the button can help."""
        self._said.setText(said)
        self.button.setVisible(can)
