# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What goes on while nobody looks: from when on, and on which power and network."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout

from artistguard import wording
from artistguard.errors import Problem
from artistguard.gui import autostart, parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.settings.card import Card
from artistguard.settings import NEVER_ON_BATTERY
from artistguard.wording.language import mark
from artistguard.wording.language import translate as _

_BATTERY: Final = {
    0: mark("Always"),
    30: mark("While it is above 30 %"),
    60: mark("While it is above 60 %"),
    NEVER_ON_BATTERY: mark("Never"),
}


class BackgroundCard(Card):
    """Starting with the system, and sparing battery and network."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            _("In the background"),
            _(
                "New works are found and looked up, and reserved if you have asked for that, for as"
                " long as ArtistGuard runs, with its window closed, too."
            ),
        )
        self._starts = QCheckBox(_("Start with this computer, in the background"))
        self._starts.clicked.connect(self._start)
        self._waits = QCheckBox(_("Ask servers only on networks that do not count what is sent"))
        self._waits.clicked.connect(self._choose)
        self._battery = QComboBox()
        for least, said in _BATTERY.items():
            self._battery.addItem(_(said), least)
        self._battery.activated.connect(self._choose)
        form = QFormLayout()
        form.addRow(_("Read pictures on battery"), self._battery)
        self._said = parts.muted()
        self._said.hide()
        self.column.addWidget(self._starts)
        self.column.addWidget(self._waits)
        self.column.addLayout(form)
        self.column.addWidget(self._said)

    def load(self) -> None:
        """Show what is chosen now."""
        settings = self.desk.guard.choices.settings
        self._starts.setChecked(autostart.is_enabled())
        self._waits.setChecked(settings.wait_for_unmetered)
        # What a file says in between counts as the next stricter one.
        least = min(choice for choice in _BATTERY if choice >= settings.battery_least)
        self._battery.setCurrentIndex(self._battery.findData(least))

    def _choose(self) -> None:
        self.desk.guard.choices.arrange(
            battery_least=self._battery.currentData(), wait_for_unmetered=self._waits.isChecked()
        )
        self.desk.bridge.wake(Topic.SETTINGS)

    def _start(self, wanted: bool) -> None:
        try:
            if wanted:
                autostart.enable(autostart.command(self.desk.data))
            else:
                autostart.disable()
        except Problem as problem:
            self._said.setText(wording.explain_problem(problem))
            self._said.show()
        self._starts.setChecked(autostart.is_enabled())
