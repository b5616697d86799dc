# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands for the artist's own sites: the kit, the audit, and what was found there before."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from artistguard.channels.site.audit import Audit
from artistguard.channels.site.policy import policy
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.errors import Kind, Unreadable
from artistguard.models import Progress
from artistguard.wording import sites as words

LARGEST = 1 << 20
"""Bytes of a file that is named on the command line."""


def kit(arguments: Namespace, printer: Printer) -> None:
    """Write the files by which a site reserves its rights, and say what goes where."""
    with opened(arguments, printer) as guard:
        settings = guard.choices.settings
        said = policy(
            arguments.site,
            arguments.owner or settings.declarant or words.THE_OWNER,
            arguments.contact,
            tuple(arguments.path) or ("/",),
            search=not arguments.no_search,
            answers=arguments.answers,
        )
        out = Path(arguments.out)
        robots = _robots(arguments)
        if robots is None:
            robots = guard.sites.live_robots(said.site)
        for place in guard.sites.make_kit(said, out, robots):
            printer.result(
                {"site": said.site, "file": place, "path": str(out / place)},
                f"{out / place}: {words.name_file(place)}",
            )
        for sentence in (words.next_steps(said.site), *words.advise_builders()):
            printer.note(sentence)


def _robots(arguments: Namespace) -> bytes | None:
    """The robots.txt of a file or an export folder; None if the site is to be asked."""
    if arguments.robots:
        return _read(Path(arguments.robots))
    if arguments.export:
        folder = Path(arguments.export)
        if not folder.is_dir():  # a mistyped folder is no site without a robots.txt
            raise Unreadable(Kind.FOLDER_MISSING, path=folder)
        there = folder / "robots.txt"
        return _read(there) if there.exists() else b""
    return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError as error:
        raise Unreadable(Kind.NO_SUCH_FILE, path=path, reason=error.strerror) from error


def audit(arguments: Namespace, printer: Printer) -> None:
    """Compare what sites say now with what they were to say."""
    with opened(arguments, printer) as guard:
        named = [policy(site, "").site for site in arguments.sites]
        wanted = [guard.sites.policy(site) for site in named] or guard.sites.known()
        if not wanted:
            raise Unreadable(Kind.SITE_UNKNOWN, place="SITE")
        for said in wanted:
            for step in guard.sites.audit(said, arguments.page):
                if isinstance(step, Progress):
                    printer.progress(step)
                else:
                    _tell(said.site, step, printer)


def _tell(site: str, audit: Audit, printer: Printer) -> None:
    for finding in audit.findings:
        fields = {
            "event": "finding",
            "site": site,
            "sign": finding.sign,
            "place": finding.place,
            "state": finding.stands,
            "lacking": list(finding.lacking),
        }
        printer.result(fields, words.explain(finding))
    summary = {"event": "summary", "site": site, "gaps": len(audit.gaps)}
    printer.result(summary, words.sum_up(site, audit))
    printer.failures += len(audit.gaps)


def record(arguments: Namespace, printer: Printer) -> None:
    """Every look at a site with its gaps, the newest first."""
    with opened(arguments, printer) as guard:
        site = policy(arguments.site, "").site
        for at, gaps, looked in guard.sites.record(site):
            printer.result(
                {"site": site, "at": at, "gaps": gaps, "answers": looked},
                f"{at}  {words.count_gaps(gaps)}",
            )


def forget(arguments: Namespace, printer: Printer) -> None:
    """Look at a site no more."""
    with opened(arguments, printer) as guard:
        site = policy(arguments.site, "").site
        guard.sites.forget(site)
        printer.result({"site": site}, words.forgotten(site))


def agents(arguments: Namespace, printer: Printer) -> None:
    """Name the programs that are known to gather for AI, or take a newer list of them."""
    with opened(arguments, printer) as guard:
        known = guard.sites.agents
        if arguments.take:
            known = guard.sites.renew_agents(_read(Path(arguments.take)))
        for one in known.agents:
            printer.result(
                {
                    "name": one.name,
                    "operator": one.operator,
                    "purpose": one.purpose,
                    "obeys": one.obeys,
                    "source": one.source,
                    "dated": known.dated.isoformat(),
                },
                words.describe_agent(one.name, one.operator, one.purpose, one.obeys),
            )
