# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands that file opt-outs: the main job from folder to receipt, and each part by itself."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from artistguard import wire, wording
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.cli.searching import (
    announce_places,
    match_fields,
    report_disclosure,
    report_file,
    report_problem,
    report_source,
    report_unreadable,
    shown_path,
)
from artistguard.errors import Kind, Problem
from artistguard.guard import REGISTRY, SURE, Guard
from artistguard.models import (
    Disclosure,
    FileState,
    Match,
    More,
    OptOut,
    OptOutState,
    Plan,
    Progress,
    ScannedFile,
    Scope,
    Source,
    Subject,
)


def protect(arguments: Namespace, printer: Printer) -> None:
    """Take in, search, show the plan, opt out, and say what proof there is."""
    with opened(arguments, printer) as guard:
        _name(guard, arguments)
        _take_in(guard, arguments.folders, printer)
        _look_up(guard, arguments.places, printer)
        _show_findings(guard, printer)
        plans = [guard.plan(Scope.ALL, channel=channel) for channel in guard.choices.channels()]
        for plan in plans:
            _show_plan(plan, printer)
        if _agreed(plans, arguments, printer):
            guard.acts.file(plans)
            _deliver(guard, printer, {"event": "opt_out"})
        sum_up(guard, printer)


def opt_out(arguments: Namespace, printer: Printer) -> None:
    """File opt-outs for what the options name, all copies of a work in one act."""
    with opened(arguments, printer) as guard:
        _name(guard, arguments)
        plans = list(_plans(guard, arguments))
        for plan in plans:
            _show_plan(plan, printer)
            if arguments.dry_run:
                _show_lines(plan, printer)
        if not arguments.dry_run and _agreed(plans, arguments, printer):
            guard.acts.file(plans)
            _deliver(guard, printer, {})


def deliver(arguments: Namespace, printer: Printer) -> None:
    """Send what waits."""
    with opened(arguments, printer) as guard:
        _deliver(guard, printer, {})


def withdraw(arguments: Namespace, printer: Printer) -> None:
    """Take opt-outs or whole wishes back and say so to their channels."""
    with opened(arguments, printer) as guard:
        for opt_out_ in guard.withdraw(arguments.ids):
            if opt_out_.state is not OptOutState.WITHDRAWING:
                _report(opt_out_, printer, {})
        _deliver(guard, printer, {})


def _name(guard: Guard, arguments: Namespace) -> None:
    if arguments.declarant is not None:
        guard.choices.call_artist(
            arguments.declarant, keep=not getattr(arguments, "dry_run", False)
        )


def _take_in(guard: Guard, folders: Sequence[str], printer: Printer) -> None:
    states: Counter[FileState] = Counter()
    told = set()
    for news in guard.scan(folders):
        match news:
            case Progress():
                printer.progress(news)
            case ScannedFile():
                states[news.state] += 1
                told.add(news.path)
                report_file(news, printer, {"event": "work"})
    report_unreadable(guard, told, printer, {"event": "work"})
    if states:
        counted = ", ".join(f"{count:,} {state}" for state, count in states.items())
        printer.note(f"Works: {counted}.")


def _look_up(guard: Guard, places: Sequence[str], printer: Printer) -> None:
    announce_places(guard, places, printer)
    for news in guard.search(guard.choices.clue(), places):
        match news:
            case Source():
                report_source(news, printer)
            case Progress():
                printer.progress(news)
            case Match():
                printer.result({"event": "match", **match_fields(news)}, None)
            case More():
                printer.note(wording.describe_more(news))
            case Disclosure():
                report_disclosure(news, printer)
            case Problem():
                report_problem(news, printer)


def _show_findings(guard: Guard, printer: Printer) -> None:
    """Say which works were seen how often, and what the rest was checked against."""
    seen: Counter[int | None] = Counter(match.work for match in guard.store.matches.counted(SURE))
    checked: dict[int, list[str]] = {}
    for coverage in guard.store.matches.coverage():
        name = f"{coverage.dataset} {coverage.dataset_version} on {coverage.checked_at[:10]}"
        checked.setdefault(coverage.work, []).append(name)
    unseen: Counter[str] = Counter()
    for work in guard.store.works.all():
        if seen[work.id]:
            printer.note(f"    {seen[work.id]:>5} × {shown_path(work.path)}")
        elif work.id in checked:
            unseen[", ".join(checked[work.id])] += 1
    for sets, count in unseen.items():
        printer.note(wording.describe_unseen(count, sets))


def _plans(guard: Guard, arguments: Namespace) -> Iterator[Plan]:
    """The plan of each act that the options ask for."""
    bands = arguments.band or SURE
    channel = arguments.channel or REGISTRY
    planned = guard.acts.plan(arguments.work or (), channel, bands)
    yield from (news for news in planned if isinstance(news, Plan))
    for domain in arguments.domain or ():
        yield guard.plan(Scope.DOMAIN, domain=domain, channel=channel)
    if arguments.future:
        yield guard.plan(Scope.ALL, bands=bands, channel=channel)
    elif not (arguments.work or arguments.domain):
        yield guard.plan(Scope.MATCHES, bands=bands, channel=channel)


def _show_plan(plan: Plan, printer: Printer) -> None:
    subjects = Counter(draft.declaration.subject for draft in plan.drafts)
    size = sum(len(wire.spell_declaration(draft.declaration).encode()) for draft in plan.drafts)
    fields = {
        "event": "plan",
        "scope": plan.wish.scope,
        "standing": plan.wish.standing,
        "channel": plan.wish.channel,
        "recipient": plan.recipient,
        "leaves_machine": plan.leaves_machine,
        "reservation": wire.RESERVATION,
        "subjects": {subject: subjects[subject] for subject in Subject},
        "already_asked": plan.already_asked,
        "bytes": size,
    }
    printer.result(fields, wording.describe_plan(plan, size))


def _show_lines(plan: Plan, printer: Printer) -> None:
    for draft in plan.drafts:
        line = wire.spell_declaration(draft.declaration)
        printer.result(
            {
                "opt_out": draft.declaration.id,
                "work": draft.work,
                "scope": plan.wish.scope,
                "channel": plan.wish.channel,
                "state": "drafted",
                "reason": None,
                "line": line,
            },
            line,
        )


def _agreed(plans: Sequence[Plan], arguments: Namespace, printer: Printer) -> bool:
    """Whether the artist says yes; what was agreed to before and still waits needs no other yes."""
    if all(plan.is_empty for plan in plans) or arguments.yes:
        return True
    if printer.ask("File these opt-outs? [y/N]"):
        return True
    printer.note("Nothing was filed. Say --yes to file without being asked.")
    return False


def _deliver(guard: Guard, printer: Printer, fields: Mapping[str, object]) -> None:
    for news in guard.deliver():
        match news:
            case Progress():
                printer.progress(news)
            case OptOut():
                _report(news, printer, fields)


def _report(opt_out_: OptOut, printer: Printer, fields: Mapping[str, object]) -> None:
    if opt_out_.state is OptOutState.REFUSED:
        reason = wording.explain(
            Kind.REFUSED, {"host": opt_out_.channel, "reason": opt_out_.reason}
        )
        printer.failure(f"{opt_out_.id}: {reason}")
    printer.result({**fields, **opt_out_fields(opt_out_)}, None)


def opt_out_fields(opt_out_: OptOut) -> dict[str, object]:
    """The JSON fields of one opt-out."""
    return {
        "opt_out": opt_out_.id,
        "wish": opt_out_.wish,
        "work": opt_out_.work,
        "scope": opt_out_.scope,
        "subject": opt_out_.subject,
        "channel": opt_out_.channel,
        "state": opt_out_.state,
        "reason": opt_out_.reason,
    }


def sum_up(guard: Guard, printer: Printer) -> None:
    """Say how much there is of everything."""
    summary = guard.summary()
    printer.result(
        {
            "event": "summary",
            "works": summary.works,
            "faint": summary.faint,
            "unreadable": summary.unreadable,
            "matches": summary.matches,
            "opt_outs": summary.opt_outs,
            "receipts": summary.receipts,
        },
        wording.describe_summary(summary),
    )
