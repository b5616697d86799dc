# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the key comes from that signs the server's log: told, or from the keyring; never a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from artistguard import proof, secrets, wire
from artistguard.errors import Kind, Problem

VARIABLE: Final = "ARTISTGUARD_SIGNING_KEY"
"""The environment variable with the key, for machines on which nobody unlocks a keyring."""

_SEED_SIZE: Final = 32


def signer(folder: Path, told: str | None, notice: Callable[[Kind], None]) -> proof.Signer:
    """Signs with the Ed25519 seed that was `told` (64 hex digits), else with the keyring's.

    Without a keyring the key lasts as long as this process, of which the `notice` is NO_KEYRING or
    KEYRING_REFUSED; the next key introduces itself in the log. Raises Stopped(KEYRING_REFUSED) and
    Problem(SIGNING_KEY_MALFORMED, variable).
    """
    if told is not None:
        digits = told.strip().lower()
        if not wire.is_hex(digits, _SEED_SIZE):
            raise Problem(Kind.SIGNING_KEY_MALFORMED, variable=VARIABLE)
        return proof.Signer(bytes.fromhex(digits))
    vault = secrets.open_vault(folder)
    if vault.why is not None:
        notice(vault.why)
    return proof.Signer(secrets.signing_seed(vault))
