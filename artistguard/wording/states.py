# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What there is, what is about to happen and what has happened, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from artistguard.models import (
    Band,
    Coverage,
    Disclosure,
    Miss,
    More,
    OptOutState,
    Plan,
    Subject,
    Summary,
    Witness,
)
from artistguard.wording.language import translate, write_day
from artistguard.wording.problems import spell
from artistguard.wording.sources import name_ways

_SUBJECTS = {
    Subject.WORK: ("work", "works"),
    Subject.COPY: ("copy of a work", "copies of works"),
    Subject.DOMAIN: ("domain", "domains"),
}


def describe_plan(plan: Plan, size: int) -> str:
    """What a plan would file, for whom, in which words, and what leaves the machine.

    `size` is how many bytes all its lines have together.
    """
    counts = dict.fromkeys(Subject, 0)
    for draft in plan.drafts:
        counts[draft.declaration.subject] += 1
    filed = ", ".join(
        _count(counts[subject], *_SUBJECTS[subject]) for subject in Subject if counts[subject]
    )
    lines = [f"To be filed: {filed or 'nothing new'}."]
    if plan.already_asked:
        lines.append(f"Asked for before and not repeated: {plan.already_asked:,}.")
    if plan.taken_back:
        lines.append(f"Taken back by you earlier and left alone: {plan.taken_back:,}.")
    if plan.wish.standing:
        stands = "It stands already" if plan.stands_already else "It stands until you withdraw it"
        lines.append(f"{stands}: what is found or made later is filed too.")
    lines.append(f"For: {plan.recipient}.")
    if plan.leaves_machine:
        lines.append(
            f"{size:,} bytes leave this machine: hashes, addresses, your name as declared."
        )
    else:
        lines.append("Nothing leaves this machine.")
    lines.append(
        "In words: a reservation of rights against text and data mining and AI training, for future"
        " training and future versions of data sets. It is no consent, and it takes nothing out of"
        " a model that is already trained."
    )
    return "\n".join(lines)


def describe_coverage(coverage: Coverage) -> str:
    """In what a work was looked for, by which witnesses, and when."""
    name = f"{coverage.dataset} {coverage.dataset_version}".strip()
    return translate("{dataset} on {day} by {ways}").format(
        dataset=name, day=write_day(coverage.checked_at), ways=name_ways(coverage.witnesses)
    )


def describe_history(count: int, searches: Sequence[str]) -> str:
    """How many works were looked for in the same places."""
    works = _count(count, "work", "works")
    return f"{works} looked for in {'; '.join(searches) or 'no data set yet'}"


def describe_unseen(count: int, sets: str) -> str:
    """That works were not seen, and in what."""
    works = _count(count, "work was", "works were")
    return f"{works} not seen in {sets}. That says nothing of other data sets or versions."


def describe_miss(dataset: str, miss: Miss) -> str:
    """What may be there and was not found."""
    parts = []
    if miss.band is not Band.POSSIBLE:
        parts.append(
            f"it is so large that only copies that are {miss.band} or better are looked for"
        )
    if miss.share < 1:
        parts.append(
            f"of copies that are changed as much as that allows, about {int(100 * miss.share)} in"
            " 100 are found"
        )
    if miss.unlisted:
        parts.append(f"{miss.unlisted:,} entries that look like very many others are not listed")
    return f"Not all of {dataset} is found by {miss.witness}: {'; '.join(parts)}."


def describe_asking(host: str, *, private: bool) -> str:
    """What a search is about to show a server."""
    if private:
        said = translate(
            "{host} is asked in buckets, among dummies: it is not told which works you have. Crops"
            " are not looked for so, nor your sites and names, and changed copies are found less"
            " often."
        )
    else:
        said = translate(
            "{host} is sent the hashes of your works. A perceptual hash shows a rough outline of"
            " the picture."
        )
    return said.format(host=spell(host))


def ask_for_consent(host: str, *, private: bool) -> str:
    """What a search would show a server, which waits for a yes."""
    waits = translate("Nothing is searched at a server before you have said yes.")
    return f"{waits} {describe_asking(host, private=private)}"


def describe_disclosure(told: Disclosure) -> str:
    """What a search has told a server, so that the artist can decide whether to tell it more."""
    sent = (
        f"{told.host} was sent {told.sent:,} bytes in {told.requests:,} requests and sent"
        f" {told.received:,} back."
    )
    if not told.private:
        return (
            f"{sent} They held the hashes of {told.works:,} works. A perceptual hash shows a rough"
            " outline of the picture, so the server could tell what your works look like, and that"
            " they are yours."
        )
    return (
        f"{sent} They asked for {told.buckets:,} buckets among {told.dummies:,} dummies. Each"
        f" tells at most {told.bits} bits of one hash, which about {told.shared_by:,} entries"
        " share, and nothing says which buckets belong together but your network address and the"
        " time. Sites and names were not asked for."
    )


def describe_more(more: More) -> str:
    """That there is more than was listed, and what to do about it."""
    advice = {
        Witness.HOST: " Opt the whole domain out: artistguard opt-out --domain.",
        Witness.NAME: " Search for a longer form of the name.",
    }
    return (
        f"{more.dataset} has more entries for {spell(more.clue)} than the {more.limit:,} listed."
        f"{advice.get(more.witness, '')}"
    )


def describe_notice_leaving(channel: str) -> str:
    """What goes to a server with a notice, and when if not now."""
    return (
        f"This goes to {channel}, with your name as declared; if nobody is there it is kept, and"
        " sent by: artistguard deliver."
    )


def describe_summary(summary: Summary) -> str:
    """How much there is of everything."""
    found = ", ".join(f"{summary.matches[band]:,} {band}" for band in Band)
    states = ", ".join(
        f"{summary.opt_outs[state]:,} {state}" for state in OptOutState if summary.opt_outs[state]
    )
    lines = [
        f"Works: {summary.works:,}. Matches: {found}.",
        f"Opt-outs: {states or 'none'}. Receipts: {summary.receipts:,}.",
    ]
    if summary.faint:
        works = _count(summary.faint, "work is", "works are")
        lines.append(f"{works} so plain that only the exact file can be recognised.")
    if summary.unreadable:
        files = _count(summary.unreadable, "file", "files")
        lines.append(f"{files} could not be read and are not protected.")
    return "\n".join(lines)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
