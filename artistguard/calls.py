# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Speaks to one server over https: at its pace, again where that helps, and never without limits.

What the other side does is told in the program's own words: Offline, SlowDown, NotSignedIn, Refused
or Problem (BAD_ANSWER, TOO_LARGE). Everything that is sent may safely be sent again.
"""

from __future__ import annotations

import ipaddress
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import httpx

from artistguard import __version__, pacing, protocol, wire
from artistguard.errors import Kind, NotSignedIn, Offline, Problem, Refused, SlowDown, Unreadable

if TYPE_CHECKING:
    from artistguard.secrets import Vault

T = TypeVar("T")

MOST_BYTES: Final = 256 << 20
"""Most bytes that are taken of one answer."""

MOST_SECONDS: Final = 600.0
"""Longest that one answer may take to come, however steadily it does."""

PATIENCE: Final = 20.0
"""Seconds that one request may be put off for pauses before the caller is told."""

TRIES: Final = 4

_LONGEST_LINE: Final = 1 << 20
_TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
_AWAY: Final = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address, such as ``https://registry.example.org``, and the key it knows us by.

    Raises Problem(NOT_HTTPS) for an address without https, unless it is on this machine, or with
    more than scheme, host, port and path.
    """

    url: str
    key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not _is_safe(self.url):
            raise Problem(Kind.NOT_HTTPS, url=self.url)

    @property
    def host(self) -> str:
        """Host and port: what the server is called."""
        return httpx.URL(self.url).netloc.decode("ascii")

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return _is_loopback(httpx.URL(self.url).host)


def opened(url: str, vault: Vault) -> Caller:
    """A server that the artist has chosen, with the key for it that lies in the vault, if any."""
    keyless = Server(url)
    key = vault.get(key_name(keyless))
    return Caller(keyless if key is None else Server(url, key.decode()))


def key_name(server: Server) -> str:
    """What the vault calls the key for a server."""
    return f"key for {server.host}"


@dataclass(slots=True)
class Traffic:
    """What went over the line so far, in bytes of bodies, and in how many requests."""

    requests: int = 0
    sent: int = 0
    received: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, sent: int, received: int) -> None:
        """One more request."""
        with self._lock:
            self.requests += 1
            self.sent += sent
            self.received += received


class Turns:
    """When one host may be asked, for all who ask it; see `pacing`."""

    def __init__(
        self, host: str, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._host = host
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._pace = pacing.Pace()

    def wait(self, most: float) -> float:
        """Wait until the host may be asked; how long that took. Raises SlowDown if too long."""
        with self._lock:
            now = self._clock()
            seconds = pacing.wait(self._pace, now)
            if seconds > most:
                raise SlowDown(Kind.SLOW_DOWN, host=self._host, seconds=seconds)
            self._pace = pacing.sent(self._pace, now + seconds)
        if seconds:
            self._sleep(seconds)
        return seconds

    def answered(self) -> None:
        """The host has answered."""
        with self._lock:
            self._pace = pacing.answered(self._pace)

    def slowed(self, asked: object) -> None:
        """The host has failed, or asked for a pause of so many seconds."""
        with self._lock:
            seconds = asked if isinstance(asked, float) else None
            self._pace = pacing.slowed(self._pace, self._clock(), seconds)


class Caller:
    """One server, spoken to by any number of threads.

    `clock` and `sleep` are the monotonic clock's. Whose certificates are `trusted` is the system's
    or certifi's choice unless it is given; they are always checked.
    """

    def __init__(
        self,
        server: Server,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = PATIENCE,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self.server = server
        self.traffic = Traffic()
        self._clock = clock
        self._patience = patience
        # Made once: to read the certificates takes longer than to ask.
        self._trusted = trusted or httpx.create_ssl_context()
        self._turns = Turns(server.host, clock, sleep)
        self._client = self._connect(server.key)

    def apart(self) -> Caller:
        """The same caller with a count of its own of what goes over the line."""
        other = copy(self)
        other.traffic = Traffic()
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self._again(lambda: self._parse(self._send(self._client, "GET", path, None)))

    def lines_unlinked(self, path: str, body: bytes) -> list[Any]:
        """As `lines`, on a connection of its own and without a key.

        Nothing but the address that it comes from ties it to other requests.
        """

        def send() -> list[Any]:
            with self._connect(None) as client:
                return self._lines(self._send(client, "POST", path, body))

        return self._again(send)

    def lines(self, path: str, body: bytes) -> list[Any]:
        """The lines of a bulk answer without its end, which was found to be right."""
        return self._again(lambda: self._lines(self._send(self._client, "POST", path, body)))

    def in_batches(
        self, items: Sequence[T], size: int, send: Callable[[Sequence[T]], Iterator[Any]]
    ) -> Iterator[Any]:
        """What `send` yields for one batch after the other, smaller ones when they are too large.

        What was answered stays answered; a batch is only cut before its first answer.
        """
        shrinks = 0
        rest = items
        while rest:
            batch, after = pacing.cut(rest, size)
            try:
                yield from send(batch)
            except Problem as problem:
                if (
                    problem.kind is not Kind.TOO_LARGE
                    or size == 1
                    or shrinks == pacing.MOST_SHRINKS
                ):
                    raise
                size = pacing.shrunk(min(size, len(batch)))
                shrinks += 1
                continue
            rest = after

    def _connect(self, key: str | None) -> httpx.Client:
        headers = {
            "User-Agent": f"artistguard/{__version__}",
            # An answer is as large as it says: nothing is unpacked.
            "Accept-Encoding": "identity",
        }
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return httpx.Client(
            base_url=self.server.url,
            headers=headers,
            timeout=_TIMEOUT,
            verify=self._trusted,
            follow_redirects=False,
            trust_env=not self.server.is_here,
        )

    def _again(self, ask: Callable[[], T]) -> T:
        """Ask until there is an answer, the tries are used up, or the pauses get too long."""
        left = self._patience
        for tries in range(TRIES, 0, -1):
            left -= self._turns.wait(left)
            try:
                answer = ask()
            except (Offline, SlowDown) as problem:
                self._turns.slowed(problem.facts.get("seconds"))
                if tries == 1:
                    raise
            else:
                self._turns.answered()
                return answer
        raise AssertionError

    def _send(self, client: httpx.Client, method: str, path: str, body: bytes | None) -> bytes:
        """The body of a good answer, however it was sent."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        begun = self._clock()
        try:
            with client.stream(method, path, content=body, headers=headers) as response:
                answer = bytearray()
                for chunk in response.iter_raw():
                    answer += chunk
                    if len(answer) > MOST_BYTES:
                        raise self._bad_answer("too long")
                    if self._clock() - begun > MOST_SECONDS:
                        raise Offline(Kind.OFFLINE, host=self.server.host, reason="too slow")
        except httpx.HTTPError as error:
            raise Offline(
                Kind.OFFLINE, host=self.server.host, reason=type(error).__name__
            ) from error
        self.traffic.count(len(body or b""), len(answer))
        self._judge(response)
        return bytes(answer)

    def _judge(self, response: httpx.Response) -> None:
        """Raise what a status says; return for a good one."""
        host, status = self.server.host, response.status_code
        asked = pacing.pause_asked(response.headers.get("Retry-After"), datetime.now(UTC))
        if status == 200:
            return
        if status == 429 or (status == 503 and asked is not None):
            raise SlowDown(Kind.SLOW_DOWN, host=host, seconds=asked)
        if status in _AWAY:
            raise Offline(Kind.OFFLINE, host=host, reason=f"status {status}")
        if status in {401, 403}:
            raise NotSignedIn(Kind.NOT_SIGNED_IN, host=host)
        if status == 413:
            raise Problem(Kind.TOO_LARGE, host=host)
        if status == 409:
            raise Problem(Kind.SOURCE_GONE, host=host)
        if 400 <= status < 500:
            raise Refused(Kind.REFUSED, host=host, reason=f"status {status}")
        raise self._bad_answer(f"status {status}")

    def _parse(self, body: bytes) -> Any:
        try:
            return protocol.parse(body)
        except Unreadable:
            raise self._bad_answer("not JSON") from None

    def _lines(self, body: bytes) -> list[Any]:
        lines = body.split(b"\n")
        if lines.pop() or not lines:
            raise Offline(Kind.OFFLINE, host=self.server.host, reason="broken off")
        if max(map(len, lines)) > _LONGEST_LINE:
            raise self._bad_answer("line too long")
        found = [self._parse(line) for line in lines]
        match found.pop():
            case {"end": int() as count} if count == len(found):
                return found
            case {"problem": "time"}:
                raise Problem(Kind.TOO_LARGE, host=self.server.host)
            case {"problem": str()}:
                raise Offline(Kind.OFFLINE, host=self.server.host, reason="broken off")
        raise Offline(Kind.OFFLINE, host=self.server.host, reason="broken off")

    def _bad_answer(self, reason: str) -> Problem:
        return Problem(Kind.BAD_ANSWER, host=self.server.host, reason=reason)

    def untrusted(self, fault: Unreadable) -> Problem:
        """That an answer was JSON but not in its form."""
        return self._bad_answer(str(fault.facts.get("field", "form")))


def _is_safe(text: str) -> bool:
    try:
        url = httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, ValueError):
        return False
    plain = wire.host_of(text) is not None and not (url.userinfo or url.query or url.fragment)
    return bool(
        host and plain and (url.scheme == "https" or (url.scheme == "http" and _is_loopback(host)))
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
