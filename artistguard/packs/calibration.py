# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a look at live pictures said of a pack's published hashes, kept beside its manifest."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from artistguard.writing import write

NAME = "calibration.json"
FORMAT = 1

LEAST_AGREEMENT = 0.5
"""A hash that is not ours agrees with next to none of the pictures. One that is ours agrees with
nearly all that are still there; some were replaced at their address, by placeholders above all."""
ENOUGH = 20
"""Pictures that must have been looked at before a pack's hashes are refused."""
_MAX_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of `tried` rows the pictures of `looked` could be had, and `agreed` of those have the hash.

    `revision` is the pack's at that time. Hashes agree within `within` bits, as decoders differ a
    little.
    """

    algorithm: str
    tried: int
    looked: int
    agreed: int
    within: int
    revision: str
    checked_at: str

    @property
    def rate(self) -> float:
        """The share of pictures whose hash is the published one, 0 to 1; 0 when none was seen."""
        return self.agreed / self.looked if self.looked else 0.0

    @property
    def refused(self) -> bool:
        """Whether the pack's hashes are no evidence: enough pictures say that they are not ours."""
        return self.looked >= ENOUGH and self.rate < LEAST_AGREEMENT


def stamp(folder: Path, found: Calibration) -> None:
    """Keep the newest calibration of its algorithm; raises Stopped when it cannot be written."""
    others = [one for one in read(folder) if one.algorithm != found.algorithm]
    body = {"format": FORMAT, "calibrations": [asdict(one) for one in (*others, found)]}
    write(folder / NAME, json.dumps(body, indent=1).encode())


def read(folder: Path) -> list[Calibration]:
    """The calibrations of a pack; none where there is no file that makes sense."""
    path = folder / NAME
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        if path.stat().st_size <= _MAX_SIZE:
            parts = json.loads(path.read_bytes())
            return [_calibration(one) for one in parts["calibrations"]]
    return []


def _calibration(parts: dict[str, object]) -> Calibration:
    found = Calibration(**parts)  # type: ignore[arg-type]  # looked at in the next lines
    texts = (found.algorithm, found.revision, found.checked_at)
    counts = (found.tried, found.looked, found.agreed, found.within)
    if not all(type(one) is str for one in texts) or not all(type(one) is int for one in counts):
        raise ValueError("calibration")
    if not 0 <= found.agreed <= found.looked <= found.tried:
        raise ValueError("calibration")
    return found
