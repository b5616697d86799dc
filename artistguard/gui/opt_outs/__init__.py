# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The page where opt-outs are planned, filed, followed and taken back."""

from artistguard.gui.opt_outs.page import OptOutsPage

__all__ = ["OptOutsPage"]
