# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A file manager with one thing to drag: `python dragging.py PATH…`.

Says on standard output what letting go would do: ``CopyAction`` where it is welcome.
"""

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel

TITLE = "Files to drag"


class Files(QLabel):
    """Where to press; what is then dragged are the files."""

    def __init__(self, paths):
        super().__init__("The folder")
        self.setWindowTitle(TITLE)
        self.resize(160, 120)
        self._paths = paths

    def mouseMoveEvent(self, event):  # noqa: N802  # Qt's
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return
        held = QMimeData()
        held.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(held)
        drag.actionChanged.connect(lambda action: print(action.name, flush=True))
        drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    files = Files(sys.argv[1:])
    files.show()
    application.exec()
