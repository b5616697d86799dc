# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the owner of a site says to machines about the works on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from artistguard.errors import Kind, Refused
from artistguard.wire import normalise_url

EVERYWHERE: Final = ("/",)

# In robots.txt and tdmrep.json these have a meaning of their own, and a `#` begins a comment.
_SPECIAL: Final = frozenset("*$#\"'<>\\ ")
# It goes into settings of servers and into programs: nothing that could mean anything there.
_HOST: Final = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Policy:
    """No mining and no training on what lies under `paths` of `site`, and what else is kept.

    `site` is an origin without a last slash. `contact` is a mail address or a page at which a
    licence can be asked for, or empty. `search` keeps the works to be found by search engines,
    those that use AI included; `answers` lets them be fetched to answer one person's question.
    """

    site: str
    owner: str
    contact: str = ""
    paths: tuple[str, ...] = EVERYWHERE
    search: bool = True
    answers: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether the whole site is meant."""
        return "/" in self.paths


def policy(
    site: str,
    owner: str,
    contact: str = "",
    paths: tuple[str, ...] = EVERYWHERE,
    *,
    search: bool = True,
    answers: bool = False,
) -> Policy:
    """A policy for a site as people write it: `artist.example` is taken for https.

    Raises:
        Refused: It is no address of a site (SITE_UNCLEAR), or a path is none (PATH_UNCLEAR).
    """
    address = normalise_url(site if "://" in site else f"https://{site}")
    parts = urlsplit(address or "")
    if not _HOST.fullmatch(parts.netloc) or parts.query:
        raise Refused(Kind.SITE_UNCLEAR, place=site)
    for path in paths:
        plain = path.isascii() and path.isprintable() and not _SPECIAL & set(path)
        if not (path.startswith("/") and plain):
            raise Refused(Kind.PATH_UNCLEAR, place=path)
    if not (contact.isprintable() and owner.isprintable()):
        raise Refused(Kind.SITE_UNCLEAR, place=contact)
    return Policy(f"{parts.scheme}://{parts.netloc}", owner, contact, paths, search, answers)
