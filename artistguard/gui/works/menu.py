# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What can be done with the works that are selected, as a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from artistguard.gui import revealing
from artistguard.models import Card
from artistguard.portfolio import path_of
from artistguard.wording.language import translate as _

MOST_PATHS: Final = 1_000
"""More paths at once nobody pastes anywhere."""


class WorksMenu(QMenu):
    """For one work or many; `go` is called with the name of a page and what to open there."""

    def __init__(
        self,
        parent: QWidget,
        works: Sequence[int],
        card: Card | None,
        paths: Callable[[], list[str]],
        go: Callable[[str, tuple[object, ...]], None],
    ) -> None:
        super().__init__(parent)
        one = card if len(works) == 1 else None
        if one:
            self._add(_("Open"), partial(go, "works", (one.work,)), "Return")
            matches = self._add(_("Look at its copies…"), partial(go, "matches", (one.work,)))
            matches.setEnabled(one.copies > 0)
            self._add(
                _("Opt out this work with all its copies…"), partial(go, "opt_outs", (works,))
            )
        else:
            self._add(_("Opt out the selected works…"), partial(go, "opt_outs", (works,)))
        self.addSeparator()
        if one:
            there = self._add(_("Show in its folder"), partial(revealing.reveal, path_of(one)))
            there.setEnabled(not one.gone)
        copied = _("Copy path") if one else _("Copy paths")
        copy = self._add(copied, partial(copy_paths, paths), "Ctrl+C")
        copy.setEnabled(len(works) <= MOST_PATHS)

    def _add(self, said: str, does: Callable[[], object], key: str = "") -> QAction:
        action = self.addAction(said)
        if key:
            # The grid hears this key itself; here it is only said.
            action.setShortcut(QKeySequence(key))
            action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(lambda _checked: does())
        return action


def copy_paths(paths: Callable[[], list[str]]) -> None:
    """Put paths on the clipboard, one a line."""
    QGuiApplication.clipboard().setText("\n".join(paths()))
