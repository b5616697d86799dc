# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Marked copies: pictures that say of themselves, for machines to read, that rights are reserved.

What is said is an XMP packet (`xmp`) and Content Credentials (`credentials`); each kind of file has
a module that knows where the packet goes. The picture's data and all else in the file stay byte for
byte what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import MappingProxyType
from typing import IO, Final

from artistguard.channels.marks import heif, jpeg, png, tiff, webp, xmp
from artistguard.channels.marks.declared import VOCABULARY, Means, Notice, Signer
from artistguard.channels.marks.parts import Place, digest, size_of, write
from artistguard.errors import Kind, Unreadable

__all__ = ["SUFFIXES", "VOCABULARY", "Marked", "Means", "Notice", "Signer", "mark"]

SUFFIXES: Final = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".tif", ".tiff"),
        *(".avif", ".heic", ".heif", ".hif"),
    )
)
"""How files are called that can be marked; what they are is told from their content."""

_IN_MEMORY = 64 << 20

_FORMATS: Final[Mapping[str, tuple[Callable[[IO[bytes]], Place], str]]] = MappingProxyType(
    {
        "JPEG": (jpeg.find, "image/jpeg"),
        "PNG": (png.find, "image/png"),
        "WEBP": (webp.find, "image/webp"),
        "TIFF": (tiff.find, "image/tiff"),
        "AVIF": (heif.find, "image/avif"),
        "HEIF": (heif.find, "image/heic"),
    }
)


@dataclass(frozen=True, slots=True)
class Marked:
    """How a copy was marked: `manifest` are credentials to be kept beside it, if there are any.

    `creator` is whom the copy names: the one who was named already, if there was one.
    """

    means: tuple[Means, ...]
    creator: str
    manifest: bytes | None = None


def mark(
    file: IO[bytes],
    into: IO[bytes],
    notice: Notice,
    signer: Signer | None,
    *,
    beside: bool = False,
    scratch: Path | None = None,
) -> Marked:
    """Write a marked copy of an open picture into an empty file that may be read, too.

    Without a `signer` there are no credentials; with one they are in the file, or `beside` it if
    wanted or if the file cannot take them without loss; what is large waits in the folder `scratch`
    to be signed. Raises Unreadable with the kind that says why; what is written then is of no use.
    """
    name = _format_of(file)
    find, media_type = _FORMATS[name]
    place = find(file)
    beside = beside or not place.takes_credentials
    _check_means(place, name, signed=signer is not None, beside=beside)
    packet, creator = xmp.merge(place.packet, notice)
    pieces = place.put(packet) if place.put else [range(size_of(file))]
    means = (Means.XMP,) if place.put else ()
    if signer is None:
        write(file, pieces, into)
        return Marked(means, creator)
    # Slow to load, and not always wanted.
    from artistguard.channels.marks import credentials

    with SpooledTemporaryFile(_IN_MEMORY, dir=str(scratch) if scratch else None) as unsigned:
        write(file, pieces, unsigned)
        parent = file if place.is_signed else None
        manifest = credentials.sign(
            unsigned, media_type, into, signer, beside=beside, parent=parent
        )
        _check_nothing_lost(find, unsigned, into, beside=beside)
    where = Means.SIDECAR if beside else Means.C2PA
    return Marked((*means, where), creator, manifest if beside else None)


def _check_means(place: Place, name: str, *, signed: bool, beside: bool) -> None:
    """See that this can be said in this file, and older credentials not be broken by it."""
    if place.is_signed and (not signed or beside):
        raise Unreadable(Kind.CREDENTIALS_BREAK)
    if place.put is None and not signed:
        raise Unreadable(Kind.NOT_MARKABLE, format=name)


def _format_of(file: IO[bytes]) -> str:
    from artistguard.pictures.signatures import HEAD, recognise  # slow to load: it decodes, too

    file.seek(0)
    name = recognise(file.read(HEAD))
    if name not in _FORMATS:
        raise Unreadable(Kind.NOT_MARKABLE, format=name)
    return name


def _check_nothing_lost(
    find: Callable[[IO[bytes]], Place], before: IO[bytes], after: IO[bytes], *, beside: bool
) -> None:
    """See that a library of others wrote all that was there, byte for byte, and no more."""
    size = size_of(before)
    if beside:
        same = digest(before, [range(size)]) == digest(after, [range(size_of(after))])
    else:
        rests = [digest(file, find(file).rest(size)) for file in (before, after)]
        same = rests[0] == rests[1]
    if not same:
        raise Unreadable(Kind.NOT_SIGNED, reason="changed more than was asked")
