# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Tells what a file is from its first bytes; its name is never asked."""

from __future__ import annotations

import io
from typing import IO

from artistguard.errors import Kind, Unreadable

# How many bytes of a file `recognise` wants to see.
HEAD = 64

# Read by Pillow under the same name, except ZIP and CLIP, which hold a picture.
_READABLE: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"BM", "BMP"),
    (b"8BPS\x00\x01", "PSD"),
    (b"8BPS\x00\x02", "PSB"),
    (b"CSFCHUNK", "CLIP"),
    (b"PK\x03\x04", "ZIP"),
)

# Artists have these too; naming them is kinder than calling them no pictures.
_UNSUPPORTED: tuple[tuple[bytes, str], ...] = (
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"gimp xcf", "GIMP"),
    (b"\x00\xffKA", "Affinity"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance"),
    (b"BMSKETCH", "SketchBook"),
)

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"},
)


def recognise(head: bytes) -> str:
    """Return the format whose signature `head`, the first `HEAD` bytes of a file, carries.

    Raises:
        Unreadable: UNSUPPORTED_PICTURE for a known format that is not read here, NOT_A_PICTURE
            for everything else.
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _branded(head)
    for signature, name in _READABLE:
        if head.startswith(signature):
            return name
    for signature, name in _UNSUPPORTED:
        if head.startswith(signature):
            raise Unreadable(Kind.UNSUPPORTED_PICTURE, format=name)
    raise Unreadable(Kind.NOT_A_PICTURE)


def _branded(head: bytes) -> str:
    # ISO/IEC 14496-12 section 4.3: size, "ftyp", major brand, version, then compatible brands.
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    raise Unreadable(Kind.NOT_A_PICTURE)


def lacks_end(file: IO[bytes], name: str) -> bool:
    """Whether a file that could not be decoded is shorter than it says itself.

    Only for the formats whose decoders do not tell a missing end from a wrong middle.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    match name:
        case "PNG":
            begun = file.read(4) == b"\x89PNG"
            file.seek(max(0, size - HEAD))
            return begun and b"IEND" not in file.read()
        case "WEBP":
            return int.from_bytes(file.read(8)[4:], "little") + 8 > size
        case "TIFF":
            head = file.read(8)
            return int.from_bytes(head[4:], "little" if head[:1] == b"I" else "big") >= size
        case "AVIF" | "HEIF":
            return _end_of_boxes(file) > size
    return False


def _end_of_boxes(file: IO[bytes]) -> int:
    # ISO/IEC 14496-12 section 4.2: a length (1: a longer one follows; 0: up to the end), a name.
    end = 0
    while len(head := file.read(16)) >= 8:
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:], "big")
        if length < 8:
            break
        end += length
        file.seek(end)
    return end
