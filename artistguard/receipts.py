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

    A file is named after its opt-out or notice. A log that is damaged, or may not be written, takes
    nothing from the receipts, but cannot complete them, which is told. Raises Stopped when the
    folder cannot be written to.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=into, reason=error.strerror) from error
    all_ = list(kept(store))
    for channel in dict.fromkeys(receipt.channel for receipt, _ in all_):
        own = [each for each in all_ if each[0].channel == channel]
        bodies = _complete([receipt.body for receipt, _ in own], completions.get(channel), tell)
        for (receipt, ending), body in zip(own, bodies, strict=True):
            path = into / f"{receipt.opt_out}.{ending}.receipt"
            writing.write(path, body)
            yield receipt, path


def kept(store: Store) -> Iterator[tuple[Receipt, str]]:
    """Every receipt and what it is of: ``opt-out``, ``withdrawal`` or the kind of a notice."""
    for receipt in store.outbox.receipts():
        yield receipt, "withdrawal" if receipt.withdrawal else "opt-out"
    for one in store.notices.all():
        if one.receipt is not None:
            yield Receipt(one.id, one.channel, one.receipt, one.answered_at or ""), one.kind


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
