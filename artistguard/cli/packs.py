# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands that build, check and choose packs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from artistguard import wording
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.errors import Problem
from artistguard.models import Progress, stamp
from artistguard.packs import About, Calibration, Manifest, calibrations
from artistguard.packs.pack import Pack


def build(arguments: Namespace, printer: Printer) -> None:
    """Build a pack of a data set, add to one, or go on where either was broken off."""
    from artistguard import packing  # noqa: PLC0415  # takes long to load and is rarely needed

    out, built_at = Path(arguments.out), stamp(partial(datetime.now, UTC))
    about = About(arguments.name, arguments.dataset_version, "", arguments.licence)
    if arguments.append:
        steps = packing.append(arguments.sources, out, arguments.format, built_at=built_at)
    else:
        steps = packing.build(arguments.sources, out, about, arguments.format, built_at=built_at)
    report = printer.follow(steps)
    skipped = ", ".join(f"{number:,} {reason}" for reason, number in report.skipped.items())
    printer.result(
        asdict(report),
        f"{arguments.out}: {report.rows:,} rows, {report.distinct:,} distinct hashes,"
        f" in {report.seconds:.0f} s. Left out: {skipped or 'nothing'}.",
    )


def list_(arguments: Namespace, printer: Printer) -> None:
    """Name the packs that are searched, and those that cannot be."""
    with opened(arguments, printer) as guard:
        _describe(guard.choices.settings.packs, printer)


def info(arguments: Namespace, printer: Printer) -> None:
    """Say what packs hold, and by what they can be asked."""
    _describe(arguments.packs, printer)


def add(arguments: Namespace, printer: Printer) -> None:
    """Search packs from now on; they stay where they are."""
    with opened(arguments, printer) as guard:
        guard.choices.add_packs(arguments.packs)
        _describe(guard.choices.settings.packs, printer)


def remove(arguments: Namespace, printer: Printer) -> None:
    """Search packs no longer; their files and what was found in them stay."""
    with opened(arguments, printer) as guard:
        guard.choices.remove_packs(arguments.packs)
        _describe(guard.choices.settings.packs, printer)


def verify(arguments: Namespace, printer: Printer) -> None:
    """Read every byte of packs and compare it with their manifests."""
    for name in arguments.packs:
        with Pack.open(Path(name)) as pack:
            files = pack.manifest.files
            for done, check in enumerate(pack.verify(), start=1):
                printer.progress(Progress("verify", done, len(files)))
                if not check.whole:
                    printer.failure(f"{name}: {check.name} is not as it was written")
                fields = {"pack": name, "file": check.name, "size": check.size, "ok": check.whole}
                printer.result(fields, None)
            printer.result({"pack": name, "files": len(files)}, f"{name}: {len(files)} files read")
        if arguments.live:
            _calibrate(name, arguments.live, printer)


def _calibrate(name: str, count: int, printer: Printer) -> None:
    """Hold a pack's published hashes against pictures that are on the web now."""
    from artistguard import fetching, packing  # noqa: PLC0415  # rarely needed

    now = partial(datetime.now, UTC)
    found, missed = printer.follow(
        packing.calibrate(
            Path(name), count, fetching.Fetcher(), checked_at=stamp(now), seed=now().toordinal()
        )
    )
    if found.refused:
        printer.failure(f"{name}: its hashes are not ours, and are no evidence from now on")
    printer.result(
        {"pack": name, **asdict(found), "rate": found.rate, "missed": missed},
        f"{name}: {found.agreed} of {found.looked} pictures have the published hash;"
        f" {found.tried - found.looked} could not be had",
    )


def load(arguments: Namespace, printer: Printer) -> None:
    """Put packs into a database engine, where many machines can answer for them."""
    from artistguard import engines  # noqa: PLC0415  # few have one

    engines.prepare(arguments.into)
    for name in arguments.packs:
        for done, total in engines.load(Path(name), arguments.into):
            printer.progress(Progress("load", done, total))
        printer.result({"pack": name, "loaded": True}, f"{name} is loaded")


def loads(arguments: Namespace, printer: Printer) -> None:
    """Say what lies in a database engine, and free the space of what is searched no more."""
    from artistguard import engines  # noqa: PLC0415  # few have one

    chosen = {
        engines.LoadState.REPLACED: arguments.drop,
        engines.LoadState.UNFINISHED: arguments.drop_unfinished,
    }
    for one in engines.loads(arguments.into):
        if dropped := chosen.get(one.state, False):
            engines.drop(arguments.into, [one])
        what = one.collection
        named = f"{what.dataset} {what.version}, {what.rows:,} entries" if what else "unknown"
        fields = {
            "load": f"{one.number:08x}",
            "state": one.state,
            "dataset": what.dataset if what else None,
            "version": what.version if what else None,
            "revision": what.revision if what else None,
            "rows": what.rows if what else None,
            "dropped": dropped,
        }
        mark = "  dropped" if dropped else ""
        printer.result(fields, f"{one.number:08x}  {one.state:<10}  {named}{mark}")


def _describe(folders: tuple[str, ...] | list[str], printer: Printer) -> None:
    for folder in folders:
        try:
            with Pack.open(Path(folder)) as pack:
                printer.result(*_pack(folder, pack.manifest, calibrations(pack.folder)))
        except Problem as problem:
            printer.failure(wording.explain_problem(problem))


def _pack(
    folder: str, manifest: Manifest, checked: Sequence[Calibration]
) -> tuple[dict[str, object], str]:
    about = manifest.about
    answers = {name: rows for name, rows in manifest.answers.items() if rows}
    silent = [name for name, rows in manifest.answers.items() if not rows]
    fields = {
        "pack": folder,
        "dataset": about.dataset,
        "version": about.version,
        "source": about.source,
        "licence": about.licence,
        "built_at": manifest.built_at,
        "revision": manifest.revision,
        "rows": manifest.rows,
        "bytes": sum(file.size for file in manifest.files.values()),
        "answers": answers,
        "cannot_answer": silent,
        "calibrations": [{**asdict(one), "refused": one.refused} for one in checked],
    }
    asked = ", ".join(f"{name} ({rows:,})" for name, rows in answers.items())
    prose = [
        f"{folder}: {about.dataset} {about.version}, {manifest.rows:,} entries",
        f"    source     {about.source or 'not named'}",
        f"    licence    {about.licence or 'not named'}",
        f"    built      {manifest.built_at}",
        f"    answers    {asked or 'nothing'}",
    ]
    if silent:
        prose.append(f"    not        {', '.join(silent)}")
    prose += [
        f"    {one.algorithm:10} {one.agreed} of {one.looked} live pictures agree"
        + (", so it is no evidence" if one.refused else "")
        for one in checked
    ]
    return fields, "\n".join(prose)
