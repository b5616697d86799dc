# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Receipts go out as files that anyone can check, and files that come in are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from artistguard import writing
from artistguard.errors import Damaged, Kind, Problem, Stopped
from artistguard.models import Receipt
from artistguard.store import Store

Completion = Callable[[Iterable[bytes]], Iterator[bytes]]
"""Adds to receipts, in their order, the proof that they stand in a log."""


def export(
    store: Store,
    into: Path,
    completions: Mapping[str, Completion],
    tell: Callable[[Problem], None],
) -> Iterator[tuple[Receipt, Path]]:
    """Write every receipt to its own file in `into`, complete where its channel can complete it.

    A file is named after its opt-out. A log that is damaged, or may not be written, takes nothing
    from the receipts, but cannot complete them, which is told. Raises Stopped when the folder
    cannot be written to.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=into, reason=error.strerror) from error
    kept = list(store.outbox.receipts())
    for channel in dict.fromkeys(receipt.channel for receipt in kept):
        own = [receipt for receipt in kept if receipt.channel == channel]
        bodies = _complete([receipt.body for receipt in own], completions.get(channel), tell)
        for receipt, body in zip(own, bodies, strict=True):
            ending = "withdrawal" if receipt.withdrawal else "opt-out"
            path = into / f"{receipt.opt_out}.{ending}.receipt"
            writing.write(path, body)
            yield receipt, path


def _complete(
    bodies: list[bytes], completion: Completion | None, tell: Callable[[Problem], None]
) -> list[bytes]:
    try:
        return list(completion(bodies)) if completion else bodies
    except (Damaged, Stopped) as problem:
        if isinstance(problem, Stopped) and problem.kind is not Kind.DATA_NOT_WRITABLE:
            raise
        tell(problem)
        return bodies
