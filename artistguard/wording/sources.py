# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a pack or a server covers, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from artistguard.wording.language import mark, plural, translate, write_number

_WAYS: Final = {
    "sha256": mark("file"),
    "md5": mark("file"),
    "url": mark("address"),
    "host": mark("website"),
    "name": mark("name in the caption"),
}
_LOOKS: Final = mark("looks")

_UNITS: Final = (
    mark("{amount} B"),
    mark("{amount} kB"),
    mark("{amount} MB"),
    mark("{amount} GB"),
    mark("{amount} TB"),
)


def name_answers(answers: tuple[tuple[str, int], ...]) -> str:
    """By what entries can be found; each way once, the most useful first."""
    return name_ways([name for name, _ in answers])


def name_ways(witnesses: Iterable[str]) -> str:
    """By what copies are found, by the values of witnesses."""
    ways = [_WAYS.get(name, _LOOKS) for name in witnesses]
    order = (_LOOKS, "file", "address", "website", "name in the caption")
    return ", ".join(translate(way) for way in order if way in ways)


def describe_size(size: int) -> str:
    """A number of bytes for a person, in powers of 1,000 as file managers count."""
    amount = float(size)
    units = [*_UNITS]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    places = 0 if amount >= 10 or units[0] is _UNITS[0] else 1
    return translate(units[0]).format(amount=write_number(amount, places))


def count_entries(rows: int) -> str:
    """How many entries a pack holds."""
    return plural("{number} entry", "{number} entries", rows)
