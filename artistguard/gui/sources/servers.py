# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Servers at which works are looked up and opt-outs are filed: added, tried, removed."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from artistguard import sources, wording
from artistguard.errors import NotSignedIn, Problem
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.tables import Table
from artistguard.models import Source
from artistguard.wording.language import plural
from artistguard.wording.language import translate as _


class ServersPart(QWidget):
    """The servers in use."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._table = Table(_("Servers"), [_("Server"), _("What it is shown")])
        self._table.removed.connect(self._remove)
        self._said = parts.muted()
        add = QPushButton(_("Add a server…"))
        add.clicked.connect(self._ask)
        self._drop = QPushButton(_("Remove the server"))
        self._drop.clicked.connect(self._remove_current)
        row = QHBoxLayout()
        row.addWidget(add)
        row.addWidget(self._drop)
        row.addWidget(self._said, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts.heading(_("Servers")))
        layout.addWidget(
            parts.muted(
                _(
                    "A server knows more than fits on this computer, and takes your opt-outs. No"
                    " picture is ever sent to it."
                )
            )
        )
        layout.addWidget(self._table, 1)
        layout.addLayout(row)

    def load(self) -> None:
        """Show the servers in use."""
        settings = self._desk.guard.choices.settings
        how = (
            _("Anonymous parts of hashes, among dummies: it cannot tell which works you have")
            if settings.private
            else _("The hashes of your works; a hash shows a rough outline of a picture")
        )
        self._table.fill([(url, [url, how]) for url in settings.servers])
        self._drop.setEnabled(bool(settings.servers))

    def add(self, url: str, key: str, *, private: bool) -> None:
        """Use a server from now on; its key goes into the keyring."""
        try:
            self._desk.guard.choices.add_server(url, key or None, private=private)
        except Problem as problem:
            self._said.setText(wording.explain_problem(problem))
        else:
            self._desk.bridge.wake(Topic.SETTINGS)

    def _remove_current(self) -> None:
        current = self._table.current()
        if current is not None:
            self._remove(current)

    def _remove(self, url: str) -> None:
        self._desk.guard.choices.remove_server(url)
        self._said.setText(_("It is asked no longer. What was found and filed there stays."))
        self._desk.bridge.wake(Topic.SETTINGS)

    def _ask(self) -> None:
        dialog = ServerDialog(self._desk, self)
        dialog.accepted.connect(
            lambda: self.add(dialog.url(), dialog.key(), private=dialog.is_private())
        )
        dialog.open()


class ServerDialog(QDialog):
    """Asks for a server's address and key, and tries it before it is used."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setWindowTitle(_("Add a server"))
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 80)
        self._url = QLineEdit()
        self._url.setPlaceholderText("https://")
        self._key = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self._private = QCheckBox(_("Do not let it know which works I have (slower)"))
        self._private.setChecked(True)
        self._said = parts.muted(_("The key is kept in this system's keyring, never in a file."))
        form = QFormLayout()
        form.addRow(_("Address"), self._url)
        form.addRow(_("Key, if you were given one"), self._key)
        form.addRow("", self._private)
        attempt = QPushButton(_("Try the connection"))
        attempt.clicked.connect(self._try)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.addButton(attempt, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(self._said)
        layout.addWidget(buttons)

    def url(self) -> str:
        """The address, as it was typed."""
        return self._url.text().strip()

    def key(self) -> str:
        """The key; empty without one."""
        return self._key.text().strip()

    def is_private(self) -> bool:
        """Whether the server is not to know which works there are."""
        return self._private.isChecked()

    def _try(self) -> None:
        self._said.setText(_("Asking…"))
        private = self.is_private()
        question = partial(_covered, self.url(), self.key(), private=private)
        self._desk.bridge.ask(question, self._show, partial(self._fail, private=private))

    def _show(self, found: list[Source]) -> None:
        rows = sum(source.rows for source in found)
        said = plural(
            "It works: {number} entry is searched.",
            "It works: {number} entries are searched.",
            rows,
        )
        self._said.setText(said)

    def _fail(self, problem: Problem, *, private: bool) -> None:
        if private and isinstance(problem, NotSignedIn):
            self._said.setText(
                _(
                    "This server searches only for those it knows, so it cannot be asked without"
                    " showing it which works you have."
                )
            )
        else:
            self._said.setText(wording.explain_problem(problem))


def _covered(url: str, key: str, _guard: object, *, private: bool) -> list[Source]:
    return sources.try_server(url, key or None, private=private)
