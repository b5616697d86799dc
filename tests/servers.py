# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A real server on loopback, in a thread of the test."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from artistguard import server
from artistguard.calls import Caller, Server


def now():
    return datetime.now(UTC)


@dataclass(frozen=True)
class Running:
    """A server that answers at `url`; `key` may search and declare for the account `artist`."""

    url: str
    options: server.Options
    key: str

    def key_of(self, account, *scopes, per_day=1_000_000):
        with server.accounts(self.options, now) as accounts:
            return accounts.add_key(account, [server.Scope(one) for one in scopes], per_day)

    @contextmanager
    def caller(self, key=None, **how):
        with Caller(Server(self.url, key or self.key), **how) as caller:
            yield caller


@contextmanager
def serving(data, clock=now, **how):
    """Start a server over the data folder `data` and stop it at the end."""
    options = server.Options(data, **how)
    with server.opened(options, clock) as app, server.listen("127.0.0.1", 0) as listening:
        web = server.web_server(app)
        thread = threading.Thread(target=web.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_until(lambda: web.started)
        try:
            with server.accounts(options, now) as accounts:
                key = accounts.add_key("artist", [server.Scope.SEARCH, server.Scope.DECLARE])
            yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}", options, key)
        finally:
            web.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def wait_until(true, seconds=20):
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.005)
