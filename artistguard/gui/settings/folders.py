# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The folders that are watched."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QSizePolicy

from artistguard import folder, wording
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.settings.card import Card
from artistguard.gui.tables import Table
from artistguard.wording import reach
from artistguard.wording.language import translate as _

_ROWS = 4


class FoldersCard(Card):
    """Folders and files of the portfolio."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            _("Your folders"),
            _(
                "These are watched: new and changed pictures are taken in. A drive that is not"
                " connected is waited for, and no work is ever lost for it. You can also drop"
                " folders anywhere on this window."
            ),
        )
        self._table = Table(_("Folders"), [_("Folder"), _("How it stands")])
        self._table.setFixedHeight(self.fontMetrics().lineSpacing() * 2 * (_ROWS + 1))
        self._table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._table.removed.connect(self._remove)
        add = QPushButton(_("Add a folder…"))
        add.clicked.connect(self._ask)
        drop = QPushButton(_("Watch it no longer"))
        drop.clicked.connect(self._remove_current)
        row = QHBoxLayout()
        self._moved = QPushButton(_("Say where it is now…"))
        self._moved.setToolTip(_("A folder that is not there may lie elsewhere on this computer"))
        self._moved.clicked.connect(self._ask_where)
        self._said = parts.muted()
        self._said.hide()
        self._table.itemSelectionChanged.connect(self._offer)
        row.addWidget(add)
        row.addWidget(self._moved)
        row.addWidget(drop)
        row.addStretch()
        self.column.addWidget(self._table)
        self.column.addLayout(row)
        self.column.addWidget(self._said)

    def relocate(self, old: str, new: str) -> None:
        """Say where a folder that is not there lies now."""

        def question(guard: Guard) -> int | None:
            return guard.portfolio.relocate(old, new)

        self.desk.bridge.ask(question, partial(self._relocated, new), self._fail)

    def load(self) -> None:
        """Show the folders that are watched now."""
        folders = self.desk.guard.portfolio.folders()
        away = {one.path: one.error for one in self.desk.bridge.state.away}
        rows = [
            (path, [wording.spell(path), reach.name_folder(away.get(folder.to_text(path)))])
            for path in folders
        ]
        self._table.fill(rows)
        self._offer()

    def _offer(self) -> None:
        current = self._table.current()
        self._moved.setEnabled(current is not None and not Path(current).exists())

    def _ask_where(self) -> None:
        old = self._table.current()
        new = QFileDialog.getExistingDirectory(self, _("Where this folder is now"))
        if old and new:
            self.relocate(old, new)

    def _relocated(self, new: str, files: int | None) -> None:
        said = wording.say_not_moved(new) if files is None else wording.say_moved(files)
        self._said.setText(said)
        self._said.show()
        self.load()
        self.desk.bridge.wake(Topic.WORKS)

    def _fail(self, problem: Problem) -> None:
        self._said.setText(wording.explain_problem(problem))
        self._said.show()

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("The folder with your art"))
        if folder:
            self.desk.guard.portfolio.add([folder])
            self.desk.bridge.wake(Topic.WORKS)

    def _remove_current(self) -> None:
        current = self._table.current()
        if current is not None:
            self._remove(current)

    def _remove(self, path: str) -> None:
        self.desk.guard.portfolio.leave(path)
        self.desk.bridge.wake(Topic.WORKS)
