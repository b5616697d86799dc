# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands that take works in and look them up."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from artistguard import wording
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.errors import Kind, NotSignedIn, Offline, Problem, SlowDown
from artistguard.guard import Guard
from artistguard.models import (
    Disclosure,
    FileState,
    Match,
    More,
    Progress,
    Reading,
    ScannedFile,
    Source,
    Verdict,
)


def fingerprint(arguments: Namespace, printer: Printer) -> None:
    """Print the hashes and fingerprints of files."""
    with opened(arguments, printer) as guard:
        for path, reading in guard.read(arguments.paths):
            if isinstance(reading, Problem):
                error = wording.explain_problem(reading)
                printer.failure(f"{path}: {error}")
                printer.result({"path": path, "error": error, "kind": reading.kind}, None)
            else:
                printer.result(_reading(path, reading), _reading_prose(path, reading))


def scan(arguments: Namespace, printer: Printer) -> None:
    """Take works in and print what changed."""
    with opened(arguments, printer) as guard:
        told = set()
        for news in guard.scan(arguments.folders):
            if isinstance(news, Progress):
                printer.progress(news)
            else:
                told.add(news.path)
                report_file(news, printer, {})
        report_unreadable(guard, told, printer, {})


def search(arguments: Namespace, printer: Printer) -> None:
    """Look up works not yet searched, or the pictures named, and print what is found."""
    with opened(arguments, printer) as guard:
        clue = guard.choices.clue(arguments.url, arguments.host, arguments.name)
        announce_places(guard, arguments.places, printer)
        news: Iterable[Source | Progress | Match | More | Disclosure | Problem]
        if arguments.paths:
            news = guard.look_up(arguments.paths, clue, arguments.places)
        else:
            news = guard.search(clue, arguments.places)
        found = 0
        for item in news:
            match item:
                case Source():
                    report_source(item, printer)
                case Progress():
                    printer.progress(item)
                case Match():
                    found += 1
                    printer.result(match_fields(item), match_prose(item))
                case More():
                    printer.note(wording.describe_more(item))
                case Disclosure():
                    report_disclosure(item, printer)
                case Problem():
                    report_problem(item, printer)
        if not found:
            printer.note("Nothing new was found there. That says nothing of other data sets.")


def matches(arguments: Namespace, printer: Printer) -> None:
    """Print what was found, or record what the artist says of it."""
    with opened(arguments, printer) as guard:
        for found, verdict in (
            (arguments.mine, Verdict.MINE),
            (arguments.not_mine, Verdict.NOT_MINE),
            (arguments.allowed, Verdict.ALLOWED),
            (arguments.undecide, None),
        ):
            if found:
                guard.decide(found, verdict)
                said = verdict.replace("_", " ") if verdict else "undecided"
                printer.note(f"Noted as {said}: {', '.join(map(str, found))}.")
                return
        for match in guard.store.matches.found(arguments.band, arguments.work):
            fields = {**match_fields(match), "match": match.id, "verdict": match.verdict}
            printer.result(fields, f"{match.id:>6}  {match_prose(match)}")


def report_file(news: ScannedFile, printer: Printer, fields: Mapping[str, object]) -> None:
    """Print one line of a scan; a file that cannot be read counts as failed.

    With `fields` of a larger story the line is for scripts only.
    """
    facts = {"path": news.path}
    error = wording.explain(Kind(news.error), facts) if news.error else None
    if error:
        printer.failure(f"{news.path}: {error}")
    quiet = fields or error or news.state is FileState.KNOWN
    prose = None if quiet else f"{news.state:<8} {shown_path(news.path)}"
    printer.result(
        {**fields, "path": news.path, "work": news.work, "state": news.state, "error": error},
        prose,
    )


def announce_places(guard: Guard, places: Sequence[str], printer: Printer) -> None:
    """Say, before anything is sent, which servers will be asked and what that shows them."""
    if not guard.choices.places(places):
        printer.note(
            "No pack is here to search, so nothing was looked up. Your works can be reserved all"
            " the same. To search a data set, add its pack: artistguard pack add PACK"
        )
    for host in guard.choices.servers(places):
        private = guard.choices.settings.private
        printer.note(wording.describe_asking(host, private=private))
        if not private:
            printer.note("To be asked in buckets instead: artistguard server add --private.")


def report_source(source: Source, printer: Printer) -> None:
    """Say what is searched now."""
    printer.note(f"Searching {source.dataset} {source.version}: {source.rows:,} entries.")
    for miss in source.misses:
        fields = {"event": "miss", "dataset": source.dataset, "version": source.version}
        printer.result({**fields, **asdict(miss)}, None)
        printer.note(wording.describe_miss(source.dataset, miss))


def report_problem(problem: Problem, printer: Printer) -> None:
    """Say what keeps one place from being searched, or one picture from being looked up."""
    sentence = wording.explain_problem(problem)
    if isinstance(problem, Offline | SlowDown | NotSignedIn):
        printer.unreachable(sentence)
    else:
        printer.failure(sentence)


def report_disclosure(told: Disclosure, printer: Printer) -> None:
    """Say what a search has told a server."""
    printer.note(wording.describe_disclosure(told))
    printer.result({"event": "disclosure", **asdict(told)}, None)


def report_unreadable(
    guard: Guard, told: Collection[str], printer: Printer, fields: Mapping[str, object]
) -> None:
    """Name again each file that could not be read before and has not changed since."""
    for path, error in guard.store.files.unreadable():
        if path not in told:
            report_file(ScannedFile(path, FileState.UNREADABLE, None, error), printer, fields)


def match_fields(match: Match) -> dict[str, object]:
    """The JSON fields of one match."""
    entry = match.entry
    return {
        "path": match.path,
        "work": match.work,
        "backend": match.backend,
        "dataset": entry.dataset,
        "dataset_version": entry.dataset_version,
        "entry": entry.entry,
        "url": entry.url,
        "caption": entry.caption,
        "distance": match.distance,
        "witness": match.witness,
        "variant": match.variant,
        "band": match.band,
        "evidence": match.evidence,
        "found_at": match.found_at,
    }


def match_prose(match: Match) -> str:
    """One match on one line."""
    entry = match.entry
    dataset = f"{entry.dataset} {entry.dataset_version}".strip()
    place = entry.url or f"entry {entry.entry}"
    shows = shown_path(match.path) if match.path else "your site or name"
    return f"{match.band:<9} {shows}  in {dataset}: {place}"


def shown_path(path: str | None) -> str:
    """A path as a person looks for it: from where they are, when that is shorter."""
    if path is None:
        return "a work whose file is gone"
    try:
        here = str(Path.cwd()) + "/"
    except FileNotFoundError:  # the folder we are in was deleted
        here = ""
    # A line end in a name must not look like a line of ours.
    return path.removeprefix(here).replace("\n", "\N{REPLACEMENT CHARACTER}")


def _reading(path: str, reading: Reading) -> dict[str, object]:
    return {
        "path": path,
        "sha256": reading.sha256.hex(),
        "md5": reading.md5.hex(),
        "width": reading.width,
        "height": reading.height,
        "format": reading.format,
        "fingerprints": {print_.algorithm: print_.plain.hex() for print_ in reading.fingerprints},
        "quality": {print_.algorithm: print_.qualities[0] for print_ in reading.fingerprints},
        "error": None,
    }


def _reading_prose(path: str, reading: Reading) -> str:
    hashes = {"sha256": reading.sha256, "md5": reading.md5}
    hashes |= {print_.algorithm: print_.plain for print_ in reading.fingerprints}
    lines = [f"    {name:<10} {value.hex()}" for name, value in hashes.items()]
    return "\n".join([f"{path}  {reading.format} {reading.width} × {reading.height}", *lines])
