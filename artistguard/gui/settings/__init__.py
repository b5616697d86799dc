# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The page with what the artist chooses: names, folders, looks, records."""

from artistguard.gui.settings.page import SettingsPage

__all__ = ["SettingsPage"]
