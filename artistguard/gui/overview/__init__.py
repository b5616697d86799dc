# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The page that sums up in pictures what was protected, found, sent and answered."""

from artistguard.gui.overview.page import OverviewPage

__all__ = ["OverviewPage"]
