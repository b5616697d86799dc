# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Hand-written stand-ins for what cannot be here: a clock, a keyring, a failing disk."""

from datetime import datetime

from keyring.backend import KeyringBackend


def at(moment):
    """A clock that stands still at a moment in ISO 8601."""
    return lambda: datetime.fromisoformat(moment)


class FakeKeyring(KeyringBackend):
    """A keyring in memory; `KNOWN` lets `open_vault` take it for a real one.

    It forgets what it is given when told to be `forgetful`, and raises `trouble` when it has some.
    """

    priority = 0  # never chosen by the keyring library itself

    def __init__(self, *, forgetful=False, trouble=None):
        super().__init__()
        self.forgetful = forgetful
        self.trouble = trouble
        self.kept = {}

    def get_password(self, service, username):
        if self.trouble:
            raise self.trouble
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if self.trouble:
            raise self.trouble
        if not self.forgetful:
            self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


KNOWN = {f"{FakeKeyring.__module__}.FakeKeyring": "fake"}
