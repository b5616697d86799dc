# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands for those who run a server."""

from __future__ import annotations

import logging
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from artistguard import proof, settings
from artistguard.cli.printing import Printer
from artistguard.guard import now

if TYPE_CHECKING:
    from artistguard import server


def serve(arguments: Namespace, printer: Printer) -> None:
    """Serve packs and the registry until told to stop."""
    from artistguard import server  # noqa: PLC0415  # the web framework is optional

    _log_lines()
    options = _options(arguments)
    with server.opened(options, now) as app:
        listening = server.listen(arguments.host, arguments.port)
        host, port = listening.getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        printer.result({"event": "serving", "url": url}, f"Serving at {url}")
        sys.stdout.flush()
        server.run(app, listening)


def add_key(arguments: Namespace, printer: Printer) -> None:
    """Make a key for an account and show it, this once."""
    from artistguard import server  # noqa: PLC0415  # the web framework is optional

    scopes = [server.Scope(word) for word in arguments.scopes.split(",")]
    with server.accounts(_options(arguments), now) as accounts:
        key = accounts.add_key(arguments.account, scopes, arguments.per_day)
    printer.note("This key is shown once; only its hash is kept.")
    printer.result({"account": arguments.account, "key": key}, key)


def list_keys(arguments: Namespace, printer: Printer) -> None:
    """Say which keys there are; the keys themselves are not kept."""
    from artistguard import server  # noqa: PLC0415  # the web framework is optional

    with server.accounts(_options(arguments), now) as accounts:
        for key in accounts.all_keys():
            state = f"revoked {key.revoked_at}" if key.revoked_at else "good"
            scopes = ",".join(key.scopes)
            printer.result(
                {
                    "id": key.id,
                    "account": key.account,
                    "scopes": key.scopes,
                    "per_day": key.per_day,
                    "created_at": key.created_at,
                    "revoked_at": key.revoked_at,
                },
                f"{key.id}  {key.account}  {scopes}  {key.per_day:,} a day  {state}",
            )


def revoke_keys(arguments: Namespace, printer: Printer) -> None:
    """Make keys good for nothing."""
    from artistguard import server  # noqa: PLC0415  # the web framework is optional

    with server.accounts(_options(arguments), now) as accounts:
        for ident in arguments.ids:
            if accounts.revoke(ident):
                printer.result({"id": ident, "revoked": True}, f"{ident}: revoked")
            else:
                printer.failure(f"{ident}: there is no such key that is still good")


def _options(arguments: Namespace) -> server.Options:
    from artistguard import server  # noqa: PLC0415  # the web framework is optional

    data = settings.data_folder(arguments.data, os.environ)
    return server.Options(
        data,
        packs=[Path(pack) for pack in getattr(arguments, "pack", ())],
        database=arguments.database,
        anonymous=getattr(arguments, "anonymous", False),
        honoured=proof.Level(getattr(arguments, "honour", proof.Level.SELF_DECLARED)),
    )


def _log_lines() -> None:
    """One line of JSON for each request, on standard error."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
