# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The language in which everything is said; English is written in the code, the rest beside it."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LANGUAGES: Final = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "pt": "Português",
    "ja": "日本語",
    "ko": "한국어",
}
"""Tag to the language's own name."""

PSEUDO: Final = "pseudo"
"""A language for tests: what is not in its brackets was never meant to be translated."""

_DOMAIN: Final = "artistguard"
_FOLDER: Final = Path(__file__).parent / "languages"


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"[!! {message} !!]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"[!! {msgid1 if n == 1 else msgid2} !!]"


@dataclass(frozen=True, slots=True)
class _Figures:
    group: str
    """Between thousands."""
    point: str
    day: str
    digits: int = 4
    """How many a number has before it is grouped."""


# As in the Unicode CLDR; days in English as in ISO 8601, which nobody reads the wrong way round.
_FIGURES: Final = {
    "en": _Figures(",", ".", "{year}-{month}-{day}"),
    "de": _Figures(".", ",", "{day}.{month}.{year}"),
    "fr": _Figures("\u202f", ",", "{day}/{month}/{year}"),
    "es": _Figures(".", ",", "{day}/{month}/{year}", digits=5),
    "it": _Figures(".", ",", "{day}/{month}/{year}"),
    "pt": _Figures(".", ",", "{day}/{month}/{year}"),
    "ja": _Figures(",", ".", "{year}/{month}/{day}"),
    "ko": _Figures(",", ".", "{year}. {month}. {day}."),
}


@dataclass(slots=True)
class _Tongue:
    words: gettext.NullTranslations
    figures: _Figures


# A process speaks one language, chosen before the first word, as it has one locale.
_spoken: Final = _Tongue(gettext.NullTranslations(), _FIGURES["en"])


def available() -> list[str]:
    """The languages that can be spoken, English first: those that have a catalogue."""
    return [tag for tag in LANGUAGES if tag == "en" or gettext.find(_DOMAIN, _FOLDER, [tag])]


def speak(wanted: Sequence[str]) -> str:
    """Speak the first of these languages that is known, such as ``de`` or ``de-AT``; which it is.

    English if there is none.
    """
    for tag in wanted:
        language = tag.replace("_", "-").partition("-")[0].lower()
        if language == PSEUDO:
            _spoken.words, _spoken.figures = _Pseudo(), _FIGURES["en"]
            return language
        if language == "en":
            break
        if language in available():
            _spoken.words = gettext.translation(_DOMAIN, _FOLDER, [language])
            _spoken.figures = _FIGURES[language]
            return language
    _spoken.words, _spoken.figures = gettext.NullTranslations(), _FIGURES["en"]
    return "en"


def translate(text: str) -> str:
    """A sentence that stands in the code, in the language spoken."""
    return _spoken.words.gettext(text)


def plural(one: str, many: str, number: int) -> str:
    """One of two sentences, and `{number}` in it written out, in the language spoken."""
    said = _spoken.words.ngettext(one, many, number)
    return said.replace("{number}", write_number(number))


def write_number(number: float, places: int = 0) -> str:
    """A number with its thousands set apart, and so many places after the point."""
    figures = _spoken.figures
    whole, _, rest = f"{number:,.{places}f}".partition(".")
    group = figures.group if len(whole.replace(",", "").lstrip("-")) >= figures.digits else ""
    return whole.replace(",", group) + (figures.point + rest if rest else "")


def write_day(moment: str | None) -> str:
    """The day of a moment in ISO 8601, as the artist writes it; nothing of no moment."""
    if not moment:
        return ""
    year, month, day = moment[:10].split("-")
    return _spoken.figures.day.format(year=year, month=month, day=day)


def mark(text: str) -> str:
    """A sentence in a table, to be translated when it is said."""
    return text
