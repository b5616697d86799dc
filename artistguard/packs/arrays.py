# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Several arrays in one file, read by memory map; what they are is said elsewhere, not in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Each array starts at a multiple of this, so that none shares a cache line with its neighbour.
_ALIGNMENT = 64


def write(path: Path, arrays: Iterable[NDArray[Any]]) -> None:
    """Write `arrays` (little-endian, any shape) one after the other and flush them to the disk."""
    with path.open("xb") as file:
        for array in arrays:
            file.write(np.ascontiguousarray(array).data)
            file.write(bytes(-array.nbytes % _ALIGNMENT))
        file.flush()
        os.fsync(file.fileno())


def mapped(path: Path, parts: Sequence[tuple[str, int]]) -> list[NDArray[Any]]:
    """The arrays of a file, of these types (``"<u4"`` and the like) and lengths, without a copy.

    Raises OSError when the file cannot be read and ValueError when it has another size.
    """
    sizes = [np.dtype(kind).itemsize * count for kind, count in parts]
    ends = np.cumsum([size + -size % _ALIGNMENT for size in sizes]).tolist()
    if path.stat().st_size != ends[-1]:
        raise ValueError(path.name)
    # A plain array over the map: the memmap class makes every small operation slower.
    whole = np.asarray(np.memmap(path, np.uint8, "r")) if ends[-1] else np.empty(0, np.uint8)
    starts = [0, *ends[:-1]]
    return [
        whole[start : start + size].view(kind)
        for start, size, (kind, _) in zip(starts, sizes, parts, strict=True)
    ]
