# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said of opt-outs: where one stands, what it is about, what a plan would file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from artistguard.errors import Kind
from artistguard.models import Plan, Request, RequestState, Subject
from artistguard.wording.language import mark, plural, translate, write_day, write_number
from artistguard.wording.problems import explain, spell

_STATES: Final = {
    RequestState.QUEUED: mark("Queued"),
    RequestState.SENT: mark("Tried, no answer yet"),
    RequestState.OVERDUE: mark("Overdue"),
    RequestState.ACKNOWLEDGED: mark("Acknowledged"),
    RequestState.REFUSED: mark("Refused"),
    RequestState.WITHDRAWING: mark("Being withdrawn"),
    RequestState.WITHDRAWN: mark("Withdrawn"),
}


def name_request_state(state: RequestState) -> str:
    """Where an opt-out stands."""
    return translate(_STATES[state])


def name_channel(channel: str) -> str:
    """To whom an opt-out goes."""
    kind, _, host = channel.partition(":")
    return host or (translate("Registry on this computer") if kind == "registry" else kind)


def name_subject(request: Request) -> str:
    """What one opt-out is about."""
    if request.subject is Subject.DOMAIN:
        return translate("Everything at {domain}").format(domain=spell(request.domain or ""))
    name = spell(request.name or translate("A work"))
    if request.subject is Subject.WORK:
        return name
    where = spell(request.url or request.dataset or "")
    return translate("Copy of {name}: {where}").format(name=name, where=where)


def describe_request(request: Request) -> str:
    """All about where one opt-out stands, in sentences."""
    lines = [f"{name_request_state(request.state)} · {name_channel(request.channel)}"]
    lines.append(translate("Asked on {day}.").format(day=write_day(request.created_at)))
    if request.attempts:
        lines.append(plural("Tried {number} time.", "Tried {number} times.", request.attempts))
    if request.answered_at:
        lines.append(translate("Answered on {day}.").format(day=write_day(request.answered_at)))
    if request.state is RequestState.REFUSED:
        facts = {"host": name_channel(request.channel), "reason": request.reason}
        lines.append(explain(Kind.REFUSED, facts))
    if request.state is RequestState.OVERDUE:
        lines.append(translate("It is sent again by itself until there is an answer."))
    if request.has_receipt:
        lines.append(translate("There is a signed receipt."))
    return " ".join(lines)


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
