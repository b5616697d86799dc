# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Hashes under a salt, by which a list can be tested and not read.

A list of objectors is a list of targets, too. Under a salt of its own (32 random bytes, published
with it) a list shows nobody what it holds, only whether something they have already is in it; and
two editions of it, having different salts, do not show what came between.

An address or file hash is hashed once (HMAC-SHA-256, keyed by the salt): whoever trains has to test
thousands of millions, and addresses and hashes are not to be guessed. Names of domains are, so each
costs `ROUNDS` rounds of PBKDF2-HMAC-SHA-256 (RFC 8018): some 300 million registered names then take
a day of one processor instead of minutes, the distinct hosts of a large data set an hour or two.
That slows a guess down and does not stop it: whoever has the right guess is told so, by design.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from artistguard import wire
from artistguard.proof.notices import Level
from artistguard.proof.standing import Standing

SALT_SIZE: Final = 32
HASH_SIZE: Final = 16
"""Bytes of a hash: with 10 million entries, 10,000 million tests hit by chance once in 10**21."""

ROUNDS: Final = 1_000
_HOSTS_KEPT: Final = 1 << 20


class SaltedWhat(StrEnum):
    """What is hashed; the same text as another thing has another hash."""

    URL = "url"
    DOMAIN = "domain"
    SHA256 = "sha256"
    MD5 = "md5"


def _hex(text: str, size: int) -> str | None:
    lower = text.lower()
    return lower if wire.is_hex(lower, size) else None


_NORMAL: Final[Mapping[SaltedWhat, Callable[[str], str | None]]] = {
    SaltedWhat.URL: wire.normalise_url,
    SaltedWhat.DOMAIN: wire.host_of,
    SaltedWhat.SHA256: lambda text: _hex(text, 32),
    SaltedWhat.MD5: lambda text: _hex(text, 16),
}


def salted_hash(salt: bytes, what: SaltedWhat, text: str) -> bytes | None:
    """16 bytes for an address, domain or file hash (hex) in any spelling; None for what is none.

    Addresses are taken in the form of `wire.normalise_url`, domains in that of `wire.host_of`.
    """
    normal = _NORMAL[what](text)
    if normal is None:
        return None
    if what is SaltedWhat.DOMAIN:
        salt_and_what = salt + what.value.encode()
        return hashlib.pbkdf2_hmac("sha256", normal.encode(), salt_and_what, ROUNDS, HASH_SIZE)
    return hmac.digest(salt, f"{what.value}\0{normal}".encode(), "sha256")[:HASH_SIZE]


class SaltedTest:
    """A salted list, ready to be asked; each answer is how the opt-out stands, None when none is.

    `hashes` are those of the list. Where several opt-outs are of the same thing, the best counts.
    """

    def __init__(self, salt: bytes, hashes: Mapping[bytes, Standing]) -> None:
        self._salt = salt
        self._hashes = hashes
        self._named = lru_cache(_HOSTS_KEPT)(self._domain)

    def url(self, url: str) -> Standing | None:
        """Whether an address is opted out, by itself or with its host's whole domain."""
        host = wire.host_of(url)
        return self._look_up(SaltedWhat.URL, url) or (None if host is None else self.host(host))

    def host(self, host: str) -> Standing | None:
        """Whether a host, or a domain that it is below, is opted out as a whole."""
        return next(filter(None, map(self._named, domains_of(host))), None)

    def sha256(self, sha256: str) -> Standing | None:
        """Whether the file of this hash (hex) is opted out."""
        return self._look_up(SaltedWhat.SHA256, sha256)

    def md5(self, md5: str) -> Standing | None:
        """Whether the file of this hash (hex) is opted out."""
        return self._look_up(SaltedWhat.MD5, md5)

    def among(self, what: SaltedWhat, normal: Iterable[bytes]) -> list[bool]:
        """Whether each of many addresses or file hashes is opted out by itself.

        They have to be as `salted_hash` takes them; domains are for `host`.
        """
        hashes, salt, digest = self._hashes, self._salt, hmac.digest
        start = f"{what.value}\0".encode()
        return [digest(salt, start + text, "sha256")[:HASH_SIZE] in hashes for text in normal]

    def _domain(self, domain: str) -> Standing | None:
        return self._look_up(SaltedWhat.DOMAIN, domain)

    def _look_up(self, what: SaltedWhat, text: str) -> Standing | None:
        found = salted_hash(self._salt, what, text)
        return None if found is None else self._hashes.get(found)


def domains_of(host: str) -> Iterator[str]:
    """The host and every domain of two labels or more that it is below, the longest first."""
    while "." in host:
        yield host
        host = host.partition(".")[2]


def spell_salted(hashed: bytes, standing: Standing) -> str:
    """One line of a salted list, without its end: hash in hex, level, ``disputed`` where it is."""
    return f"{hashed.hex()} {standing.level.value}{' disputed' if standing.disputed else ''}"


def parse_salted(line: str) -> tuple[bytes, Standing] | None:
    """What `spell_salted` wrote; None for anything else."""
    match line.split(" "):
        case [hashed, level, *disputed] if (
            wire.is_hex(hashed, HASH_SIZE)
            and level in set(Level)
            and disputed in ([], ["disputed"])
        ):
            return bytes.fromhex(hashed), Standing(Level(level), disputed=bool(disputed))
        case _:
            return None
