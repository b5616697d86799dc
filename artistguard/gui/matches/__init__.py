# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The page where the artist looks at what was found, and says whose it is."""

from artistguard.gui.matches.page import MatchesPage

__all__ = ["MatchesPage"]
