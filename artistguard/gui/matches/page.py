# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Matches on one side, the current one on the other, and a key for each thing to say of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.desk import Desk
from artistguard.gui.matches.listing import Found, Listing
from artistguard.gui.matches.viewer import Viewer
from artistguard.gui.page import Page
from artistguard.models import Verdict
from artistguard.store import SoughtMatches
from artistguard.wording import reviewing
from artistguard.wording.language import translate as _
from artistguard.wording.language import write_number


class MatchesPage(Page):
    """Where the artist says of each match whose it is."""

    def __init__(self, desk: Desk, opened: Callable[[Path], Guard] = Guard) -> None:
        super().__init__(desk)
        self._listing = Listing(desk)
        self._viewer = Viewer(desk, opened)
        self._listing.picked.connect(self._look)
        self._listing.loaded.connect(self._sum_up)
        self._mine = parts.primary(_("Mine (Y)"))
        self._not_mine = QPushButton(_("Not mine (N)"))
        self._allowed = QPushButton(_("Allowed (A)"))
        self._site = QPushButton(_("Always allow this site"))
        self._sites = QPushButton(_("Allowed sites…"))
        self._accept = QPushButton(_("Accept all"))
        self._reject = QPushButton(_("Reject all"))
        self._opt_out = QPushButton(_("Opt out all confirmed copies…"))
        self._done = parts.text()
        self._undo = QPushButton(_("Undo (U)"))
        self._found: Found | None = None
        for button in (self._accept, self._reject, self._opt_out, self._undo):
            button.setEnabled(False)
        self._connect()
        self._lay_out()
        self._take_keys()
        self._listing.load()

    def open(self, *what: object) -> None:
        """Show the matches of one work, by its id."""
        work = what[0] if what else None
        assert work is None or isinstance(work, int)
        self._listing.show_work(work)

    def begin(self) -> None:
        """Let keys go to the matches."""
        self._listing.focus()

    def update_for(self, update: Update) -> None:
        """Show what was found or decided."""
        if Topic.MATCHES in update.topics:
            self._listing.load()

    def leave(self) -> None:
        """End what is under way."""
        self._viewer.stop()

    def decide(self, verdict: Verdict) -> None:
        """Say of the current match whose it is, and go on to the next."""
        match = self._listing.current()
        if match is None:
            return
        self.desk.guard.review.decide([match.id], verdict)
        self._listing.decided()
        self._wake()

    def decide_all(self, matches: Collection[int], verdict: Verdict) -> None:
        """Say the same of all of these that still wait, and go on to what is left."""
        self.desk.bridge.ask(
            lambda guard: guard.review.decide_waiting(matches, verdict), self._decided_all
        )

    def allow_site(self) -> None:
        """Allow all that lies, or will lie, where the current match does."""
        match = self._listing.current()
        host = match.entry.host if match else None
        if host:
            self.desk.bridge.ask(lambda guard: guard.review.allow_host(host), self._decided)

    def forget_site(self, host: str) -> None:
        """Allow a site no longer."""
        self.desk.bridge.ask(lambda guard: guard.review.forget_host(host), self._decided)

    def undo(self) -> None:
        """Take the last act back."""
        self.desk.bridge.ask(lambda guard: guard.review.undo(), self._decided)

    def _decided(self, _done: object) -> None:
        self._wake()

    def _decided_all(self, _done: object) -> None:
        self._wake()
        self._listing.go_on_later()
        self._listing.focus()

    def _wake(self) -> None:
        self.desk.bridge.wake(Topic.MATCHES, Topic.WORKS)

    def _look(self) -> None:
        match = self._listing.current()
        self._viewer.show_match(match)
        for button in (self._mine, self._not_mine, self._allowed):
            button.setEnabled(match is not None)
        self._site.setEnabled(bool(match and match.entry.host))

    def _sum_up(self, found: Found) -> None:
        self._found = found
        self._name_band_buttons(found)
        self._opt_out.setEnabled(found.confirmed)
        last = found.last
        self._undo.setEnabled(last is not None)
        self._done.setText(
            reviewing.describe_act(last.verdict, last.matches)
            if last
            else _("Nothing is decided yet.")
        )

    def _name_band_buttons(self, found: Found) -> None:
        narrowed = found.is_narrowed
        accept = _("Accept these {number}…") if narrowed else _("Accept all {number}…")
        reject = _("Reject these {number}…") if narrowed else _("Reject all {number}…")
        for button, said in ((self._accept, accept), (self._reject, reject)):
            button.setText(said.format(number=write_number(len(found.waiting))))
            button.setEnabled(bool(found.waiting))

    def _confirm_all(self, verdict: Verdict) -> None:
        """Ask once, naming the count; one act can take it back.

        What is found while the question stands is not meant by it.
        """
        found = self._found
        if found is None or found.sought.band is None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(wording.name_band(found.sought.band))
        box.setText(reviewing.ask_about_all(verdict, len(found.waiting)))
        box.setInformativeText(reviewing.explain_all(narrowed=found.is_narrowed))
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Yes | buttons.No)
        box.setDefaultButton(buttons.No)
        decide = partial(self.decide_all, found.waiting, verdict)
        box.button(buttons.Yes).clicked.connect(lambda _checked: decide())
        box.finished.connect(box.deleteLater)
        box.open()

    def _open_sites(self) -> None:
        menu = QMenu(self)
        hosts = self.desk.guard.store.judgements.allowed_hosts()
        for host in hosts:
            said = _("Allow {host} no longer").format(host=wording.spell(host).replace("&", "&&"))
            menu.addAction(said, partial(self.forget_site, host))
        if not hosts:
            menu.addAction(_("No site is allowed.")).setEnabled(False)
        menu.popup(self._sites.mapToGlobal(QPoint(0, self._sites.height())))

    def _plan(self) -> None:
        works = self.desk.guard.store.judgements.works(SoughtMatches(verdict=Verdict.MINE))
        if works:  # an empty list would mean everything
            self.wants.emit("opt_outs", (works,))

    def _connect(self) -> None:
        self._mine.clicked.connect(partial(self.decide, Verdict.MINE))
        self._not_mine.clicked.connect(partial(self.decide, Verdict.NOT_MINE))
        self._allowed.clicked.connect(partial(self.decide, Verdict.ALLOWED))
        self._site.clicked.connect(self.allow_site)
        self._sites.clicked.connect(self._open_sites)
        self._accept.clicked.connect(partial(self._confirm_all, Verdict.MINE))
        self._reject.clicked.connect(partial(self._confirm_all, Verdict.NOT_MINE))
        self._opt_out.clicked.connect(self._plan)
        self._undo.clicked.connect(self.undo)

    def _take_keys(self) -> None:
        """Single keys, anywhere on the page."""
        keys: dict[str, Callable[[], None]] = {
            "Y": partial(self.decide, Verdict.MINE),
            "N": partial(self.decide, Verdict.NOT_MINE),
            "A": partial(self.decide, Verdict.ALLOWED),
            "U": self.undo,
            "Ctrl+Z": self.undo,
            "Return": self._listing.go_on,
            "+": partial(self._viewer.zoom, 1),
            "-": partial(self._viewer.zoom, -1),
            "0": partial(self._viewer.zoom, 0),
            "Ctrl+F": self._listing.type_text,
        }
        keys |= {str(mode + 1): partial(self._viewer.use, mode) for mode in range(4)}
        for key, act in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(self._listing, 1)
        column.addLayout(_row(self._accept, self._reject))
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(6, 0, 0, 0)
        beside.addWidget(self._viewer, 1)
        # Two by two: in a row, German words alone would make the window wider than small screens.
        beside.addLayout(_row(self._mine, self._not_mine))
        beside.addLayout(_row(self._allowed, self._site))
        split = QSplitter(childrenCollapsible=False)
        split.addWidget(left)
        split.addWidget(right)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        letter = self.fontMetrics().averageCharWidth()
        split.setSizes([60 * letter, 80 * letter])  # room for three filters in most languages
        bar = QFrame()
        bar.setObjectName("card")
        along = QHBoxLayout(bar)
        along.setContentsMargins(14, 8, 8, 8)
        along.addWidget(self._done, 1)
        for button in (self._undo, self._sites, self._opt_out):
            along.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 14, 28, 14)
        layout.setSpacing(10)
        layout.addWidget(split, 1)
        layout.addWidget(bar)


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button, 1)
    return row
