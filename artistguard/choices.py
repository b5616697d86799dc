# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the artist chooses: a name, packs and servers, each checked before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import urlsplit

from artistguard import folder, settings, wire
from artistguard.channels import REGISTRY
from artistguard.errors import Kind, Problem
from artistguard.models import Clock, Clue

if TYPE_CHECKING:
    from artistguard.secrets import Vault

SERVER_KEY = "ARTISTGUARD_SERVER_KEY"
"""The environment variable with a server's key, for machines without a keyring."""


_WEB = frozenset({"http", "https"})


def is_server(place: str) -> bool:
    """Whether a place is the address of a server, rather than a pack's folder or an engine."""
    return urlsplit(place).scheme in _WEB


class Habits(TypedDict, total=False):
    """How the program goes on by itself; each is a field of `Settings`."""

    paused_until: str
    battery_least: int
    wait_for_unmetered: bool
    knows_tray: bool
    authority: str
    authority_roots: str | None
    marks: settings.Marks


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
        self._called: str | None = None

    def renew(self) -> None:
        """Go by what was chosen elsewhere meanwhile."""
        self._take(settings.load(self._data, self._clock)[0])

    def is_outdated(self) -> bool:
        """Whether another window, thread or command has chosen otherwise since."""
        return settings.load(self._data, self._clock)[0] != self.settings

    def places(self, chosen: Sequence[str] = ()) -> tuple[str, ...]:
        """Where is looked: the packs, servers and engines named, or all that were added."""
        return tuple(chosen) or (*self.settings.packs, *self.settings.servers)

    def servers(self, chosen: Sequence[str] = ()) -> list[str]:
        """The hosts among these places, or those that were added, that a search would ask."""
        return [_host_of(url) for url in self.places(chosen) if is_server(url)]

    def channels(self) -> list[str]:
        """Where opt-outs can be filed: the registry here first, then every server."""
        return [REGISTRY, *(f"server:{host}" for host in self.servers(self.settings.servers))]

    def clue(
        self, urls: Iterable[str] = (), hosts: Iterable[str] = (), names: Iterable[str] = ()
    ) -> Clue:
        """What the artist has said of their own addresses, sites and names, and more of it."""
        return Clue(
            (*self.settings.urls, *urls),
            (*self.settings.sites, *hosts),
            (*self.settings.names, *names),
        )

    def call_artist(self, name: str, *, keep: bool = True) -> None:
        """Declare under this name or pen name, from now on if to `keep`; an empty one withholds it.

        Raises Problem (UNSAYABLE) for a name that no declaration takes.
        """
        if name and not wire.is_text(name):
            raise Problem(Kind.UNSAYABLE, text=name)
        self._called = None if keep else name
        if keep:
            self._choose(declarant=name)
        else:
            self._take(self.settings)

    def add_packs(self, chosen: Sequence[str]) -> None:
        """Search these packs from now on. Raises Damaged or Problem if one cannot be opened."""
        from artistguard.search import packs

        paths = [folder.normal(path) for path in chosen]
        with packs.opened(map(Path, paths)):
            pass
        self._change(lambda now: {"packs": tuple(dict.fromkeys((*now.packs, *paths)))})

    def remove_packs(self, chosen: Sequence[str]) -> None:
        """Search these packs no longer; nothing is deleted."""
        paths = {folder.normal(path) for path in chosen}
        self._change(lambda now: {"packs": tuple(one for one in now.packs if one not in paths)})

    def add_server(self, url: str, key: str | None, *, private: bool | None) -> None:
        """Search at this server and file with it from now on; its key goes into the keyring.

        `private` says how all servers are asked from now on; None leaves that as it is. Raises
        Problem (NOT_HTTPS), Stopped (KEYRING_REFUSED).
        """
        from artistguard import calls

        server = calls.Server(url)
        if key is not None:
            vault = self._vault()
            if vault.why:
                self._tell(Problem(Kind.KEY_NOT_KEPT, variable=SERVER_KEY))
            vault.set(calls.key_name(server), key.encode())
        self._change(
            lambda now: {
                "servers": tuple(dict.fromkeys((*now.servers, url))),
                "private": now.private if private is None else private,
            }
        )

    def remove_server(self, url: str) -> None:
        """Ask this server no longer, and forget its key."""
        from artistguard import calls

        self._vault().delete(calls.key_name(calls.Server(url)))
        self._change(
            lambda now: {
                "servers": tuple(one for one in now.servers if one != url),
                "agreed": tuple(one for one in now.agreed if one not in _consents(url)),
            }
        )

    def agree(self, url: str, *, private: bool) -> None:
        """Let this server be searched by itself; in buckets, as all are from now on, if `private`.

        Whoever has agreed to hashes being shown has agreed to less being shown, too.
        """
        whole, buckets = _consents(url)
        given = buckets if private else whole
        self._change(
            lambda now: {
                "agreed": tuple(dict.fromkeys((*now.agreed, given))),
                "private": private,
            }
        )

    def arrange(self, **chosen: Unpack[Habits]) -> None:
        """Choose how it goes on by itself; what is not named stays as it is."""
        self._choose(**chosen)

    def look(self, *, theme: str, language: str) -> None:
        """Show the window in these colours and this language; empty for what the system has."""
        self._choose(theme=theme, language=language)

    def know_artist(self, names: Sequence[str], sites: Sequence[str], urls: Sequence[str]) -> None:
        """Look for these names in captions, and for these sites and addresses, from now on.

        Raises Problem (UNSAYABLE) for a line that cannot be one.
        """
        for line in (*names, *sites, *urls):
            if not wire.is_text(line):
                raise Problem(Kind.UNSAYABLE, text=line)
        self._choose(names=tuple(names), sites=tuple(sites), urls=tuple(urls))

    def _choose(self, **changed: Any) -> None:
        self._change(lambda _now: changed)

    def _change(self, make: Callable[[settings.Settings], dict[str, Any]]) -> None:
        """Change what `make` says of the settings as they are now, and nothing else.

        Another window or command may have chosen something since they were loaded.
        """
        with settings.changing(self._data):
            chosen, problem = settings.load(self._data, self._clock)
            if problem:
                self._tell(problem)
            chosen = replace(chosen, **make(chosen))
            settings.save(self._data, chosen, self._clock)
        self._take(chosen)

    def _take(self, chosen: settings.Settings) -> None:
        """Go by these from now on, but for a name that is for this session only."""
        name = chosen.declarant if self._called is None else self._called
        self.settings = replace(chosen, declarant=name)


def has_agreed(chosen: settings.Settings, place: str) -> bool:
    """Whether a place may be asked with no more said: it is no server, or was agreed to."""
    if not is_server(place):
        return True
    whole, buckets = _consents(place)
    return whole in chosen.agreed or (chosen.private and buckets in chosen.agreed)


def _consents(url: str) -> tuple[str, str]:
    """How it is kept that a server may be shown whole hashes, or be asked in buckets."""
    return f"hashes {url}", f"buckets {url}"


def _host_of(server: str) -> str:
    from artistguard import calls

    return calls.Server(server).host
