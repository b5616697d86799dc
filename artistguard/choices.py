# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the artist chooses: a name, packs and servers, each checked before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from artistguard import calls, folder, settings, wire
from artistguard.errors import Kind, Problem
from artistguard.models import Clock
from artistguard.search import packs
from artistguard.secrets import Vault

SERVER_KEY = "ARTISTGUARD_SERVER_KEY"
"""The environment variable with a server's key, for machines without a keyring."""


class Choices:
    """The settings of one data folder, and the ways to change them.

    `vault` gives the keyring when it is needed; `tell` takes problems that stop nothing.
    """

    def __init__(
        self,
        data: Path,
        clock: Clock,
        vault: Callable[[], Vault],
        tell: Callable[[Problem], None],
    ) -> None:
        self.settings, problem = settings.load(data, clock)
        if problem:
            tell(problem)
        self._data = data
        self._clock = clock
        self._vault = vault
        self._tell = tell

    def call_artist(self, name: str, *, keep: bool = True) -> None:
        """Declare under this name or pen name, from now on if to `keep`; an empty one withholds it.

        Raises Problem (UNSAYABLE) for a name that no declaration takes.
        """
        if name and not wire.is_text(name):
            raise Problem(Kind.UNSAYABLE, text=name)
        if keep:
            self._choose(declarant=name)
        else:
            self.settings = replace(self.settings, declarant=name)

    def add_packs(self, chosen: Sequence[str]) -> None:
        """Search these packs from now on. Raises Damaged or Problem if one cannot be opened."""
        paths = [folder.normal(path) for path in chosen]
        with packs.opened(map(Path, paths)):
            pass
        self._choose(packs=tuple(dict.fromkeys((*self.settings.packs, *paths))))

    def remove_packs(self, chosen: Sequence[str]) -> None:
        """Search these packs no longer; nothing is deleted."""
        paths = {folder.normal(path) for path in chosen}
        self._choose(packs=tuple(path for path in self.settings.packs if path not in paths))

    def add_server(self, url: str, key: str | None, *, private: bool | None) -> None:
        """Search at this server and file with it from now on; its key goes into the keyring.

        `private` says how all servers are asked from now on; None leaves that as it is. Raises
        Problem (NOT_HTTPS), Stopped (KEYRING_REFUSED).
        """
        server = calls.Server(url)
        if key is not None:
            vault = self._vault()
            if vault.why:
                self._tell(Problem(Kind.KEY_NOT_KEPT, variable=SERVER_KEY))
            vault.set(calls.key_name(server), key.encode())
        servers = tuple(dict.fromkeys((*self.settings.servers, url)))
        chosen = self.settings.private if private is None else private
        self._choose(servers=servers, private=chosen)

    def remove_server(self, url: str) -> None:
        """Ask this server no longer, and forget its key."""
        self._vault().delete(calls.key_name(calls.Server(url)))
        self._choose(servers=tuple(one for one in self.settings.servers if one != url))

    def _choose(self, **changed: Any) -> None:
        self.settings = replace(self.settings, **changed)
        settings.save(self._data, self.settings, self._clock)
