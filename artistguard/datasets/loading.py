# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opt-out lists of every kind, and what judges rows by each."""

from __future__ import annotations

from pathlib import Path

from artistguard import proof
from artistguard.channels import salted
from artistguard.datasets.honoured import Honoured
from artistguard.datasets.opt_out_list import OptOutList
from artistguard.datasets.salted import SaltedSieve
from artistguard.datasets.sieve import Sieve

OptOuts = OptOutList | proof.SaltedTest
"""What is opted out, as a list that can be read or as one that can only be tested."""


def load_opt_outs(source: Path, honoured: Honoured = Honoured()) -> OptOuts:  # noqa: B008  # frozen
    """Read a list in any of its forms, or open the folder of a salted one.

    Raises Unreadable as `OptOutList.load` does.
    """
    if (source / salted.SALTED).exists():
        return salted.load(source, honoured=honoured.covers)
    return OptOutList.load(source, honoured)


def sieve_of(opt_outs: OptOuts) -> Sieve | SaltedSieve:
    """Make a list ready to judge rows."""
    return Sieve(opt_outs) if isinstance(opt_outs, OptOutList) else SaltedSieve(opt_outs)
