# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Finds where an artist's works were taken into training sets, and reserves the rights in them."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """`__version__`, as the installed package says; looked up when asked, as few ever ask."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  # see above

        return version("artistguard")
    raise AttributeError(name)
