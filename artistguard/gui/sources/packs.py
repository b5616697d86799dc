# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Data sets on this computer: what each covers, and how one is brought, checked and removed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from artistguard import profiles, sources, wording
from artistguard.errors import Problem
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.tables import Table
from artistguard.models import Progress
from artistguard.wording.language import translate as _
from artistguard.wording.language import write_day, write_number


class PacksPart(QWidget):
    """The packs that are searched."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._halt: Callable[[], None] | None = None
        self._table = Table(
            _("Data sets on this computer"),
            [_("Data set"), _("Version"), _("Entries"), _("Found by"), _("Size"), _("Made on")],
        )
        self._table.removed.connect(self._remove)
        self._said = parts.muted()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(_("Progress"))
        self._stop = QPushButton(_("Stop"))
        self._stop.clicked.connect(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts.heading(_("Data sets on this computer")))
        layout.addWidget(
            parts.muted(_("Searching these tells nobody anything: it all happens here."))
        )
        layout.addWidget(self._table, 1)
        layout.addLayout(self._buttons())
        layout.addLayout(self._progress())
        self._show_busy(False)

    def load(self) -> None:
        """Show the packs that are searched now."""
        folders = self._desk.guard.choices.settings.packs
        self._desk.bridge.ask(
            lambda _guard: [sources.describe(path) for path in folders], self._show
        )

    def stop(self) -> None:
        """Stop what is going on; what has come so far stays."""
        if self._halt:
            self._halt()
            self._halt = None
            self._show_busy(False)
            self._said.setText(_("Stopped. It goes on where it was the next time."))

    def add(self, folder: str) -> None:
        """Search a pack from now on."""
        try:
            self._desk.guard.choices.add_packs([folder])
        except Problem as problem:
            self._said.setText(wording.explain_problem(problem))
        else:
            self._chosen()

    def download(self, address: str) -> None:
        """Bring a pack from an address, or go on where that stopped, and search it."""
        name = hashlib.sha256(address.strip().encode()).hexdigest()[:16]
        into = profiles.packs_folder(self._desk.data) / name
        job = partial(sources.download, address.strip(), into)
        self._begin(job, _("Downloading…"), partial(self._downloaded, str(into)))

    def verify(self, folder: str) -> None:
        """Read every byte of a pack."""
        self._begin(partial(sources.verify, folder), _("Reading every byte…"), self._verified)

    def _show(self, offers: list[sources.Offer]) -> None:
        self._table.fill([(offer.path, _row(offer)) for offer in offers])
        for button in self._of_one:
            button.setEnabled(bool(offers))
        if not offers and not self._said.text():
            self._said.setText(_("There is none yet. Nothing is searched until one is added."))

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._of_one = []
        for said, does, of_one in (
            (_("Download…"), self._ask_address, False),
            (_("Add from disk…"), self._ask_folder, False),
            (_("Check every byte"), lambda: self._with_current(self.verify), True),
            (_("Remove from the search"), lambda: self._with_current(self._remove), True),
        ):
            button = QPushButton(said)
            button.clicked.connect(does)
            row.addWidget(button)
            if of_one:
                self._of_one.append(button)
        row.addStretch()
        return row

    def _progress(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self._said, 2)
        row.addWidget(self._bar, 1)
        row.addWidget(self._stop)
        return row

    def _begin(self, job: Callable[[], object], said: str, done: Callable[[], None]) -> None:
        self.stop()
        self._said.setText(said)
        self._bar.setRange(0, 0)
        self._show_busy(True)

        def end(problem: Problem | None) -> None:
            self._halt = None
            self._show_busy(False)
            if problem:
                self._said.setText(wording.explain_problem(problem))
            else:
                done()

        self._halt = self._desk.bridge.work(job, end, self._advance)  # type: ignore[arg-type]  # a partial of one

    def _advance(self, progress: Progress) -> None:
        # Qt counts in 32 bits, and a pack may have more bytes.
        total = progress.total or 1
        self._bar.setRange(0, 1000)
        self._bar.setValue(progress.done * 1000 // total)

    def _downloaded(self, folder: str) -> None:
        self._said.setText(_("It is here, and every byte is as it was published."))
        self.add(folder)

    def _verified(self) -> None:
        self._said.setText(_("Every byte is as it was written."))

    def _remove(self, folder: str) -> None:
        self._desk.guard.choices.remove_packs([folder])
        self._said.setText(_("It is searched no longer. Its files and what was found in it stay."))
        self._chosen()

    def _chosen(self) -> None:
        self._desk.bridge.wake(Topic.SETTINGS)

    def _with_current(self, do: Callable[[str], None]) -> None:
        current = self._table.current()
        if current is not None:
            do(current)

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("The folder of a data set's pack"))
        if folder:
            self.add(folder)

    def _ask_address(self) -> None:
        address, given = QInputDialog.getText(
            self, _("Download a data set"), _("The address at which its pack is published:")
        )
        if given and address.strip():
            self.download(address)

    def _show_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._stop.setVisible(busy)


def _row(offer: sources.Offer) -> list[str]:
    if offer.problem:
        name = Path(offer.path).name
        return [name, "", "", wording.explain_problem(offer.problem), "", ""]
    return [
        offer.dataset,
        offer.version,
        write_number(offer.rows),
        wording.name_answers(offer.answers),
        wording.describe_size(offer.size),
        write_day(offer.built_at),
    ]
