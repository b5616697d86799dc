# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands for those who run a server."""

from __future__ import annotations

import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from artistguard import proof, settings, wording
from artistguard.cli.printing import Printer
from artistguard.errors import Kind, Problem
from artistguard.guard import now


def serve(arguments: Namespace, printer: Printer) -> None:
    """Serve packs and the registry until told to stop."""
    server = _server()
    tls = None
    if arguments.tls_certificate or arguments.tls_key:
        tls = _readable(arguments.tls_certificate), _readable(arguments.tls_key)
    # One line of JSON for each request.
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    options = _options(arguments)
    if entries := server.moved(options, now):
        prose = f"{entries:,} entries were taken from files into the database, and are whole there"
        printer.result({"event": "moved", "entries": entries}, prose)
    with server.opened(options, now, _noting(printer)) as app:
        listening = server.listen(arguments.host, arguments.port)
        host, port = listening.getsockname()[:2]
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        url = f"{'https' if tls else 'http'}://{place}"
        printer.result({"event": "serving", "url": url}, f"Serving at {url}")
        sys.stdout.flush()
        server.run(app, listening, tls)


def publish(arguments: Namespace, printer: Printer) -> None:
    """Write the public list of the registry."""
    options = _options(arguments)
    published = _server().publish(options, now, _noting(printer), as_salted=arguments.salted)
    prose = f"{published.opt_outs:,} opt-outs are in the list in {published.folder}"
    printer.result(asdict(published), prose)


def add_key(arguments: Namespace, printer: Printer) -> None:
    """Make a key for an account and show it, this once."""
    server = _server()
    try:
        scopes = [server.Scope(word) for word in arguments.scopes.split(",")]
    except ValueError:
        raise Problem(Kind.BAD_USAGE, option="--scopes") from None
    with server.accounts(_options(arguments), now) as accounts:
        key = accounts.add_key(arguments.account, scopes, arguments.per_day)
    printer.note("This key is shown once; only its hash is kept.")
    printer.result({"account": arguments.account, "key": key}, key)


def list_keys(arguments: Namespace, printer: Printer) -> None:
    """Say which keys there are; the keys themselves are not kept."""
    with _server().accounts(_options(arguments), now) as accounts:
        for key in accounts.all_keys():
            state = f"revoked {key.revoked_at}" if key.revoked_at else "good"
            printer.result(
                {
                    "id": key.id,
                    "account": key.account,
                    "scopes": key.scopes,
                    "per_day": key.per_day,
                    "created_at": key.created_at,
                    "revoked_at": key.revoked_at,
                },
                f"{key.id}  {key.account}  {','.join(key.scopes)}  {key.per_day:,} a day  {state}",
            )


def revoke_keys(arguments: Namespace, printer: Printer) -> None:
    """Make keys good for nothing."""
    with _server().accounts(_options(arguments), now) as accounts:
        for ident in arguments.ids:
            if accounts.revoke(ident):
                printer.result({"id": ident, "revoked": True}, f"{ident}: revoked")
            else:
                printer.failure(f"{ident}: there is no such key that is still good")


def _options(arguments: Namespace) -> Any:
    return _server().Options(
        settings.data_folder(arguments.data, os.environ),
        packs=[Path(pack) for pack in getattr(arguments, "pack", ())],
        index=getattr(arguments, "index", None),
        database=arguments.database,
        anonymous=getattr(arguments, "anonymous", False),
        honoured=proof.Level(getattr(arguments, "honour", proof.Level.SELF_DECLARED)),
        public_log=getattr(arguments, "public_log", False),
        salted_only=getattr(arguments, "salted_only", False),
        signing_key=os.environ.get(_server().signing.VARIABLE),
    )


def _noting(printer: Printer) -> Callable[[Kind], None]:
    return lambda kind: printer.note(wording.explain(kind))


def _server() -> Any:
    """The server, whose web framework is not installed for everyone."""
    try:
        from artistguard import server  # noqa: PLC0415  # see above
    except ImportError as error:
        raise Problem(Kind.SERVER_PART_MISSING, part=error.name) from error
    return server


def _readable(name: str | None) -> Path:
    path = Path(name or "")
    if not path.is_file():
        raise Problem(Kind.NOT_PERMITTED, path=path)
    return path
