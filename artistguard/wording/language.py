# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The language in which everything is said; English is written in the code, the rest beside it."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "ja", "ko")

PSEUDO: Final = "pseudo"
"""A language for tests: what is not in its brackets was never meant to be translated."""

_DOMAIN: Final = "artistguard"
_FOLDER: Final = Path(__file__).parent / "languages"


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"[!! {message} !!]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"[!! {msgid1 if n == 1 else msgid2} !!]"


# A process speaks one language, chosen before the first word, as it has one locale.
_spoken: list[gettext.NullTranslations] = [gettext.NullTranslations()]


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
            _spoken[0] = _Pseudo()
            return language
        if language == "en":
            break
        if language in available():
            _spoken[0] = gettext.translation(_DOMAIN, _FOLDER, [language])
            return language
    _spoken[0] = gettext.NullTranslations()
    return "en"


def translate(text: str) -> str:
    """A sentence that stands in the code, in the language spoken."""
    return _spoken[0].gettext(text)


def plural(one: str, many: str, number: int) -> str:
    """One of two sentences, and `{number}` in it written out, in the language spoken."""
    return _spoken[0].ngettext(one, many, number).replace("{number}", f"{number:,}")


def mark(text: str) -> str:
    """A sentence in a table, to be translated when it is said."""
    return text
