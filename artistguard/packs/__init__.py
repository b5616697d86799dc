# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Offline data-set packs: built from published metadata, opened by memory map, asked in bulk."""
