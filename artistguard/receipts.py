# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Receipts go out as files that anyone can check, and files that come in are checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from artistguard import writing
from artistguard.errors import Kind, Stopped
from artistguard.models import Receipt
from artistguard.store import Store


def export(store: Store, into: Path) -> Iterator[tuple[Receipt, Path]]:
    """Write every receipt to its own file in `into`, byte for byte as it was signed.

    A file is named after its opt-out, so that exporting again changes nothing. Raises Stopped when
    the folder cannot be written to.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=into, reason=error.strerror) from error
    for receipt in store.outbox.receipts():
        ending = "withdrawal" if receipt.withdrawal else "opt-out"
        path = into / f"{receipt.opt_out}.{ending}.json"
        writing.write(path, receipt.body)
        yield receipt, path
