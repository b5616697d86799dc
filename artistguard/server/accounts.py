# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Who may ask the server for what, and how much a day: keys, which are kept as hashes only."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from artistguard import wire
from artistguard.errors import Kind, Problem
from artistguard.models import Clock, stamp
from artistguard.server.databases import Database, Row
from artistguard.server.refusals import Denied, quota_spent

PER_DAY: Final = 10_000_000
"""Entries (queries, addresses, opt-outs) that an account has for a day unless told otherwise."""

_KEY = re.compile(r"ag_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SCHEMES: Final = ("Bearer ", "API ")


class Scope(StrEnum):
    """What a key is good for."""

    SEARCH = "search"
    DECLARE = "declare"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose request it is; `per_day` is the quota in entries, `key` the key's public half."""

    name: str
    scopes: frozenset[Scope]
    per_day: int
    key: str


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What is kept of a key, less its hash."""

    id: str
    account: str
    scopes: tuple[Scope, ...]
    per_day: int
    created_at: str
    revoked_at: str | None


class Accounts:
    """Keys and quotas. Every method raises Offline when the database is away."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add_key(self, account: str, scopes: Iterable[Scope], per_day: int = PER_DAY) -> str:
        """A new key of an account; the secret half is random, and nowhere kept.

        Raises Problem(BAD_USAGE) for a name that cannot be a party of the log.
        """
        if not wire.is_id(account):
            raise Problem(Kind.BAD_USAGE, option="--account")
        ident, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        with self._database.asking() as ask:
            ask(
                "INSERT INTO artistguard_keys VALUES (?, ?, ?, ?, ?, ?, NULL)",
                ident,
                account,
                _digest(secret),
                ",".join(sorted(set(scopes))),
                per_day,
                stamp(self._clock),
            )
        return f"ag_{ident}_{secret}"

    def all_keys(self) -> list[KeyFacts]:
        """All keys that were ever made, oldest first."""
        with self._database.asking() as ask:
            rows = ask(
                "SELECT id, account, scopes, per_day, created_at, revoked_at"
                " FROM artistguard_keys ORDER BY created_at, id"
            )
        return [_facts(row) for row in rows]

    def check(self) -> None:
        """Raises Offline when the database is away."""
        with self._database.asking() as ask:
            ask("SELECT 1")

    def revoke(self, ident: str) -> bool:
        """Make a key good for nothing from now on; whether there was one that was."""
        with self._database.asking() as ask:
            return bool(
                ask(
                    "UPDATE artistguard_keys SET revoked_at = ?"
                    " WHERE id = ? AND revoked_at IS NULL RETURNING id",
                    stamp(self._clock),
                    ident,
                )
            )

    def known(self, header: str | None) -> Account | None:
        """Whose key an Authorization header holds; None when there is no header at all.

        Raises Denied(401) for a key that is unknown, wrong or revoked.
        """
        if header is None:
            return None
        scheme = next((one for one in _SCHEMES if header.startswith(one)), "")
        key = _KEY.fullmatch(header.removeprefix(scheme).strip())
        if key is not None:
            with self._database.asking() as ask:
                rows = ask(
                    "SELECT account, scopes, per_day, secret_sha256 FROM artistguard_keys"
                    " WHERE id = ? AND revoked_at IS NULL",
                    key[1],
                )
            for account, scopes, per_day, kept in rows:
                if hmac.compare_digest(kept, _digest(key[2])):
                    return Account(account, _scopes(scopes), per_day, key[1])
        raise Denied(401, "unknown_key")

    def spend(self, account: Account, entries: int) -> None:
        """Count entries against the day's quota; raises Denied(429) when there is not that much."""
        now = self._clock()
        with self._database.asking() as ask:
            day = stamp(self._clock)[:10]
            [(spent,)] = ask(
                "INSERT INTO artistguard_spent VALUES (?, ?, ?) ON CONFLICT (account, day)"
                " DO UPDATE SET entries = artistguard_spent.entries + excluded.entries"
                " RETURNING entries",
                account.name,
                day,
                entries,
            )
            if spent > account.per_day:
                raise quota_spent(now)


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so that nothing slower than one hash is needed.
    return hashlib.sha256(secret.encode()).hexdigest()


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(map(Scope, text.split(","))) if text else frozenset()


def _facts(row: Row) -> KeyFacts:
    ident, account, scopes, per_day, created_at, revoked_at = row
    return KeyFacts(ident, account, tuple(sorted(_scopes(scopes))), per_day, created_at, revoked_at)
