# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands that say who may speak for what: signs at domains, mandates, disputes."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict
from textwrap import indent

from artistguard import ownership, proof, wire, wording
from artistguard.channels import REGISTRY
from artistguard.claims import ANY, Claims, Filed, ServerClaims, Way, notice_in
from artistguard.cli.opening import opened
from artistguard.cli.printing import Printer
from artistguard.errors import Kind, Problem, Refused
from artistguard.guard import Guard
from artistguard.models import OptOutState
from artistguard.store import KeptNotice


def challenge(arguments: Namespace, printer: Printer) -> None:
    """Say what to put up at a domain, by any one of four ways."""
    with opened(arguments, printer) as guard:
        sign = guard.claims.challenge(arguments.domain)
        document = ownership.did_document(sign.domain, guard.claims.key)
    fields = {
        "domain": sign.domain,
        "token": sign.token,
        "expires": sign.expires.isoformat(),
        "record_name": sign.record_name,
        "record_text": sign.record_text,
        "meta_tag": sign.meta_tag,
        "file_address": sign.file_address,
        "did_address": f"https://{sign.domain}{ownership.DOCUMENT}",
        "did_document": document,
    }
    printer.result(fields, _prose_of(sign, document))


def check(arguments: Namespace, printer: Printer) -> None:
    """Look for the sign at a domain, and file that it was seen."""
    ways = (Way(arguments.by),) if arguments.by else ANY
    if arguments.profile:
        ways = (Way.PROFILE,)
    elif Way.PROFILE in ways:
        raise Problem(Kind.BAD_USAGE, reason="--by profile needs the profile's address: --profile.")
    seen = False
    problems = []
    with opened(arguments, printer) as guard:
        for news in guard.claims.check(arguments.domain, ways, arguments.profile):
            if isinstance(news, Problem):
                problems.append(news)
            else:
                seen = True
                _report(news, printer)
    for problem in problems:
        sentence = wording.explain_problem(problem)
        if seen:
            printer.note(sentence)
        elif isinstance(problem, Refused):
            printer.failure(sentence)
        else:
            printer.unreachable(sentence)


def list_(arguments: Namespace, printer: Printer) -> None:
    """Name everything that was said of who may speak for what, and what became of it."""
    with opened(arguments, printer) as guard:
        for filed in guard.claims.all():
            _report(filed.notice, printer, filed)
        for kept in guard.store.notices.all():
            _report(notice_in(kept), printer, kept)


def revoke(arguments: Namespace, printer: Printer) -> None:
    """Take back what was said; the log keeps that it was."""
    with opened(arguments, printer) as guard:
        claims = _claims(guard, arguments, printer)
        for ident in arguments.ids:
            try:
                _report(claims.revoke(ident), printer, channel=arguments.channel)
            except Refused as problem:
                printer.failure(f"{ident}: {wording.explain_problem(problem)}")


def dispute(arguments: Namespace, printer: Printer) -> None:
    """Say that an entry is not rightful, or answer a dispute; nothing is erased by it."""
    with opened(arguments, printer) as guard:
        claims = _claims(guard, arguments, printer)
        said = claims.dispute(arguments.id, arguments.why)
        _report(said, printer, channel=arguments.channel)


def mandate(arguments: Namespace, printer: Printer) -> None:
    """Let an agency act for the artist until the end of a day."""
    party = arguments.party or arguments.agency
    if not wire.is_id(party):
        raise Problem(
            Kind.BAD_USAGE, reason="Say with --party which account or key the agency has."
        )
    with opened(arguments, printer) as guard:
        claims = _claims(guard, arguments, printer)
        until, domain = arguments.until, arguments.domain
        said = claims.mandate(party, arguments.agency, until, domain)
        _report(said, printer, channel=arguments.channel)


def _claims(guard: Guard, arguments: Namespace, printer: Printer) -> Claims | ServerClaims:
    """Where it is filed; what goes to a server is said before."""
    claims = guard.claims_at(arguments.channel)
    if isinstance(claims, ServerClaims):
        printer.note(wording.describe_notice_leaving(arguments.channel))
    return claims


def _report(
    notice: proof.Notice,
    printer: Printer,
    became: Filed | KeptNotice | None = None,
    *,
    channel: str = REGISTRY,
) -> None:
    fields = {
        "kind": proof.kind_of(notice),
        "channel": channel,
        "state": OptOutState.ACKNOWLEDGED,
        "reason": None,
        "revoked_at": None,
        "disputed": False,
        **asdict(notice),
    }
    match became:
        case Filed():
            fields |= {"revoked_at": became.revoked_at, "disputed": became.disputed}
        case KeptNotice():
            fields |= {"channel": became.channel, "state": became.state, "reason": became.reason}
    match notice:
        case proof.Ownership():
            fields["level"] = notice.method.level
            says = f"{notice.place} is yours: {notice.method.level}, by {notice.method}"
        case proof.Mandate():
            where = f" at {notice.domain}" if notice.domain else ""
            says = f"{notice.agency_name} acts for you{where} until {notice.until}"
        case proof.Revocation():
            says = "taken back"
        case _:
            says = f"{fields['kind']} of {notice.of}: {notice.reason}"
    marks = ["  taken back"] * bool(fields["revoked_at"]) + ["  disputed"] * bool(
        fields["disputed"]
    )
    if fields["channel"] != REGISTRY:
        refused = f" ({fields['reason']})" if fields["reason"] else ""
        marks.append(f"  {fields['state']} at {fields['channel']}{refused}")
    printer.result(fields, f"{notice.id}  {says}{''.join(marks)}")


def _prose_of(sign: ownership.Challenge, document: Mapping[str, object]) -> str:
    """The sign and each way to put it up, ready to be copied."""
    way = f"artistguard own check {sign.domain}"
    return f"""\
Put this up at {sign.domain}, in one place, and leave it there until it was checked. It is good
until the end of {sign.expires}.

A TXT record, which also stands for all below the domain ({way} --by dns):
    {sign.record_name}  TXT  "{sign.record_text}"

A file, as a line of its own, at {sign.file_address} ({way} --by file):
    {sign.token}

A tag in the head of https://{sign.domain}/ ({way} --by page):
    {sign.meta_tag}

For the strongest proof, by did:web, no sign but your key: at https://{sign.domain}{ownership.DOCUMENT}
this, or its method in the document you have ({way} --by did):
{indent(json.dumps(document, indent=2), "    ")}"""
