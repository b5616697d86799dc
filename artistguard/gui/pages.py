# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The pages of the window in their order: name, title, and what makes them, loaded when wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from artistguard.gui.page import Page
from artistguard.wording.language import translate as _


def _works() -> type[Page]:
    from artistguard.gui.works import WorksPage

    return WorksPage


PAGES: Final[tuple[tuple[str, Callable[[], str], Callable[[], type[Page]]], ...]] = (
    ("works", lambda: _("Works"), _works),
)
