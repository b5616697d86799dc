# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Columns of a published table to rows of a pack: every value is checked, none is trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from artistguard.fingerprints import PHASH64
from artistguard.fingerprints.gate import quality
from artistguard.models import Fingerprint
from artistguard.packing.formats import Format, Role
from artistguard.packing.looks import Look
from artistguard.packs.batches import Hashes, RowBatch
from artistguard.packs.rows import SCHEMA as ROWS
from artistguard.tables import Batch, decoded, is_text

Column: TypeAlias = Any
"""A pyarrow array; its stubs have no word for one that holds any kind of text."""
Skipped: TypeAlias = Counter[str]
"""How many rows or values were left out, by reason."""

URL_LIMIT = 4_096
CAPTION_LIMIT = 8_192
ENTRY_LIMIT = 400
"""Most bytes of each; a longer address is none, of the others the start is kept."""
_SIDE_LIMIT = 1 << 20  # pixels; no picture format goes further
_ADDRESS = r"^\s*(?i:https?)://[^/?#\\]"
_WIDE = frozenset({Role.WIDTH, Role.HEIGHT, Role.ENTRY})


def wanted(form: Format, field: pa.Field[Any]) -> Role | None:
    """What a column is to a pack, by its name in any case and its type; None when nothing."""
    name = field.name.lower()
    role = next((role for role, names in form.columns.items() if name in names), None)
    if role is Role.PICTURE:
        return role if picture_bytes(field.type) is not None else None
    numeric = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
    if is_text(field.type) or (numeric and role in _WIDE):
        return role
    return role if role is Role.PHASH64 and pa.types.is_integer(field.type) else None


def picture_bytes(kind: pa.DataType) -> str | None:
    """How a column holds pictures: ``"struct"`` with a field of bytes, ``"binary"``, or not."""
    if pa.types.is_struct(kind):
        names = [kind.field(at).name for at in range(kind.num_fields)]
        return "struct" if "bytes" in names else None
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return "binary" if binary or pa.types.is_binary_view(kind) else None


def rows_of(
    batch: Batch, form: Format, shard: str, looks: Sequence[Look | None] = ()
) -> tuple[RowBatch, Skipped]:
    """The rows of a table as those of a pack; `shard` names rows that have no name of their own.

    `looks` tells for each row, if for any, how its picture looks; what the table says of the
    picture's file and size goes before that, for it is of the picture that was published. What is
    left out is counted by reason: values that are not what their column says, rows that could not
    be read, and rows that nothing could find.
    """
    skipped: Skipped = Counter(unreadable_row=batch.unreadable)
    columns = _by_role(batch.columns, form)
    parts = {
        "entry": _entries(columns.get(Role.ENTRY, []), batch.places, shard),
        "url": _urls(columns.get(Role.URL, []), skipped),
        "caption": _captions(columns),
        "width": _numbers(columns.get(Role.WIDTH, [])),
        "height": _numbers(columns.get(Role.HEIGHT, [])),
        "sha256": _digests(columns.get(Role.SHA256, []), 32, "bad_sha256", skipped),
        "md5": _digests(columns.get(Role.MD5, []), 16, "bad_md5", skipped),
    }
    hashes = _published(columns.get(Role.PHASH64, []), skipped)
    if looks:
        for name in ("width", "height", "sha256", "md5"):
            seen = [None if look is None else getattr(look, name) for look in looks]
            column = pa.array(seen, ROWS.field(name).type)
            told = parts[name]
            parts[name] = column if told is None else pc.coalesce(told, column)
        hashes = _looked(looks)
    there = {name: one for name, one in parts.items() if one is not None}
    return _findable(pa.RecordBatch.from_pydict(there), hashes, skipped)


def _findable(
    rows: pa.RecordBatch, hashes: dict[str, Hashes], skipped: Skipped
) -> tuple[RowBatch, Skipped]:
    """Leave out rows that no question could ever find."""
    found = np.zeros(rows.num_rows, np.bool_)
    for name in ("url", "caption", "sha256", "md5"):
        if name in rows.schema.names:
            found |= rows.column(name).is_valid().to_numpy(zero_copy_only=False)
    for one in hashes.values():
        found[one.row] = True
    if not found.all():
        skipped["nothing_to_find_it_by"] += int(np.count_nonzero(~found))
        rows = rows.filter(pa.array(found))
        place = found.cumsum() - 1
        hashes = {name: replace(one, row=place[one.row]) for name, one in hashes.items()}
    return RowBatch(rows, hashes), +skipped


def _by_role(columns: pa.RecordBatch, form: Format) -> dict[Role, list[Column]]:
    """The columns of each role, the best first."""
    found: dict[Role, list[tuple[int, Column]]] = {}
    for field, column in zip(columns.schema, columns.columns, strict=True):
        role = wanted(form, field)
        if role is not None:
            rank = list(form.columns[role]).index(field.name.lower())
            if isinstance(column, pa.DictionaryArray):
                column = column.dictionary_decode()  # noqa: PLW2901  # the same column, spelt out
            found.setdefault(role, []).append((rank, column))
    return {
        role: [column for _, column in sorted(some, key=lambda one: one[0])]
        for role, some in found.items()
    }


def _urls(columns: Sequence[Column], skipped: Skipped) -> Column | None:
    """Addresses: the first column's that is one, else the next one's."""
    if not columns:
        return None
    bad = np.zeros(len(columns[0]), np.bool_)
    good = []
    for column in map(clean, columns):
        is_url = _is_address(column)
        bad |= ~is_url & column.is_valid().to_numpy(zero_copy_only=False)
        good.append(column if is_url.all() else pc.if_else(pa.array(is_url), column, None))
    chosen = good[0] if len(good) == 1 else pc.coalesce(*good)
    bad &= chosen.is_null().to_numpy(zero_copy_only=False)
    skipped["bad_url"] += int(np.count_nonzero(bad))
    return chosen


def _is_address(column: Column) -> NDArray[np.bool_]:
    length = _lengths(column)
    usual: Column = pc.starts_with(column, "http")
    is_url: NDArray[np.bool_] = usual.fill_null(False).to_numpy(zero_copy_only=False)
    is_url &= length <= URL_LIMIT
    rest = np.flatnonzero(~is_url & (length > 0) & (length <= URL_LIMIT))
    if len(rest):
        spelt: Column = pc.match_substring_regex(column.take(rest), _ADDRESS)
        is_url[rest] = spelt.to_numpy(zero_copy_only=False)
    return is_url


def _captions(columns: dict[Role, list[Column]]) -> Column | None:
    texts = [_first(columns[role]) for role in (Role.NAME, Role.CAPTION) if role in columns]
    if not texts:
        return None
    both: Column = texts[0]
    if len(texts) > 1:
        join: Column = pc.binary_join_element_wise
        both = join(*texts, ", ", null_handling="skip")
    return _none_if_empty(_cut(both, CAPTION_LIMIT))


def _first(columns: Sequence[Column]) -> Column:
    """The text of the first column that has any, row by row."""
    texts = [_none_if_empty(clean(column)) for column in columns]
    return texts[0] if len(texts) == 1 else pc.coalesce(*texts)


def _cut(column: Column, limit: int) -> Column:
    """Text of at most `limit` bytes; where that is too little, a quarter as many characters."""
    if _lengths(column).max(initial=0) <= limit:
        return column
    return pc.if_else(
        pa.array(_lengths(column) > limit),
        pc.utf8_slice_codeunits(column, 0, limit // 4),
        column,
    )


def _none_if_empty(column: Column) -> Column:
    empty = _lengths(column) == 0
    return pc.if_else(pa.array(empty), None, column) if empty.any() else column


def _lengths(column: Column) -> NDArray[np.int32]:
    """The bytes of each text; 0 where there is none."""
    length: Column = pc.binary_length(column)
    lengths: NDArray[np.int32] = length.fill_null(0).to_numpy(zero_copy_only=False)
    return lengths


def clean(column: Column) -> Column:
    """A column as text that is what it says: whole UTF-8, without the character NUL."""
    if not is_text(column.type):
        return column.cast(pa.string())
    try:
        text: Column = column.cast(pa.string())
        text.validate(full=True)
    except pa.ArrowInvalid:
        values = column.cast(pa.large_binary()).to_pylist()
        text = pa.array(
            [None if one is None else one.decode("utf-8", "replace") for one in values], pa.string()
        )
    data = text.buffers()[2]
    if data is not None and not np.frombuffer(memoryview(data), np.uint8).min(initial=1):
        text = pc.replace_substring(text, "\0", "\ufffd")
    return text


def _entries(columns: Sequence[Column], places: Sequence[int], shard: str) -> Column:
    named = _cut(_first(columns), ENTRY_LIMIT) if columns else None
    if named is not None and not named.null_count:
        return named
    number = pa.array(np.asarray(places, np.int64)).cast(pa.string())
    join: Column = pc.binary_join_element_wise
    name = shard.encode("utf-8", "replace").decode()  # files may have names that are no text
    ours = join(pa.scalar(name), number, ":")
    return ours if named is None else pc.coalesce(named, ours)


def _numbers(columns: Sequence[Column]) -> Column | None:
    """Widths or heights: whole numbers that a picture can have."""
    if not columns:
        return None
    sides = [_sides(column) for column in columns]
    return sides[0] if len(sides) == 1 else pc.coalesce(*sides)


def _sides(column: Column) -> Column:
    if is_text(column.type):
        text = clean(column)
        digits = pc.match_substring_regex(text, r"^[0-9]{1,7}(\.0*)?$")
        column = pc.if_else(digits, text, None).cast(pa.float64())
    values = np.nan_to_num(column.cast(pa.float64()).to_numpy(zero_copy_only=False), posinf=0)
    good = (values >= 1) & (values <= _SIDE_LIMIT)
    return pa.array(np.where(good, values, 0).astype(np.int32), mask=~good)


def _digests(columns: Sequence[Column], size: int, bad: str, skipped: Skipped) -> Column | None:
    if not columns:
        return None
    count = len(columns[0])
    whole = np.zeros((count, size), np.uint8)
    present = np.zeros(count, np.bool_)
    for column in reversed(columns):
        rows, values = decoded(column, size)
        skipped[bad] += _written(column) - len(rows)
        whole[rows] = values
        present[rows] = True
    bits = np.packbits(present, bitorder="little").tobytes()
    buffers: list[pa.Buffer | None] = [pa.py_buffer(bits), pa.py_buffer(whole.tobytes())]
    return pa.Array.from_buffers(pa.binary(size), count, buffers)


def _published(columns: Sequence[Column], skipped: Skipped) -> dict[str, Hashes]:
    if not columns:
        return {}
    rows, values = decoded(columns[0], 8)
    skipped["bad_phash64"] += _written(columns[0]) - len(rows)
    return {PHASH64: Hashes(rows, values, quality(values))}


def _looked(looks: Sequence[Look | None]) -> dict[str, Hashes]:
    """The fingerprints of pictures that were looked at; one may have several of an algorithm."""
    rows: dict[str, list[int]] = {}
    prints: dict[str, list[Fingerprint]] = {}
    for row, look in enumerate(looks):
        for one in () if look is None else look.fingerprints:
            rows.setdefault(one.algorithm, []).extend([row] * len(one.qualities))
            prints.setdefault(one.algorithm, []).append(one)
    return {
        algorithm: Hashes(
            np.array(rows[algorithm]),
            np.frombuffer(b"".join(one.values for one in some), np.uint8).reshape(
                len(rows[algorithm]), -1
            ),
            np.frombuffer(b"".join(one.qualities for one in some), np.uint8),
        )
        for algorithm, some in prints.items()
    }


def _written(column: Column) -> int:
    """How many values are there at all; empty text is none."""
    if is_text(column.type):
        return int(np.count_nonzero(_lengths(column.cast(pa.large_binary()))))
    return len(column) - int(column.null_count)
