# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The first minute: one sentence, a place to drop a folder, and a sample to try."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from artistguard.gui import icons, parts
from artistguard.gui.theme import Theme
from artistguard.wording.language import translate as _


class Welcome(QWidget):
    """What is seen before there is a work."""

    chosen = Signal(list)
    """Folders that were chosen in a dialog."""
    sampled = Signal()
    """The sample is to be tried."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        area = QFrame()
        area.setObjectName("drop")
        # Sentences that wrap ask for less height than they need.
        area.setMinimumHeight(22 * self.fontMetrics().lineSpacing())
        picture = QLabel()
        picture.setPixmap(icons.icon("drop", theme.accent, 56).pixmap(56, 56))
        title = parts.title(_("Drop the folder with your art here"))
        about = parts.muted(
            _(
                "ArtistGuard looks up every work in the data sets that image models are trained on,"
                " and reserves your rights in all of them at once. Your pictures stay on this"
                " computer."
            )
        )
        about.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside = QVBoxLayout(area)
        inside.setContentsMargins(48, 40, 48, 40)
        inside.setSpacing(16)
        inside.addStretch()
        for label in (picture, title):
            inside.addWidget(label, alignment=Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(about)
        inside.addSpacing(8)
        inside.addLayout(self._buttons())
        inside.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(60, 50, 60, 50)
        layout.addWidget(area)
        self._area = area

    def show_over(self, over: bool) -> None:
        """Show whether something is held over the place to drop it."""
        self._area.setProperty("over", over)
        self._area.style().polish(self._area)

    def _buttons(self) -> QHBoxLayout:
        choose = parts.primary(_("Choose a folder…"))
        choose.clicked.connect(self._choose)
        sample = QPushButton(_("Try it with sample works"))
        sample.clicked.connect(self.sampled)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addStretch()
        row.addWidget(choose)
        row.addWidget(sample)
        row.addStretch()
        return row

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("The folder with your art"))
        if folder:
            self.chosen.emit([folder])


def paths_of(event: QDragEnterEvent | QDropEvent) -> list[str]:
    """The files and folders of this computer that are held."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
