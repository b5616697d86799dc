# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Content Credentials (C2PA) that reserve rights, in both words that readers know.

`c2pa.training-mining` is of C2PA 1.x, and all that some readers look for; `cawg.training-mining` of
the Creator Assertions Working Group has taken its place. Nothing here reaches the network.
"""

from __future__ import annotations

from functools import cache
from typing import IO, Final

import c2pa

from artistguard import __version__
from artistguard.channels.marks.declared import Signer
from artistguard.errors import Kind, Unreadable

_USES: Final = ("ai_generative_training", "ai_training", "data_mining", "ai_inference")
_PREFIXES: Final = ("c2pa", "cawg")
_SETTINGS: Final = {
    # A thumbnail would be larger than some of the pictures.
    "builder": {"thumbnail": {"enabled": False}},
    # What a stranger's file says is not where we go.
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


def sign(
    file: IO[bytes],
    media_type: str,
    into: IO[bytes],
    signer: Signer,
    *,
    beside: bool = False,
    parent: IO[bytes] | None = None,
) -> bytes:
    """Write the file with credentials in it, or as it is with credentials to be kept `beside`.

    `into` is empty and may be read, too; `parent` is the file as it was, where it had credentials
    that still hold. The credentials by themselves come back. Raises Unreadable (NOT_SIGNED).
    """
    try:
        with _builder() as builder:
            if beside:
                builder.set_no_embed()
            if parent is not None:
                parent.seek(0)
                builder.add_ingredient({"relationship": "parentOf"}, media_type, parent)
            file.seek(0)
            manifest: bytes = builder.sign(_signer(signer), media_type, file, into)
            return manifest
    except c2pa.C2paError as error:
        raise Unreadable(Kind.NOT_SIGNED, reason=_first_line(error)) from error


def check(signer: Signer) -> None:
    """See whether anything can be signed with it. Raises Unreadable (NOT_SIGNED)."""
    try:
        _signer(signer)
    except c2pa.C2paError as error:
        raise Unreadable(Kind.NOT_SIGNED, reason=_first_line(error)) from error


def _builder() -> c2pa.Builder:
    """What makes one manifest: that an existing picture was opened, and what nobody may do."""
    uses = [
        {
            "label": f"{prefix}.training-mining",
            "data": {"entries": {f"{prefix}.{use}": {"use": "notAllowed"} for use in _USES}},
            "created": True,  # by whoever signs, rather than gathered from elsewhere
        }
        for prefix in _PREFIXES
    ]
    maker = [{"name": "ArtistGuard", "version": __version__}]
    builder = c2pa.Builder({"claim_generator_info": maker, "assertions": uses}, _context())
    builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
    return builder


@cache
def _context() -> c2pa.Context:
    return c2pa.Context.from_dict(_SETTINGS)


@cache
def _signer(signer: Signer) -> c2pa.Signer:
    info = c2pa.C2paSignerInfo(signer.algorithm.encode(), signer.chain, signer.key, None)
    return c2pa.Signer.from_info(info)


def _first_line(error: c2pa.C2paError) -> str:
    return str(error).strip().partition("\n")[0][:200]
