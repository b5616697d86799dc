# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a pack can be asked, told from what lies beside its tables; none of them is opened."""

from __future__ import annotations

from pathlib import Path

from artistguard.fingerprints import DCT256, PHASH64
from artistguard.models import Source, Witness
from artistguard.packs import Manifest, calibrations, manifest_of
from artistguard.search import WITNESSES

NAME = "pack"

_ANSWERS = {
    **WITNESSES,
    "sha256": Witness.SHA256,
    "md5": Witness.MD5,
    "url": Witness.URL,
    "host": Witness.HOST,
    "name": Witness.NAME,
}


def source_in(folder: Path) -> Source:
    """The pack in a folder, as a search names it. Raises Damaged or Problem if there is none."""
    return described(folder, manifest_of(folder))


def described(folder: Path, manifest: Manifest) -> Source:
    """The same for a pack whose manifest was read."""
    algorithms = trusted(folder, manifest)
    return Source(
        backend=NAME,
        dataset=manifest.about.dataset,
        version=manifest.about.version,
        revision=manifest.revision,
        rows=manifest.rows,
        answers=tuple(
            witness
            for name, rows in manifest.answers.items()
            if rows
            and (witness := _ANSWERS.get(name))
            and (name not in manifest.algorithms or name in algorithms)
            # The published 64-bit hash is asked only where there is nothing better.
            and not (name == PHASH64 and DCT256 in algorithms)
        ),
    )


def trusted(folder: Path, manifest: Manifest) -> list[str]:
    """The algorithms of a pack, without those whose hashes were found not to be ours."""
    refused = {one.algorithm for one in calibrations(folder) if one.refused}
    return [one for one in manifest.algorithms if one not in refused]
