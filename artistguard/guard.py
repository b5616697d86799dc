# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The whole story: opens everything once, and has the verbs that the command line and window call.

folder → works → fingerprints → matches → opt-outs → receipts. Each verb reads rows, does one thing
and writes rows, so that whatever stops it, calling it again goes on where it stopped.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from artistguard import (
    evidence,
    folder,
    matches,
    optouts,
    places,
    reading,
    receipts,
    works,
)
from artistguard.acts import Acts
from artistguard.channels import REGISTRY, Channel, public
from artistguard.choices import SERVER_KEY, Choices
from artistguard.errors import Kind, NotSignedIn, Offline, Problem, SlowDown, Unreadable
from artistguard.fingerprints import DCT256
from artistguard.marking import Marking
from artistguard.models import (
    Band,
    Check,
    Clock,
    Clue,
    Disclosure,
    FoundFile,
    Match,
    More,
    OptOut,
    OptOutState,
    Plan,
    Progress,
    Query,
    Reading,
    Receipt,
    ScannedFile,
    Scope,
    Source,
    Summary,
    Verdict,
    Witness,
    stamp,
)
from artistguard.portfolio import Portfolio
from artistguard.reader import Reader
from artistguard.review import Review
from artistguard.search import Backend
from artistguard.settings import prepare
from artistguard.sites import Sites
from artistguard.stamping import Stamping
from artistguard.store import Store

# Rooms with slow and large libraries are entered by the verb that needs them: a window is to be
# there at once, and to take little while nothing happens.
if TYPE_CHECKING:
    from artistguard.calls import Caller
    from artistguard.channels.registry import Registry
    from artistguard.claims import Claims, ServerClaims
    from artistguard.secrets import Vault

__all__ = ["REGISTRY", "SURE", "Guard", "now"]

SURE = optouts.SURE

NAMELESS = "The artist (name withheld)"
"""Who declares when no name was given; the machine's user name is nobody's business."""


def now() -> datetime:
    """The time on this machine."""
    return datetime.now(UTC)


class Guard:
    """One artist's data folder, opened: settings, rows, channels and the key to sign with.

    `notices` are problems that were met on the way and did not stop anything.
    """

    def __init__(self, data: Path, clock: Clock = now) -> None:
        prepare(data)
        self.data = data
        self.clock = clock
        self.notices: list[Problem] = []
        self.choices = Choices(data, clock, lambda: self._vault, self.notices.append)
        self.store = Store(data)
        self.portfolio = Portfolio(self.store, clock)
        self._reader = Reader(self.store, lambda: self.choices.settings, self.notices.append)
        self.stamping = Stamping(
            *(data, clock, lambda: self.choices.settings, lambda: self._registry)
        )
        self.acts = Acts(
            *(self.store, clock, lambda: self._channels),
            lambda: self._declarant,
            complete=lambda: self._bundles,
            stamping=self.stamping,
        )
        self.review = Review(self.store, clock)
        self.marking = Marking(
            self.store, lambda: self.choices.settings, lambda: self._vault, clock
        )
        self.sites = Sites(data, self.store, clock, self.notices.append)
        self._closing = ExitStack()
        self._closing.callback(self.store.close)

    def close(self) -> None:
        """Close the database and all connections."""
        self._closing.close()

    # works

    def scan(
        self, paths: Sequence[str] = (), restless: Collection[str] = ()
    ) -> Iterator[Progress | ScannedFile]:
        """Take in what has changed in these folders, or in all that were ever named.

        What is `restless`, being written or moved just now, is left for another time.

        Raises Unreadable (FOLDER_MISSING) when none of the folders named is there; one that is
        missing among others is told of like any other trouble.
        """
        roots = [folder.normal(path) for path in paths]
        there = [root for root in roots if Path(root).exists()]
        if roots and not there:
            raise Unreadable(Kind.FOLDER_MISSING, path=roots[0])
        with self.store.writing():
            self.store.files.add_folders(map(folder.to_text, there), stamp(self.clock))
        able = reading.algorithms(self._reader.model_so_far())
        roots = roots or self.portfolio.folders()
        yield from works.scan(
            self.store, roots, self._reader.read, able, self.clock, restless=restless
        )
        if self.store.works.newest_version() > self.store.works.grouped_to():
            from artistguard import masters

            yield from masters.group(self.store)

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, Reading | Problem]]:
        """Fingerprint files, and all pictures in folders, without keeping anything."""
        files = []
        for change in folder.changes(paths, {}, folder.PICTURES):
            if isinstance(change, FoundFile):
                files.append(change.path)
            elif isinstance(change, Problem):
                yield str(change.facts["path"]), change
        yield from self._reader.read(files)

    # matches

    def search(
        self, clue: Clue, chosen: Sequence[str] = (), *, again: bool = True
    ) -> Iterator[Source | Progress | Match | More | Disclosure | Problem]:
        """Look up what these places, or all that were added, were not asked yet.

        A server's matches are followed by what it was told. A place that cannot be asked now, or is
        damaged, is a Problem among the rest, and holds up no other. Whoever needs no word of what
        is known already does not ask for the clue `again`; a pack with nothing new to be asked is
        then not even opened.
        """
        able = reading.witnesses(self._reader.model_so_far())
        for place in self.choices.places(chosen):
            try:
                if not again and places.is_exhausted(place, self.store, able, clue):
                    continue
                with self._opened([place]) as backends:
                    yield from matches.search(
                        self.store, backends, able, clue, self.clock, again=again
                    )
                    yield from places.disclosures(backends)
            except Problem as problem:
                if problem.kind is Kind.DISK_FULL:
                    raise
                yield problem

    def look_up(
        self, paths: Sequence[str], clue: Clue, chosen: Sequence[str] = ()
    ) -> Iterator[Source | Match | More | Disclosure | Problem]:
        """Look up pictures that are not taken in; nothing is kept."""
        queries = []
        named: dict[int | None, str] = {}
        for number, (path, read) in enumerate(self.read(paths), start=1):
            if isinstance(read, Problem):
                yield read
                continue
            named[number] = path
            size = (read.width, read.height)
            queries.append(Query(number, number, *size, read.sha256, read.md5, read.fingerprints))
        with self._opened(chosen) as backends:
            yield from (backend.source for backend in backends)
            for found in matches.look_up(backends, queries, clue, self.clock):
                if isinstance(found, Match):
                    yield replace(found, work=None, path=named.get(found.work))
                else:
                    yield found
            yield from places.disclosures(backends)

    def decide(self, found: Iterable[int], verdict: Verdict | None) -> None:
        """Record, or with None take back, the artist's verdict on matches.

        Raises Problem (UNKNOWN_ID) before anything is changed.
        """
        self.review.decide(list(found), verdict)

    def _opened(self, chosen: Sequence[str]) -> AbstractContextManager[list[Backend]]:
        return places.opened(
            self.choices.places(chosen), self._call, private=self.choices.settings.private
        )

    def _call(self, url: str) -> Caller:
        """A server, with the key for it from the environment or from the keyring."""
        from artistguard import calls

        if key := os.environ.get(SERVER_KEY):
            return calls.Caller(calls.Server(url, key))
        return calls.opened(url, self._vault)

    # opt-outs and receipts

    def plan(
        self,
        scope: Scope,
        *,
        bands: tuple[Band, ...] = SURE,
        work: int | None = None,
        domain: str | None = None,
        channel: str = REGISTRY,
    ) -> Plan:
        """What a wish would file, to the last byte; nothing is written or sent."""
        wish = optouts.make_wish(scope, channel, self.clock, bands=bands, work=work, domain=domain)
        return optouts.make_plan(
            self.store,
            wish,
            optouts.choose_channel(self._channels, channel),
            self._declarant,
            self.clock,
        )

    def opt_out(self, plan: Plan) -> int:
        """Make the plan's opt-outs rows, to be sent by the next delivery; how many are new.

        An empty plan changes nothing.
        """
        return optouts.write_down(self.store, [plan])

    def deliver(self, *, far: bool = True) -> Iterator[Progress | OptOut]:
        """See what became of what was sent, and send all that waits, standing wishes included.

        The public list is renewed. Unless `far`, what is not for the registry here goes on waiting.
        """
        yield from optouts.follow(self.store)
        optouts.extend_standing(self.store, self._declarant, self.clock)
        if self._is_settled():
            self._hear(far=far)
            self._stamp(far=far)
            return
        from artistguard.channels import lists

        try:
            chosen = None if far else (REGISTRY,)
            yield from optouts.deliver(self.store, self._channels, self.clock, chosen)
        except (Offline, SlowDown, NotSignedIn):
            lists.publish(self._registry)
            raise
        # Always: a stop between the last answer and the list is mended here, and costs little else.
        lists.publish(self._registry)
        if not far:
            return
        waiting = map(self.claims_at, self.store.notices.waiting_channels())
        for problem in (problem for claims in waiting for problem in claims.deliver()):
            self.notices.append(problem)
        self._hear(far=far)
        self._stamp(far=far)

    def _hear(self, *, far: bool) -> None:
        """Keep what others say at servers against what was filed there."""
        others = (name for name in self.choices.channels() if name != REGISTRY)
        if far and any(map(self.store.aftermath.has_filed, others)):
            from artistguard.claims import hear

            hear(self.store, self._channels.values())

    def _stamp(self, *, far: bool) -> None:
        """Have what is new stamped, if that is due; an authority that is away holds up nothing."""
        if far and self.choices.settings.authority and self.stamping.is_due():
            try:
                self.stamping.stamp()
            except Problem as problem:
                self.notices.append(problem)

    def _is_settled(self) -> bool:
        """Whether nothing waits, and rows, log and public list agree on how much is filed."""
        filed = self.store.outbox.counts(REGISTRY)[OptOutState.ACKNOWLEDGED]
        waits = self.store.outbox.waiting_channels() or self.store.notices.waiting_channels()
        return not waits and public.held(self.data / "registry") == filed

    def withdraw(self, ids: Sequence[str]) -> list[OptOut]:
        """Take opt-outs or whole wishes back; the next delivery says so to the channels."""
        return optouts.withdraw(self.store, ids, self.clock)

    def export_receipts(self, into: Path) -> Iterator[tuple[Receipt, Path]]:
        """Write every receipt to a file of its own, with the proof that it stands in the log."""
        yield from receipts.export(self.store, into, {REGISTRY: self._bundles}, self.notices.append)
        self.stamping.stamps.copy(into)

    def summary(self) -> Summary:
        """How much there is of everything."""
        return Summary(
            works=self.store.works.count(),
            faint=self.store.works.count_faint(DCT256, evidence.LEAST_QUALITY[Witness.DCT256]),
            unreadable=sum(1 for _ in self.store.files.unreadable()),
            matches=self.store.matches.counts(),
            opt_outs=self.store.outbox.counts(),
            receipts=self.store.outbox.count_receipts(),
        )

    def examine(self) -> Iterator[Check]:
        """What works on this machine, each thing tried once."""
        from artistguard import doctor

        return doctor.examine(
            self.store,
            self._vault,
            self._registry,
            self._reader.read,
            map(Path, self.choices.settings.packs),
        )

    def _bundles(self, bodies: Iterable[bytes]) -> Iterator[bytes]:
        stamped = [one.note for one in self.stamping.stamps.stamped()]
        return self._registry.bundles(bodies, stamped)

    @cached_property
    def claims(self) -> Claims:
        """What the artist says of who may speak for what."""
        from artistguard.claims import Claims

        lasting = self._vault.lasting
        return Claims(
            self._registry, self._declarant, self.clock, lasting=lasting, store=self.store
        )

    def claims_at(self, channel: str) -> Claims | ServerClaims:
        """The same at a channel. Raises Problem (NO_SUCH_CHANNEL)."""
        from artistguard.channels.remote import RemoteRegistry
        from artistguard.claims import ServerClaims

        chosen = optouts.choose_channel(self._channels, channel)
        if isinstance(chosen, RemoteRegistry):
            return ServerClaims(self.store, chosen, self._declarant, self.clock)
        return self.claims

    @property
    def _declarant(self) -> str:
        return self.choices.settings.declarant or NAMELESS

    @cached_property
    def _vault(self) -> Vault:
        from artistguard import secrets

        return secrets.open_vault(self.data)

    @cached_property
    def _registry(self) -> Registry:
        from artistguard import proof, secrets
        from artistguard.channels.registry import Registry

        if self._vault.why:
            self.notices.append(Problem(self._vault.why))
        signer = proof.Signer(secrets.signing_seed(self._vault))
        registry = Registry(self.data / "registry", signer, self.clock)
        if not any(self.store.outbox.counts().values()) and registry.state().entries:
            held = (declaration for declaration, _ in registry.in_force())
            optouts.adopt(self.store, REGISTRY, held, self.clock)
        return registry

    @cached_property
    def _channels(self) -> Mapping[str, Channel]:
        from artistguard.channels.remote import RemoteRegistry

        channels: dict[str, Channel] = {REGISTRY: self._registry}
        for url in self.choices.settings.servers:
            channel = RemoteRegistry(self._closing.enter_context(self._call(url)))
            channels[channel.name] = channel
        return channels
