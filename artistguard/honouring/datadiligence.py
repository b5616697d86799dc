# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Rules for the datadiligence package, by which it honours a public list: no server, no key.

from artistguard.honouring.datadiligence import honour

honour(Path("opt-outs.parquet"))
datadiligence.filter_allowed(urls=urls)
datadiligence.is_allowed(name="file", path=path)
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datadiligence
import pyarrow as pa
from datadiligence.rules.base import BulkRule, Rule

from artistguard.datasets import Honoured, load_opt_outs
from artistguard.datasets.columns import Meaning
from artistguard.datasets.loading import sieve_of
from artistguard.datasets.salted import SaltedSieve
from artistguard.datasets.sieve import KEPT, Sieve


def honour(opt_outs: Path, honoured: Honoured = Honoured()) -> None:  # noqa: B008  # frozen
    """Make datadiligence honour the public list at this path from now on.

    The list may be an open one in any of its forms, or the folder of a salted one, which can be
    tested and not read; `honoured` says which of its opt-outs count. The evaluators are loaded with
    their own rules when none are. Raises Unreadable when the list cannot be read.
    """
    sieve = sieve_of(load_opt_outs(opt_outs, honoured))
    if not {"preprocess", "file"} <= set(datadiligence.list_evaluators()):
        datadiligence.load_defaults()
    datadiligence.get_evaluator("preprocess").add_rule(OptedOutUrls(sieve))
    datadiligence.get_evaluator("file").add_rule(OptedOutFiles(sieve))


class OptedOutUrls(BulkRule):  # type: ignore[misc]  # the package has no types
    """Addresses that are opted out, by themselves or with their domain."""

    def __init__(self, sieve: Sieve | SaltedSieve) -> None:
        self._sieve = sieve

    def is_ready(self) -> bool:
        """Whether the rule can be asked."""
        return True

    def is_allowed(
        self, urls: Sequence[str] | None = None, url: str | None = None, **_: Any
    ) -> list[bool]:
        """Whether each address is not opted out, in order."""
        asked = [*urls] if urls is not None else [url] if url is not None else []
        columns = {Meaning.URL: [pa.array(asked, pa.large_string())]}
        allowed: list[bool] = (self._sieve.judge(columns, len(asked)) == KEPT).tolist()
        return allowed

    def filter_allowed(
        self, urls: Sequence[str] | None = None, url: str | None = None, **_: Any
    ) -> list[str]:
        """Those of the addresses that are not opted out, in order."""
        asked = [*urls] if urls is not None else [url] if url is not None else []
        return [one for one, fine in zip(asked, self.is_allowed(asked), strict=True) if fine]


class OptedOutFiles(Rule):  # type: ignore[misc]  # the package has no types
    """Files that are opted out, by their SHA-256 or MD5."""

    def __init__(self, sieve: Sieve | SaltedSieve) -> None:
        self._sieve = sieve

    def is_ready(self) -> bool:
        """Whether the rule can be asked."""
        return True

    def is_allowed(self, path: str | Path | None = None, **_: Any) -> bool:
        """Whether a file is not opted out; True when none is named. Raises OSError."""
        if path is None:
            return True
        columns = {}
        for meaning in (Meaning.SHA256, Meaning.MD5):
            with Path(path).open("rb") as file:
                digest = hashlib.file_digest(file, _algorithm(meaning)).digest()
            columns[meaning] = [pa.array([digest], pa.binary(len(digest)))]
        return bool(self._sieve.judge(columns, 1)[0] == KEPT)


def _algorithm(meaning: Meaning) -> Any:
    if meaning is Meaning.MD5:
        # It names files in published tables; nothing here is kept safe by it.
        return lambda: hashlib.md5(usedforsecurity=False)
    return hashlib.sha256
