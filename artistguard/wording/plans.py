# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said of plans and wishes: what they would file, for whom, and until when they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from artistguard.models import Band, Plan, Scope, StandingWish, Subject
from artistguard.wording.language import mark, plural, translate, write_day, write_number
from artistguard.wording.problems import spell

_BANDS: Final = {
    (Band.CERTAIN,): mark("Copies that are certain"),
    (Band.CERTAIN, Band.LIKELY): mark("Copies that are certain or likely"),
    (Band.LIKELY,): mark("Copies that are likely"),
}


def describe_plans(plans: Sequence[Plan], size: int) -> str:
    """What plans would file together, for whom, and what leaves the machine, in `size` bytes."""
    counts = Counter(draft.declaration.subject for plan in plans for draft in plan.drafts)
    parts = []
    if counts[Subject.WORK]:
        parts.append(plural("{number} work", "{number} works", counts[Subject.WORK]))
    if counts[Subject.COPY]:
        parts.append(plural("{number} copy", "{number} copies", counts[Subject.COPY]))
    if counts[Subject.DOMAIN]:
        parts.append(plural("{number} domain", "{number} domains", counts[Subject.DOMAIN]))
    filed = ", ".join(parts) or translate("nothing new")
    lines = [translate("To be filed: {what}.").format(what=filed)]
    asked = sum(plan.already_asked for plan in plans)
    if asked:
        lines.append(
            plural(
                "{number} was asked for before and is not repeated.",
                "{number} were asked for before and are not repeated.",
                asked,
            )
        )
    back = sum(plan.taken_back for plan in plans)
    if back:
        lines.append(
            plural(
                "{number} was taken back by you earlier and is left alone.",
                "{number} were taken back by you earlier and are left alone.",
                back,
            )
        )
    if any(plan.wish.standing for plan in plans):
        lines.append(
            translate("It stands until you withdraw it: what is found or made later is filed, too.")
        )
    lines.append(_describe_way(plans, size))
    return "\n".join(lines)


def _describe_way(plans: Sequence[Plan], size: int) -> str:
    if not any(plan.leaves_machine for plan in plans):
        return translate(
            "It goes into the registry on this computer. Nothing leaves this computer."
        )
    return translate(
        "It goes to {host}. {size} bytes leave this computer: hashes, addresses, and your name as"
        " it stands above. No picture."
    ).format(host=", ".join(sorted({plan.recipient for plan in plans})), size=write_number(size))


def describe_declarant(name: str) -> str:
    """In whose name opt-outs are filed."""
    if name:
        return translate("They are filed in the name of {name}.").format(name=spell(name))
    return translate("They are filed without your name: every line says that it is withheld.")


def describe_reservation() -> str:
    """What an opt-out is, and what it is not."""
    return translate(
        "Every line reserves your rights against text and data mining and AI training, for future"
        " training and future versions of data sets. It is no consent, and it takes nothing out of"
        " a model that is already trained."
    )


def describe_bands(bands: Collection[Band]) -> str:
    """Which matches count as copies; those that the artist called theirs always do."""
    if not bands:
        return translate("Only copies that you have confirmed")
    if said := _BANDS.get(tuple(band for band in Band if band in bands)):
        return translate(said)
    return translate("Copies that are possible, too: they may be pictures of others")


def name_wish(standing: StandingWish) -> str:
    """What a wish that stands covers."""
    wish = standing.wish
    if wish.scope is Scope.DOMAIN:
        return translate("Everything at {domain}").format(domain=spell(wish.domain or ""))
    if wish.scope is Scope.FOLDER:
        folder = spell(wish.folder or "")
        return translate("All works in {folder}, later ones, too").format(folder=folder)
    if wish.scope is Scope.WORK:
        name = spell(standing.name or translate("A work"))
        return translate("{name}, with copies that are found later").format(name=name)
    return translate("All works, later ones, too")


def describe_wish(standing: StandingWish) -> str:
    """Since when a wish stands, what counts for it and how much it has asked for."""
    wish = standing.wish
    asked = plural(
        "It has asked for {number} opt-out.",
        "It has asked for {number} opt-outs.",
        standing.opt_outs,
    )
    day = translate("Since {day}.").format(day=write_day(wish.created_at))
    if wish.scope is Scope.DOMAIN:
        return f"{day} {asked}"
    return f"{day} {describe_bands(wish.bands)}. {asked}"


def count_at_domain(domain: str, entries: int, sets: int, *, more: bool) -> str:
    """How many entries at a domain the packs here have, in how many data sets, or `more`."""
    if not entries:
        return translate(
            "The packs on this computer have no entry at {domain}. All that will ever lie there is"
            " meant all the same."
        ).format(domain=spell(domain))
    counted = plural("{number} entry", "{number} entries", entries)
    if more:
        counted = translate("more than {number}").format(number=counted)
    found = plural("in {number} data set", "in {number} data sets", sets)
    return translate(
        "At {domain}, the packs on this computer have {entries} {sets}. One line covers them all,"
        " and all that will ever lie there."
    ).format(domain=spell(domain), entries=counted, sets=found)
