# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A wish becomes rows of the outbox, which go to channels; and what comes of it is seen."""

from artistguard.optouts.aftermath import follow
from artistguard.optouts.delivery import deliver, withdraw
from artistguard.optouts.planning import (
    SURE,
    adopt,
    choose_channel,
    end_wishes,
    extend_standing,
    make_plan,
    make_plans,
    make_wish,
    plan_again,
    write_down,
)

__all__ = [
    "SURE",
    "adopt",
    "choose_channel",
    "deliver",
    "end_wishes",
    "extend_standing",
    "follow",
    "make_plan",
    "make_plans",
    "make_wish",
    "plan_again",
    "withdraw",
    "write_down",
]
