# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The page with every work: a grid that stays quick with 100,000 of them."""

from artistguard.gui.works.page import WorksPage

__all__ = ["WorksPage"]
