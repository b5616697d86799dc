# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Reads the merged picture of a Photoshop file (PSD or PSB, 1, 8 or 16 bits a channel).

Follows Adobe's "Photoshop File Formats Specification". Pillow's own reader knows neither 16 bits
nor PSB, takes any fourth channel for transparency, and cannot tell when nothing was merged.
"""

from __future__ import annotations

import io
import itertools
import struct
from typing import IO

from PIL import ImageFile, ImagePalette

from artistguard.errors import Kind, Unreadable

_HEADER = struct.Struct(">4sH6xHIIHH")
_VERSION_INFO = 1057

# (colour mode, bits) -> the mode Pillow gives it, and how each channel becomes one of its bands.
# Adobe stores CMYK inverted; 16 bits are taken by their high byte.
_LAYOUTS: dict[tuple[int, int], tuple[str, tuple[str, ...]]] = {
    (0, 1): ("1", ("1;I",)),
    (1, 8): ("L", ("L",)),
    (1, 16): ("L", ("L;16B",)),
    (2, 8): ("P", ("P",)),
    (3, 8): ("RGB", ("R", "G", "B")),
    (3, 16): ("RGB", ("R;16B", "G;16B", "B;16B")),
    (4, 8): ("CMYK", ("C;I", "M;I", "Y;I", "K;I")),
    (7, 8): ("L", ("L",)),
    (8, 8): ("L", ("L",)),
    (8, 16): ("L", ("L;16B",)),
    (9, 8): ("LAB", ("L", "A", "B")),
}
_TRANSPARENT = {8: "A", 16: "A;16B"}


class MergedImageFile(ImageFile.ImageFile):
    """A Photoshop file's merged picture as a picture that Pillow loads when asked to."""

    format = "PSD"

    def _open(self) -> None:
        assert self.fp is not None
        _, version, channels, height, width, bits, colours = _HEADER.unpack(
            _exactly(self.fp, _HEADER.size)
        )
        if (colours, bits) not in _LAYOUTS:
            raise Unreadable(Kind.UNSUPPORTED_PICTURE, format=f"Photoshop, {bits} bits")
        mode, bands = _LAYOUTS[colours, bits]
        large = version == 2
        self._size = width, height
        palette = _section(self.fp, 4)
        if not _was_merged(_section(self.fp, 4)):
            raise Unreadable(Kind.NO_PREVIEW, format="PSD")
        if _pass_layers(self.fp, 8 if large else 4) and mode == "RGB" and channels > 3:
            mode, bands = "RGBA", (*bands, _TRANSPARENT[bits])
        if mode == "P":
            self.palette = ImagePalette.raw("RGB;L", palette)
        self._mode = mode
        self.tile = _tiles(self.fp, self._size, bands, channels, "I" if large else "H")


def _exactly(file: IO[bytes], size: int) -> bytes:
    # Asked first: reading would set aside as much memory as the file claims to need.
    here = file.tell()
    if size > file.seek(0, io.SEEK_END) - here:
        raise EOFError
    file.seek(here)
    return file.read(size)


def _section(file: IO[bytes], width: int) -> bytes:
    return _exactly(file, int.from_bytes(_exactly(file, width), "big"))


def _was_merged(resources: bytes) -> bool:
    """Whether there is a real merged picture, by the resource that says so (yes without it)."""
    file = io.BytesIO(resources)
    while len(start := file.read(7)) == 7:
        number, name = int.from_bytes(start[4:6], "big"), start[6]
        file.seek(name + (name + 1) % 2, io.SEEK_CUR)
        data = _section(file, 4)
        file.seek(len(data) % 2, io.SEEK_CUR)
        if number == _VERSION_INFO:
            return data[4:5] != b"\0"
    return True


def _pass_layers(file: IO[bytes], width: int) -> bool:
    """Go past the layers; True when their count (negative) makes a fourth channel transparency."""
    size = int.from_bytes(_exactly(file, width), "big")
    end = file.tell() + size
    start = file.read(min(size, width + 2))
    file.seek(end)
    return len(start) == width + 2 and start[width] >= 0x80


def _tiles(
    file: IO[bytes], size: tuple[int, int], bands: tuple[str, ...], channels: int, count: str
) -> list[ImageFile._Tile]:
    """Return where each band's data lie, for Pillow's decoders; `count` is a row count's format."""
    width, height = size
    if len(bands) > channels:
        raise ValueError
    compression = int.from_bytes(_exactly(file, 2), "big")
    if compression == 0:
        bits = 1 if bands[0].startswith("1") else 16 if bands[0].endswith("16B") else 8
        codec, lengths = "raw", [(width * bits + 7) // 8 * height] * len(bands)
    elif compression == 1:
        row_lengths = struct.Struct(f">{height}{count}")
        codec = "packbits"
        lengths = [sum(row_lengths.unpack(_exactly(file, row_lengths.size))) for _ in bands]
        file.seek((channels - len(bands)) * row_lengths.size, io.SEEK_CUR)
    else:
        raise Unreadable(Kind.UNSUPPORTED_PICTURE, format="Photoshop, ZIP")
    offsets = itertools.accumulate(lengths, initial=file.tell())
    return [
        ImageFile._Tile(codec, (0, 0, width, height), offset, band)  # noqa: SLF001  # its only name
        for band, offset in zip(bands, offsets, strict=False)
    ]
