# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Who declares, and by what else the artist may be found."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton

from artistguard import wording
from artistguard.errors import Problem
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.settings.card import Card
from artistguard.wording.language import translate as _

_LINES = 3


class ArtistCard(Card):
    """A name for declarations; names, sites and addresses to look for."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            _("You"),
            _(
                "Your opt-outs show one name, or none. The rest is only looked for: names in"
                " captions, and your own sites and addresses among those in a data set."
            ),
        )
        self._declarant = QLineEdit()
        self._declarant.setPlaceholderText(_("Name withheld"))
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(_("Name or pen name on opt-outs"), self._declarant)
        self._names = self._lines(form, _("Names in captions, one a line"))
        self._sites = self._lines(form, _("Your sites, one a line"))
        self._urls = self._lines(form, _("Addresses of your pictures, one a line"))
        self._said = parts.muted()
        save = QPushButton(_("Save"))
        save.clicked.connect(self.save)
        row = QHBoxLayout()
        row.addWidget(save)
        row.addWidget(self._said, 1)
        self.column.addLayout(form)
        self.column.addLayout(row)

    def load(self) -> None:
        """Show what is chosen, unless something is being typed."""
        boxes = (self._names, self._sites, self._urls)
        if self._declarant.isModified() or any(box.document().isModified() for box in boxes):
            return
        settings = self.desk.guard.choices.settings
        self._declarant.setText(settings.declarant)
        for box, lines in (
            (self._names, settings.names),
            (self._sites, settings.sites),
            (self._urls, settings.urls),
        ):
            box.setPlainText("\n".join(lines))

    def save(self) -> None:
        """Keep what was typed."""
        choices = self.desk.guard.choices
        try:
            choices.call_artist(self._declarant.text().strip())
            choices.know_artist(
                _lines_of(self._names), _lines_of(self._sites), _lines_of(self._urls)
            )
        except Problem as problem:
            self._said.setText(wording.explain_problem(problem))
        else:
            self._said.setText(_("Saved."))
            self._declarant.setModified(False)
            for box in (self._names, self._sites, self._urls):
                box.document().setModified(False)
            self.desk.bridge.wake(Topic.SETTINGS)

    def _lines(self, form: QFormLayout, said: str) -> QPlainTextEdit:
        box = QPlainTextEdit(tabChangesFocus=True)
        box.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + 24)
        form.addRow(said, box)
        return box


def _lines_of(box: QPlainTextEdit) -> list[str]:
    return [line for text in box.toPlainText().splitlines() if (line := text.strip())]
