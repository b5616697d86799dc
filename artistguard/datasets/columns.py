# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the columns of published data-set tables mean, and what is in them."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from artistguard.tables import Column, is_text


class Meaning(StrEnum):
    """What one column says about a row, whatever the table calls it."""

    URL = "url"
    SHA256 = "sha256"
    MD5 = "md5"
    PHASH64 = "phash64"
    DCT256 = "dct256"
    PHASH64_FORMS = "phash64_forms"
    DCT256_FORMS = "dct256_forms"
    WIDTH = "width"
    HEIGHT = "height"
    ORIGINAL_WIDTH = "original_width"
    ORIGINAL_HEIGHT = "original_height"
    DOMAIN = "domain"
    OPT_OUT_TRAIN = "opt_out_train"
    PROOF_REF = "proof_ref"


IDENTIFYING = frozenset(
    {Meaning.URL, Meaning.SHA256, Meaning.MD5, Meaning.PHASH64, Meaning.DCT256},
)
"""The meanings that can say whose picture a row is; a table with none of them cannot be judged."""

# Lower-case names, from the published schemas of LAION, COYO, DataComp, PD12M and img2dataset's
# output, and from our own public lists. img2dataset's plain `width` is the stored picture's, which
# may be squeezed or cropped; `original_width` is the published picture's.
NAMES = {
    "url": Meaning.URL,
    "image_url": Meaning.URL,
    "url_normalized": Meaning.URL,
    "sha256": Meaning.SHA256,
    "md5": Meaning.MD5,
    "hash": Meaning.MD5,
    "image_phash": Meaning.PHASH64,
    "phash": Meaning.PHASH64,
    "phash64": Meaning.PHASH64,
    "dct256": Meaning.DCT256,
    "phash_forms": Meaning.PHASH64_FORMS,
    "dct256_forms": Meaning.DCT256_FORMS,
    "width": Meaning.WIDTH,
    "height": Meaning.HEIGHT,
    "original_width": Meaning.ORIGINAL_WIDTH,
    "original_height": Meaning.ORIGINAL_HEIGHT,
    "domain": Meaning.DOMAIN,
    "opt_out_train": Meaning.OPT_OUT_TRAIN,
    "proof_ref": Meaning.PROOF_REF,
}


@lru_cache(maxsize=1024)
def meaning_of(name: str) -> Meaning | None:
    """Say what a column called `name` (in any case) means, or None when it does not matter here.

    A column called `hash` is taken for an MD5, as in PD12M. LAION's `hash`, a 64-bit integer over
    address and text, goes by the same name; `typed_meaning_of` and `decoded` tell the two apart by
    type and form, for no integer, typed or written out, is 32 hex digits.
    """
    return NAMES.get(name.lower())


def typed_meaning_of(field: pa.Field[Any]) -> Meaning | None:
    """Say what a typed column means: as `meaning_of`, but numbers are never file hashes."""
    meaning = meaning_of(field.name)
    worded = {Meaning.URL, Meaning.SHA256, Meaning.MD5, Meaning.DCT256, Meaning.DOMAIN}
    return None if meaning in worded and not is_text(field.type) else meaning


def texts(column: Column) -> list[str | None]:
    """Give a column's texts (n,), bytes that are no UTF-8 replaced; None where there is none."""
    if not is_text(column.type):
        return [None] * len(column)
    written: list[bytes | None] = column.cast(pa.large_binary()).to_pylist()
    return [None if text is None else text.decode("utf-8", "replace") for text in written]


def numbers(column: Column) -> npt.NDArray[np.float64]:
    """Give a column's numbers (n,), typed or written out; NaN where there is none."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return np.array([_number(text) for text in texts(column)], np.float64)


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")
