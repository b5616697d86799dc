# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Has the registry's log stamped by an authority of time, so that its dates need not be believed.

One stamp over a checkpoint shows of every entry so far that it was there: a whole portfolio takes
one request, which tells the authority a hash and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artistguard.errors import Kind, NotSignedIn, Unreadable
from artistguard.models import Clock
from artistguard.settings import Settings

if TYPE_CHECKING:
    from artistguard.channels.registry import Registry
    from artistguard.channels.stamps import Stamped, Stamps

EVERY: Final = timedelta(days=1)
"""How long what is new waits for a stamp by itself; authorities ask not to be called for each."""

Post = Callable[[str, bytes, str, int], bytes]
"""Sends a body of a media type to an address; the answer, of so many bytes at most."""


class Stamping:
    """Stamps for one data folder; `post` reaches public addresses only if none is given."""

    def __init__(
        self,
        data: Path,
        clock: Clock,
        settings: Callable[[], Settings],
        registry: Callable[[], Registry],
        post: Post | None = None,
    ) -> None:
        self._folder = data / "registry"
        self._clock = clock
        self._settings = settings
        self._registry = registry
        self._post = post
        self._tried: datetime | None = None

    @cached_property
    def stamps(self) -> Stamps:
        """All that were ever kept."""
        from artistguard.channels.stamps import Stamps

        return Stamps(self._folder)

    def is_due(self) -> bool:
        """Whether there is an authority, and something new that has waited long enough."""
        moment = self._clock()
        if not self._settings().authority or (self._tried and moment - self._tried < EVERY):
            return False
        newest = max(self.stamps.stamped(), key=lambda one: one.entries, default=None)
        if newest is not None and moment - newest.stamp.at < EVERY:
            return False
        entries = self._registry().state().entries
        return entries > (newest.entries if newest else 0)

    def stamp(self) -> Stamped:
        """Have the log stamped as it is now.

        Raises:
            NotSignedIn: No authority was chosen (NO_AUTHORITY).
            Unreadable: The root certificates cannot be read, or the answer is no stamp of this.
            Refused, SlowDown, Offline: see `Fetcher.post`.
        """
        from artistguard import proof
        from artistguard.channels.stamps import Stamped
        from artistguard.proof import timestamps

        chosen = self._settings()
        if not chosen.authority:
            raise NotSignedIn(Kind.NO_AUTHORITY)
        self._tried = self._clock()
        roots = _read(chosen.authority_roots) if chosen.authority_roots else b""
        note = self._registry().checkpoint()
        asked, nonce = timestamps.ask(note)
        answer = self._send(chosen.authority, asked, timestamps.QUERY, timestamps.MAX_ANSWER)
        stamp = timestamps.check(answer, note, timestamps.read_roots(roots) if roots else (), nonce)
        path = self.stamps.keep(note, answer, roots)
        return Stamped(proof.parse_checkpoint(note).checkpoint.size, note, stamp, path)

    def _send(self, url: str, asked: bytes, kind: str, most: int) -> bytes:
        if self._post is None:
            from artistguard import fetching

            self._post = fetching.Fetcher().post
        return self._post(url, asked, kind, most)


def _read(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(1 << 20)
    except OSError as error:
        raise Unreadable(Kind.NO_SUCH_FILE, path=name, reason=error.strerror) from error
