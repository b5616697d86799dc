# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the pictures are in a page, a framed print or a captioned joke: a recursive X-Y cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from artistguard.fingerprints.cosine import SIDE
from artistguard.fingerprints.variants import WHOLE, Rectangle

# A row or column is blank when its grey values lie within so many steps of 255: more than the noise
# of a hard-pressed JPEG, less than a drawn line.
_BLANK = 24

# The thinnest gap that separates two blocks, in cells of the raster.
_GAP = 2

# Blocks smaller than this share of the picture hold a letter or a button, not a picture.
_SMALLEST = 0.05

# A block that covers more than this would get the same hash as what it was cut from.
_SAME = 0.97

# Cuts nest: page, column, figure, picture in the figure. More are texture, and cost time.
_DEPTH = 5

Box = tuple[int, int, int, int]  # left, top, right, bottom in cells


def trimmed(cells: NDArray[np.float32]) -> Rectangle:
    """Return the rectangle without its blank edges, the whole when nothing or all is blank."""
    box = _shrink(cells, (0, 0, SIDE, SIDE))
    return _fractions(box) if box else WHOLE


def largest(cells: NDArray[np.float32]) -> Rectangle | None:
    """Return the largest block that no blank row or column divides, None when that is the whole."""
    best = max(_leaves(cells, (0, 0, SIDE, SIDE), _DEPTH), key=_area, default=None)
    if best is None or not _SMALLEST <= _area(best) / SIDE**2 <= _SAME:
        return None
    return _fractions(best)


def _leaves(cells: NDArray[np.float32], box: Box, depth: int) -> Iterator[Box]:
    box = _shrink(cells, box) or box
    parts = list(_cut(cells, box)) if depth else []
    if len(parts) < 2:
        yield box
        return
    for part in parts:
        if _area(part) >= _SMALLEST * SIDE**2:
            yield from _leaves(cells, part, depth - 1)


def _shrink(cells: NDArray[np.float32], box: Box) -> Box | None:
    """Return `box` without its blank edges, frame within frame, None when all of it is blank."""
    while True:
        left, top, _, _ = box
        rows, columns = _busy(cells, box)
        if not rows.any() or not columns.any():
            return None
        (start, stop), (first, last) = _inside(columns), _inside(rows)
        inner = left + start, top + first, left + stop, top + last
        if inner == box:
            return box
        box = inner


def _inside(busy: NDArray[np.bool_]) -> tuple[int, int]:
    """Return where the busy lines start and stop, without a line that also shows the blank edge.

    Such a line is part edge and part content; left in, it would hide a second frame behind it.
    """
    at = np.flatnonzero(busy)
    start, stop = int(at[0]), int(at[-1]) + 1
    if stop - start > 2:
        start += start > 0
        stop -= stop < len(busy)
    return start, stop


def _cut(cells: NDArray[np.float32], box: Box) -> Iterator[Box]:
    """Yield the parts of `box` between blank rows or, where there are none, blank columns."""
    left, top, right, bottom = box
    rows, columns = _busy(cells, box)
    bands = _runs(rows)
    if len(bands) > 1:
        yield from ((left, top + start, right, top + stop) for start, stop in bands)
    else:
        yield from ((left + start, top, left + stop, bottom) for start, stop in _runs(columns))


def _busy(cells: NDArray[np.float32], box: Box) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    left, top, right, bottom = box
    part = cells[top:bottom, left:right]
    return np.ptp(part, axis=1) > _BLANK, np.ptp(part, axis=0) > _BLANK


def _runs(busy: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of busy lines, those joined between which the gap is too thin."""
    edges = np.flatnonzero(np.diff(busy, prepend=False, append=False))
    runs: list[tuple[int, int]] = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] < _GAP:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return runs


def _area(box: Box) -> int:
    left, top, right, bottom = box
    return (right - left) * (bottom - top)


def _fractions(box: Box) -> Rectangle:
    left, top, right, bottom = box
    return left / SIDE, top / SIDE, right / SIDE, bottom / SIDE
