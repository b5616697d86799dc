# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the loop has to wait for although nothing is wrong: power, network, the artist's yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from artistguard.settings import Settings


class Waits(StrEnum):
    """What a step waits for."""

    POWER = "power"
    NETWORK = "network"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether pictures may be read now, others be called, and one certain place be asked.

    All are asked after every result, in the loop's thread, and must be quick.
    """

    read: Callable[[Settings], bool] = lambda _chosen: True
    call: Callable[[Settings], bool] = lambda _chosen: True
    ask: Callable[[Settings, str], bool] = lambda _chosen, _place: True
