# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's own site: what it is to say to machines, in every form that one of them reads."""
