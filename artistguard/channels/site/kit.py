# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The site kit: all files by which a site reserves its rights, written into one folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from artistguard.channels.site import crawling, serving, statements
from artistguard.channels.site.agents import Agents
from artistguard.channels.site.policy import Policy
from artistguard.errors import Kind, Refused, Stopped
from artistguard.writing import write

MANIFEST: Final = "kit.json"
ROBOTS: Final = "robots.txt"

_OURS: Final = "artistguard-site-kit"


def kit(policy: Policy, agents: Agents, robots: bytes = b"") -> dict[str, bytes]:
    """The files of a kit by their place in it; `robots` is the robots.txt that the site has now.

    Raises:
        Refused: The robots.txt cannot be merged into; see `crawling.merge`.
    """
    texts = {
        statements.TDMREP: statements.tdmrep(policy),
        statements.TDM_POLICY: statements.tdm_policy(policy),
        statements.RSL: statements.rsl(policy),
        statements.AI_TXT: statements.ai_txt(policy),
    }
    texts |= {place: make(policy) for place, make in serving.SNIPPETS.items()}
    return {
        ROBOTS: crawling.merge(robots, policy, agents),
        **{place: text.encode() for place, text in texts.items()},
    }


def write_kit(files: Mapping[str, bytes], folder: Path, policy: Policy, made_at: datetime) -> None:
    """Put a kit into a folder; an earlier kit that lies there is replaced.

    Raises:
        Refused: There is something else in the folder (KIT_NOT_OURS).
        Stopped: It cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and _said(folder).get("kind") != _OURS:
            raise Refused(Kind.KIT_NOT_OURS, place=folder)
        for place in files:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=folder, reason=error.strerror) from error
    manifest = {
        "kind": _OURS,
        "version": 1,
        "made_at": made_at.isoformat(),
        "policy": asdict(policy),
        "files": {place: hashlib.sha256(body).hexdigest() for place, body in files.items()},
    }
    # It goes first, so that a kit that was cut off is known as ours and can be written again.
    write(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())
    for place, body in files.items():
        write(folder / place, body)


def _said(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
