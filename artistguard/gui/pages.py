# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The pages of the window in their order; each is loaded when it is first looked at."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from artistguard.gui.desk import Desk
from artistguard.gui.page import Page
from artistguard.wording.language import mark

PAGES: Final = {
    "works": (mark("Works"), "works.WorksPage"),
    "matches": (mark("Matches"), "matches.MatchesPage"),
    "opt_outs": (mark("Opt-outs"), "opt_outs.OptOutsPage"),
    "overview": (mark("Overview"), "overview.OverviewPage"),
    "sources": (mark("Data sets"), "sources.SourcesPage"),
    "settings": (mark("Settings"), "settings.SettingsPage"),
}
"""Name to title and class."""

FIRST: Final = "works"


def make(name: str, desk: Desk) -> Page:
    """A page by its name."""
    module, _, kind = PAGES[name][1].rpartition(".")
    page: Page = getattr(import_module(f"artistguard.gui.{module}"), kind)(desk)
    return page
