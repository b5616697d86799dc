# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the web does to a picture on its way into a data set."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps


def resized(picture: Image.Image, longest: int) -> Image.Image:
    """A smaller one, `longest` pixels at its longer side."""
    copy = picture.copy()
    copy.thumbnail((longest, longest))
    return copy


def cropped(picture: Image.Image, keep: float) -> Image.Image:
    """The middle of it: `keep` of its width and height."""
    width, height = picture.size
    left, top = width * (1 - keep) / 2, height * (1 - keep) / 2
    return picture.crop((round(left), round(top), round(width - left), round(height - top)))


def squared(picture: Image.Image, side: int) -> Image.Image:
    """A square thumbnail, as shops and galleries cut it."""
    return ImageOps.fit(picture, (side, side))


def mirrored(picture: Image.Image, longest: int) -> Image.Image:
    """Left and right exchanged, a favourite against takedowns."""
    return ImageOps.mirror(resized(picture, longest))


def turned(picture: Image.Image, longest: int) -> Image.Image:
    """On its side."""
    return resized(picture, longest).transpose(Image.Transpose.ROTATE_90)


def bordered(picture: Image.Image, longest: int, colour: str) -> Image.Image:
    """In a broad frame of one colour."""
    copy = resized(picture, longest)
    return ImageOps.expand(copy, round(longest * 0.07), colour)


def letterboxed(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Between black bars, as video makes it."""
    return ImageOps.pad(picture, (width, height), color="#000000")


def watermarked(picture: Image.Image, longest: int, text: str) -> Image.Image:
    """With somebody else's name all over it."""
    copy = resized(picture, longest).convert("RGBA")
    layer = Image.new("RGBA", copy.size)
    pen, font = ImageDraw.Draw(layer), ImageFont.load_default(longest / 22)
    for row in range(0, copy.height, longest // 5):
        for column in range(-(row % 3) * 40, copy.width, longest // 3):
            pen.text((column, row), text, fill="#ffffff70", font=font)
    return Image.alpha_composite(copy, layer).convert("RGB")


def captioned(picture: Image.Image, longest: int, text: str) -> Image.Image:
    """Under the white bar of a joke."""
    copy = resized(picture, longest)
    bar = round(copy.height * 0.22)
    whole = Image.new("RGB", (copy.width, copy.height + bar), "#ffffff")
    whole.paste(copy, (0, bar))
    pen = ImageDraw.Draw(whole)
    pen.text((copy.width / 2, bar / 2), text, "#000000", ImageFont.load_default(bar / 4), "mm")
    return whole


def on_a_page(picture: Image.Image, title: str) -> Image.Image:
    """On a screenshot of the page that showed it."""
    page = Image.new("RGB", (1280, 900), "#ffffff")
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 1280, 64), fill="#24324a")
    pen.text((40, 20), title, "#ffffff", ImageFont.load_default(22))
    copy = resized(picture, 560)
    page.paste(copy, (80, 130))
    for row in range(14):
        pen.rectangle(
            (720, 150 + row * 40, 1180 - (row * 67) % 160, 162 + row * 40), fill="#c9ced8"
        )
    return page


def greyed(picture: Image.Image, longest: int) -> Image.Image:
    """Without its colours."""
    return ImageOps.grayscale(resized(picture, longest)).convert("RGB")


def warmed(picture: Image.Image, longest: int) -> Image.Image:
    """Through a filter that thinks every day was in 1974."""
    vivid = ImageEnhance.Color(resized(picture, longest)).enhance(1.4)
    soft = ImageEnhance.Contrast(vivid).enhance(0.85)
    return Image.blend(soft, Image.new("RGB", soft.size, "#c98a3a"), 0.14)


def blurred(picture: Image.Image, longest: int) -> Image.Image:
    """Scaled up from a thumbnail."""
    return resized(picture, longest).filter(ImageFilter.GaussianBlur(longest / 220))
