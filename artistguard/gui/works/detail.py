# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One work by itself: large, with how it stands and all that is known and was done of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording
from artistguard.errors import Problem
from artistguard.gui import parts, revealing
from artistguard.gui.desk import Desk
from artistguard.gui.works.about import About, ask, check, save_receipts
from artistguard.gui.works.pieces import Chip, Part, Picture
from artistguard.portfolio import path_of
from artistguard.wording.language import translate as _

_MOST_VARIANTS: Final = 12
"""More near-duplicates are counted, and not named."""


class Detail(QWidget):
    """One work; `wants` names another page and what is to be opened there."""

    left = Signal()
    """Back to all works."""
    wants = Signal(str, tuple)
    """Another page by its name, and what is to be opened there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._work = 0
        self._about: About | None = None
        self.picture = Picture()
        self.name = parts.title("")
        self.standing = Chip(desk.theme)
        self.said = parts.muted()
        self.trouble = parts.warning()
        self.trouble.hide()
        self.matches = Part(_("Copies found"))
        self.coverage = Part(_("Looked for in"))
        self.versions = Part(_("Versions"))
        self.variants = Part(_("Near-duplicates among your works"))
        self.requests = Part(_("Opt-outs"))
        self.review = self.matches.button(_("Look at its copies…"), self._review)
        self.requests.button(_("Check the receipts"), self.check)
        self.requests.button(_("Save the receipts…"), self._ask_where)
        QShortcut(QKeySequence.StandardKey.Cancel, self).activated.connect(self.left)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(28, 20, 28, 16)
        layout.setSpacing(24)
        layout.addWidget(self.picture, 3)
        layout.addLayout(self._beside(), 2)

    def show_work(self, work: int) -> None:
        """Show one work, its picture as soon as it is decoded."""
        if work != self._work:
            self._about = None
            self.picture.show_picture(QPixmap())
            self.requests.add("")
            self.trouble.hide()
        self._work = work
        self._desk.bridge.ask(partial(ask, work), partial(self._show, work))

    def renew(self) -> None:
        """Show what has changed."""
        if self._work and self.isVisible():
            self._desk.bridge.ask(partial(ask, self._work), partial(self._show, self._work))

    def check(self) -> None:
        """Check the receipts of this work's opt-outs, each signature and its place in the log."""
        if self._about:
            self.requests.add(_("Checking…"))
            question = partial(check, self._about.requests)
            self._desk.bridge.ask(question, self.requests.add, self._fail)

    def save(self, into: Path) -> None:
        """Write the receipts of this work's opt-outs into a folder, with a list of them."""
        if self._about:
            numbers = [request.number for request in self._about.requests]
            question = partial(save_receipts, numbers, into)
            self._desk.bridge.ask(question, self.requests.add, self._fail)

    def _show(self, work: int, about: About | None) -> None:
        if about is None or work != self._work:
            return
        fresh = self._about is None or self._about.card.sha256 != about.card.sha256
        self._about, card = about, about.card
        self.name.setText(wording.spell(card.name))
        self.picture.setAccessibleName(wording.describe_card(card))
        self.standing.say(card.standing)
        self.said.setText(wording.describe_file(card, about.places))
        self._reveal.setEnabled(not card.gone)
        self.review.setEnabled(bool(about.bands))
        self.matches.say(wording.list_bands(about.bands) or [wording.say_no_copies()])
        self.coverage.say([wording.describe_coverage(one) for one in about.coverage])
        self.versions.say(wording.list_editions(about.editions))
        self.variants.offer(
            [(one.work, wording.describe_card(one)) for one in about.variants[:_MOST_VARIANTS]],
            self.show_work,
        )
        self.variants.say(wording.list_variants(len(about.variants), _MOST_VARIANTS))
        self.requests.say(wording.list_requests(about.requests))
        if fresh and about.small:
            self._draw(work, about.small)
        if fresh and not card.gone:
            path = card.folder + card.name
            self._desk.bridge.ask(
                lambda guard: guard.portfolio.preview(path), partial(self._draw, work), self._fail
            )

    def _draw(self, work: int, jpeg: bytes) -> None:
        if work == self._work:
            pixmap = QPixmap()
            pixmap.loadFromData(jpeg)
            self.picture.show_picture(pixmap)

    def _fail(self, problem: Problem) -> None:
        self.trouble.setText(wording.explain_problem(problem))
        self.trouble.show()

    def _review(self) -> None:
        self.wants.emit("matches", (self._work,))

    def _ask_where(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("A folder for the receipts"))
        if folder:
            self.save(Path(folder))

    def _show_file(self) -> None:
        if self._about:
            revealing.reveal(path_of(self._about.card))

    def _beside(self) -> QVBoxLayout:
        """The column with words, which scrolls, above what can be done."""
        self.name.setWordWrap(True)
        for label in (self.name, self.said, self.trouble):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QWidget()
        words = QVBoxLayout(inside)
        words.setContentsMargins(0, 0, 12, 0)
        words.setSpacing(8)
        for widget in (self.name, self.standing, self.said, self.trouble):
            words.addWidget(widget)
        for part in (self.matches, self.coverage, self.requests, self.versions, self.variants):
            words.addWidget(part)
        words.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(_("About this work"))
        scroll.setWidget(inside)
        protect = parts.primary(_("Opt out this work with all its copies…"))
        protect.clicked.connect(lambda: self.wants.emit("opt_outs", ([self._work],)))
        self._reveal = QPushButton(_("Show in its folder"))
        self._reveal.clicked.connect(self._show_file)
        back = QPushButton(_("Back to all works"))
        back.clicked.connect(self.left)
        below = QHBoxLayout()
        below.addWidget(back)
        below.addWidget(self._reveal)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(scroll, 1)
        column.addWidget(protect)
        column.addLayout(below)
        return column
