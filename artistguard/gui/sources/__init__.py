# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The page with what is searched: data sets on this computer, and servers."""

from artistguard.gui.sources.page import SourcesPage

__all__ = ["SourcesPage"]
