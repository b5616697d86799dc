# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What an overview says: numbers, how channels answer, and what five minutes could do."""

from __future__ import annotations

from collections.abc import Sequence

from artistguard.models import Answering, Covered, OptOutState, Summary
from artistguard.wording.language import mark, plural, translate, write_day, write_number
from artistguard.wording.requests import name_channel


def describe_answering(answering: Answering) -> str:
    """How one channel answers."""
    said = translate("{sent} sent, {answered} answered").format(
        sent=write_number(answering.sent), answered=write_number(answering.answered)
    )
    if answering.days is None:
        return said
    if answering.days < 1:
        return f"{said} · {translate('within a day')}"
    days = plural("{number} day", "{number} days", round(answering.days))
    return f"{said} · {translate('half of them within {days}').format(days=days)}"


def describe_covered(covered: Covered) -> str:
    """In what works were looked up, and as of when."""
    return translate("{works} looked up in {rows}, last on {day}").format(
        works=plural("{number} work", "{number} works", covered.works),
        rows=plural("{number} entry", "{number} entries", covered.rows),
        day=write_day(covered.checked_at),
    )


def count_answering(answering: Sequence[Answering]) -> list[tuple[str, int]]:
    """What each channel was sent and has answered, two numbers each."""
    return [
        (translate(said).format(channel=name_channel(one.channel)), number)
        for one in answering
        for said, number in (
            (mark("{channel}: sent"), one.sent),
            (mark("{channel}: answered"), one.answered),
        )
    ]


def advise(summary: Summary, unsure: int, packs: int) -> list[tuple[str, str]]:
    """What could be done now, most useful first: a sentence, and the page where it is done.

    `unsure` matches that are not certain wait for the artist.
    """
    todo = []
    if not packs:
        said = translate("Add a data set or a server: nothing is searched until then.")
        todo.append((said, "sources"))
    if unsure:
        said = plural(
            "Look at {number} match that is not certain.",
            "Look at {number} matches that are not certain.",
            unsure,
        )
        todo.append((said, "matches"))
    refused = summary.opt_outs[OptOutState.REFUSED]
    if refused:
        said = plural(
            "See why {number} opt-out was refused.",
            "See why {number} opt-outs were refused.",
            refused,
        )
        todo.append((said, "opt_outs"))
    if summary.works and not any(summary.opt_outs.values()):
        todo.append((translate("Reserve your rights in all your works at once."), "opt_outs"))
    if summary.unreadable:
        said = plural(
            "{number} file could not be read and is not protected.",
            "{number} files could not be read and are not protected.",
            summary.unreadable,
        )
        todo.append((said, "works"))
    return todo
