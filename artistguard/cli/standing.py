# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The command that says what stands where: each work's searches and each opt-out's state."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter, defaultdict

from artistguard import wording
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.cli.protecting import opt_out_fields, sum_up
from artistguard.cli.searching import shown_path
from artistguard.guard import Guard
from artistguard.models import Coverage


def status(arguments: Namespace, printer: Printer) -> None:
    """Say what each work was checked against, and where each opt-out stands."""
    with opened(arguments, printer) as guard:
        _works(guard, printer)
        _opt_outs(guard, printer)
        sum_up(guard, printer)


def _works(guard: Guard, printer: Printer) -> None:
    """One line of JSON a work; for people, how many works share a history of searches."""
    checked: defaultdict[int, list[Coverage]] = defaultdict(list)
    for coverage in guard.store.matches.coverage():
        checked[coverage.work].append(coverage)
    histories: Counter[tuple[str, ...]] = Counter()
    for work in guard.store.works.all():
        searches = checked[work.id]
        fields = {
            "work": work.id,
            "path": work.path,
            "master": work.master,
            "checked": [_fields(coverage) for coverage in searches],
        }
        printer.result(fields, None)
        histories[tuple(map(wording.describe_coverage, searches))] += 1
    for history, count in histories.most_common():
        printer.note(wording.describe_history(count, history))
    for path, _ in guard.store.files.unreadable():
        printer.note(f"Could not be read: {shown_path(path)}")


def _opt_outs(guard: Guard, printer: Printer) -> None:
    """One line of JSON an opt-out; for people, one a wish, by whose id it can be withdrawn."""
    acts: dict[tuple[str, str, str], Counter[str]] = {}
    for opt_out in guard.store.outbox.opt_outs():
        printer.result(opt_out_fields(opt_out), None)
        act = (opt_out.wish, opt_out.scope, opt_out.channel)
        acts.setdefault(act, Counter())[opt_out.state] += 1
    for (wish, scope, channel), states in acts.items():
        counted = ", ".join(f"{count:,} {state}" for state, count in states.items())
        printer.note(f"{wish}  {scope} at {channel}: {counted}")


def _fields(coverage: Coverage) -> dict[str, object]:
    return {
        "backend": coverage.backend,
        "dataset": coverage.dataset,
        "dataset_version": coverage.dataset_version,
        "witnesses": coverage.witnesses,
        "checked_at": coverage.checked_at,
    }
