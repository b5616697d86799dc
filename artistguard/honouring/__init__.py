# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Lets the tools of those who train honour a public list: one file for each tool."""
