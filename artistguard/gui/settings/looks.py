# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Colours and language."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QComboBox, QFormLayout

from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.settings.card import Card
from artistguard.wording.language import LANGUAGES, available, mark
from artistguard.wording.language import translate as _

_THEMES: Final = {
    "": mark("As the system has it"),
    "light": mark("Light"),
    "dark": mark("Dark"),
    "contrast": mark("High contrast"),
}


class LooksCard(Card):
    """How the window looks, and the language it speaks."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Looks"), _("Changes show when ArtistGuard is started again."))
        self._themes = QComboBox()
        for name, said in _THEMES.items():
            self._themes.addItem(_(said), name)
        self._languages = QComboBox()
        self._languages.addItem(_("As the system has it"), "")
        for tag in available():
            self._languages.addItem(LANGUAGES[tag], tag)
        form = QFormLayout()
        form.addRow(_("Colours"), self._themes)
        form.addRow(_("Language"), self._languages)
        self.column.addLayout(form)
        self._said = parts.muted()
        self.column.addWidget(self._said)
        for box in (self._themes, self._languages):
            box.activated.connect(self._choose)

    def load(self) -> None:
        """Show what is chosen now."""
        settings = self.desk.guard.choices.settings
        for box, chosen in ((self._themes, settings.theme), (self._languages, settings.language)):
            box.setCurrentIndex(max(0, box.findData(chosen)))

    def _choose(self) -> None:
        theme, language = self._themes.currentData(), self._languages.currentData()
        self.desk.guard.choices.look(theme=theme, language=language)
        self._said.setText(_("Saved; start ArtistGuard again to see it."))
        self.desk.bridge.wake(Topic.SETTINGS)
