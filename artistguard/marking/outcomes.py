# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What marking tells of: who signs, what was left out, and what became of each picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from artistguard.channels.marks import Means
from artistguard.errors import Problem


class MarkState(StrEnum):
    """What became of one picture that was to be marked."""

    MARKED = "marked"
    KNOWN = "known"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MarkedFile:
    """One picture and its marked copy; paths as `folder.to_text` spells them.

    `added` is by how many bytes the copy, with what stands beside it, is larger; `creator` whom it
    names. What failed has a `problem`.
    """

    path: str
    out: str | None
    state: MarkState
    added: int = 0
    means: tuple[Means, ...] = ()
    beside: str | None = None
    creator: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs: the SHA-256 of the certificate in hex; `root` is PEM if it is self-made.

    `lasting` says whether the key is the same the next time.
    """

    name: str
    sha256: str
    root: bytes | None
    lasting: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """So many pictures in the folders are of kinds that cannot be marked, with these suffixes."""

    count: int
    suffixes: tuple[str, ...]
