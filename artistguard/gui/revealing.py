# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Shows a file in the system's own file manager, chosen among its neighbours where that works."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def reveal(path: str) -> None:
    """Open the file manager at a file; nothing of the file itself is opened or run."""
    if sys.platform == "win32":
        QProcess.startDetached("explorer.exe", ["/select,", str(Path(path))])
    elif sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", "--", path])
    else:
        _ask_file_manager(path)


def _ask_file_manager(path: str) -> None:
    """Ask by the interface that file managers of Linux desktops share, or open the folder."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

    service = "org.freedesktop.FileManager1"
    message = QDBusMessage.createMethodCall(
        service, "/org/freedesktop/FileManager1", service, "ShowItems"
    )
    message.setArguments([[QUrl.fromLocalFile(path).toString()], ""])
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        _open_folder(path)
        return
    waiting = QDBusPendingCallWatcher(bus.asyncCall(message))
    _WAITING.add(waiting)
    waiting.finished.connect(partial(_hear, path))


# Whoever waits for an answer must not be forgotten before it comes.
_WAITING: set[object] = set()


def _hear(path: str, waiting: object) -> None:
    _WAITING.discard(waiting)
    if waiting.isError():  # type: ignore[attr-defined]  # a QDBusPendingCallWatcher
        _open_folder(path)


def _open_folder(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))
