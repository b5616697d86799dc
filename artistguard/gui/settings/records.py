# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Everything that is kept, to be saved elsewhere or brought back, and what helpers may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMessageBox, QPushButton

from artistguard import backups, wording, writing
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.desk import Desk
from artistguard.gui.settings.card import Card
from artistguard.models import Progress
from artistguard.wording.language import translate as _


class RecordsCard(Card):
    """Backup, the way back, and a bundle for those who help."""

    accepted = Signal()
    """A backup is to take its place: all has to start again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            _("Your records"),
            _(
                "Works, matches, opt-outs and receipts lie in one folder on this computer. A backup"
                " is one file with all of it, for another disk or another computer. The key that"
                " signs is in the system's keyring and is not part of it."
            ),
        )
        self._said = parts.muted()
        row = QHBoxLayout()
        for said, does in (
            (_("Save a backup…"), self._ask_backup),
            (_("Bring a backup back…"), self._ask_restore),
            (_("Show the folder"), self._show_folder),
            (_("Save what helpers may see…"), self._ask_bundle),
        ):
            button = QPushButton(said)
            button.clicked.connect(does)
            row.addWidget(button)
        row.addStretch()
        self.column.addLayout(row)
        self.column.addWidget(self._said)

    def back_up(self, file: str) -> None:
        """Save everything into one file."""
        self._run(partial(backups.save, self.desk.data, Path(file)), _("The backup is complete."))

    def restore(self, file: str) -> None:
        """Check a backup and ask whether it is to take the place of what is here."""

        def done(problem: Problem | None) -> None:
            if problem:
                self._said.setText(wording.explain_problem(problem))
            else:
                self._said.clear()
                self.desk.bridge.ask(_compare, self._ask_for_replacement)

        self._said.setText(_("Checking the backup…"))
        job = partial(backups.stage, Path(file), self.desk.data)
        self.desk.bridge.work(job, done, lambda _progress: None)

    def _ask_for_replacement(self, held: tuple[backups.Held, backups.Held]) -> None:
        backup, here = (wording.count_records(*astuple(one)) for one in held)
        box = QMessageBox(QMessageBox.Icon.Question, _("Bring a backup back"), "", parent=self)
        box.setText(_("Replace what is here with the backup?"))
        box.setInformativeText(wording.ask_for_replacement(backup, here))
        replace = box.addButton(_("Replace and start again"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(_("Leave as it is"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        replace.clicked.connect(self._accept)
        stay.clicked.connect(lambda: backups.discard(self.desk.data))
        box.finished.connect(box.deleteLater)
        box.open()

    def _accept(self) -> None:
        backups.accept(self.desk.data, self.desk.guard.clock)
        self.accepted.emit()

    def _ask_restore(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, _("Bring a backup back"), "", "*.zip")
        if file:
            self.restore(file)

    def _run(self, job: Callable[[], Iterator[Progress]], said: str) -> None:
        def done(problem: Problem | None) -> None:
            self._said.setText(wording.explain_problem(problem) if problem else said)

        self._said.setText(_("Saving…"))
        self.desk.bridge.work(job, done, lambda _progress: None)

    def _ask_backup(self) -> None:
        name = f"artistguard-{date.today().isoformat()}.zip"  # noqa: DTZ011  # the day the artist has
        file, _kind = QFileDialog.getSaveFileName(self, _("Save a backup"), name, "*.zip")
        if file:
            self.back_up(file)

    def _ask_bundle(self) -> None:
        file, _kind = QFileDialog.getSaveFileName(
            self, _("Save what helpers may see"), "artistguard-help.txt", "*.txt"
        )
        if file:
            self.desk.bridge.ask(
                partial(_write_bundle, Path(file)),
                lambda _none: self._said.setText(
                    _("Saved. It holds no names, no paths, no hashes and no keys.")
                ),
                lambda problem: self._said.setText(wording.explain_problem(problem)),
            )

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.desk.data)))


def _compare(guard: Guard) -> tuple[backups.Held, backups.Held]:
    """How much the unpacked backup holds, and how much is here."""
    return backups.staged(guard.data), backups.count(guard.store)


def _write_bundle(file: Path, guard: Guard) -> None:
    checks = list(guard.examine())
    writing.write(file, backups.help_bundle(checks, asdict(guard.summary())))
