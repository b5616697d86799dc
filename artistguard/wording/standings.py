# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How things stand, each in a word or two for a screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from artistguard.models import Band, Card, Order, Progress, Standing
from artistguard.wording.language import mark, plural, translate, write_number
from artistguard.wording.problems import spell
from artistguard.wording.works import say_gone

_STANDINGS: Final = {
    Standing.UNCHECKED: mark("Not checked"),
    Standing.CLEAR: mark("Clear so far"),
    Standing.POSSIBLE: mark("Possible copy"),
    Standing.CONFIRMED: mark("Copy found"),
    Standing.RESERVED: mark("Reserved"),
    Standing.DISPUTED: mark("In dispute"),
    Standing.ALLOWED: mark("Allowed by you"),
}

_BANDS: Final = {
    Band.CERTAIN: mark("Certain"),
    Band.LIKELY: mark("Likely"),
    Band.POSSIBLE: mark("Possible"),
}

_ORDERS: Final = {
    Order.PLACE: mark("By folder"),
    Order.NAME: mark("By name"),
    Order.NEWEST: mark("Newest first"),
    Order.COPIES: mark("Most copies first"),
}
_STATES: Final = {
    "idle": mark("All is done; watching."),
    "working": mark("Working."),
    "waiting": mark("Waiting."),
    "paused": mark("Paused."),
    "offline": mark("Somebody cannot be reached, and is tried again."),
    "needs_you": mark("Something waits for you."),
    "error": mark("Stopped by an error."),
}

_WAITS: Final = {
    "power": mark("Reading pictures waits for power."),
    "network": mark("Servers wait for an unmetered network."),
    "consent": mark("A server is asked once you have said yes."),
}

_STEPS: Final = {
    "scan": mark("Reading pictures:"),
    "group": mark("Comparing works with each other:"),
    "search": mark("Looking works up:"),
    "plan": mark("Working the plan out:"),
    "deliver": mark("Sending opt-outs:"),
    "withdraw": mark("Taking opt-outs back:"),
    "save": mark("Saving opt-outs with their receipts:"),
    "follow": mark("Seeing what became of opt-outs:"),
    "": mark("Working:"),
}


def name_standing(standing: Standing) -> str:
    """How a work stands."""
    return translate(_STANDINGS[standing])


def name_band(band: Band) -> str:
    """How sure a match is."""
    return translate(_BANDS[band])


def name_order(order: Order) -> str:
    """By what works are sorted."""
    return translate(_ORDERS[order])


def count_copies(number: int) -> str:
    """How many copies were found."""
    return plural("{number} copy", "{number} copies", number)


def list_bands(bands: Mapping[Band, int]) -> list[str]:
    """How many copies of a work were found, by how sure they are."""
    return [
        translate("{kind}: {copies}").format(kind=name_band(band), copies=count_copies(bands[band]))
        for band in Band
        if bands.get(band)
    ]


def describe_card(card: Card) -> str:
    """A work in one line for those who cannot see its picture."""
    said = f"{spell(card.name)}, {name_standing(card.standing)}"
    if card.copies:
        said = f"{said}, {count_copies(card.copies)}"
    return f"{said}, {say_gone()}" if card.gone else said


def describe_progress(progress: Progress) -> str:
    """What is being done, and how far it has come."""
    said = translate(_STEPS.get(progress.step, _STEPS[""]))
    if progress.total:
        return f"{said} {write_number(progress.done)} / {write_number(progress.total)}"
    return f"{said} {write_number(progress.done)}"


def name_state(state: str, waits: Iterable[str] = ()) -> str:
    """How the background stands, by the values of its `State` and of what it waits for."""
    waiting = " ".join(translate(_WAITS[one]) for one in waits)
    return waiting or translate(_STATES[state])
