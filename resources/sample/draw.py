# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Draws the sample portfolio: the whole work of an illustrator who does not exist."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import illustrations
import paintings
import pixels
import prints
import sketchbook
import watercolours

ARTIST = "Mira Solvang"

JPEG: dict[str, Any] = {"quality": 84, "optimize": True, "progressive": True}
_ARTIST_TAG, _ORIENTATION_TAG, _COPYRIGHT_TAG = 0x013B, 0x0112, 0x8298

Artwork = Callable[[np.random.Generator], Any]

PORTFOLIO: dict[str, tuple[Artwork, dict[str, Any]]] = {
    "paintings/fjord-at-first-light.jpg": (paintings.fjord_at_first_light, JPEG),
    "paintings/lemons-and-blue-jug.jpg": (paintings.lemons_and_blue_jug, JPEG),
    "paintings/fox-in-birches.jpg": (paintings.fox_in_birches, JPEG | {"quality": 78}),
    "paintings/rain-over-lofoten.webp": (watercolours.rain_over_lofoten, {"quality": 84}),
    "illustrations/night-tram.jpg": (illustrations.night_tram, JPEG),
    "illustrations/fern-and-poppy.jpg": (watercolours.fern_and_poppy, JPEG),
    "illustrations/woman-with-a-heron.jpg": (illustrations.woman_with_a_heron, JPEG),
    "illustrations/whale-among-stars.jpg": (illustrations.whale_among_stars, JPEG),
    "prints/lighthouse-poster.png": (prints.lighthouse_poster, {"colours": 48}),
    "prints/tide-table-pattern.png": (prints.tide_table_pattern, {"colours": 48}),
    "prints/tent-under-aurora.tif": (
        prints.tent_under_aurora,
        {"colours": 32, "compression": "tiff_lzw"},
    ),
    "pixels/tiny-harbour.png": (pixels.tiny_harbour, {"colours": 128}),
    "sketchbook/night-swell.png": (sketchbook.night_swell, {"colours": 16}),
    "sketchbook/hut-sketch.ora": (sketchbook.hut_sketch, {}),
}
"""Where each work lies in the portfolio, what draws it, and how it is written."""

# Drawn upright, stored on its side: the camera that took the picture of this one was turned.
_TURNED = "paintings/fox-in-birches.jpg"


def draw(name: str) -> Any:
    """Draw one work of the portfolio; the same every time."""
    return PORTFOLIO[name][0](np.random.default_rng(7))


def write(name: str, folder: Path) -> None:
    """Draw one work and write it into a portfolio folder in its own format."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    work, options = draw(name), dict(PORTFOLIO[name][1])
    if isinstance(work, list):
        target.write_bytes(open_raster(work))
        return
    colours = options.pop("colours", None)
    if colours:
        work = work.quantize(colours, dither=Image.Dither.NONE)
    if target.suffix == ".jpg":
        options["exif"] = _exif(turned=name == _TURNED)
        work = work.transpose(Image.Transpose.ROTATE_90) if name == _TURNED else work
    if target.suffix == ".png":
        options["optimize"] = True
    work.save(target, **options)


def merged(layers: list[tuple[str, Image.Image]]) -> Image.Image:
    """What the layers show together, the first at the bottom."""
    whole = layers[0][1]
    for _, layer in layers[1:]:
        whole = Image.alpha_composite(whole, layer)
    return whole


def open_raster(layers: list[tuple[str, Image.Image]]) -> bytes:
    """Pack layers, the first at the bottom, as an OpenRaster file (version 0.0.5)."""
    whole = merged(layers)
    thumbnail = whole.copy()
    thumbnail.thumbnail((256, 256))
    stack = "".join(
        f'<layer name="{name}" src="data/layer{at}.png" x="0" y="0"/>'
        for at, (name, _) in reversed(list(enumerate(layers)))
    )
    members: dict[str, bytes] = {
        "mimetype": b"image/openraster",
        "stack.xml": (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<image version="0.0.5" w="{whole.width}" '
            f'h="{whole.height}"><stack>{stack}</stack></image>\n'
        ).encode(),
        **{f"data/layer{at}.png": _png(layer) for at, (_, layer) in enumerate(layers)},
        "mergedimage.png": _png(whole.convert("RGB")),
        "Thumbnails/thumbnail.png": _png(thumbnail),
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, member in members.items():
            packed = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), member, packed)
    return body.getvalue()


def _png(picture: Image.Image) -> bytes:
    body = io.BytesIO()
    picture.save(body, "PNG", optimize=True)
    return body.getvalue()


def _exif(*, turned: bool) -> Image.Exif:
    exif = Image.Exif()
    exif[_ARTIST_TAG] = ARTIST
    exif[_COPYRIGHT_TAG] = f"(c) {ARTIST}. All rights reserved."
    exif[_ORIENTATION_TAG] = 6 if turned else 1
    return exif


def main() -> None:
    """Draw the whole portfolio into the folder beside this script, or the one that is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "portfolio"
    for name in PORTFOLIO:
        write(name, folder)


if __name__ == "__main__":
    main()
