# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Picture to fingerprints: fixed steps, each algorithm under a name with its version.

Names and forms are here, quick to load; `hashing` computes, and takes numpy and Pillow to do so.
"""

from artistguard.fingerprints.agreement import ENOUGH, Agreement
from artistguard.fingerprints.model import find_model, runtime_installed
from artistguard.fingerprints.variants import (
    ALGORITHMS,
    DCT256,
    FORMS,
    PHASH64,
    SSCD256,
    Algorithm,
    Placing,
    placing,
)

__all__ = [
    "ALGORITHMS",
    "DCT256",
    "ENOUGH",
    "FORMS",
    "PHASH64",
    "SSCD256",
    "Agreement",
    "Algorithm",
    "Placing",
    "find_model",
    "placing",
    "runtime_installed",
]
