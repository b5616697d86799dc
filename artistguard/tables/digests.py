# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Hashes in the columns of published tables, in all the ways they are written."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]
Column: TypeAlias = "pa.Array[Any]"

_HEX = np.full(256, 255, np.uint8)
_HEX[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)
_HEX[np.frombuffer(b"ABCDEF", np.uint8)] = np.arange(10, 16)
_NO_BYTE = 256


def _of_pairs() -> npt.NDArray[np.uint16]:
    """What two characters are as hex, as they lie in memory (the first is the low byte)."""
    second, first = np.divmod(np.arange(1 << 16), 256)
    high, low = _HEX[first].astype(np.uint16), _HEX[second].astype(np.uint16)
    return np.where((high < 16) & (low < 16), high << 4 | low, _NO_BYTE).astype(np.uint16)


_BYTE_OF_PAIR = _of_pairs()
_BASE64 = np.full(256, 255, np.uint8)
_BASE64[
    np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)
] = np.arange(64)


def decoded(column: Column, size: int) -> tuple[Rows, Bytes]:
    """Read the hashes of `size` bytes in a column, however they are written.

    Hex text in either case (with or without ``0x``), base64 with its padding, raw bytes and, for
    eight bytes, integers (signed or not; the highest bit first) are understood; anything else is no
    hash.

    Returns:
        The positions (n,) of the rows that hold a hash, and the hashes (n, size).
    """
    if pa.types.is_integer(column.type):
        return _from_integers(column) if size == 8 else _nothing(size)
    if not is_text(column.type):
        return _nothing(size)
    written = column.cast(pa.large_binary())
    length = pc.binary_length(cast("pa.LargeBinaryArray", written)).fill_null(0).to_numpy()
    parts = [
        _from_hex(written, np.flatnonzero(length == 2 * size), 0, size),
        _from_hex(written, np.flatnonzero(length == 2 * size + 2), 2, size),
    ]
    if size % 3 == 1:  # with any other length the two could not be told apart, or have no padding
        whole = -(-size // 3) * 4
        parts.append(_from_base64(written, np.flatnonzero(length == whole), size))
    if not is_utf8(column.type):
        parts.append(_from_raw(written, np.flatnonzero(length == size), size))
    rows = np.concatenate([part[0] for part in parts])
    return rows, np.concatenate([part[1] for part in parts])


def is_utf8(kind: pa.DataType) -> bool:
    """Whether a column holds text, as opposed to bytes that may be text."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind),
    )


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds text or bytes, as a dictionary or not."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return is_utf8(kind) or bool(
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
    values = _BYTE_OF_PAIR[text[:, prefix:].view("<u2")]
    good = np.ones(len(rows), np.bool_)
    good[np.flatnonzero(values == _NO_BYTE) // size] = False
    if prefix:
        good &= (text[:, 0] == ord("0")) & ((text[:, 1] | 0x20) == ord("x"))
    return rows[good], values[good].astype(np.uint8)


def _from_base64(written: Column, rows: Rows, size: int) -> tuple[Rows, Bytes]:
    """Base64 (RFC 4648, section 4) of a size that leaves two characters of padding."""
    rows, text = _from_raw(written, rows, -(-size // 3) * 4)
    digits = _BASE64[text[:, :-2]]
    good = (digits < 64).all(axis=1) & (text[:, -2:] == ord("=")).all(axis=1)
    digits = np.pad(digits[good], ((0, 0), (0, 2))).reshape(-1, -(-size // 3), 4)
    values = np.stack(
        [
            digits[:, :, 0] << 2 | digits[:, :, 1] >> 4,
            digits[:, :, 1] << 4 | digits[:, :, 2] >> 2,
            digits[:, :, 2] << 6 | digits[:, :, 3],
        ],
        axis=2,
    )
    return rows[good], values.reshape(-1, -(-size // 3) * 3)[:, :size]
