# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Commands that build, check and choose packs."""

from __future__ import annotations
from argparse import Namespace
from artistguard.cli.printing import Printer

FORMATS = ("auto",)


def build(a: Namespace, p: Printer) -> None: ...


list_ = info = add = remove = verify = build
