# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How well each opt-out stands: by which level of proof, on whose word, and whether disputed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from artistguard import wire
from artistguard.models import Declaration, Objection, Subject
from artistguard.proof.entries import Entry
from artistguard.proof.notices import Dispute, Level, Mandate, Method, Ownership, Revocation

_REF: Final = re.compile(
    r"(?P<level>[a-z-]+) sha256:(?P<sha256>[0-9a-f]{64})"
    r"(?: by:(?P<by>\S+))?(?: mandate:(?P<mandate>\S+))?(?P<disputed> disputed)?"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How well one opt-out stands.

    `by` is the place that gives it its level, `mandate` the id of the one under which the party
    acted for the owner of that place. `disputed` says that a dispute about it, or about what gives
    it its level, was raised and not taken back. Anybody can raise one: it marks, and no more.
    """

    level: Level = Level.SELF_DECLARED
    by: str | None = None
    mandate: str | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class ProofRef:
    """What the column `proof_ref` of a public list says: the standing and the receipt's hash.

    Written as words in this order: the level; ``sha256:`` and the hash of the entry; ``by:`` and
    the place, ``mandate:`` and its id, where there are any; ``disputed`` where it is.
    """

    standing: Standing
    sha256: str

    def __str__(self) -> str:
        standing = self.standing
        words = [standing.level.value, f"sha256:{self.sha256}"]
        words += [f"by:{standing.by}"] if standing.by else []
        words += [f"mandate:{standing.mandate}"] if standing.mandate else []
        words += ["disputed"] if standing.disputed else []
        return " ".join(words)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The standing and hash in a `proof_ref`; None for what is none, or of unknown level."""
        found = _REF.fullmatch(text)
        if found is None or found["level"] not in set(Level):
            return None
        standing = Standing(
            Level(found["level"]), found["by"], found["mandate"], bool(found["disputed"])
        )
        return cls(standing, found["sha256"])


def objections(notices: Iterable[Entry]) -> list[Objection]:
    """The disputes among a log's notices that were not taken back, in their order.

    Of those about an ownership or a mandate only the id tells them from those about an opt-out.
    """
    entries = list(notices)
    revoked = {entry.id for entry in entries if isinstance(entry.notice, Revocation)}
    return [
        Objection(entry.id, said.of, "", said.claimant, said.reason, entry.at)
        for entry in entries
        if isinstance(said := entry.notice, Dispute) and entry.id not in revoked
    ]


class Standings:
    """The notices of a log, ready to say how well any opt-out of the same log stands.

    An ownership speaks for the opt-outs of its own party: those of its domain (shown by a TXT
    record, of all below it, too) or of the addresses below its profile; one by did:web also for
    every opt-out sealed by the key that the document names. Under a mandate it speaks for the
    agency's, too, when they were filed while the mandate was in force and, if it is limited to a
    domain, lie there. The strongest counts. It says whose the place is; that what is said of it,
    such as a hash, is true, is still the party's word.
    """

    def __init__(self, notices: Iterable[Entry]) -> None:
        """`notices` are the entries of a log that carry one, in their order."""
        entries = list(notices)
        revoked = {e.id: e.at for e in entries if isinstance(e.notice, Revocation)}
        self._owned: dict[str, list[Ownership]] = {}
        self._mandates: dict[str, list[tuple[str, Mandate, str | None]]] = {}
        self._disputed: set[str] = set()
        for entry in entries:
            match entry.notice:
                case Ownership() as ownership if ownership.id not in revoked:
                    self._owned.setdefault(entry.holder, []).append(ownership)
                case Mandate() as mandate:
                    given = (entry.holder, mandate, revoked.get(mandate.id))
                    self._mandates.setdefault(mandate.agency, []).append(given)
                case Dispute() as dispute if dispute.id not in revoked:
                    self._disputed.add(dispute.of)

    def of(self, entry: Entry) -> Standing:
        """The standing of an opt-out's entry."""
        best = max(self._grounds(entry), key=_strength, default=Standing())
        if entry.id not in self._disputed:
            return best
        return Standing(best.level, best.by, best.mandate, disputed=True)

    def _grounds(self, entry: Entry) -> Iterator[Standing]:
        declaration = entry.declaration
        assert declaration is not None
        for ownership in self._owned.get(entry.holder, ()):
            if _speaks_for(ownership, declaration, entry.key):
                yield self._ground(ownership)
        for artist, mandate, revoked_at in self._mandates.get(entry.holder, ()):
            if not _in_force(mandate, entry.at, revoked_at):
                continue
            if mandate.domain and not _lies_at(mandate.domain, declaration):
                continue
            for ownership in self._owned.get(artist, ()):
                if _speaks_for(ownership, declaration, None):
                    yield self._ground(ownership, mandate.id)

    def _ground(self, ownership: Ownership, mandate: str | None = None) -> Standing:
        disputed = bool({ownership.id, mandate} & self._disputed)
        return Standing(ownership.method.level, ownership.place, mandate, disputed)


def _strength(standing: Standing) -> tuple[int, bool]:
    return standing.level.rank, not standing.disputed


def _speaks_for(ownership: Ownership, declaration: Declaration, key: bytes | None) -> bool:
    if ownership.key is not None and key is not None and ownership.key == key.hex():
        return True
    if "://" not in ownership.place:
        below = ownership.method is Method.DNS_TXT
        return _lies_at(ownership.place, declaration, below=below)
    if declaration.subject is Subject.DOMAIN:
        return False
    url = wire.normalise_url(declaration.url or "")
    if url is None or {".", ".."} & {*url.split("/")}:  # which lead elsewhere
        return False
    return f"{url}/".startswith(f"{ownership.place.rstrip('/')}/")


def _lies_at(domain: str, declaration: Declaration, *, below: bool = True) -> bool:
    """Whether what is declared is this domain, below it, or an address there.

    Where `below` is False, of all names below it only www counts. What is opted out counts: the
    address, or the domain where the whole of it is; what is said beside it is anybody's word.
    """
    whole = declaration.subject is Subject.DOMAIN
    host = declaration.domain if whole else wire.host_of(declaration.url or "")
    if host is None or not below:
        return host in {domain, f"www.{domain}"}
    return f".{host}".endswith(f".{domain}")


def _in_force(mandate: Mandate, at: str, revoked_at: str | None) -> bool:
    moment = wire.moment(at)
    ended = revoked_at is not None and wire.moment(revoked_at) <= moment
    return wire.moment(mandate.since) <= moment < wire.moment(mandate.until) and not ended
