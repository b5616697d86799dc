# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is to be opted out, for whom and in whose name: the form above a plan."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from artistguard import wording
from artistguard.gui import parts
from artistguard.gui.desk import Desk
from artistguard.gui.opt_outs.plans import AGAIN, Chosen
from artistguard.models import Band, Scope
from artistguard.optouts import SURE
from artistguard.wording.language import plural, write_number
from artistguard.wording.language import translate as _


class Choosing(QWidget):
    """The form; `changed` says that it comes to something else now."""

    changed = Signal()
    """Something else is chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._works: list[int] = []
        self._ids: list[str] = []
        self._scope = QComboBox()
        self._domain = QLineEdit()
        self._domain.setPlaceholderText(_("example.org"))
        self._folder = QComboBox()
        self._channel = QComboBox()
        self._name = QLineEdit()
        self._name.setPlaceholderText(_("Name withheld"))
        self._bands = {band: QCheckBox(wording.name_band(band)) for band in Band}
        self._bands_said = parts.muted()
        self._copies = QWidget()
        self._standing = QCheckBox(_("Also what I make and what is found later"))
        self._form = QFormLayout(self)
        self._lay_out()
        for activated in (self._scope, self._folder, self._channel):
            activated.activated.connect(self._change)
        for edited in (self._domain, self._name):
            edited.textEdited.connect(self._change)
        for box in (*self._bands.values(), self._standing):
            box.clicked.connect(self._change)

    def begin(self, works: list[int], ids: list[str]) -> None:
        """Offer these works first, or to ask anew for these opt-outs; else everything."""
        self._works, self._ids = works, ids
        self._scope.clear()
        if ids:
            said = plural(
                "{number} opt-out that was refused or withdrawn",
                "{number} opt-outs that were refused or withdrawn",
                len(ids),
            )
            self._scope.addItem(said, AGAIN)
        else:
            self._offer_scopes()
        self._folder.clear()
        for folder, count in self._desk.guard.store.gallery.folders():
            self._folder.addItem(f"{wording.spell(folder)} ({write_number(count)})", folder)
        self._channel.clear()
        for channel in self._desk.guard.choices.channels():
            self._channel.addItem(wording.name_channel(channel), channel)
        for band, box in self._bands.items():
            box.setChecked(band in SURE)
        self._standing.setChecked(True)
        self._name.setText(self._desk.guard.choices.settings.declarant)
        self._show_rows()

    def chosen(self) -> Chosen:
        """What is chosen now."""
        return Chosen(
            scope=self._scope.currentData(),
            works=tuple(self._works),
            ids=tuple(self._ids),
            folder=self._folder.currentData() or "",
            domain=self._domain.text().strip(),
            bands=tuple(band for band, box in self._bands.items() if box.isChecked()),
            standing=self._standing.isChecked(),
            channel=self._channel.currentData(),
            name=self._name.text().strip(),
        )

    def _change(self, _new: object = None) -> None:
        self._show_rows()
        self.changed.emit()

    def _offer_scopes(self) -> None:
        if self._works:
            said = plural(
                "{number} selected work with all its copies",
                "{number} selected works with all their copies",
                len(self._works),
            )
            self._scope.addItem(said, Scope.WORK)
        self._scope.addItem(_("All works with all their copies"), Scope.ALL)
        self._scope.addItem(_("All works in a folder with all their copies"), Scope.FOLDER)
        self._scope.addItem(_("Only the copies that were found so far"), Scope.MATCHES)
        self._scope.addItem(_("Everything of mine at a domain"), Scope.DOMAIN)

    def _show_rows(self) -> None:
        scope = self._scope.currentData()
        self._form.setRowVisible(self._domain, scope == Scope.DOMAIN)
        self._form.setRowVisible(self._folder, scope == Scope.FOLDER)
        self._form.setRowVisible(self._copies, scope not in (Scope.DOMAIN, AGAIN))
        grows = scope in (Scope.WORK, Scope.FOLDER, Scope.ALL)
        self._form.setRowVisible(self._standing, grows)
        self._form.setRowVisible(self._channel, scope != AGAIN)
        chosen = [band for band, box in self._bands.items() if box.isChecked()]
        plain = chosen and Band.POSSIBLE not in chosen
        self._bands_said.setText("" if plain else wording.describe_bands(chosen))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._copies)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for box in self._bands.values():
            row.addWidget(box)
        row.addWidget(self._bands_said, 1)
        form = self._form
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        rows: Sequence[tuple[str, QWidget]] = (
            (_("What"), self._scope),
            (_("Domain"), self._domain),
            (_("Folder"), self._folder),
            (_("Copies that are"), self._copies),
            (_("Later"), self._standing),
            (_("For whom"), self._channel),
            (_("In the name of"), self._name),
        )
        for name, field in rows:
            form.addRow(name, field)
            if not field.accessibleName():
                field.setAccessibleName(name)
