# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Finds where an artist's works were taken into training sets, and reserves the rights in them."""

from importlib.metadata import version

__version__ = version("artistguard")
