# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Ends the app when the system or a terminal wants it to, just as Quit in its menu does."""

from __future__ import annotations

import signal
import socket
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_NAMES: Final = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
"""A session that ends, Ctrl+C, a terminal that closes, Ctrl+Break; each system has some of them."""


class Signals(QObject):
    """Hears the signals that say that the app is to end.

    While Qt waits no Python runs, so Python's own handlers would come too late: what a signal
    writes into a socket wakes Qt.
    """

    heard = Signal()
    """The app is to end."""

    def __init__(self) -> None:
        super().__init__()
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._far.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._hear)
        numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        self._before = {number: signal.signal(number, _pass) for number in numbers}
        self._woken = signal.set_wakeup_fd(self._near.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        """Leave signals to whoever had them before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._woken)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._near.close()
        self._far.close()

    def _hear(self) -> None:
        if not set(self._far.recv(256)).isdisjoint(self._before):
            self.heard.emit()


def _pass(_number: int, _frame: object) -> None:
    """The socket tells of it."""
