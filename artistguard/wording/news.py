# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the tray says: few words, and no work's name, since others may see the screen."""

from __future__ import annotations

from artistguard.wording.language import plural, translate


def describe_matches(number: int) -> str:
    """How many new matches were found."""
    return plural("{number} new match was found.", "{number} new matches were found.", number)


def describe_refusals(number: int) -> str:
    """How many opt-outs were refused."""
    return plural("{number} opt-out was refused.", "{number} opt-outs were refused.", number)


def describe_rest(until: str) -> str:
    """Until when the artist wants rest; empty for until they say otherwise."""
    if not until:
        return translate("Paused.")
    return translate("Paused until {time}.").format(time=until)


def explain_closing() -> str:
    """Where the window goes when it is closed, said the first time."""
    return translate(
        "ArtistGuard goes on watching your folders from here. To open or end it, use this icon."
    )
