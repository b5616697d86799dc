# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Names in captions: whole words, in any case, script and spelling, many names in one pass."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_MAX_NAME = 200
_AT_ONCE = 64  # names in one pattern, which keeps the automaton of the first pass small

# These scripts put no space between words, or (Korean) before particles; a name may touch its
# neighbours there.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
# What the first pass cannot take as it stands: marks, which may stand apart from their letter, and
# letters and digits that NFKC changes. (A class of RE2, of Unicode 15; somewhat more than needed.)
_UNSETTLED = (
    "[\\p{M}"
    "\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u0132\u0133\u013f\u0140\u0149\u017f"
    "\u01c4-\u01cc\u01f1-\u01f3\u02b0-\u02b8\u02e0-\u02e4\u0374-\u037a\u03d0-\u03d6"
    "\u03f0-\u03f9\u0587\u0675-\u0678\u0958-\u095f\u09dc-\u09df\u0a33-\u0a36\u0a59-\u0a5e"
    "\u0b5c\u0b5d\u0e33\u0eb3\u0edc\u0edd\u0f43-\u0f69\u10fc\u1100-\u11ff\u1d2c-\u1d78"
    "\u1d9b-\u1dbf\u1e9a\u1e9b\u1f71-\u1f7d\u1fbb-\u1ffb\u2070-\u209c\u2102-\u2189"
    "\u2460-\u249b\u24ea\u2c7c\u2c7d\u2d6f\u3038-\u303a\u309f\u30ff\u3131-\u3195\u3220-\u3229"
    "\u3251-\u325f\u3280-\u3289\u32b1-\u32bf\ua69c\ua69d\ua770\ua7f2-\ua7f9\uab5c-\uab69"
    "\uf900-\ufad9\ufb00-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdc7\ufdf0-\ufdfb\ufe70-\ufefc"
    "\uff10-\uffdc\U00010781-\U000107ba\U0001d400-\U0001d7ff\U0001ee00-\U0001eebb"
    "\U0001f100-\U0001f10a\U0001fbf0-\U0001fbf9\U0002f800-\U0002fa1d"
    "]"
)
_NO_WORD = "\ufffd"

# What folding makes of characters that the first pass does not fold, and what may stand for it.
_LOOSE = {"ss": "(?:ss|[\u00df\u1e9e])", "i\u0307": "(?:i\u0307|\u0130)", _NO_WORD: ".{1,8}"}


class Names:
    """Names that are looked for in one column after the other."""

    def __init__(self, names: Sequence[str]) -> None:
        ready = (folded(_encodable(name[:_MAX_NAME])) for name in names)
        self._wanted = {
            number: name for number, name in enumerate(ready) if any(map(_in_word, name))
        }
        self._get_ready()

    def forget(self, number: int) -> None:
        """Look for this one of the names no more."""
        self._wanted = {each: name for each, name in self._wanted.items() if each != number}
        self._get_ready()

    def _get_ready(self) -> None:
        self._patterns = {
            number: re.compile(_pattern(name)) for number, name in self._wanted.items()
        }
        forms = [_loosened(_pattern(name)) for name in self._wanted.values()]
        self._sieves = [
            "|".join(forms[at : at + _AT_ONCE]) for at in range(0, len(forms), _AT_ONCE)
        ]

    def among(self, captions: pa.Array[Any]) -> Iterator[tuple[int, int]]:
        """The number of a name and the position of a caption that holds it, for each such pair.

        A first pass over the column in place leaves few captions; those are read with care for
        where words end.
        """
        for position in self._sift(captions):
            for number in self.within(captions[position].as_py()):
                yield number, position

    def within(self, caption: str) -> Iterator[int]:
        """The number of each name that a caption holds."""
        text = folded(caption)
        for number, pattern in self._patterns.items():
            if any(_is_whole(text, *found.span()) for found in pattern.finditer(text)):
                yield number

    def _sift(self, captions: pa.Array[Any]) -> list[int]:
        likely = np.zeros(len(captions), np.bool_)
        if not self._sieves:
            return []
        # Not in any case, as the sign of kelvin is a k then.
        odd = np.flatnonzero(_matches(captions, _UNSETTLED, ignore_case=False)).tolist()
        settled = pa.array([folded(captions[at].as_py()) for at in odd], pa.string())
        for sieve in self._sieves:
            likely |= _matches(captions, sieve)
            likely[odd] |= _matches(settled, sieve)
        return np.flatnonzero(likely).tolist()


def terms(text: str) -> list[str]:
    """What an index has to find a text by: each of its words, and each two that follow another.

    A script without spaces counts as words of one character. A name that `Names` finds in a caption
    has all terms of its own, see `terms_of_name`, among the caption's.
    """
    words = folded(text).translate(_PARTS).split()
    return [*words, *map(" ".join, itertools.pairwise(words))]


def terms_of_name(name: str) -> list[str]:
    """What a name is looked for by in an index: pairs of words, or its only one; may be empty."""
    words = folded(_encodable(name[:_MAX_NAME])).translate(_PARTS).split()
    return [*map(" ".join, itertools.pairwise(words))] or words


def folded(text: str) -> str:
    """A text with every spelling of the same letters made one: NFKC, and full case folding.

    So are accents apart and composed, letters of full width and of mathematics, and capitals; but
    symbols made of letters, as for a trade mark, stay symbols and join no word.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text.translate(_SYMBOLS))
    return unicodedata.normalize("NFKC", plain.casefold())


class _Table(dict[int, str]):
    """A table for `str.translate` that is filled as characters are met."""

    def __init__(self, function: Callable[[str], str]) -> None:
        self._function = function

    def __missing__(self, code: int) -> str:
        self[code] = self._function(chr(code))
        return self[code]


def _matches(texts: pa.Array[Any], pattern: str, *, ignore_case: bool = True) -> NDArray[np.bool_]:
    found = pc.match_substring_regex(texts, pattern, ignore_case=ignore_case)
    return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False))


def _pattern(name: str) -> str:
    """A pattern, the same to both engines, that lets words be joined as file names join them."""
    return "[\\s\u00a0\u2000-\u200b\u202f\u3000_-]+".join(map(re.escape, name.split()))


def _loosened(pattern: str) -> str:
    for plain, loose in _LOOSE.items():
        pattern = pattern.replace(plain, loose)
    return pattern


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_whole(caption: str, start: int, end: int) -> bool:
    return (start == 0 or _parted(caption[start - 1], caption[start])) and (
        end == len(caption) or _parted(caption[end - 1], caption[end])
    )


def _parted(left: str, right: str) -> bool:
    """Whether a word may end between these characters."""
    if unicodedata.category(right)[0] == "M":
        return not _in_word(left)
    spaced = not (_UNSPACED.match(left) or _UNSPACED.match(right))
    return not (spaced and _in_word(left) and _in_word(right))


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _without_letters(symbol: str) -> str:
    """A character, or where it is none of a word but NFKC makes letters of it, none that can be."""
    letters = any(map(_in_word, unicodedata.normalize("NFKC", symbol)))
    return _NO_WORD if letters and not _in_word(symbol) else symbol


def _parted_off(character: str) -> str:
    if not _in_word(character):
        return " "
    return f" {character} " if _UNSPACED.match(character) else character


_SYMBOLS = _Table(_without_letters)
_PARTS = _Table(_parted_off)
