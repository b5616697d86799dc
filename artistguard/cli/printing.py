# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the command line prints: JSON lines or prose on standard output, progress beside it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Mapping
from typing import TypeVar

from artistguard.models import Progress

R = TypeVar("R")

_REFRESH_SECONDS = 0.1
_STEPS = {
    "scan": "Reading works",
    "group": "Grouping near-duplicates",
    "search": "Searching",
    "deliver": "Filing opt-outs",
    "build": "Building the pack",
    "load": "Loading the pack",
    "filter": "Filtering",
    "verify": "Checking",
    "mark": "Marking copies",
    "audit": "Looking",
}


class Printer:
    """Standard output carries results only; everything else goes to standard error.

    `failures` counts items that were named as failed, and `unreached` says that somebody was not
    to be reached; they decide the exit status.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.failures = 0
        self.unreached = False
        self._as_json = as_json
        self._on_screen = sys.stderr.isatty()
        self._bar = False
        self._drawn_at = 0.0

    def result(self, fields: Mapping[str, object], prose: str | None) -> None:
        """Print one result: its fields as a JSON line, or its prose; None prints none."""
        self._wipe()
        if self._as_json:
            # ASCII, so that any console and any reader takes it, lone surrogates included
            print(json.dumps(fields, ensure_ascii=True, default=str))
        elif prose is not None:
            print(_sayable(prose))

    def note(self, sentence: str) -> None:
        """Say something to the person that is no result."""
        self._wipe()
        print(_sayable(sentence), file=sys.stderr)

    def failure(self, sentence: str) -> None:
        """Name one item that failed; the rest goes on."""
        self.failures += 1
        self.note(sentence)

    def unreachable(self, sentence: str) -> None:
        """Say who could not be reached; everything is kept and tried again another time."""
        self.unreached = True
        self.note(sentence)

    def problem(self, sentence: str) -> None:
        """Say why the command ends."""
        self.note(f"artistguard: {sentence}")

    def progress(self, progress: Progress) -> None:
        """Draw how far a step has come, on a terminal only and a few times a second."""
        now = time.monotonic()
        finished = progress.done == progress.total
        if not self._on_screen or (not finished and now - self._drawn_at < _REFRESH_SECONDS):
            return
        self._drawn_at = now
        words = _STEPS.get(progress.step, progress.step)
        total = f" of {progress.total:,}" if progress.total is not None else ""
        print(f"\r\x1b[K{words}: {progress.done:,}{total}", end="", file=sys.stderr, flush=True)
        self._bar = True
        if finished:
            self._wipe()

    def follow(self, steps: Generator[Progress, None, R]) -> R:
        """Draw the progress of a step to its end; what it returns."""
        while True:
            try:
                self.progress(next(steps))
            except StopIteration as end:
                result: R = end.value
                return result

    def ask(self, question: str) -> bool:
        """Whether the person types yes; without a terminal nobody has agreed to anything."""
        self._wipe()
        if not sys.stdin.isatty():
            return False
        print(question, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().casefold() in {"y", "yes"}

    def _wipe(self) -> None:
        if self._bar:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._bar = False


def _sayable(text: str) -> str:
    """Text as a terminal may have it: control characters from names or captions made visible."""
    shown = "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)
    encoding = sys.stdout.encoding or "utf-8"
    return shown.encode(encoding, "replace").decode(encoding)
