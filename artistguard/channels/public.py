# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whether the public list says what the log says, found out without a key or a large library."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Final

_LONGEST_LINE: Final = 1 << 17  # an entry is at most half of that, see `proof`
_LARGEST_MANIFEST: Final = 1 << 20


def held(registry: Path) -> int | None:
    """How many opt-outs the list of the registry in this folder holds, if it needs no renewal.

    That is when there is neither list nor log, or the list's files are there and are of the log as
    it ends now. None when they are not, or it cannot be told so simply: then `lists.publish` looks
    more closely. The manifest is written last, so a list that was left half written is seen.
    """
    public = registry / "public"
    if not (registry / "log.jsonl").exists() and not (registry / "checkpoint").exists():
        return None if public.exists() else 0
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        manifest = public / "manifest.json"
        if manifest.stat().st_size > _LARGEST_MANIFEST:
            return None
        parts = json.loads(manifest.read_bytes())
        whole = all(
            (public / Path(name).name).stat().st_size == file["size"]
            for name, file in parts["files"].items()
        )
        about = parts["list"]
        if whole and about["log_head"] == _head(registry / "log.jsonl"):
            return int(about["opt_outs"])
    return None


def _head(log: Path) -> str | None:
    """The SHA-256 (hex) of the last line without its end; None if that is not whole."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LONGEST_LINE))
        end = file.read()
    if not end.endswith(b"\n"):
        return None
    return hashlib.sha256(end[:-1].rpartition(b"\n")[2]).hexdigest()
