# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The search backend and opt-out registry over HTTP: opens everything once and serves it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette

from artistguard import proof, settings
from artistguard.channels import lists, salted
from artistguard.channels.registry import Registry
from artistguard.errors import Kind, Stopped
from artistguard.models import Clock
from artistguard.server import databases, holdings, moving, signing
from artistguard.server.accounts import Accounts, Scope
from artistguard.server.desk import Desk, Gate, Limits
from artistguard.server.directory import Directory
from artistguard.server.filing import Filing
from artistguard.server.listing import Index, Listing
from artistguard.server.logs import LogTable
from artistguard.server.metrics import Metrics
from artistguard.server.networks import Networks
from artistguard.server.web import Parts, application

__all__ = [
    "LIMITS",
    "PORT",
    "Accounts",
    "Limits",
    "Options",
    "Scope",
    "accounts",
    "listen",
    "moved",
    "opened",
    "publish",
    "run",
    "web_server",
]

PORT: Final = 8439
CONNECTIONS: Final = 1_000
LIMITS: Final = Limits()

Notice = Callable[[Kind], None]
"""Takes what the server's keeper should know, although the server comes up."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a server is set up.

    `data` is the data folder, in which ``server/`` holds all that the server keeps. It searches
    `packs` and the collections of the engine at `index` (see `engines`). `database` is a
    ``postgresql://`` address, which has the registry's log and the accounts in place of files there
    and may be that of other servers, too. With `anonymous`, anyone may search without
    a key. Only opt-outs of at least the level `honoured` are told to those who ask by address.
    Anyone may copy a `public_log`; others take the scope `admin`. With `salted_only`, the open list
    is not handed out. `signing_key` (64 hex digits) signs the log in place of a key in the keyring;
    see `signing`.
    """

    data: Path
    packs: Sequence[Path] = ()
    index: str | None = None
    database: str | None = None
    anonymous: bool = False
    honoured: proof.Level = proof.Level.SELF_DECLARED
    limits: Limits = LIMITS
    public_log: bool = False
    salted_only: bool = False
    signing_key: str | None = field(default=None, repr=False)

    @property
    def folder(self) -> Path:
        """Where the server keeps its files."""
        return self.data / "server"


@contextmanager
def accounts(options: Options, clock: Clock) -> Iterator[Accounts]:
    """Keys and quotas by themselves, to add and revoke keys while the server runs or not."""
    with _database(options) as database:
        yield Accounts(database, clock)


@contextmanager
def opened(options: Options, clock: Clock, notice: Notice = lambda _: None) -> Iterator[Starlette]:
    """The server as an ASGI application, its files closed at the end.

    A `notice` is given when its key will not last. Raises Problem, Damaged or Stopped when
    something it needs cannot be opened.
    """
    with ExitStack() as stack:
        database = stack.enter_context(_database(options))
        registry = _registry(options, database, clock, notice)
        registry.state()  # a damaged log is told of now, not when the first opt-out comes
        log = registry.storage
        listing: Listing = log if isinstance(log, LogTable) else Index(log, database)
        directory = Directory(log, options.folder / "directory")
        listing.catch_up()
        keys = Accounts(database, clock)
        held = stack.enter_context(holdings.opened(options.packs, options.index))
        filing = Filing(registry, directory, listing)
        parts = Parts(
            keys,
            held,
            directory,
            filing,
            listing,
            options.honoured.rank + 1,
            registry.folder,
            options.public_log,
            options.salted_only,
        )
        limits = options.limits
        desk = Desk(
            keys,
            Networks(limits.anonymous_per_day, clock),
            Metrics(),
            limits,
            gate=Gate(limits, limits.at_once),
            short=Gate(limits, limits.short_at_once),
            files=Gate(limits, limits.files_at_once),
            anonymous=options.anonymous,
        )
        yield application(parts, desk)


def moved(options: Options, clock: Clock, notice: Notice = lambda _: None) -> int:
    """Take the files of a server into the database it has now; how many entries that were.

    There are none the second time, or without a database: `opened` and `publish` do it, too. Raises
    Damaged when the files are not as they were written, Stopped (REGISTRY_OTHER, REGISTRY_BUSY).
    """
    if options.database is None:
        return 0
    with _database(options) as database:
        signer = signing.signer(options.folder, options.signing_key, notice)
        return moving.moved(options.folder, database, signer, clock)


def _registry(
    options: Options, database: databases.Database, clock: Clock, notice: Notice
) -> Registry:
    signer = signing.signer(options.folder, options.signing_key, notice)
    folder = options.folder / "registry"
    if options.database is None:
        return Registry(folder, signer, clock)
    moving.moved(options.folder, database, signer, clock)
    return Registry(folder, signer, clock, LogTable(database))


def publish(
    options: Options, clock: Clock, notice: Notice = lambda _: None, *, as_salted: bool = False
) -> lists.Published | salted.Salted:
    """Write the registry's public list, open or salted, which a server then hands out.

    Raises as `lists.publish` does.
    """
    with _database(options) as database:
        registry = _registry(options, database, clock, notice)
        return salted.publish(registry) if as_salted else lists.publish(registry)


@contextmanager
def _database(options: Options) -> Iterator[databases.Database]:
    settings.prepare(options.data)
    settings.prepare(options.folder)
    database = databases.opened(options.database, options.folder)
    try:
        yield database
    finally:
        database.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes any. Raises Stopped(ADDRESS_IN_USE)."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Stopped(Kind.ADDRESS_IN_USE, host=host, port=port, reason=reason) from error


def run(app: Starlette, listening: socket.socket, tls: tuple[Path, Path] | None = None) -> None:
    """Serve until the process is told to stop; requests under way are finished first.

    With `tls`, a certificate's chain and its private key, over https.
    """
    web_server(app, tls).run(sockets=[listening])


def web_server(app: Starlette, tls: tuple[Path, Path] | None = None) -> uvicorn.Server:
    """The web server around the application, not yet started."""
    # It would name paths, and with them ids; `desk` says what may be said.
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=30,
            lifespan="off",
            ssl_certfile=tls[0] if tls else None,
            ssl_keyfile=tls[1] if tls else None,
        )
    )
