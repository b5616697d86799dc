# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands that hand out proof, check it, and check the machine."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from artistguard import backups, proof, wording, writing
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.errors import Kind, Problem
from artistguard.models import Check, Checked
from artistguard.receipts import kept
from artistguard.settings import data_folder


def receipts(arguments: Namespace, printer: Printer) -> None:
    """List the receipts, or write each to a file."""
    with opened(arguments, printer) as guard:
        if arguments.export is None:
            for receipt, kind in kept(guard.store):
                printer.result(
                    {
                        "receipt": receipt.opt_out,
                        "channel": receipt.channel,
                        "withdrawal": receipt.withdrawal,
                        "kind": kind,
                        "received_at": receipt.received_at,
                    },
                    f"{receipt.received_at}  {receipt.opt_out}"
                    f"{'' if kind == 'opt-out' else f'  {kind}'}",
                )
            return
        for receipt, path in guard.export_receipts(Path(arguments.export)):
            checked = proof.check_file(path)
            printer.result(
                {"receipt": receipt.opt_out, "path": str(path), "valid": checked.valid}, str(path)
            )


def stamp(arguments: Namespace, printer: Printer) -> None:
    """Have all that was filed stamped, and name the stamps there are."""
    with opened(arguments, printer) as guard:
        if arguments.authority:
            roots = str(Path(arguments.roots).absolute()) if arguments.roots else None
            guard.choices.arrange(authority=arguments.authority, authority_roots=roots)
        guard.stamping.stamp()
        for one in guard.stamping.stamps.stamped():
            at, whose = one.stamp.at.isoformat().replace("+00:00", "Z"), one.stamp.authority
            fields = {
                "entries": one.entries,
                "at": at,
                "authority": whose,
                "trusted": one.stamp.trusted,
                "path": str(one.path),
            }
            unsure = "" if one.stamp.trusted else " (no root certificate to check it by)"
            printer.result(fields, f"{at}  {one.entries:,} entries, says {whose}{unsure}")


def verify(arguments: Namespace, printer: Printer) -> None:
    """Check proof files; each needs nothing but itself and, if given, the signer's key."""
    key = _key(arguments.key) if arguments.key else None
    known = [Path(name) for name in arguments.against]
    for name in arguments.files:
        try:
            checked = _checked(Path(name), known, key)
        except Problem as problem:
            checked = Checked(Path(name), False, wording.explain_problem(problem))
        where = f" ({checked.where})" if checked.where else ""
        sentence = f"{name}: {'valid' if checked.valid else 'NOT VALID'}: {checked.why}{where}"
        fields = {
            "receipt": name,
            "valid": checked.valid,
            "why": checked.why,
            "where": checked.where,
        }
        printer.result(fields, sentence)
        printer.failures += not checked.valid


def _checked(path: Path, known: list[Path], key: bytes | None) -> Checked:
    for one in (path, *known):
        if not one.is_file():
            raise Problem(Kind.NO_SUCH_FILE, path=one)
    return proof.check_consistency(path, known, key) if known else proof.check_file(path, key)


def doctor(arguments: Namespace, printer: Printer) -> None:
    """Check what the program needs of this machine, and write down what may be shown of it."""
    checks: list[Check] = []
    counts: dict[str, object] = {}
    try:
        with opened(arguments, printer) as guard:
            for check in guard.examine():
                checks.append(check)
                _show(check, printer)
            counts = asdict(guard.summary())
    except Problem as problem:
        # What cannot even be opened is what the doctor was called for.
        checks.append(Check("data", False, wording.explain_problem(problem)))
        _show(checks[-1], printer)
    if arguments.bundle is not None:
        writing.write(Path(arguments.bundle), backups.help_bundle(checks, counts))
        printer.note(
            f"{arguments.bundle} holds no names, paths, hashes or keys; look before you send it."
        )


def _show(check: Check, printer: Printer) -> None:
    printer.failures += not check.ok
    printer.result(
        {"check": check.name, "ok": check.ok, "detail": check.detail},
        f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.detail}",
    )


def back_up(arguments: Namespace, printer: Printer) -> None:
    """Save settings, database and registry into one file."""
    for progress in backups.save(data_folder(arguments.data, os.environ), Path(arguments.file)):
        printer.progress(progress)
    printer.result({"backup": arguments.file}, f"{arguments.file} holds all but packs and the key")


def restore(arguments: Namespace, printer: Printer) -> None:
    """Bring a backup back into an empty data folder."""
    data = data_folder(arguments.data, os.environ)
    for progress in backups.restore(Path(arguments.file), data):
        printer.progress(progress)
    printer.result({"restored": str(data)}, f"{data} holds all of the backup")


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        reason = "A public key is 64 hex digits."
        raise Problem(Kind.BAD_USAGE, reason=reason)
    return key
