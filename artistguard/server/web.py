# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The server's addresses and what each answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from artistguard import protocol
from artistguard.server import holdings, openapi, published, spawning, veiled
from artistguard.server.accounts import Accounts, Scope
from artistguard.server.desk import Answering, Call, Desk, Endpoint, Gate, as_json, as_lines
from artistguard.server.directory import Directory
from artistguard.server.filing import Filing
from artistguard.server.holdings import Holdings
from artistguard.server.listing import Listing
from artistguard.server.refusals import Denied


@dataclass(frozen=True, slots=True)
class Parts:
    """What the server answers from; `least` is the lowest rank honoured by address.

    `folder` is the registry's. Its log is for those with the scope `admin` unless it is a
    `public_log`; the open list is not handed out when the salted one alone is public.
    """

    accounts: Accounts
    holdings: Holdings
    directory: Directory
    filing: Filing
    listing: Listing
    least: int
    folder: Path
    public_log: bool
    salted_only: bool


def application(parts: Parts, desk: Desk) -> Starlette:
    """The whole server as an ASGI application."""
    answers = _Answers(parts, desk)
    lookups = _Lookups(parts, desk)
    gates = desk.gate, desk.short, desk.files
    at, soon, file = (partial(_route, desk, gate=gate) for gate in gates)
    search, declare, admin = Scope.SEARCH, Scope.DECLARE, Scope.ADMIN
    most = spawning.MOST_BYTES
    routes = [
        soon("/healthz", "GET", answers.health),
        soon("/metrics", "GET", answers.metrics),
        soon("/openapi.json", "GET", answers.openapi),
        soon(protocol.SOURCES, "GET", lookups.sources, search),
        at(protocol.SEARCH, "POST", lookups.search, search),
        at(protocol.LAYOUT, "GET", lookups.layout, search),
        at(protocol.BUCKETS, "POST", lookups.buckets, search),
        at(protocol.ROWS, "POST", lookups.rows, search),
        at(protocol.OPT_OUTS, "POST", answers.opt_outs, declare),
        at(protocol.OPT_OUTS + "/{id}", "GET", answers.opt_out, search),
        at(protocol.WITHDRAWALS, "POST", answers.withdrawals, declare),
        soon(spawning.PATH, "POST", answers.urls, search, body=most),
        soon(spawning.PATH + "/", "POST", answers.urls, search, body=most),
        at(protocol.OPT_OUTS, "GET", answers.mine, declare),
        at(protocol.NOTICES, "POST", answers.notices, declare),
        at(protocol.DISPUTES, "GET", partial(_disputes, parts.filing), declare),
        at(protocol.CHECKPOINT, "GET", answers.checkpoint, search, public=parts.public_log),
        file(published.LOG, "GET", answers.log, admin, public=parts.public_log),
        file(published.SALTED_LIST + "/{name}", "GET", answers.salted, search, public=True),
        at("/api/v1/keys", "GET", answers.keys, admin),
        at("/api/v1/keys/{id}", "DELETE", answers.revoke, admin),
    ]
    if not parts.salted_only:
        path = published.LIST + "/{name}"
        routes.append(file(path, "GET", answers.listed, search, public=True))
    app = Starlette(routes=routes)
    # Clients of the address question take a redirect for an error.
    app.router.redirect_slashes = False
    return app


def _route(
    desk: Desk,
    path: str,
    method: str,
    answering: Answering,
    scope: Scope | None = None,
    *,
    gate: Gate,
    body: int | None = None,
    public: bool = False,
) -> Route:
    endpoint = Endpoint(desk, path, scope, answering, gate=gate, body=body, public=public)
    return Route(path, endpoint, methods=[method])


class _Lookups:
    """Answers what is asked of the collections; a method for each address, called in threads."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self._holdings = parts.holdings
        self._seconds = desk.limits.seconds_to_answer

    def sources(self, _call: Call) -> Response:
        found = self._holdings.sources
        return as_json({"sources": [protocol.source_parts(source) for source in found]})

    def search(self, call: Call) -> Response:
        parts = call.json()
        collection = self._holdings.named(parts.get("revision"))
        if "clue" in parts:
            clue = protocol.read_clue(parts["clue"])
            call.count(len(clue.urls) + len(clue.hosts) + len(clue.names))
            return as_lines(holdings.look_up_clue(collection, clue), self._seconds)
        queries = call.entries_of(parts, "queries")
        return as_lines(holdings.look_up(collection, queries), self._seconds)

    def layout(self, call: Call) -> Response:
        collection = self._holdings.pack(call.query.get("revision"))
        return as_json(veiled.layout(collection))

    def buckets(self, call: Call) -> Response:
        parts = call.json()
        collection = self._holdings.pack(parts.get("revision"))
        wanted = call.entries_of(parts, "buckets", protocol.MOST_BUCKETS)
        return as_lines(veiled.buckets(collection, wanted), self._seconds)

    def rows(self, call: Call) -> Response:
        parts = call.json()
        collection = self._holdings.pack(parts.get("revision"))
        wanted = call.entries_of(parts, "blocks", protocol.MOST_BUCKETS)
        return as_lines(veiled.rows(collection, wanted), self._seconds)


class _Answers:
    """Answers all else: a method for each address, called in threads."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self._parts = parts
        self._desk = desk
        self._seconds = desk.limits.seconds_to_answer

    def health(self, _call: Call) -> Response:
        self._parts.accounts.check()
        return as_json({"status": "ok"})

    def metrics(self, _call: Call) -> Response:
        return PlainTextResponse(self._desk.metrics.text())

    def openapi(self, _call: Call) -> Response:
        return as_json(openapi.DOCUMENT)

    def opt_outs(self, call: Call) -> Response:
        entries = call.entries_of(call.json(), "opt_outs")
        answers = self._parts.filing.opt_out(call.signed_in, entries)
        return as_lines(map(protocol.answer_parts, answers), self._seconds)

    def withdrawals(self, call: Call) -> Response:
        parts = call.json()
        ids, at = call.entries_of(parts, "ids"), parts.get("withdrawn_at")
        if not all(isinstance(ident, str) for ident in ids):
            raise protocol.fault("ids")
        if not isinstance(at, str):
            raise protocol.fault("withdrawn_at")
        answers = self._parts.filing.withdraw(call.signed_in, ids, at)
        return as_lines(map(protocol.answer_parts, answers), self._seconds)

    def notices(self, call: Call) -> Response:
        entries = call.entries_of(call.json(), "notices")
        answers = self._parts.filing.notice(call.signed_in, entries)
        return as_lines(map(protocol.answer_parts, answers), self._seconds)

    def mine(self, call: Call) -> Response:
        after = call.query.get("after", "-1")
        if not (after == "-1" or (after.isascii() and after.isdigit() and len(after) < 19)):
            raise protocol.fault("after")
        found = self._parts.listing.of(call.signed_in.name, int(after), protocol.MOST_ENTRIES)
        return as_lines(map(asdict, found), self._seconds)

    def checkpoint(self, _call: Call) -> Response:
        return PlainTextResponse(self._parts.filing.checkpoint())

    def log(self, _call: Call) -> ASGIApp:
        filing = self._parts.filing
        return published.logged(filing.storage, filing.state())

    def listed(self, call: Call) -> ASGIApp:
        return published.listed(self._parts.folder / "public", published.OPEN, call.path["name"])

    def salted(self, call: Call) -> ASGIApp:
        folder = self._parts.folder / "public-salted"
        return published.listed(folder, published.SALTED, call.path["name"])

    def opt_out(self, call: Call) -> Response:
        found = self._parts.filing.receipt(call.path["id"])
        if found is None:
            raise Denied(404, "unknown_id")
        receipt, withdrawal = found
        return as_json(
            {"receipt": receipt.decode(), "withdrawal": withdrawal and withdrawal.decode()}
        )

    def urls(self, call: Call) -> Response:
        lines = call.body.count(b"\n") + 1
        call.count(lines, spawning.MOST_LINES)
        self._parts.filing.follow()
        body = spawning.answer(self._parts.directory, call.body, self._parts.least)
        return Response(body, media_type="application/json")

    def keys(self, _call: Call) -> Response:
        found = self._parts.accounts.all_keys()
        return as_json(
            {
                "keys": [
                    {
                        "id": one.id,
                        "account": one.account,
                        "scopes": [*one.scopes],
                        "per_day": one.per_day,
                        "created_at": one.created_at,
                        "revoked_at": one.revoked_at,
                    }
                    for one in found
                ]
            }
        )

    def revoke(self, call: Call) -> Response:
        if not self._parts.accounts.revoke(call.path["id"]):
            raise Denied(404, "unknown_id")
        return as_json({"revoked": call.path["id"]})


def _disputes(filing: Filing, call: Call) -> Response:
    said = [
        {
            "id": one.id,
            "of": one.opt_out,
            "claimant": one.claimant,
            "reason": one.reason,
            "raised_at": one.raised_at,
        }
        for one in filing.disputes(call.signed_in)
    ]
    return as_json({"disputes": said})
