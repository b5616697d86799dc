# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's own sites: the kit that reserves their rights, and the record of what they say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from artistguard.channels.site import agents as lists
from artistguard.channels.site import audit as audits
from artistguard.channels.site import kit
from artistguard.channels.site.audit import Audit, Look, Stands
from artistguard.channels.site.policy import Policy
from artistguard.errors import Damaged, Kind, Problem, Refused, Unreadable
from artistguard.models import Clock, Progress, stamp
from artistguard.store import FILE_NAME, KeptAudit, Store
from artistguard.writing import write

if TYPE_CHECKING:
    from artistguard.channels.site.agents import Agents

EVERY: Final = timedelta(days=7)
"""How often a site is looked at by itself: what changes there changes with a new template."""

_LIST: Final = "agents.json"


class Sites:
    """Sites of one artist; `look` fetches, from public addresses only if none is given.

    `notice` is told of a site that said something when it was looked at last, and no longer does.
    """

    def __init__(
        self,
        data: Path,
        store: Store,
        clock: Clock,
        notice: Callable[[Problem], None],
        look: Look | None = None,
    ) -> None:
        self._data = data
        self._store = store
        self._clock = clock
        self._notice = notice
        self._look = look

    @property
    def agents(self) -> Agents:
        """The newest list of programs. Raises Unreadable (AGENTS_DAMAGED)."""
        return lists.newest(self._data / _LIST)

    def renew_agents(self, body: bytes) -> Agents:
        """Take another list of programs, if it is newer; the one that holds now.

        Raises Unreadable (AGENTS_DAMAGED), and keeps what there was.
        """
        if lists.read(body).dated > lists.shipped().dated:
            write(self._data / _LIST, body)
        return self.agents

    def live_robots(self, site: str) -> bytes:
        """The robots.txt that a site has now; empty if it has none.

        Raises:
            Refused: It cannot be told (ROBOTS_UNKNOWN): a kit made without it would replace it.
            Offline, SlowDown: see `Fetcher.look`.
        """
        _, status, _, body = self._fetch(f"{site}/robots.txt")
        if status in {404, 410}:
            return b""
        if status != 200:
            raise Refused(Kind.ROBOTS_UNKNOWN, place=site, status=status)
        return body

    def make_kit(self, policy: Policy, into: Path, robots: bytes) -> list[str]:
        """Write the kit for a site and remember what the site is to say; the files' places.

        Raises:
            Refused: The robots.txt cannot be merged into, or other files are in the folder.
            Stopped: It cannot be written.
        """
        files = kit.kit(policy, self.agents, robots)
        kit.write_kit(files, into, policy, self._clock())
        with self._store.writing():
            self._store.sites.keep(policy.site, _json(asdict(policy)), stamp(self._clock))
        return list(files)

    def policy(self, site: str) -> Policy:
        """What a site is to say. Raises Unreadable (SITE_UNKNOWN)."""
        for known, policy in self._store.sites.policies():
            if known == site:
                return _policy(policy)
        raise Unreadable(Kind.SITE_UNKNOWN, place=site)

    def known(self) -> list[Policy]:
        """What each site is to say."""
        return [_policy(policy) for _, policy in self._store.sites.policies()]

    def forget(self, site: str) -> None:
        """Look at a site no more; the record stays. Raises Unreadable (SITE_UNKNOWN)."""
        with self._store.writing():
            if not self._store.sites.forget(site):
                raise Unreadable(Kind.SITE_UNKNOWN, place=site)

    def audit(self, policy: Policy, pages: Sequence[str] = ()) -> Iterator[Progress | Audit]:
        """Look at a site and keep what was found, with the moment."""
        for step in audits.audit(policy, self.agents, self._fetch, pages):
            if isinstance(step, Audit):
                self._compare(policy.site, step)
                kept = KeptAudit(
                    policy.site,
                    stamp(self._clock),
                    _json(asdict(policy)),
                    _json([asdict(one) for one in step.findings]),
                    _json([asdict(one) for one in step.snapshots]),
                )
                with self._store.writing():
                    self._store.sites.add_audit(kept)
            yield step

    def look_again(self) -> Iterator[Progress | Audit]:
        """Look at every site that was not looked at for `EVERY`."""
        for site in self.due():
            yield from self.audit(self.policy(site))

    def _compare(self, site: str, audit: Audit) -> None:
        """Give notice of what was as wanted at the last look and, to our knowledge, is no more."""
        last = next(self._store.sites.audits(site), None)
        said = json.loads(last.findings) if last else []
        kept = {(one["sign"], one["place"]) for one in said if one["stands"] == Stands.AS_WANTED}
        known = {Stands.AS_WANTED, Stands.UNREACHED}
        gone = (one for one in audit.findings if one.stands not in known)
        if places := {one.place: None for one in gone if (one.sign, one.place) in kept}:
            self._notice(Problem(Kind.SITE_SAYS_LESS, site=site, places=list(places)))

    def record(self, site: str) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
        """Every look at a site, newest first: when, how many gaps, and what was answered."""
        for kept in self._store.sites.audits(site):
            findings, answers = json.loads(kept.findings), json.loads(kept.snapshots)
            gaps = sum(one["stands"] != Stands.AS_WANTED for one in findings)
            yield kept.at, gaps, answers

    def due(self) -> list[str]:
        """The sites that were not looked at for `EVERY`."""
        return self._store.sites.due(stamp(lambda: self._clock() - EVERY))

    def _fetch(self, url: str) -> tuple[str, int, dict[str, str], bytes]:
        if self._look is None:
            from artistguard import fetching

            self._look = fetching.Fetcher(fetching.Limits(gap=0.2)).look
        return self._look(url)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _policy(text: str) -> Policy:
    try:
        told = json.loads(text)
        return Policy(**{**told, "paths": tuple(told["paths"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged(Kind.DATABASE_DAMAGED, path=FILE_NAME) from error
