# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Connections to public addresses only, to exactly those that were checked, and for so long."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpcore

from artistguard.errors import Kind, Refused

Resolve = Callable[[str, int], list[str]]
"""Says which IP addresses a host has; raises OSError."""

_TRIED: Final = 3
"""Addresses of one host that are tried before it counts as away."""


class Door(httpcore.NetworkBackend):
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


def _time(timeout: float | None, left: float) -> float:
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(timeout, left)


def addresses(host: str, port: int) -> list[str]:
    """The IP addresses that this machine finds for a host; raises OSError."""
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
