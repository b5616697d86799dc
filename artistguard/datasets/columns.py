# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the columns of published data-set tables mean, and how the hashes in them are written."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]
Column: TypeAlias = "pa.Array[Any]"


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
}
_HEX = np.full(256, 255, np.uint8)
_HEX[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)
_HEX[np.frombuffer(b"ABCDEF", np.uint8)] = np.arange(10, 16)


@lru_cache(maxsize=1024)
def meaning_of(name: str) -> Meaning | None:
    """Say what a column called `name` (in any case) means, or None when it does not matter here.

    A column called `hash` is taken for an MD5, as in PD12M. LAION's `hash`, a 64-bit integer over
    address and text, goes by the same name; `typed_meaning_of` and `digests` tell the two apart by
    type and form, for no integer, typed or written out, is 32 hex digits.
    """
    return NAMES.get(name.lower())


def typed_meaning_of(field: pa.Field[Any]) -> Meaning | None:
    """Say what a typed column means: as `meaning_of`, but numbers are never file hashes."""
    meaning = meaning_of(field.name)
    worded = {Meaning.URL, Meaning.SHA256, Meaning.MD5, Meaning.DCT256, Meaning.DOMAIN}
    return None if meaning in worded and not _is_text(field.type) else meaning


def digests(column: Column, size: int) -> tuple[Rows, Bytes]:
    """Read the hashes of `size` bytes in a column, however they are written.

    Hex text in either case (with or without ``0x``), raw bytes and, for eight bytes, integers
    (signed or not; the highest bit first) are understood; anything else is no hash.

    Returns:
        The positions (n,) of the rows that hold a hash, and the hashes (n, size).
    """
    if pa.types.is_integer(column.type):
        return _from_integers(column) if size == 8 else _nothing(size)
    if not _is_text(column.type):
        return _nothing(size)
    written = column.cast(pa.large_binary())
    length = pc.binary_length(cast("pa.LargeBinaryArray", written)).fill_null(0).to_numpy()
    parts = [
        _from_hex(written, np.flatnonzero(length == 2 * size), 0, size),
        _from_hex(written, np.flatnonzero(length == 2 * size + 2), 2, size),
    ]
    if not _is_utf8(column.type):
        parts.append(_from_raw(written, np.flatnonzero(length == size), size))
    rows = np.concatenate([part[0] for part in parts])
    return rows, np.concatenate([part[1] for part in parts])


def texts(column: Column) -> list[str | None]:
    """Give a column's texts (n,), bytes that are no UTF-8 replaced; None where there is none."""
    if not _is_text(column.type):
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


def _is_utf8(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind),
    )


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return _is_utf8(kind) or bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind),
    )


def _nothing(size: int) -> tuple[Rows, Bytes]:
    return np.empty(0, np.int64), np.empty((0, size), np.uint8)


def _from_integers(column: Column) -> tuple[Rows, Bytes]:
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    values = column.drop_null().to_numpy(zero_copy_only=False)
    written = values.astype(">i8" if values.dtype.kind == "i" else ">u8")
    return rows, written.view(np.uint8).reshape(-1, 8)


def _from_raw(written: Column, rows: Rows, width: int) -> tuple[Rows, Bytes]:
    if not rows.size:
        return _nothing(width)
    # Nulls aside, values of one length lie one after the other.
    _, data = written.take(rows).cast(pa.binary(width)).buffers()
    assert data is not None
    return rows, np.frombuffer(memoryview(data), np.uint8).reshape(-1, width)


def _from_hex(written: Column, rows: Rows, prefix: int, size: int) -> tuple[Rows, Bytes]:
    rows, text = _from_raw(written, rows, prefix + 2 * size)
    digits = _HEX[text[:, prefix:]]
    good = (digits < 16).all(axis=1)
    if prefix:
        good &= (text[:, 0] == ord("0")) & ((text[:, 1] | 0x20) == ord("x"))
    digits = digits[good]
    values = (digits[:, 0::2] << 4 | digits[:, 1::2]).astype(np.uint8)
    return rows[good], values
