# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Takes a request in, within limits, and hands it to one plain function that answers it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from artistguard import protocol
from artistguard.errors import Offline, Problem, Unreadable
from artistguard.server.accounts import Account, Accounts, Scope
from artistguard.server.metrics import Metrics
from artistguard.server.networks import Networks
from artistguard.server.refusals import Denied

_LOG: Final = logging.getLogger(__name__)
_CHUNK: Final = 1 << 16
_PATIENCE: Final = 1.0  # seconds between two pieces of an answer, if there is anything to say
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes on: bytes and seconds for a body, requests at once and waiting.

    `seconds_to_take` is for each piece of an answer, `seconds_to_answer` for all of it. Short work
    has turns of its own, so that it need not wait for searches; few at once, as it is done soonest
    one after the other. So have files, most of whose time is their taker's.

    Those without a key have `anonymous_per_day` entries by network; a request counts as one more.
    """

    body: int = 32 << 20
    seconds_to_send: float = 30.0
    seconds_to_wait: float = 20.0
    seconds_to_take: float = 20.0
    seconds_to_answer: float = 300.0
    at_once: int = 4
    short_at_once: int = 2
    files_at_once: int = 32
    waiting: int = 256
    anonymous_per_day: int = 1_000_000


@dataclass(slots=True)
class Call:
    """One request, read: who asks (None for nobody in particular) and with what."""

    account: Account | None
    body: bytes
    path: Mapping[str, Any]
    query: Mapping[str, str]
    spend: Callable[[Account | None, int], None]
    entries: int = 0

    def json(self) -> dict[str, Any]:
        """The body, which must be one JSON object."""
        parts = protocol.parse(self.body)
        if not isinstance(parts, dict):
            raise protocol.fault("json")
        return parts

    def entries_of(
        self, parts: dict[str, Any], name: str, most: int = protocol.MOST_ENTRIES
    ) -> list[Any]:
        """A member that is a list of entries, counted; raises Denied(413) for too many."""
        entries = parts.get(name)
        if not isinstance(entries, list):
            raise protocol.fault(name)
        self.count(len(entries), most)
        return entries

    def count(self, entries: int, most: int = protocol.MOST_ENTRIES) -> None:
        """Count entries against the limit of a request and the account's or network's day."""
        if entries > most:
            raise Denied(413, "entries")
        self.entries += entries
        self.spend(self.account, entries)

    @property
    def signed_in(self) -> Account:
        """Whose request it is, where only those with a key get this far."""
        assert self.account is not None
        return self.account


Answering = Callable[[Call], ASGIApp]


class Gate:
    """Lets a few requests in at once, in the order of their coming, and few more wait."""

    def __init__(self, limits: Limits, at_once: int) -> None:
        self._limits = limits
        self._turns = asyncio.Semaphore(at_once)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn; raises Denied(503) when it would take too long to come."""
        if self._waiting >= self._limits.waiting:
            raise Denied(503, "busy", retry_after=2)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.seconds_to_wait):
                await self._turns.acquire()
        except TimeoutError:
            raise Denied(503, "busy", retry_after=5) from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


@dataclass(frozen=True, slots=True)
class Desk:
    """What all endpoints of one server share."""

    accounts: Accounts
    networks: Networks
    metrics: Metrics
    limits: Limits
    gate: Gate
    short: Gate
    files: Gate
    anonymous: bool

    def spend(self, address: str, account: Account | None, entries: int) -> None:
        """Count entries against the day of an account or, without one, of the network."""
        if account is None:
            self.networks.spend(address, entries)
        else:
            self.accounts.spend(account, entries)


class Endpoint:
    """One address of the server: an ASGI application around a function that answers.

    It takes a key with the `scope`; None makes it free for all, `public` for those without a key.
    """

    def __init__(
        self,
        desk: Desk,
        route: str,
        scope: Scope | None,
        answering: Answering,
        *,
        gate: Gate,
        body: int | None = None,
        public: bool = False,
    ) -> None:
        self._desk = desk
        self._gate = gate
        self._route = route
        self._scope = scope
        self._answering = answering
        self._body = body or desk.limits.body
        self._public = public

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        begun = time.perf_counter()
        told = _Told(send, self._desk.limits.seconds_to_take)
        spend = partial(self._desk.spend, request.client.host if request.client else "")
        call = Call(None, b"", request.path_params, request.query_params, spend)
        self._desk.metrics.begin()
        try:
            await self._respond(request, call, told)
        except ClientDisconnect:
            told.status = told.status or 499
        finally:
            self._note(call, told, time.perf_counter() - begun)

    async def _respond(self, request: Request, call: Call, told: _Told) -> None:
        try:
            await self._sign_in(request, call)
            call.body = await self._read(request)
            async with self._gate.turn():
                response = await anyio.to_thread.run_sync(self._answer, call)
                await response(request.scope, request.receive, told)
        except Denied as denied:
            await _refusal(denied)(request.scope, request.receive, told)

    async def _sign_in(self, request: Request, call: Call) -> None:
        header = request.headers.get("Authorization")
        call.account = await anyio.to_thread.run_sync(self._known, header)
        if self._scope is None:
            return
        if call.account is None:
            if not (self._public or (self._scope is Scope.SEARCH and self._desk.anonymous)):
                raise Denied(401, "no_key")
            call.spend(None, 1)
        elif not self._public and self._scope not in call.account.scopes:
            raise Denied(403, "scope")

    def _known(self, header: str | None) -> Account | None:
        with _denying():
            return self._desk.accounts.known(header)

    async def _read(self, request: Request) -> bytes:
        """The body, unless it is too long or too long in coming."""
        length = request.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length[:20]) > self._body:
            raise Denied(413, "bytes")
        body = bytearray()
        try:
            async with asyncio.timeout(self._desk.limits.seconds_to_send):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > self._body:
                        raise Denied(413, "bytes")
        except TimeoutError:
            raise Denied(408, "slow") from None
        return bytes(body)

    def _answer(self, call: Call) -> ASGIApp:
        with _denying():
            return self._answering(call)

    def _note(self, call: Call, told: _Told, seconds: float) -> None:
        sums = {
            "seconds": seconds,
            "received_bytes": len(call.body),
            "sent_bytes": told.sent,
            "entries": call.entries,
        }
        status = told.status or 500
        self._desk.metrics.end(self._route, status, sums)
        line = {"route": self._route, "status": status, **sums, "seconds": round(seconds, 6)}
        _LOG.info("%s", json.dumps(line))


class _Told:
    """Passes an answer on and remembers its status and size.

    Who takes it too slowly is cut off, lest they keep others from having a turn.
    """

    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self.status = 0
        self.sent = 0

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.sent += len(message.get("body", b""))
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except TimeoutError:
            raise ClientDisconnect from None


class _denying:  # noqa: N801  # it reads as a word in a with statement
    """Turns the program's problems into answers."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case Unreadable(facts={"field": field}):
                raise Denied(400, str(field)) from error
            case Offline():
                raise Denied(503, "database", retry_after=5) from error
            case Problem():
                raise Denied(503, error.kind.value, retry_after=30) from error


def _refusal(denied: Denied) -> Response:
    headers = {} if denied.retry_after is None else {"Retry-After": str(denied.retry_after)}
    if denied.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = protocol.spell({"reason": denied.reason})
    return Response(body, denied.status, headers, _JSON)


def as_json(value: object) -> Response:
    """An answer of one JSON value."""
    return Response(protocol.spell(value), media_type=_JSON)


def as_lines(lines: Iterator[dict[str, Any]], seconds: float) -> Response:
    """An answer of lines as they come, with an end that counts them."""
    return StreamingResponse(_chunks(lines, time.monotonic() + seconds), media_type=protocol.LINES)


def _chunks(lines: Iterator[dict[str, Any]], deadline: float) -> Iterator[bytes]:
    """The lines in pieces worth sending; what goes wrong after the first is told in the last."""
    piece = bytearray()
    count = 0
    sent = time.monotonic()
    try:
        for count, line in enumerate(lines, 1):  # noqa: B007  # counts
            piece += protocol.spell(line) + b"\n"
            now = time.monotonic()
            if len(piece) >= _CHUNK or now > sent + _PATIENCE:
                yield bytes(piece)
                piece.clear()
                sent = now
                if now > deadline:
                    yield protocol.spell({"problem": "time"}) + b"\n"
                    return
    except (Denied, Problem) as problem:
        reason = problem.reason if isinstance(problem, Denied) else problem.kind.value
        yield bytes(piece) + protocol.spell({"problem": reason}) + b"\n"
        return
    yield bytes(piece) + protocol.spell({"end": count}) + b"\n"
