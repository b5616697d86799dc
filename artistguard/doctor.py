# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Finds out what works on this machine: everything the main job needs, tried once for real."""

from __future__ import annotations

import shutil
import tempfile
from base64 import b85decode
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from artistguard import wording
from artistguard.channels.registry import Registry
from artistguard.errors import Problem
from artistguard.fingerprints import DCT256, PHASH64
from artistguard.folder import to_text
from artistguard.models import Check, Reading
from artistguard.search import packs
from artistguard.secrets import Vault
from artistguard.store import Store

ROOM_NEEDED = 200 << 20
"""Bytes free on the disk below which a large portfolio may not fit: some 4 kB a work, and spare."""

# A drawing of 48 by 36 pixels, as PNG, and how it has to look to every machine.
_DRAWING = b85decode(
    "iBL{Q4GJ0x0000DNk~Le0000m0000a1Oos706lA@IRF3v4^T{0Meyw0+*&ePT6jioS|~<Z0vHM@0002SNkl<Zc-pm)"
    "Jr2S!428cs9vI675aI-pxIhK>ze8`(tSp2fPUF(R)(o-op59LkN1W^Cr8aNy1{g*b0EUXr7*1gZhXQASoB(yG>B}w5{"
    "VK9~jcv%U@&^zT0Eu-Nq59t{w>uQ%!DR+`ovNYK9T%^hY=_RO#OG!48I#M2-{ICP1V^ZoMUzN_)LMq_N}~UuwqEy@6x"
    "T`3CG4$Y8`7NMX)_d}{VqAB>~?DsaZbsHNl#E()rjl_1VlSVK$N}_;R9CyCC-vVjRXJy002ovPDHLkV1f"
)
_LOOKS = {
    PHASH64: "a9c407b994e6d1f2",
    DCT256: "88a10f5f720a28dccda1821fa5d888a79b778cba1fb61a6e5ad37932704df20b",
}

Reader = Callable[[list[str]], Iterator[tuple[str, Reading | Problem]]]


def examine(
    store: Store, vault: Vault, registry: Registry, read: Reader, chosen: Iterable[Path]
) -> Iterator[Check]:
    """Try each thing in turn; what fails does not keep the rest from being tried."""
    yield _check("database", lambda: _database(store))
    yield _check("disk", lambda: _disk(registry.folder.parent))
    yield _check("pictures", lambda: _pictures(read))
    yield _keyring(vault)
    yield _check("registry", partial(_registry, registry, store))
    for pack in chosen:
        yield _check("pack", partial(_pack, pack))


class _Failed(Exception):  # noqa: N818  # the outcome of a check, not an error of the program
    """A check did not pass; the text says why."""


def _check(name: str, try_it: Callable[[], str]) -> Check:
    try:
        return Check(name, True, try_it())
    except _Failed as failed:
        return Check(name, False, str(failed))
    except Problem as problem:
        return Check(name, False, wording.explain_problem(problem))


def _database(store: Store) -> str:
    if wrong := store.check():
        raise _Failed("; ".join(wrong))
    return f"{store.works.count():,} works"


def _disk(data: Path) -> str:
    free = shutil.disk_usage(data).free
    if free < ROOM_NEEDED:
        raise _Failed(f"only {free >> 20:,} MB are free")
    return f"{free >> 30:,} GB free"


def _pictures(read: Reader) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "drawing.png")
        path.write_bytes(_DRAWING)
        ((_, found),) = read([to_text(str(path))])
    if isinstance(found, Problem):
        raise found
    looks = {print_.algorithm: print_.plain.hex() for print_ in found.fingerprints}
    if different := [name for name, value in _LOOKS.items() if looks.get(name) != value]:
        raise _Failed(f"fingerprints differ from other machines': {', '.join(different)}")
    return f"decoded and fingerprinted by {', '.join(looks)}"


def _keyring(vault: Vault) -> Check:
    """A machine without a keyring is no fault of the program; what follows from it is said."""
    return Check("keyring", True, wording.explain(vault.why) if vault.why else vault.where)


def _registry(registry: Registry, store: Store) -> str:
    state = registry.compared(store.outbox.newest_receipts(registry.name))
    return f"{state.entries:,} entries, whole and linked"


def _pack(folder: Path) -> str:
    with packs.opened([folder]) as (backend,):
        source = backend.source
    return f"{source.dataset} {source.version}: {source.rows:,} entries"
