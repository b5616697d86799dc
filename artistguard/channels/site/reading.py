# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What pages, headers and files of a site say to machines, read as strictly as strict readers do.

All of it comes from the web: nothing here grows faster than what is read, or follows a reference.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from xml.etree import ElementTree as ET

from artistguard import robots

_MOST_PICTURES: Final = 200
_RSL: Final = "{https://rslstandard.org/rsl}"


@dataclass(slots=True)
class Page:
    """What a page says: its words for robots, its reservation, its pictures as they are written."""

    robots: set[str] = field(default_factory=set)
    tdm_reservation: str = ""
    pictures: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a `meta` or `img` says."""
        told = {name: value or "" for name, value in attrs}
        name, content = told.get("name", "").lower(), told.get("content", "")
        if tag == "meta" and name == "robots":
            self.page.robots |= {word.strip().lower() for word in content.split(",")}
        elif tag == "meta" and name == "tdm-reservation":
            self.page.tdm_reservation = content.strip()
        elif tag == "meta" and told.get("property") == "og:image":
            self._picture(content)
        elif tag == "img":
            self._picture(told.get("src", ""))

    def _picture(self, address: str) -> None:
        if address and len(self.page.pictures) < _MOST_PICTURES:
            self.page.pictures.append(address)


def page(body: bytes) -> Page:
    """What a page in HTML says, however it is broken."""
    reader = _Reader()
    # The parser's way to say that a declaration is none; what came before it was said.
    with contextlib.suppress(AssertionError):
        reader.feed(body.decode("utf-8", "replace"))
    return reader.page


def tdm_reserved(body: bytes, path: str) -> bool:
    """Whether a tdmrep.json reserves a path: the first rule that fits it decides."""
    try:
        rules = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    if not isinstance(rules, list):
        return False
    for rule in rules:
        location = rule.get("location") if isinstance(rule, dict) else None
        if isinstance(location, str) and robots.matches(location, path):
            said = rule.get("tdm-reservation")
            return said == 1 and not isinstance(said, bool)
    return False


def rsl_prohibited(body: bytes, site: str, path: str) -> set[str]:
    """The uses that an RSL licence prohibits for a path of a site; none if it is no such file.

    What it is about may be written as a path, or as an address with the site.
    """
    # A document type is of no use here, and only there could anything be declared that grows. With
    # a zero in it, it could be one in an encoding in which that would not be seen.
    if b"<!DOCTYPE" in body.upper() or b"\0" in body:
        return set()
    try:
        top = ET.fromstring(body)  # noqa: S314  # see above
    except (ET.ParseError, ValueError, LookupError):  # the last two for encodings
        return set()
    return {
        word
        for content in top.iter(f"{_RSL}content")
        if robots.matches(content.get("url", "?").removeprefix(site), path)
        for prohibits in content.iter(f"{_RSL}prohibits")
        if prohibits.get("type") == "usage"
        for word in (prohibits.text or "").split()
    }


def header_says(name: str, lines: str, wanted: str) -> bool:
    """Whether a header says at least what is wanted; `lines` has a line for each time it came.

    An X-Robots-Tag counts as the strictest reader takes it: a line of its own, for all programs, in
    small letters.
    """
    said = [{word.strip() for word in line.split(",")} for line in lines.split("\n")]
    if name == "X-Robots-Tag":
        return any({word.strip() for word in wanted.split(",")} <= words for words in said)
    return any(wanted in words for words in said)
