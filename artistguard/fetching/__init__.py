# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Fetches public pictures, and pages that one was asked to look at, politely and safely.

Addresses come from strangers. There is one way to the network, `reach`, which connects to public
addresses only, to exactly those that it has checked, and for as long as was agreed.
"""

from __future__ import annotations

import re
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpcore

from artistguard import __version__, pacing, robots
from artistguard.errors import Kind, Offline, Problem, Refused, SlowDown, Unreadable
from artistguard.fetching.reach import Door, Resolve, addresses, is_public_address
from artistguard.wire import normalise_url

AGENT: Final = "ArtistGuard"
"""The name by which a robots.txt may speak of us."""

PAGE: Final = 1 << 20
"""Bytes of a page that are looked at."""

_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_TEXT: Final = re.compile(r"text/|application/([a-z0-9.-]+\+)?(json|xml)\s*(;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take: bytes, seconds in all, redirects, seconds to wait for our turn.

    `gap` is the least time between two requests to one host, in seconds.
    """

    size: int = 32 << 20
    seconds: float = 30.0
    redirects: int = 5
    patience: float = 30.0
    gap: float = 1.0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for, up to how many bytes; `cut` keeps the start of what is larger.

    After what is `cut`, which is read for rules or by request and not in bulk, there is no pause.
    A `body` is sent as what it is in `kind`.
    """

    accept: str
    size: int
    cut: bool = True
    kind: str = ""
    body: bytes | None = None


_RULES: Final = _Wanted("text/plain", robots.LIMIT)
_PAGE: Final = _Wanted("text/*, application/json, application/*;q=0.5", PAGE)
_ANY: Final = _Wanted("*/*", PAGE)


@dataclass(frozen=True, slots=True)
class _Answer:
    """`headers` by name in small letters; one that came more than once has a line for each time."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Fetcher:
    """Fetches pictures for one thread; remembers each host's robots.txt and when it was asked.

    `clock` and `sleep` are the monotonic clock's; `is_public`, `resolve`, `tls` and `out`, which
    opens connections, are for tests.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        is_public: Callable[[str], bool] | None = None,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        out: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._is_public = is_public or is_public_address
        self._resolve = resolve or addresses
        self._tls = tls or ssl.create_default_context()
        self._out = out or httpcore.SyncBackend()
        self._robots: OrderedDict[str, robots.Rules] = OrderedDict()
        self._paces: OrderedDict[str, pacing.Pace] = OrderedDict()

    def fetch(self, url: str) -> bytes:
        """The bytes of the picture at an http(s) address.

        Raises:
            Refused: It is no such address, not a public one (ADDRESS_NOT_PUBLIC), or the site does
                not want it fetched (ROBOTS_FORBID).
            Unreadable: There is none (PICTURE_GONE), it is no picture (NOT_A_PICTURE) or too large
                (FILE_TOO_LARGE).
            SlowDown: The site asks for a longer pause than we wait.
            Offline: Nothing was reached, or not in time.
        """
        deadline = self._clock() + self._limits.seconds
        for _ in range(self._limits.redirects + 1):
            address = normalise_url(url)
            if address is None:
                raise Refused(Kind.ADDRESS_NOT_PUBLIC)
            if not self._rules(address).allow(address):
                raise Refused(Kind.ROBOTS_FORBID)
            answer = self._ask(address, _Wanted("image/*", self._limits.size, cut=False), deadline)
            if answer.status not in _MOVED:
                return self._picture(answer)
            url = _next(address, answer) or ""
        raise Unreadable(Kind.PICTURE_GONE, status="redirects")

    def page(self, url: str) -> bytes:
        """The text at an http(s) address, or the first `PAGE` bytes of it.

        It is what this host says: redirects are followed on it alone, and from http to https but
        never back. Somebody asked for this one page, so robots.txt is not.

        Raises:
            Refused: It is no such address, not a public one (ADDRESS_NOT_PUBLIC), or leads to
                another host (LEADS_ELSEWHERE).
            Unreadable: There is no text (PAGE_GONE).
            SlowDown: The site asks for a longer pause than we wait.
            Offline: Nothing was reached, or not in time.
        """
        address, answer = self._asked(url, _PAGE)
        return self._text(answer, address)

    def look(self, url: str) -> tuple[str, int, dict[str, str], bytes]:
        """What one's own site answers: the address in the end, status, headers and body.

        Headers are named in small letters; one that came more than once has a line for each time.
        Of the body there are at most `PAGE` bytes. As with `page`, but whatever the answer is.

        Raises:
            Refused: As for `page`.
            Unreadable: The site sends one in circles (PAGE_GONE).
            SlowDown: The site asks for a longer pause than we wait.
            Offline: Nothing was reached, or not in time.
        """
        address, answer = self._asked(url, _ANY)
        return address, answer.status, answer.headers, answer.body

    def post(self, url: str, body: bytes, kind: str, most: int) -> bytes:
        """Send a body of a media type to an address; the answer, of at most `most` bytes.

        Raises:
            Refused: It is no address of http(s), not a public one (ADDRESS_NOT_PUBLIC), or says no
                (REFUSED); it sends nobody elsewhere.
            Unreadable: The answer is larger (FILE_TOO_LARGE).
            SlowDown: The other side asks for a longer pause than we wait.
            Offline: Nothing was reached, or not in time.
        """
        deadline = self._clock() + self._limits.seconds
        address = normalise_url(url)
        if address is None:
            raise Refused(Kind.ADDRESS_NOT_PUBLIC)
        wanted = _Wanted("*/*", most, cut=False, kind=kind, body=body)
        answer = self._ask(address, wanted, deadline)
        if answer.status != 200:
            raise Refused(Kind.REFUSED, host=urlsplit(address).hostname, reason=answer.status)
        return answer.body

    def _asked(self, url: str, wanted: _Wanted) -> tuple[str, _Answer]:
        """An answer of this one host, and the address at which it was given."""
        deadline = self._clock() + self._limits.seconds
        address = normalise_url(url)
        for _ in range(self._limits.redirects + 1):
            if address is None:
                raise Refused(Kind.ADDRESS_NOT_PUBLIC)
            answer = self._ask(address, wanted, deadline)
            if answer.status not in _MOVED:
                return address, answer
            target = _next(address, answer)
            if target is not None and not _stays(address, target):
                raise Refused(Kind.LEADS_ELSEWHERE, place=address, target=target)
            address = target
        raise Unreadable(Kind.PAGE_GONE, place=url, status="redirects")

    @staticmethod
    def _text(answer: _Answer, address: str) -> bytes:
        kind = answer.headers.get("content-type", "text/plain")
        if answer.status != 200 or not _TEXT.match(kind):
            status = answer.status if answer.status != 200 else kind
            raise Unreadable(Kind.PAGE_GONE, place=address, status=status)
        return answer.body

    @staticmethod
    def _picture(answer: _Answer) -> bytes:
        if answer.status != 200:
            raise Unreadable(Kind.PICTURE_GONE, status=answer.status)
        if not answer.headers.get("content-type", "").lower().startswith("image/"):
            raise Unreadable(Kind.NOT_A_PICTURE)
        return answer.body

    def _rules(self, address: str) -> robots.Rules:
        """What the robots.txt of an address's site says, asked for once."""
        parts = urlsplit(address)
        site = f"{parts.scheme}://{parts.netloc}"
        rules = self._robots.get(site)
        if rules is None:
            rules = self._read_robots(f"{site}/robots.txt")
            _remember(self._robots, site, rules)
        return rules

    def _read_robots(self, url: str) -> robots.Rules:
        """RFC 9309, section 2.3.1: what is not there forbids nothing, what is broken everything."""
        deadline = self._clock() + self._limits.seconds
        for _ in range(self._limits.redirects + 1):
            try:
                answer = self._ask(url, _RULES, deadline)
            except (Offline, SlowDown):
                return robots.NOTHING
            if answer.status in _MOVED:
                url = _next(url, answer) or ""
                if not url:
                    return robots.EVERYTHING
            elif answer.status == 200:
                return robots.read(answer.body, AGENT)
            else:
                return robots.NOTHING if answer.status >= 500 else robots.EVERYTHING
        return robots.EVERYTHING

    def _ask(self, url: str, wanted: _Wanted, deadline: float) -> _Answer:
        """One request, when it is our turn."""
        host = urlsplit(url).netloc
        pace = self._paces.get(host, pacing.Pace())
        pause = pacing.wait(pace, self._clock())
        if pause > self._limits.patience:
            raise SlowDown(Kind.SLOW_DOWN, host=host, seconds=pause)
        if pause:
            self._sleep(pause)
            deadline += pause  # whoever waits for their turn is not late
        sent = pacing.Pace(max(pace.gap, 0.0 if wanted.cut else self._limits.gap), pace.free_at)
        _remember(self._paces, host, pacing.sent(sent, self._clock()))
        answer = self._send(url, wanted, deadline)
        if answer.status in {429, 503}:
            asked = pacing.pause_asked(answer.headers.get("retry-after"), datetime.now(UTC))
            slower = pacing.slowed(self._paces[host], self._clock(), asked)
            _remember(self._paces, host, slower)
            seconds = pacing.wait(slower, self._clock())
            raise SlowDown(Kind.SLOW_DOWN, host=host, seconds=seconds)
        return answer

    def _send(self, url: str, wanted: _Wanted, deadline: float) -> _Answer:
        door = Door(self._is_public, self._resolve, lambda: deadline - self._clock(), self._out)
        headers: dict[str | bytes, str | bytes] = {
            "User-Agent": f"{AGENT}/{__version__} (checks what was published)",
            "Accept": wanted.accept,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if wanted.body is not None:
            headers["Content-Type"] = wanted.kind
            headers["Content-Length"] = str(len(wanted.body))
        try:
            with (
                httpcore.ConnectionPool(self._tls, max_connections=1, network_backend=door) as pool,
                pool.stream(
                    "GET" if wanted.body is None else "POST",
                    url,
                    headers=headers,
                    content=wanted.body,
                ) as response,
            ):
                names = _by_name(response.headers)
                body = bytearray()
                for part in response.iter_stream():
                    body += part
                    if len(body) > wanted.size:
                        if wanted.cut:
                            break
                        raise Unreadable(Kind.FILE_TOO_LARGE, size=len(body), limit=wanted.size)
                return _Answer(response.status, names, bytes(body[: wanted.size]))
        except Problem:
            raise
        except (OSError, ValueError, *_NO_ANSWER) as error:
            host = urlsplit(url).hostname
            reason = type(error).__name__
            raise Offline(Kind.NOBODY_ANSWERED, host=host, reason=reason) from error


_NO_ANSWER: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


def _by_name(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    lines: dict[str, list[str]] = {}
    for name, value in headers:
        lines.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return {name: "\n".join(values) for name, values in lines.items()}


def _next(address: str, answer: _Answer) -> str | None:
    """Where an answer sends one on to; None for what is no address."""
    try:
        return normalise_url(urljoin(address, answer.headers.get("location", "")))
    except ValueError:  # what looks like an IPv6 address and is none
        return None


def _stays(address: str, target: str) -> bool:
    """Whether a redirect stays on its host and port, or goes from its http to its https."""
    before, after = urlsplit(address), urlsplit(target)
    if before.netloc != after.netloc:
        return False
    return before.scheme == after.scheme or (before.port is None and after.scheme == "https")


def _remember(known: OrderedDict[str, Any], key: str, value: Any) -> None:
    """Keep what was used last, of a bounded number of hosts."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > 10_000:
        known.popitem(last=False)
