# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a check of a receipt found, in the language spoken; the checker itself speaks to scripts."""

from __future__ import annotations

import re
from typing import Final

from artistguard.wording.language import mark, translate

# In the very words of `proof.files`, with what it puts in.
_FOUND: Final = (
    mark("entry {entry} of {size}, signed by key {keys}, which you must recognise yourself"),
    mark(
        "entry {entry} of {size}, signed by {number} keys, which you must recognise yourself:"
        " {keys}"
    ),
    mark("signed by key {keys}, which you must recognise yourself"),
    mark("not written in the form of a receipt, log or list"),
    mark("changed after it was signed"),
    mark("the signature does not fit"),
    mark("not what the log held"),
    mark("entries that were signed for are missing at the end"),
    mark("signed by another key than the one given"),
    mark("not the answer of an authority of time"),
    mark("the root certificate beside it cannot be read"),
)


def say_found(why: str) -> str:
    """What the checker found; what it did not say of a receipt before is left as it is."""
    for said in _FOUND:
        form = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(said))
        if found := re.fullmatch(form, why):
            return translate(said).format(**found.groupdict())
    return why
