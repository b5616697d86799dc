# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One work by itself: large, with how it stands, where it was looked for and what was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPixmap, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from artistguard import wording
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.desk import Desk
from artistguard.models import Band, Card, Coverage
from artistguard.wording.language import plural
from artistguard.wording.language import translate as _


@dataclass(frozen=True, slots=True)
class About:
    """All that is shown of one work beside its picture."""

    card: Card
    coverage: tuple[Coverage, ...]
    bands: Counter[Band]
    versions: int
    variants: int


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
        self._picture = Picture()
        self._name = parts.title("")
        self._name.setWordWrap(True)
        self._said = parts.text()
        self._review = QPushButton(_("Look at its copies…"))
        self._review.clicked.connect(lambda: self.wants.emit("matches", (self._work,)))
        protect = parts.primary(_("Opt out this work with all its copies…"))
        protect.clicked.connect(lambda: self.wants.emit("opt_outs", ([self._work],)))
        back = QPushButton(_("Back to all works"))
        back.clicked.connect(self.left)
        QShortcut(QKeySequence.StandardKey.Cancel, self).activated.connect(self.left)
        side = QVBoxLayout()
        side.setSpacing(12)
        for widget in (self._name, self._said, self._review, protect):
            side.addWidget(widget)
        side.addStretch()
        side.addWidget(back)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(24)
        layout.addWidget(self._picture, 3)
        layout.addLayout(side, 2)

    def show_work(self, work: int) -> None:
        """Show one work, its picture as soon as it is decoded."""
        self._work = work
        self._picture.show_picture(QPixmap())
        self._desk.bridge.ask(partial(_ask, work), partial(self._show, work))

    def _show(self, work: int, about: About | None) -> None:
        if about is None or work != self._work:
            return
        card = about.card
        self._name.setText(wording.spell(card.name))
        self._picture.setAccessibleName(wording.describe_card(card))
        self._said.setText("\n".join(_lines(about)))
        self._review.setEnabled(bool(about.bands))
        if not card.gone:
            path = card.folder + card.name
            self._desk.bridge.ask(
                lambda guard: guard.portfolio.preview(path), partial(self._draw, work), self._fail
            )

    def _draw(self, work: int, jpeg: bytes) -> None:
        if work == self._work:
            pixmap = QPixmap()
            pixmap.loadFromData(jpeg)
            self._picture.show_picture(pixmap)

    def _fail(self, problem: Problem) -> None:
        self._said.setText(f"{self._said.text()}\n{wording.explain_problem(problem)}")


class Picture(QLabel):
    """A picture as large as there is room for."""

    def __init__(self) -> None:
        super().__init__(alignment=Qt.AlignmentFlag.AlignCenter)
        self._pixmap = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def show_picture(self, pixmap: QPixmap) -> None:
        """Show this one from now on."""
        self._pixmap = pixmap
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's
        """Keep it as large as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._pixmap.isNull():
            self.clear()
            return
        ratio = self.devicePixelRatioF()
        room = QSize(round(self.width() * ratio), round(self.height() * ratio))
        scaled = self._pixmap.scaled(
            *(room, Qt.AspectRatioMode.KeepAspectRatio),
            Qt.TransformationMode.SmoothTransformation,
        )
        scaled.setDevicePixelRatio(ratio)
        self.setPixmap(scaled)


def _ask(work: int, guard: Guard) -> About | None:
    for _done in guard.store.gallery.refresh():
        pass
    cards = guard.store.gallery.cards([work])
    if not cards:
        return None
    return About(
        card=cards[0],
        coverage=tuple(guard.store.matches.coverage(work)),
        bands=Counter(match.band for match in guard.store.matches.counted(tuple(Band), work)),
        versions=len(guard.store.works.versions(work)),
        variants=len(guard.store.works.group(work)) - 1,
    )


def _lines(about: About) -> list[str]:
    card = about.card
    lines = [
        wording.spell(card.folder),
        _("{width} × {height} pixels").format(width=card.width, height=card.height),
        "",
        wording.name_standing(card.standing),
    ]
    lines += [
        f"{wording.name_band(band)}: {wording.count_copies(about.bands[band])}"
        for band in Band
        if about.bands[band]
    ]
    for coverage in about.coverage:
        said = wording.describe_coverage(coverage)
        lines.append(_("Looked for in {set}").format(set=said))
    if about.variants:
        lines.append(
            plural(
                "{number} near-duplicate among your works",
                "{number} near-duplicates among your works",
                about.variants,
            )
        )
    if about.versions > 1:
        lines.append(plural("{number} version", "{number} versions", about.versions))
    if card.gone:
        lines.append(_("Its file is gone; all that was found and filed stays."))
    return lines
