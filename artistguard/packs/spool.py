# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Arrays that grow on the disk while a pack is built, so that they need not fit in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Spool:
    """Arrays of one type, put one after the other into a file that is gone once it was read."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self._file = path.open("xb")

    def add(self, array: NDArray[Any]) -> None:
        """Append an array, flattened."""
        self._file.write(np.ascontiguousarray(array, self._kind).tobytes())

    def take(self) -> NDArray[Any]:
        """All that was added, as one array in memory; the file is removed."""
        self.close()
        whole = np.fromfile(self._path, self._kind)
        self._path.unlink()
        return whole

    def close(self) -> None:
        """Close the file."""
        self._file.close()
