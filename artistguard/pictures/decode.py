# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Decodes a picture of any taken format into a small RGB picture, upright and over white."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from artistguard.errors import Kind, Unreadable
from artistguard.pictures import containers, photoshop
from artistguard.pictures.faults import told
from artistguard.pictures.signatures import HEAD, lacks_end, recognise
from artistguard.pictures.sources import opened

# Every picture is reduced by the largest whole factor that leaves it at least this many pixels
# (400 x 400), so that one of 12 megapixels becomes 500 x 375 whatever its format. Fingerprints
# look at 64 x 64 cells at most, and crops of the picture should still fill those.
SMALL = 160_000

# What may be decoded in full, at Pillow's 4 bytes a pixel: 683 MiB, enough for A0 at 300 dpi. It
# is where Pillow itself stops by default. JPEGs are reduced while they are decoded, so that not
# even the largest the format allows (65,500 pixels square) comes near it.
PIXEL_LIMIT = 178_956_970

# About 1 MB of pixels: what is flattened and reduced in one go stays in the processor's cache.
_BAND = 1 << 18

_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset(
    {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
    }
)
_WIDE = frozenset({"I", "F"})


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture.

    `image` is RGB, upright by its EXIF orientation, over white where it was transparent, and has
    between `least` and four times `least` pixels unless the original has fewer. `width` and
    `height` are the original's in pixels after orientation (the preview's, where a file holds only
    a preview).
    `format` is an upper-case name such as JPEG, PNG or KRA, told from the content.

    Colour profiles are not applied: published hashes of the same picture were made without them,
    and copies on the web have mostly lost theirs.
    """

    image: Image.Image
    width: int
    height: int
    format: str


def read(path: Path, least: int = SMALL) -> Picture:
    """Decode the picture at `path`, the first one where there are several.

    JPEGs are always decoded at the smallest of the decoder's scales 1/1, 1/2, 1/4 and 1/8 that
    leaves `least` pixels; then they are averaged in whole squares like all others.

    Raises:
        Unreadable: for every file that does not become a picture, with the kind that says why.
    """
    with opened(path) as file:
        return read_open(file, least)


def read_open(file: IO[bytes], least: int = SMALL) -> Picture:
    """Decode the picture in a file that is open at its start, or in memory; see `read`.

    Python's warnings are silenced meanwhile, for the whole process: not for threads.
    """
    with warnings.catch_warnings():
        # What a decoder finds odd but reads all the same is nothing the artist can act on.
        warnings.simplefilter("ignore")
        name = recognise(_head(file))
        if name not in _HELD:
            return _decoded(file, name, name, least)
        with told(format=name):
            name, held = _HELD[name](file)
        return _decoded(held, "PNG", name, least)  # which all of them use


def _head(file: IO[bytes]) -> bytes:
    head = file.read(HEAD)
    file.seek(0)
    return head


_HELD: dict[str, Callable[[IO[bytes]], tuple[str, IO[bytes]]]] = {
    "ZIP": containers.open_zip,
    "CLIP": containers.open_clip,
}


def _open_heif(file: IO[bytes]) -> ImageFile.ImageFile:
    import pi_heif  # noqa: PLC0415  # takes as long to load as all else, and few need it

    opened: ImageFile.ImageFile = pi_heif.HeifImageFile(file)
    return opened


# The decoders that hostile bytes can reach; none of these runs other programs or opens other files.
_DECODERS: dict[str, Callable[[IO[bytes]], Image.Image]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "HEIF": _open_heif,
    "PSD": photoshop.MergedImageFile,
    "PSB": photoshop.MergedImageFile,
}


def _decoded(file: IO[bytes], name: str, label: str, least: int) -> Picture:
    """Return the picture that `file` holds in the format `name`, to be known as a `label`."""
    try:
        with told(format=label):
            return _loaded(file, name, label, least)
    except Unreadable as problem:
        if problem.kind is Kind.DAMAGED_PICTURE and lacks_end(file, name):
            raise Unreadable(Kind.TRUNCATED, format=label) from problem
        raise


def _loaded(file: IO[bytes], name: str, label: str, least: int) -> Picture:
    image = _DECODERS[name](file)
    width, height = image.size
    drafted = isinstance(image, JpegImagePlugin.JpegImageFile)
    if drafted:
        _reduce_while_decoding(image, least)
    if math.prod(image.size) > PIXEL_LIMIT:
        raise Unreadable(Kind.TOO_MANY_PIXELS, width=width, height=height, limit=PIXEL_LIMIT)
    image.load()
    if not drafted:
        width, height = image.size  # some turn themselves, or learn their size, as they load
    turn = _TURN.get(_orientation(image))
    small = _reduced(image, least)
    if turn is not None:
        small = small.transpose(turn)
        if turn in _SIDEWAYS:
            width, height = height, width
    return Picture(small, width, height, label)


def _reduce_while_decoding(image: Image.Image, least: int) -> None:
    scale = next((s for s in (8, 4, 2) if math.prod(image.size) >= least * s * s), 1)
    width, height = image.size
    # Pillow asks for the size that is wanted and takes the scale that is not below it.
    image.draft(None, (max(1, width // scale), max(1, height // scale)))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  # a broken note beside the picture does not break the picture
        return 1


def _reduced(image: Image.Image, least: int) -> Image.Image:
    """Return `image` as RGB, averaged in squares of the largest factor that leaves `least` pixels.

    It is worked off in bands, so that no second picture of full size is ever made.
    """
    width, height = image.size
    factor = max(1, math.isqrt(width * height // least))
    if factor == 1 and image.mode == "RGB" and not image.has_transparency_data:
        return image.convert("RGB")
    if image.mode in _WIDE:
        image = _stretched(image)
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    step = max(1, _BAND // (width * factor)) * factor
    for top in range(0, height, step):
        band = image.crop((0, top, width, min(top + step, height)))
        small.paste(_flat(band).reduce(factor), (0, top // factor))
    return small


def _flat(image: Image.Image) -> Image.Image:
    """Return `image` as 8-bit RGB, over white where it is transparent."""
    if image.mode.startswith("I;16"):
        # Pillow would clip, not scale.
        high = 0 if image.mode == "I;16B" else 1
        return Image.frombytes("L", image.size, image.tobytes()[high::2]).convert("RGB")
    if image.mode == "LAB":
        return image.getchannel("L").convert("RGB")  # lightness alone; colour would need profiles
    if not image.has_transparency_data:
        return image.convert("RGB")
    if image.mode == "La":
        image = image.convert("LA")
    over = image.convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(over, mask=over)
    return flat


def _stretched(image: Image.Image) -> Image.Image:
    """Return 32-bit grey as 8-bit from its darkest to its brightest: no file says what is meant."""
    low, high = cast("tuple[float, float]", image.getextrema())
    scale = 255 / (high - low) if high > low else 0
    return image.point(lambda value: value * scale - low * scale).convert("L")
