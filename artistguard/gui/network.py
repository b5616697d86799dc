# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whether the network counts what is sent, and when it is there again, as the system tells Qt."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

from artistguard.settings import Settings


class Network(QObject):
    """What the system says of the network; where it says nothing, the network is free."""

    returned = Signal()
    """Something may be reached that could not be before."""

    def __init__(self) -> None:
        super().__init__()
        self.metered = False
        """Read by other threads, which may see it a moment late."""
        if not QNetworkInformation.loadDefaultBackend():
            return
        information = QNetworkInformation.instance()
        if information.supports(QNetworkInformation.Feature.Metered):
            information.isMeteredChanged.connect(self.become)
            self.metered = information.isMetered()
        if information.supports(QNetworkInformation.Feature.Reachability):
            information.reachabilityChanged.connect(self._reach)

    def may_call(self, chosen: Settings) -> bool:
        """Whether servers may be called now."""
        return not (self.metered and chosen.wait_for_unmetered)

    def become(self, metered: bool) -> None:
        """The network counts what is sent from now on, or does so no longer."""
        self.metered = metered
        if not metered:
            self.returned.emit()

    def _reach(self, reachability: QNetworkInformation.Reachability) -> None:
        if reachability is QNetworkInformation.Reachability.Online:
            self.returned.emit()
