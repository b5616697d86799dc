# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a pack or a server covers, in words."""

from __future__ import annotations

from typing import Final

from artistguard.wording.language import mark, plural, translate

_WAYS: Final = {
    "sha256": mark("file"),
    "md5": mark("file"),
    "url": mark("address"),
    "host": mark("website"),
    "name": mark("name in the caption"),
}
_LOOKS: Final = mark("looks")


def name_answers(answers: tuple[tuple[str, int], ...]) -> str:
    """By what entries can be found; each way once, the most useful first."""
    ways = [_WAYS.get(name, _LOOKS) for name, _ in answers]
    order = (_LOOKS, "file", "address", "website", "name in the caption")
    return ", ".join(translate(way) for way in order if way in ways)


def describe_size(size: int) -> str:
    """A number of bytes for a person, in powers of 1,000 as file managers count."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if amount >= 10 or unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def count_entries(rows: int) -> str:
    """How many entries a pack holds."""
    return plural("{number} entry", "{number} entries", rows)
