# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Has pictures read in processes of their own, and knows whether the neural witness is here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from artistguard import reading, sandbox
from artistguard.errors import Problem
from artistguard.fingerprints import SSCD256, find_model, runtime_installed
from artistguard.models import Reading
from artistguard.settings import Settings
from artistguard.store import Store

SECONDS_PER_PICTURE: Final = 60.0
"""A decoder that has not finished a picture by then never will on a machine an artist can use."""

MEMORY: Final = 2 << 30
"""Bytes that one reading process may take: the largest picture takes 1.4 GB while it is turned."""

_apart = partial(sandbox.run, seconds=SECONDS_PER_PICTURE, memory=MEMORY, needs=reading.DECODERS)


class Reader:
    """Reads for one artist's data folder; what is wrong with the witness is told to `notice`."""

    def __init__(
        self, store: Store, settings: Callable[[], Settings], notice: Callable[[Problem], None]
    ) -> None:
        self._store = store
        self._settings = settings
        self._notice = notice

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, Reading | Problem]]:
        """Hash and fingerprint files, on as many cores as the settings give."""
        if not (files := list(paths)):
            return iter(())
        workers = self._settings().workers or os.cpu_count() or 1
        return _apart(partial(reading.read, model=self._model), files, workers=workers)

    def model_so_far(self) -> Path | None:
        """The neural witness, tried only if there is a picture that it has not seen yet.

        To load it takes longer than to see that nothing is new.
        """
        model = self._model_here
        return self._model if model and self._store.files.lacking(SSCD256) else model

    @cached_property
    def _model_here(self) -> Path | None:
        chosen = self._settings().embedding_model
        return find_model(Path(chosen) if chosen else None) if runtime_installed() else None

    @cached_property
    def _model(self) -> Path | None:
        """The neural witness, if it is here and can be used."""
        model = self._model_here
        if model is None:
            return None
        ((_, problem),) = _apart(reading.try_model, [model], workers=1)
        if problem:
            self._notice(problem)
        return None if problem else model
