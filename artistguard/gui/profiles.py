# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whose window this is, and the way to the windows of other names or artists."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox, QPushButton, QWidget

from artistguard import profiles, wording
from artistguard.errors import Problem
from artistguard.gui import autostart
from artistguard.gui.desk import Desk
from artistguard.wording.language import translate as _

_LETTERS: Final = 16
"""So much of a name is shown in the sidebar; the rest is in the tip."""


def title(data: Path) -> str:
    """What a window and its notices are called: with a name, where there may be several."""
    name = profiles.current(data).name
    return f"ArtistGuard – {wording.spell(name)}" if name else "ArtistGuard"


def open_window(data: Path) -> None:
    """Open the window of a profile, or bring it to the front: each has a program of its own."""
    program, *rest = (part for part in autostart.command(data) if part != "--background")
    QProcess.startDetached(program, rest)


class ProfileButton(QPushButton):
    """Names the profile of this window; a menu opens others, makes and renames them."""

    renamed = Signal()
    """The window is called otherwise from now on."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self._say()

    def begin(self, name: str) -> None:
        """Make a profile, and open its window."""
        try:
            made = profiles.create(self._main(), name, self._desk.guard.clock)
        except Problem as problem:
            self._complain(problem)
        else:
            open_window(made.data)

    def rename(self, name: str) -> None:
        """Call the profile of this window otherwise."""
        try:
            profiles.rename(profiles.current(self._desk.data), name)
        except Problem as problem:
            self._complain(problem)
        else:
            self._say()
            self.renamed.emit()

    def _main(self) -> Path:
        return profiles.main_folder(self._desk.data)

    def _say(self) -> None:
        name = wording.name_profile(profiles.current(self._desk.data).name)
        shown = self.fontMetrics().elidedText(
            name, Qt.TextElideMode.ElideRight, _LETTERS * self.fontMetrics().averageCharWidth()
        )
        self.setText(shown.replace("&", "&&"))
        self.setToolTip(name)
        self.setAccessibleName(_("Profile: {name}").format(name=name))

    def _fill(self) -> None:
        self._menu.clear()
        for one in profiles.every(self._main()):
            name = wording.name_profile(one.name).replace("&", "&&")
            action = self._menu.addAction(name, partial(open_window, one.data))
            action.setCheckable(True)
            action.setChecked(one.data == self._desk.data)
            action.setEnabled(one.data != self._desk.data)
        self._menu.addSeparator()
        self._menu.addAction(_("New profile…"), self._ask_new)
        self._menu.addAction(_("Rename this profile…"), self._ask_name)

    def _ask_new(self) -> None:
        said = _(
            "For another name, or another artist: with folders, settings, opt-outs and a signing"
            " key of their own. What is it to be called?"
        )
        _ask(self, _("New profile"), said, "").textValueSelected.connect(self.begin)

    def _ask_name(self) -> None:
        name = profiles.current(self._desk.data).name
        box = _ask(self, _("Rename this profile"), _("What is it to be called?"), name)
        box.textValueSelected.connect(self.rename)

    def _complain(self, problem: Problem) -> None:
        box = QMessageBox(self.window())
        box.setText(wording.explain_problem(problem))
        box.finished.connect(box.deleteLater)
        box.open()


def _ask(parent: QWidget, title_: str, said: str, text: str) -> QInputDialog:
    box = QInputDialog(parent.window())
    box.setWindowTitle(title_)
    box.setLabelText(said)
    box.setTextValue(text)
    box.finished.connect(box.deleteLater)
    box.open()
    return box
