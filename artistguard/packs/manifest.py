# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a pack says of itself: the file that is written last and read first."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from artistguard.errors import Damaged, Kind, Problem

NAME = "manifest.json"
FORMAT = 1

_MAX_SIZE = 8 << 20
_MAX_ROWS = (1 << 32) - 1
_ALGORITHM = re.compile(r"[a-z][a-z0-9-]{0,31}/[1-9][0-9]{0,3}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class About:
    """Which data set a pack holds: its name and version, where it came from, on what terms."""

    dataset: str
    version: str
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The hashes of one algorithm in one segment.

    `distinct` hashes of `bits` bits were cut into bands of `widths` for `postings` rows in all.
    `capped` of them are shared by more rows than are listed; `left_out` is how many are not.
    """

    algorithm: str
    bits: int
    distinct: int
    postings: int
    widths: tuple[int, ...]
    capped: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a pack that was written at once, of `rows` rows in batches of `batch`.

    The rest is how many of the rows have an address, a caption and the file hashes, and the sizes
    of the table of hosts: their number, the bytes of their names and the rows that have one.
    `number` names its folder; it says nothing of the order of rows.
    """

    rows: int
    batch: int
    url: int
    caption: int
    sha256: int
    md5: int
    hosts: tuple[int, int, int]
    held: tuple[Held, ...]
    number: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """What one file of a pack must be: its size in bytes and its SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All about one pack; `files` are named relative to it, with forward slashes.

    `revision` names the content: the SHA-256 of the manifest, which holds those of all files.
    """

    about: About
    built_at: str
    segments: tuple[Segment, ...]
    files: Mapping[str, File]
    revision: str

    @property
    def rows(self) -> int:
        """How many entries of the data set the pack holds."""
        return sum(segment.rows for segment in self.segments)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms whose hashes it can be asked for."""
        return tuple(dict.fromkeys(held.algorithm for one in self.segments for held in one.held))

    @property
    def answers(self) -> Mapping[str, int]:
        """What it can be asked for, with the number of rows that can be found by it.

        Keys are algorithms and ``sha256``, ``md5``, ``url``, ``host`` and ``name``; a count of 0
        says that it cannot answer.
        """
        exact = {
            "sha256": sum(one.sha256 for one in self.segments),
            "md5": sum(one.md5 for one in self.segments),
            "url": sum(one.url for one in self.segments),
            "host": sum(one.hosts[2] for one in self.segments),
            "name": sum(one.caption for one in self.segments),
        }
        near = dict.fromkeys(self.algorithms, 0)
        for held in (held for one in self.segments for held in one.held):
            near[held.algorithm] += held.postings
        return exact | near


def folder_of(number: int) -> str:
    """The name of the folder of a segment, by its number from 0."""
    return f"segment-{number:04}"


def files_of(segment: Segment) -> list[str]:
    """The names of all files of a segment, relative to the pack."""
    hashes = [file_of(held.algorithm) for held in segment.held]
    names = [f"{name}.{ending}" for name in hashes for ending in ("bands", "postings")]
    names += ["md5.keys", "rows.arrow", "sha256.keys", "url.hosts", "url.keys"]
    return [f"{folder_of(segment.number)}/{name}" for name in names]


def file_of(algorithm: str) -> str:
    """How the files of an algorithm's hashes are named, without their ending."""
    return algorithm.replace("/", "-")


def spell(whole: Manifest) -> bytes:
    """The bytes of a manifest file."""
    body = {
        "format": FORMAT,
        **asdict(whole.about),
        "built_at": whole.built_at,
        "rows": whole.rows,
        "answers": whole.answers,
        "segments": [asdict(segment) for segment in whole.segments],
        "files": {name: asdict(file) for name, file in sorted(whole.files.items())},
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def read(folder: Path) -> Manifest:
    """Read a pack's manifest and check all it says that can be checked without the other files.

    Raises:
        Problem: There is no pack (PACK_MISSING), or a newer version made it (PACK_NEWER).
        Damaged: It is no manifest (PACK_DAMAGED).
    """
    path = folder / NAME
    try:
        if path.stat().st_size > _MAX_SIZE:
            raise Damaged(Kind.PACK_DAMAGED, path=folder, file=NAME)
        return parse(path.read_bytes(), folder)
    except FileNotFoundError as error:
        raise Problem(Kind.PACK_MISSING, path=folder) from error
    except OSError as error:
        raise Damaged(Kind.PACK_DAMAGED, path=folder, file=NAME) from error


def parse(body: bytes, folder: Path) -> Manifest:
    """Take the bytes of the manifest of the pack `folder`; raises as `read` does."""
    try:
        parts = json.loads(body)
        if type(parts["format"]) is int and parts["format"] > FORMAT:
            raise Problem(Kind.PACK_NEWER, path=folder)
        return _Reader(parts).manifest(hashlib.sha256(body).hexdigest())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(Kind.PACK_DAMAGED, path=folder, file=NAME) from error


class _Reader:
    """Takes parsed JSON apart; raises ValueError, KeyError or TypeError for what does not fit."""

    def __init__(self, parts: Any) -> None:
        self._parts = parts

    def manifest(self, revision: str) -> Manifest:
        if type(self._parts["format"]) is not int or self._parts["format"] != FORMAT:
            raise ValueError("format")
        texts = {name: self.text(name) for name in ("dataset", "version", "source", "licence")}
        files = {name: _Reader(file) for name, file in self._parts["files"].items()}
        segments = tuple(
            _Reader({"number": place, **one}).segment()  # the first packs had them in order
            for place, one in enumerate(self._parts["segments"])
        )
        if len({one.number for one in segments}) != len(segments):
            raise ValueError("segments")
        if files.keys() != {name for one in segments for name in files_of(one)}:
            raise ValueError("files")
        return Manifest(
            About(**texts),
            self.text("built_at"),
            segments,
            {
                name: File(file.count("size", 1 << 62), file.digest())
                for name, file in files.items()
            },
            revision,
        )

    def segment(self) -> Segment:
        rows = self.count("rows")
        hosts, named, with_host = map(_count, self._parts["hosts"])
        names = ("url", "caption", "sha256", "md5")
        counts = {name: self.count(name, rows) for name in names}
        held = tuple(_Reader(one).held() for one in self._parts["held"])
        if len({one.algorithm for one in held}) != len(held):
            raise ValueError("segment")
        batch = self.count("batch", 1 << 20)
        if not batch:
            raise ValueError("batch")
        return Segment(
            rows=rows,
            batch=batch,
            hosts=(hosts, named, with_host),
            held=held,
            number=self.count("number", 9_999),
            **counts,
        )

    def held(self) -> Held:
        algorithm, bits = self.text("algorithm"), self.count("bits", 8192)
        widths = tuple(_count(width, 28) for width in self._parts["widths"])
        if (
            not bits
            or 0 in widths
            or not _ALGORITHM.fullmatch(algorithm)
            or bits % 8
            or not 0 <= sum(widths) <= bits
        ):
            raise ValueError("algorithm")
        names = ("distinct", "postings", "capped", "left_out")
        return Held(
            algorithm=algorithm, bits=bits, widths=widths, **{n: self.count(n) for n in names}
        )

    def text(self, name: str) -> str:
        text = self._parts[name]
        if not isinstance(text, str) or len(text) > 2_000:
            raise ValueError(name)
        return text

    def count(self, name: str, most: int = _MAX_ROWS) -> int:
        return _count(self._parts[name], most)

    def digest(self) -> str:
        if not _SHA256.fullmatch(self._parts["sha256"]):
            raise ValueError("sha256")
        return self.text("sha256")


def _count(number: object, most: int = _MAX_ROWS) -> int:
    if type(number) is not int or not 0 <= number <= most:
        raise ValueError("count")
    return number
