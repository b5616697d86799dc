# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One window per data folder: a second start hands its folders to the first, and ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS: Final = 2_000
_MOST: Final = 1 << 20  # bytes of a message: thousands of paths


def _name(data: Path) -> str:
    return (
        "artistguard-" + hashlib.sha256(str(data).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    )


def hand_over(data: Path, paths: Sequence[str] | None) -> bool:
    """Give these paths to the app that runs over the same data; whether there is one.

    None, as from a start in the background, gives it nothing to do.
    """
    socket = QLocalSocket()
    socket.connectToServer(_name(data))
    if not socket.waitForConnected(_WAIT_MS):
        return False
    socket.write(json.dumps(None if paths is None else list(paths)).encode("ascii") + b"\n")
    taken = socket.waitForBytesWritten(_WAIT_MS) and socket.waitForReadyRead(_WAIT_MS)
    socket.disconnectFromServer()
    return taken


class Listener(QObject):
    """Takes the paths that later starts bring; `take` is called with them, or with none."""

    def __init__(self, data: Path, take: Callable[[list[str]], None]) -> None:
        super().__init__()
        self._take = take
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # Nobody answered at this name, so what is there was left behind by a crash.
        QLocalServer.removeServer(_name(data))
        self._server.newConnection.connect(self._meet)
        self._server.listen(_name(data))

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()

    def _meet(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.readyRead.connect(lambda socket=socket: self._hear(socket))
            socket.disconnected.connect(socket.deleteLater)

    def _hear(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MOST:
                socket.abort()
            return
        line = bytes(socket.readLine(_MOST).data())
        socket.write(b"ok\n")
        try:
            said = json.loads(line)
        except ValueError:
            return
        if isinstance(said, list) and all(isinstance(path, str) for path in said):
            self._take(said)
