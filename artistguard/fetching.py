# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Fetches public pictures, and pages that one was asked to look at, politely and safely.

Addresses come from strangers. There is one way to the network, `_Door`, which connects to public
addresses only, to exactly those that it has checked, and for as long as was agreed.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpcore

from artistguard import __version__, pacing, robots
from artistguard.errors import Kind, Offline, Problem, Refused, SlowDown, Unreadable
from artistguard.wire import normalise_url

AGENT: Final = "ArtistGuard"
"""The name by which a robots.txt may speak of us."""

Resolve = Callable[[str, int], list[str]]
"""Says which IP addresses a host has; raises OSError."""

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
    """

    accept: str
    size: int
    cut: bool = True


_RULES: Final = _Wanted("text/plain", robots.LIMIT)
_PAGE: Final = _Wanted("text/*, application/json, application/*;q=0.5", PAGE)


@dataclass(frozen=True, slots=True)
class _Answer:
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
        self._resolve = resolve or _addresses
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
            url = urljoin(address, answer.headers.get("location", ""))
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
        deadline = self._clock() + self._limits.seconds
        address = normalise_url(url)
        for _ in range(self._limits.redirects + 1):
            if address is None:
                raise Refused(Kind.ADDRESS_NOT_PUBLIC)
            answer = self._ask(address, _PAGE, deadline)
            if answer.status not in _MOVED:
                return self._text(answer, address)
            target = normalise_url(urljoin(address, answer.headers.get("location", "")))
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
                url = normalise_url(urljoin(url, answer.headers.get("location", ""))) or ""
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
        door = _Door(self._is_public, self._resolve, lambda: deadline - self._clock(), self._out)
        headers: dict[str | bytes, str | bytes] = {
            "User-Agent": f"{AGENT}/{__version__} (checks what was published)",
            "Accept": wanted.accept,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        try:
            with (
                httpcore.ConnectionPool(self._tls, max_connections=1, network_backend=door) as pool,
                pool.stream("GET", url, headers=headers) as response,
            ):
                names = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
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


_TRIED: Final = 3
"""Addresses of one host that are tried before it counts as away."""


class _Door(httpcore.NetworkBackend):
    """Opens connections to public addresses, for no longer than there is time `left`."""

    def __init__(
        self,
        is_public: Callable[[str], bool],
        resolve: Resolve,
        left: Callable[[], float],
        out: httpcore.NetworkBackend,
    ) -> None:
        self._is_public = is_public
        self._resolve = resolve
        self._left = left
        self._out = out

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002  # the library's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  # same
    ) -> httpcore.NetworkStream:
        """Connect to an address of `host`; if one of them is not public, none is trusted."""
        addresses = self._resolve(host, port)
        if not addresses or not all(map(self._is_public, addresses)):
            raise Refused(Kind.ADDRESS_NOT_PUBLIC)
        failure: Exception | None = None
        for address in addresses[:_TRIED]:
            try:
                time_left = _time(timeout, self._left())
                return _Stream(self._out.connect_tcp(address, port, time_left), self._left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError

    def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002  # the library's signature
        timeout: float | None = None,  # noqa: ARG002  # same
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  # same
    ) -> httpcore.NetworkStream:
        """Nothing on this machine is a public address."""
        raise Refused(Kind.ADDRESS_NOT_PUBLIC)

    def sleep(self, seconds: float) -> None:
        """Pause between two tries to connect."""
        self._out.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection that ends when the time is over, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _time(timeout, self._left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _time(timeout, self._left()))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        safe = self._stream.start_tls(ssl_context, server_hostname, _time(timeout, self._left()))
        return _Stream(safe, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _stays(address: str, target: str) -> bool:
    """Whether a redirect stays on its host and port, or goes from its http to its https."""
    before, after = urlsplit(address), urlsplit(target)
    if before.netloc != after.netloc:
        return False
    return before.scheme == after.scheme or (before.port is None and after.scheme == "https")


def _time(timeout: float | None, left: float) -> float:
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(timeout, left)


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def is_public_address(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet could reach.

    IPv6 addresses that stand for an IPv4 one are judged by that.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            ip = inner
        elif ip.teredo is not None or ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _remember(known: OrderedDict[str, Any], key: str, value: Any) -> None:
    """Keep what was used last, of a bounded number of hosts."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > 10_000:
        known.popitem(last=False)
