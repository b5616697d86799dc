# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said of opt-outs: where one stands, what it is about, and what can be done."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from artistguard import wire
from artistguard.errors import Kind
from artistguard.models import Objection, Request, RequestState, Subject
from artistguard.wording.language import mark, plural, translate, write_day
from artistguard.wording.problems import explain, spell
from artistguard.wording.proofs import say_found

_STATES: Final = {
    RequestState.DRAFTED: mark("Drafted"),
    RequestState.QUEUED: mark("Queued"),
    RequestState.SENT: mark("Sent, no answer yet"),
    RequestState.OVERDUE: mark("Overdue"),
    RequestState.ACTION_NEEDED: mark("Action needed"),
    RequestState.ACKNOWLEDGED: mark("Acknowledged"),
    RequestState.IN_PROGRESS: mark("In progress"),
    RequestState.DONE: mark("Done"),
    RequestState.REAPPEARED: mark("Re-appeared"),
    RequestState.DISPUTED: mark("In dispute"),
    RequestState.REFUSED: mark("Refused"),
    RequestState.WITHDRAWING: mark("Being withdrawn"),
    RequestState.WITHDRAWN: mark("Withdrawn"),
}

# Why an entry was refused, by the word that a registry gives for it.
_REFUSALS: Final = {
    "declarant": mark(
        "It does not take the name that stands in it. Choose another one, and ask again."
    ),
    "reservation": mark(
        "It does not know these words of reservation: it may run an older version. Ask again once"
        " it has been updated."
    ),
    "id": mark("It has an entry by this number already. Ask again: a new one is given then."),
    "unknown_id": mark("It does not know the entry that this is about."),
    "place": mark(
        "It does not take what is said of the picture or of where it lies. It may run another"
        " version: ask again once it has been updated."
    ),
}
_REASONS: Final = {
    "id_taken": "id",
    "reservation_sha256": "reservation",
    **dict.fromkeys(("url", "domain", "dataset", "dataset_version", "entry"), "place"),
    **dict.fromkeys(("width", "height", "sha256", "md5", "fingerprints"), "place"),
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


def name_row(request: Request) -> str:
    """What one opt-out is about, as short as a table needs it: a copy by its host."""
    if request.subject is not Subject.COPY:
        return name_subject(request)
    where = wire.host_of(request.url or "") or request.dataset or ""
    return f"{spell(request.name or translate('A work'))} · {spell(where)}"


def explain_request(request: Request, now: datetime) -> str:
    """What it means that one opt-out stands where it does."""
    host = spell(name_channel(request.channel))
    facts = {
        "host": host,
        "day": write_day(request.answered_at),
        "dataset": spell(f"{request.dataset} {request.dataset_version}"),
        "version": spell(f"{request.dataset} {request.seen_in}"),
        "seen": write_day(request.seen_at),
        "again": spell(request.again_in or ""),
        "where": spell(request.again or ""),
    }
    match request.state:
        case RequestState.REFUSED:
            return explain_refusal(request)
        case RequestState.QUEUED | RequestState.SENT:
            return _explain_waiting(request).replace("{host}", host)
        case RequestState.OVERDUE:
            return _explain_delay(request, now).replace("{host}", host)
        case state:
            return translate(_MEANINGS[state]).format_map(facts)


_MEANINGS: Final = {
    RequestState.DRAFTED: mark("It is planned, and not filed yet."),
    RequestState.ACTION_NEEDED: mark("It cannot be sent to {host} until you have done something."),
    RequestState.ACKNOWLEDGED: mark(
        "It stands in the registry since {day}. Whoever goes by it has to leave this out."
    ),
    RequestState.IN_PROGRESS: mark(
        "It stands in the registry since {day}. Whether it is heeded shows in the next version of"
        " the data set: so far this was looked for in {dataset}."
    ),
    RequestState.DONE: mark(
        "It is not found any more: {version} was looked at on {seen}. That says nothing of models"
        " that were trained before."
    ),
    RequestState.REAPPEARED: mark(
        "It is found again in {again}, a later version than the one you opted out of: {where}. If"
        " that version was made after {day}, your opt-out was not heeded."
    ),
    RequestState.DISPUTED: mark(
        "Somebody says that this opt-out is not rightful. That marks it, and erases nothing."
    ),
    RequestState.WITHDRAWING: mark("{host} is told, by itself, that it no longer stands."),
    RequestState.WITHDRAWN: mark(
        "You have taken it back on {day}. That it stood until then stays on record."
    ),
}


def explain_refusal(request: Request) -> str:
    """Why an opt-out was refused, in plain words."""
    host, reason = name_channel(request.channel), request.reason or ""
    word = _REFUSALS.get(_REASONS.get(reason, reason))
    refused = translate("{host} has refused it.").format(host=spell(host))
    if word:
        return f"{refused} {translate(word)}"
    return translate("{host} has refused it, for this reason: {reason}.").format(
        host=spell(host), reason=spell(reason or "?")
    )


def _explain_waiting(request: Request) -> str:
    if request.trouble:
        return explain(Kind(request.trouble), {"host": name_channel(request.channel)})
    if request.attempts:
        return translate(
            "It was sent, or was being sent when that broke off; {host} has not answered. It is"
            " sent again by itself: nothing is filed twice by that."
        )
    return translate("It is sent to {host} by itself, with the next that goes there.")


def _explain_delay(request: Request, now: datetime) -> str:
    days = (now - datetime.fromisoformat(request.sent_at or request.created_at)).days
    if request.sent_at:
        said = plural(
            "It was first tried {number} day ago, and {host} has not answered.",
            "It was first tried {number} days ago, and {host} has not answered.",
            days,
        )
    else:
        said = plural(
            "It has waited for {number} day, and could not be sent to {host}.",
            "It has waited for {number} days, and could not be sent to {host}.",
            days,
        )
    return f"{said} {translate('It is kept, and sent again by itself.')}"


def list_steps(request: Request, said: list[Objection]) -> list[str]:
    """What the artist can do now, one step after the other."""
    host = spell(name_channel(request.channel))
    match request.state:
        case RequestState.ACTION_NEEDED if request.trouble == Kind.NOT_SIGNED_IN:
            steps = [
                translate("Get a key from those who run {host}."),
                translate("Under “Data sets”, remove the server, and add it again with the key."),
                translate("What waits for it is then sent by itself."),
            ]
        case RequestState.ACTION_NEEDED if request.trouble == Kind.UNKNOWN_CHANNEL:
            steps = [
                translate("Under “Data sets”, add the server {host} again;"),
                translate("or withdraw what waits for it: it was never answered there."),
            ]
        case RequestState.ACTION_NEEDED:
            steps = [
                explain(Kind(request.trouble or Kind.BAD_ANSWER), {"host": host}),
                translate("It is tried again by itself; nothing is lost meanwhile."),
            ]
        case RequestState.OVERDUE if request.channel == "registry":
            steps = [translate("See at the foot of the sidebar whether ArtistGuard is paused.")]
        case RequestState.OVERDUE:
            steps = [
                translate("See whether this computer is online, and whether ArtistGuard rests."),
                translate("Ask those who run {host} whether it works."),
                translate("The registry on this computer always answers: opt out there, too."),
            ]
        case RequestState.REAPPEARED:
            steps = [
                translate("Save the receipt: it shows since when your opt-out stands."),
                translate("Send it to those who publish the data set, with the address above."),
            ]
        case RequestState.DISPUTED if said:
            steps = [translate("Answer: what you say stands beside it in the registry.")]
        case RequestState.REFUSED:
            steps = [translate("Ask again, once what it was refused for is mended.")]
        case _:
            steps = []
    return [step.replace("{host}", host) for step in steps]


def list_dates(request: Request) -> list[tuple[str, str]]:
    """What happened on which day, in order."""
    dates = [(translate("Asked"), request.created_at), (translate("First tried"), request.sent_at)]
    if request.tried_at != request.sent_at:
        dates.append((translate("Last tried"), request.tried_at))
    dates += [
        (translate("Answered"), request.answered_at),
        (translate("Looked for again"), request.seen_at),
        (translate("Disputed since"), request.disputed_at),
    ]
    said = [(name, write_day(at)) for name, at in dates if at]
    if request.attempts:
        tried = plural("{number} time", "{number} times", request.attempts)
        said.append((translate("Tried"), tried))
    return said


def describe_objection(one: Objection) -> str:
    """Who says since when, and why, that an opt-out is not rightful."""
    return translate("{who} says since {day}: “{why}”").format(
        who=spell(one.claimant), day=write_day(one.raised_at), why=spell(one.reason)
    )


def describe_check(*, valid: bool, withdrawal: bool, day: str, why: str) -> str:
    """What a check of one receipt says; `why` comes in the checker's own words."""
    what = translate("Receipt of the withdrawal") if withdrawal else translate("Receipt")
    verdict = translate("valid") if valid else translate("NOT VALID: do not rely on it")
    return translate("{what} of {day}: {verdict} ({why})").format(
        what=what, day=write_day(day), verdict=verdict, why=say_found(why)
    )
