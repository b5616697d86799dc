# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Receipts go out as files that anyone can check, with a list of what they are of."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

from artistguard import wire, writing
from artistguard.errors import Damaged, Kind, Problem, Stopped, Unreadable
from artistguard.models import Checked, Progress, Receipt, Request
from artistguard.store import Store

LIST: Final = "opt-outs"
"""The list of opt-outs, as CSV and as JSON."""

_BATCH: Final = 200
_FORMULA: Final = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")  # spreadsheets read wide ones, too
_COLUMNS: Final = [one.name for one in fields(Request) if one.name != "number"]

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
    yield from _write(list(kept(store)), into, completions, tell)


def kept(store: Store) -> Iterator[tuple[Receipt, str]]:
    """Every receipt and what it is of: ``opt-out``, ``withdrawal`` or the kind of a notice."""
    for receipt in store.outbox.receipts():
        yield receipt, _ending(receipt)
    for one in store.notices.all():
        if one.receipt is not None:
            yield Receipt(one.id, one.channel, one.receipt, one.answered_at or ""), one.kind


def save(
    store: Store,
    numbers: Sequence[int],
    late: str,
    into: Path,
    *,
    completions: Mapping[str, Completion],
    tell: Callable[[Problem], None],
) -> Iterator[Progress]:
    """Write a list of these opt-outs into a folder, and their receipts below it.

    `late` is as in `SoughtRequests`. In the CSV file a cell that a spreadsheet would take for a
    formula begins with an apostrophe. Lists that break off are not there at all. Raises as `export`
    does.
    """
    try:
        (into / "receipts").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=into, reason=error.strerror) from error
    table, lines = into / f"{LIST}.csv", into / f"{LIST}.json"
    with writing.replacing(table) as as_csv, writing.replacing(lines) as as_json:
        as_csv.write(b"\xef\xbb\xbf" + _spell_rows([_COLUMNS]))  # or spreadsheets guess wrong
        for start in range(0, len(numbers), _BATCH):
            yield Progress("save", start, len(numbers))
            found = store.requests.requests(numbers[start : start + _BATCH], late)
            rows = [{name: asdict(one)[name] for name in _COLUMNS} for one in found]
            as_csv.write(_spell_rows([row.values() for row in rows]))
            for at, row in enumerate(rows):
                as_json.write(b"[\n" if start + at == 0 else b",\n")
                as_json.write(json.dumps(row, ensure_ascii=False).encode())
            filed = [each for one in found if one.has_receipt for each in _of(store, one.id)]
            for _written in _write(filed, into / "receipts", completions, tell):
                pass
        as_json.write(b"\n]\n" if numbers else b"[]\n")
    yield Progress("save", len(numbers), len(numbers))


def examine(
    store: Store, opt_out: str, completions: Mapping[str, Completion]
) -> list[tuple[Receipt, Checked]]:
    """The receipts of one opt-out, complete, and whether each is valid and about just this."""
    from artistguard import proof

    found = []
    for receipt in store.requests.receipts(opt_out):
        troubles: list[Problem] = []
        (body,) = _complete([receipt.body], completions.get(receipt.channel), troubles.append)
        checked = proof.check_receipt(body)
        if checked.valid and not _is_about(receipt, store.requests.body(opt_out)):
            checked = Checked(checked.path, False, "it is about something else")
        found.append(
            (
                Receipt(opt_out, receipt.channel, body, receipt.received_at, receipt.withdrawal),
                checked,
            )
        )
    return found


def _is_about(receipt: Receipt, sent: str) -> bool:
    """Whether a signed receipt, which is valid, says what was sent."""
    from artistguard import proof

    entry = proof.read_entry(receipt.body.partition(b"\n")[0])
    if receipt.withdrawal:
        return entry.id == receipt.opt_out and entry.kind is proof.EntryKind.WITHDRAWAL
    try:
        return entry.id == receipt.opt_out and entry.declaration == wire.parse_declaration(sent)
    except Unreadable:
        return False


def _of(store: Store, opt_out: str) -> list[tuple[Receipt, str]]:
    """The receipts of one opt-out and what each is of, as in `kept`."""
    return [(each, _ending(each)) for each in store.requests.receipts(opt_out)]


def _ending(receipt: Receipt) -> str:
    return "withdrawal" if receipt.withdrawal else "opt-out"


def _write(
    all_: Sequence[tuple[Receipt, str]],
    into: Path,
    completions: Mapping[str, Completion],
    tell: Callable[[Problem], None],
) -> Iterator[tuple[Receipt, Path]]:
    """Write each receipt, with what it is of, to a file of its own."""
    for channel in dict.fromkeys(receipt.channel for receipt, _ in all_):
        own = [each for each in all_ if each[0].channel == channel]
        bodies = _complete([receipt.body for receipt, _ in own], completions.get(channel), tell)
        for (receipt, ending), body in zip(own, bodies, strict=True):
            path = into / f"{receipt.opt_out}.{ending}.receipt"
            writing.write(path, body)
            yield receipt, path


def _spell_rows(rows: Iterable[Iterable[object]]) -> bytes:
    spelled = io.StringIO(newline="")
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        safe = [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
        csv.writer(spelled, lineterminator="\r\n").writerow(safe)
    return spelled.getvalue().encode("utf-8", "replace")


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
