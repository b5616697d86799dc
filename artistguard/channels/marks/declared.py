# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a marked copy is to say, by which means, and what that is signed with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

VOCABULARY: Final = "http://ns.useplus.org/ldf/vocab/"
"""Before each word of the PLUS vocabulary."""


class Means(StrEnum):
    """By what a copy says it: a packet in it, credentials in it, credentials in a file beside."""

    XMP = "xmp"
    C2PA = "c2pa"
    SIDECAR = "sidecar"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a picture is to say of itself; what is empty is left as it is.

    `mining` is a word of the PLUS vocabulary, such as ``DMI-PROHIBITED``. `creator`, `rights` (one
    line) and `terms` are for people to read, `statement` is the address of a page about the rights,
    `licensor` that of whoever grants licences.
    """

    mining: str
    creator: str = ""
    rights: str = ""
    statement: str = ""
    terms: str = ""
    licensor: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """What credentials are signed with: a certificate's chain and its key (PKCS 8), both as PEM.

    `algorithm` is C2PA's name, such as ``es256``.
    """

    algorithm: str
    chain: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Signer({self.algorithm})"  # the key is not for logs
