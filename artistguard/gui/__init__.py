# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The desktop app: a window and a tray icon over the same guard as the command line."""
