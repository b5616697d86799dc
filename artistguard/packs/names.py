# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Names in captions: whole words, in any case and script, many names in one pass."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MAX_NAME = 200
_AT_ONCE = 64  # names in one pattern, which keeps the automaton of the first pass small

# These scripts put no space between words, or (Korean) before particles; a name may touch its
# neighbours there.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)


class Names:
    """Names that are looked for in one column after the other."""

    def __init__(self, names: Sequence[str]) -> None:
        ready = (_composed(_encodable(name[:_MAX_NAME])) for name in names)
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
            number: re.compile(_pattern(name), re.IGNORECASE)
            for number, name in self._wanted.items()
        }
        # Captions may come with their accents composed or apart.
        forms = [
            _pattern(form)
            for name in self._wanted.values()
            for form in {name, unicodedata.normalize("NFD", name)}
        ]
        self._sieves = [
            "|".join(forms[at : at + _AT_ONCE]) for at in range(0, len(forms), _AT_ONCE)
        ]

    def among(self, captions: pa.Array[Any]) -> Iterator[tuple[int, int]]:
        """The number of a name and the position of a caption that holds it, for each such pair.

        A first pass over the column in place leaves few captions; those are read with care for
        where words end.
        """
        for position in self._sift(captions):
            caption = _composed(captions[position].as_py())
            for number, pattern in self._patterns.items():
                if any(_is_whole(caption, *found.span()) for found in pattern.finditer(caption)):
                    yield number, position

    def _sift(self, captions: pa.Array[Any]) -> list[int]:
        likely = np.zeros(len(captions), np.bool_)
        for sieve in self._sieves:
            found = pc.match_substring_regex(captions, sieve, ignore_case=True)
            likely |= found.fill_null(False).to_numpy(zero_copy_only=False)
        return np.flatnonzero(likely).tolist()


def _pattern(name: str) -> str:
    """A pattern, the same to both engines, that lets words be joined as file names join them."""
    return "[\\s\u00a0\u2000-\u200b\u202f\u3000_-]+".join(map(re.escape, name.split()))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


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
