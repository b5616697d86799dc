# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The public list for those who must not be able to read it: what they have can be tested on it.

Files, UTF-8 with line feeds:

- `salted.txt`: one line for each hash, in the order of the hashes, which says nothing about what
  belongs together: 32 hex digits, the level of proof (see `proof.Level`), and ``disputed`` where
  the opt-out is; see `proof.salted_hash` for what is hashed. It has the addresses, the domains
  that are opted out as a whole, and the SHA-256 and MD5 of files. Of several opt-outs of the same
  thing the one with the highest level counts; where that is a disputed one, and another is not,
  each has its line: no dispute and no later opt-out of somebody else's takes a level away.
- `reservation.txt`: the text that was filed.
- `manifest.json`: signed; part `list` has the `salt` in hex beside what `lists` writes there.

Left out are names, dates, data sets and receipts, for they could be read, and how pictures look: a
hash under a salt cannot be near another. Who wants to filter by likeness needs the open list. Who
serves this list and not the open one gives the log, which can be read, to auditors only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from artistguard import proof, wire
from artistguard.channels.lists import MANIFEST, file_facts
from artistguard.channels.locks import held
from artistguard.channels.registry import LogState, Registry
from artistguard.channels.storage import PATIENCE, stopping
from artistguard.errors import Kind, Unreadable
from artistguard.models import Declaration, Subject
from artistguard.proof import SaltedWhat
from artistguard.writing import write

SALTED: Final = "salted.txt"
RESERVATION: Final = "reservation.txt"


_Standings = tuple[proof.Standing, ...]


@dataclass(frozen=True, slots=True)
class Salted:
    """A salted list that was written: where, and how many opt-outs and hashes it holds."""

    folder: Path
    opt_outs: int
    hashes: int


def publish(registry: Registry) -> Salted:
    """Writes the salted list of all that is in force into the registry's `public-salted` folder.

    It gets a new salt whenever the log says something else than before, and is left alone
    otherwise. Takes some 300 bytes of memory a hash. Raises as `lists.publish` does.
    """
    folder = registry.folder / "public-salted"
    with stopping(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with held(registry.folder / "public.lock", PATIENCE):
        registry.checkpoint()
        state = registry.state()
        published = _published(folder, registry.signer, state)
        if published is not None:
            return published
        salt = os.urandom(proof.SALT_SIZE)
        opt_outs, hashes = _hashes(registry, salt)
        lines = sorted(
            proof.spell_salted(hashed, standing)
            for hashed, standings in hashes.items()
            for standing in standings
        )
        write(folder / SALTED, "".join(f"{line}\n" for line in lines).encode())
        write(folder / RESERVATION, "\n".join(registry.texts()).encode())
        about = {
            "at": state.at,
            "log_entries": state.entries,
            "log_head": state.head,
            "hashes": len(hashes),
            "opt_outs": opt_outs,
            "salt": salt.hex(),
        }
        files = {name: file_facts(folder / name) for name in (SALTED, RESERVATION)}
        parts: wire.Parts = {"files": files, "list": about}
        write(folder / MANIFEST, proof.seal(proof.LIST, parts, registry.signer) + b"\n")
    return Salted(folder, opt_outs, len(hashes))


def load(
    folder: Path,
    key: bytes | None = None,
    honoured: Callable[[proof.Standing], bool] = lambda _: True,
) -> proof.SaltedTest:
    """Opens a salted list for testing, having checked it against its manifest.

    Only what stands as `honoured` says is taken. Raises Unreadable(LIST_UNREADABLE, path) when it
    is no list, is not what its manifest says, or was signed by another key than the one given.
    """
    manifest = folder / MANIFEST
    try:
        checked = proof.check_file(manifest, key)
        salt = bytes.fromhex(json.loads(manifest.read_bytes())["list"]["salt"])
        with (folder / SALTED).open(encoding="ascii") as file:
            hashes = _best(each for each in _read(file) if honoured(each[1]))
    except Unreadable as fault:
        raise Unreadable(Kind.LIST_UNREADABLE, path=str(folder)) from fault
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(Kind.LIST_UNREADABLE, path=str(folder)) from error
    if not checked.valid:
        raise Unreadable(Kind.LIST_UNREADABLE, path=str(folder), where=checked.where)
    return proof.SaltedTest(salt, hashes)


def _published(folder: Path, signer: proof.Signer, state: LogState) -> Salted | None:
    """The list that lies in the folder, if it is whole and says what the log says now."""
    manifest = folder / MANIFEST
    if not manifest.exists() or not proof.check_file(manifest, signer.key).valid:
        return None
    about = json.loads(manifest.read_bytes())["list"]
    if about["log_head"] != state.head:
        return None
    return Salted(folder, about["opt_outs"], about["hashes"])


def _hashes(registry: Registry, salt: bytes) -> tuple[int, dict[bytes, _Standings]]:
    hashes: dict[bytes, _Standings] = {}
    count = 0
    for declaration, ref in registry.standings():
        count += 1
        for what, text in _testable(declaration):
            hashed = proof.salted_hash(salt, what, text)
            if hashed is not None:
                hashes[hashed] = _worth_saying(hashes.get(hashed, ()), ref.standing)
    return count, hashes


def _worth_saying(known: _Standings, standing: proof.Standing) -> _Standings:
    """The best that is undisputed, and the best that is disputed where its level is higher."""
    bare = proof.Standing(standing.level, disputed=standing.disputed)
    first, *others = sorted({*known, bare}, key=_strength, reverse=True)
    return first, *[each for each in others if each.level.rank > first.level.rank][:1]


def _testable(declaration: Declaration) -> Iterator[tuple[SaltedWhat, str]]:
    if declaration.subject is Subject.DOMAIN and declaration.domain:
        yield SaltedWhat.DOMAIN, declaration.domain
    for what, text in (
        (SaltedWhat.URL, declaration.url),
        (SaltedWhat.SHA256, declaration.sha256),
        (SaltedWhat.MD5, declaration.md5),
    ):
        if text:
            yield what, text


def _best(entries: Iterable[tuple[bytes, proof.Standing]]) -> dict[bytes, proof.Standing]:
    hashes: dict[bytes, proof.Standing] = {}
    for hashed, standing in entries:
        known = hashes.get(hashed)
        hashes[hashed] = standing if known is None else max(known, standing, key=_strength)
    return hashes


def _strength(standing: proof.Standing) -> tuple[bool, int]:
    return not standing.disputed, standing.level.rank


def _read(lines: Iterable[str]) -> Iterator[tuple[bytes, proof.Standing]]:
    for line in lines:
        entry = proof.parse_salted(line.removesuffix("\n"))
        if entry is None:
            raise ValueError
        yield entry
