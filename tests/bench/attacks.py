# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The ways a picture is changed on its way into a data set, each ending as an encoded file.

An attack takes an RGB picture, a seeded random generator and some unrelated pictures (for pages and
collages that show more than one) and returns the bytes of a file. Kinds and strengths follow the
copies of the Image Similarity Challenge (DISC21) and its AugLy transformations.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Change = Callable[[Image.Image, Random, Sequence[Image.Image]], Image.Image]
Attack = Callable[[Image.Image, Random, Sequence[Image.Image]], bytes]

WORDS = ("the", "best", "picture", "you", "will", "see", "this", "week", "look", "internet")


# --- the changes ----------------------------------------------------------------------------------


def scaled(longest):
    def change(image, rng, others):
        share = longest / max(image.size)
        size = tuple(max(16, round(side * share)) for side in image.size)
        return image.resize(size, Image.Resampling.BICUBIC)

    return change


def stretched(x, y):
    def change(image, rng, others):
        size = max(16, round(image.width * x)), max(16, round(image.height * y))
        return image.resize(size, Image.Resampling.BICUBIC)

    return change


def squashed(side):
    return lambda image, rng, others: image.resize((side, side), Image.Resampling.BICUBIC)


def cropped(lost):
    """Cut `lost` of the width and of the height away, at a random place."""

    def change(image, rng, others):
        width, height = (round(side * (1 - lost)) for side in image.size)
        left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
        return image.crop((left, top, left + width, top + height))

    return change


def cut(left=0.0, top=0.0, right=0.0, bottom=0.0):
    def change(image, rng, others):
        width, height = image.size
        edges = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        return image.crop(tuple(round(edge) for edge in edges))

    return change


def framed(width, height):
    """Cut to the shape width : height around the middle, as thumbnails are."""

    def change(image, rng, others):
        side = min(image.width / width, image.height / height)
        return ImageOps.fit(image, (max(16, round(side * width)), max(16, round(side * height))))

    return change


def transposed(way):
    return lambda image, rng, others: image.transpose(way)


def rotated(degrees, expand=True):
    def change(image, rng, others):
        angle = degrees * rng.choice((-1, 1))
        if expand:
            fill = rng.choice(((255, 255, 255), (0, 0, 0)))
            return image.rotate(
                angle, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=fill
            )
        turned = image.rotate(angle, resample=Image.Resampling.BICUBIC)
        lost = math.sin(math.radians(degrees)) * max(image.size) / min(image.size) / 2
        return cut(lost, lost, lost, lost)(turned, rng, others)

    return change


def bordered(share, colour=None):
    def change(image, rng, others):
        fill = colour or tuple(rng.randint(0, 255) for _ in range(3))
        return ImageOps.expand(image, round(share * max(image.size)), fill)

    return change


def matted(image, rng, others):
    """Frame as a print: a thin dark line, a wide white mat, a dark frame."""
    inner = ImageOps.expand(image, max(2, max(image.size) // 200), (20, 20, 20))
    mat = ImageOps.expand(inner, max(image.size) // 8, (250, 249, 245))
    return ImageOps.expand(mat, max(image.size) // 30, (60, 40, 25))


def boxed(width, height, colour):
    """Pad to the shape width : height."""

    def change(image, rng, others):
        unit = max(image.width / width, image.height / height)
        page = Image.new("RGB", (round(unit * width), round(unit * height)), colour)
        page.paste(image, ((page.width - image.width) // 2, (page.height - image.height) // 2))
        return page

    return change


def blur_boxed(image, rng, others):
    """Pad to 9 : 16 with a blurred and enlarged copy of itself, as phone videos are."""
    unit = max(image.width / 9, image.height / 16)
    size = round(unit * 9), round(unit * 16)
    page = ImageOps.fit(image, size).filter(ImageFilter.GaussianBlur(max(size) / 40))
    page.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return page


def font(size):
    return ImageFont.load_default(max(8, size))


def phrase(rng, count):
    return " ".join(rng.choice(WORDS) for _ in range(count))


def captioned(share, count):
    def change(image, rng, others):
        image = image.copy()
        size = round(share * image.height)
        place = rng.uniform(0, 0.3) * image.width, rng.uniform(0, 0.85) * image.height
        ImageDraw.Draw(image).text(
            place,
            phrase(rng, count),
            fill=(255, 255, 255),
            font=font(size),
            stroke_width=max(1, size // 12),
            stroke_fill=(0, 0, 0),
        )
        return image

    return change


def watermarked(opacity, share):
    """Write the same word all over the picture, slanted."""

    def change(image, rng, others):
        side = 2 * max(image.size)
        layer = Image.new("L", (side, side), 0)
        draw = ImageDraw.Draw(layer)
        size = round(share * min(image.size))
        step = round(size * 5)
        for row, y in enumerate(range(0, side, round(size * 2.2))):
            for x in range(-(row % 2) * step // 2, side, step):
                draw.text((x, y), "© preview", fill=round(255 * opacity), font=font(size))
        layer = layer.rotate(30).crop(
            (side // 4, side // 4, side // 4 + image.width, side // 4 + image.height)
        )
        return Image.composite(Image.new("RGB", image.size, (255, 255, 255)), image, layer)

    return change


def stickered(share):
    """Put a face of `share` of the shorter side somewhere on the picture."""

    def change(image, rng, others):
        image = image.copy()
        size = round(share * min(image.size))
        x, y = rng.randint(0, image.width - size), rng.randint(0, image.height - size)
        draw = ImageDraw.Draw(image)
        draw.ellipse((x, y, x + size, y + size), fill=(255, 210, 60), outline=(90, 60, 0))
        for eye in (0.3, 0.6):
            draw.ellipse(
                (
                    x + eye * size,
                    y + 0.3 * size,
                    x + (eye + 0.12) * size,
                    y + 0.48 * size,
                ),
                fill=(60, 40, 0),
            )
        draw.arc(
            (x + 0.2 * size, y + 0.25 * size, x + 0.8 * size, y + 0.8 * size),
            20,
            160,
            (60, 40, 0),
            4,
        )
        return image

    return change


def covered(share):
    """Cover `share` of the area by one plain box."""

    def change(image, rng, others):
        image = image.copy()
        side = math.sqrt(share)
        width, height = round(side * image.width), round(side * image.height)
        x, y = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
        colour = tuple(rng.randint(0, 255) for _ in range(3))
        ImageDraw.Draw(image).rectangle((x, y, x + width, y + height), fill=colour)
        return image

    return change


def patched(count):
    def change(image, rng, others):
        for _ in range(count):
            image = covered(0.01)(image, rng, others)
        return image

    return change


def overlaid(opacity):
    """Lay an unrelated picture over it, half transparent."""

    def change(image, rng, others):
        return Image.blend(image, rng.choice(others).resize(image.size), opacity)

    return change


def filtered(kind):
    return lambda image, rng, others: image.filter(kind)


def blurred(share):
    return lambda image, rng, others: image.filter(
        ImageFilter.GaussianBlur(share * max(image.size))
    )


def noised(sigma):
    def change(image, rng, others):
        noise = np.random.default_rng(rng.getrandbits(32)).normal(
            0, sigma, (image.height, image.width, 3)
        )
        return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))

    return change


def greyed(image, rng, others):
    return image.convert("L").convert("RGB")


def toned(image, rng, others):
    return ImageOps.colorize(image.convert("L"), (40, 20, 5), (255, 240, 205))


def hued(turn):
    def change(image, rng, others):
        hue, saturation, value = image.convert("HSV").split()
        hue = hue.point(lambda old: (old + turn) % 256)
        return Image.merge("HSV", (hue, saturation, value)).convert("RGB")

    return change


def enhanced(kind, factor):
    return lambda image, rng, others: kind(image).enhance(factor)


def curved(gamma):
    return lambda image, rng, others: image.point(lambda value: round(255 * (value / 255) ** gamma))


def posterised(bits):
    return lambda image, rng, others: ImageOps.posterize(image, bits)


def inverted(image, rng, others):
    return ImageChops.invert(image)


def stretched_tones(image, rng, others):
    return ImageOps.equalize(image)


def pixelated(cells):
    def change(image, rng, others):
        share = cells / max(image.size)
        small = image.resize(
            tuple(max(4, round(side * share)) for side in image.size), Image.Resampling.BOX
        )
        return small.resize(image.size, Image.Resampling.NEAREST)

    return change


def dithered(image, rng, others):
    return image.convert("1").convert("RGB")


def lines(draw, rng, x, y, width, count, colour, size=13):
    for _ in range(count):
        draw.text((x, y), phrase(rng, max(1, width // (size * 3))), fill=colour, font=font(size))
        y += round(size * 1.6)


def on_page(image, rng, others):
    """Show it in a window of a browser, in an article with text around it."""
    page = Image.new("RGB", (1280, 900), (255, 255, 255))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1280, 70), fill=(222, 225, 230))
    draw.rounded_rectangle((140, 22, 1100, 50), 12, fill=(255, 255, 255))
    draw.text((160, 28), "https://example.org/art/2481", fill=(80, 80, 80), font=font(14))
    width = rng.randint(520, 760)
    shown = ImageOps.contain(image, (width, 600))
    left, top = rng.randint(60, 200), rng.randint(110, 220)
    page.paste(shown, (left, top))
    lines(draw, rng, left + shown.width + 40, top, 300, 14, (50, 50, 50))
    lines(draw, rng, left, top + shown.height + 24, 500, 5, (50, 50, 50))
    return page


def on_phone(image, rng, others):
    """Show it as a post on a phone with a dark theme."""
    page = Image.new("RGB", (720, 1440), (18, 18, 20))
    draw = ImageDraw.Draw(page)
    draw.text((24, 10), "12:42", fill=(240, 240, 240), font=font(22))
    draw.ellipse((24, 80, 84, 140), fill=tuple(rng.randint(60, 220) for _ in range(3)))
    draw.text((100, 96), phrase(rng, 2), fill=(240, 240, 240), font=font(24))
    shown = ImageOps.contain(image, (720, 1000)) if rng.random() < 0.5 else image
    shown = shown.resize((720, max(1, round(shown.height * 720 / shown.width))))
    page.paste(shown.crop((0, 0, 720, min(1000, shown.height))), (0, 170))
    below = 190 + min(1000, shown.height)
    for x in (30, 110, 190):
        draw.ellipse((x, below, x + 36, below + 36), outline=(240, 240, 240), width=4)
    lines(draw, rng, 24, below + 60, 660, 3, (220, 220, 220), 22)
    return page


def in_gallery(image, rng, others):
    """Show it largest on a page with six unrelated thumbnails."""
    page = Image.new("RGB", (1200, 1000), (245, 245, 247))
    draw = ImageDraw.Draw(page)
    draw.text((40, 20), phrase(rng, 4), fill=(30, 30, 30), font=font(28))
    page.paste(ImageOps.contain(image, (780, 900)), (40, 70))
    for place in range(6):
        thumbnail = ImageOps.fit(rng.choice(others), (150, 150))
        page.paste(thumbnail, (860 + 165 * (place % 2), 70 + 165 * (place // 2)))
    return page


def memed(top=True, bottom=False):
    """Add a white bar with a caption above, below or both."""

    def change(image, rng, others):
        bar = round(image.height * rng.uniform(0.12, 0.25))
        page = Image.new("RGB", (image.width, image.height + bar * (top + bottom)), (255, 255, 255))
        page.paste(image, (0, bar * top))
        draw = ImageDraw.Draw(page)
        size = max(9, min(bar // 2, image.width // 14))
        if top:
            draw.text((size // 2, bar // 4), phrase(rng, 4), fill=(0, 0, 0), font=font(size))
        if bottom:
            place = size // 2, page.height - bar + bar // 4
            draw.text(place, phrase(rng, 4), fill=(0, 0, 0), font=font(size))
        return page

    return change


def impact(image, rng, others):
    """Write a caption over the top and another over the bottom of the picture."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    size = max(10, image.width // 12)
    for y in (0.02, 0.86):
        draw.text(
            (image.width * 0.05, image.height * y),
            phrase(rng, 3).upper(),
            fill=(255, 255, 255),
            font=font(size),
            stroke_width=max(1, size // 10),
            stroke_fill=(0, 0, 0),
        )
    return image


def collaged(columns, rows, gap=0):
    def change(image, rng, others):
        width, height = ImageOps.contain(image, (500, 500)).size
        page = Image.new(
            "RGB",
            (columns * (width + gap) + gap, rows * (height + gap) + gap),
            (255, 255, 255),
        )
        mine = rng.randrange(columns * rows)
        for place in range(columns * rows):
            shown = image if place == mine else rng.choice(others)
            corner = gap + place % columns * (width + gap), gap + place // columns * (height + gap)
            page.paste(ImageOps.fit(shown, (width, height)), corner)
        return page

    return change


def photographed(image, rng, others):
    """Photograph it askew from a screen: perspective, a dark surround, a slight cast."""
    width, height = image.size
    page = Image.new("RGB", (round(width * 1.2), round(height * 1.2)), (40, 38, 36))
    page.paste(image, (round(width * 0.1), round(height * 0.1)))
    corners = [(0, 0), (0, page.height), page.size, (page.width, 0)]
    moved = [
        (x + rng.uniform(-0.06, 0.06) * width, y + rng.uniform(-0.06, 0.06) * height)
        for x, y in corners
    ]
    flat = [value for corner in moved for value in corner]
    quad = page.transform(page.size, Image.Transform.QUAD, flat, Image.Resampling.BICUBIC)
    return ImageEnhance.Brightness(quad).enhance(0.85)


def chained(*changes):
    def change(image, rng, others):
        for each in changes:
            image = each(image, rng, others)
        return image

    return change


# --- the files ------------------------------------------------------------------------------------


def saved(change=None, kind="JPEG", quality=85):
    """Encode what `change` makes; every copy goes through a real file format."""

    def attack(image, rng, others):
        if change:
            image = change(image, rng, others)
        out = io.BytesIO()
        if kind == "GIF":
            image.quantize(64).save(out, "GIF")
        else:
            image.save(out, kind, **({} if kind == "PNG" else {"quality": quality}))
        return out.getvalue()

    return attack


def drawn(image, rng, others):
    """Three changes drawn at random, as a challenge's copies are made."""
    pool = [
        cropped(rng.uniform(0.05, 0.25)),
        transposed(Image.Transpose.FLIP_LEFT_RIGHT),
        captioned(rng.uniform(0.05, 0.12), 5),
        enhanced(ImageEnhance.Color, rng.uniform(0.3, 2)),
        enhanced(ImageEnhance.Brightness, rng.uniform(0.6, 1.4)),
        bordered(rng.uniform(0.03, 0.12)),
        stickered(rng.uniform(0.2, 0.4)),
        blurred(0.004),
        rotated(rng.uniform(1, 6)),
        scaled(rng.randint(160, 400)),
        memed(),
        noised(15),
    ]
    return chained(*rng.sample(pool, 3))(image, rng, others)


_TURN = Image.Transpose
_MIRROR = transposed(_TURN.FLIP_LEFT_RIGHT)

# Family and strength: the first word groups the table.
ATTACKS: Mapping[str, Attack] = {
    "encode jpeg 90": saved(quality=90),
    "encode jpeg 50": saved(quality=50),
    "encode jpeg 25": saved(quality=25),
    "encode jpeg 10": saved(quality=10),
    "encode webp 80": saved(kind="WEBP", quality=80),
    "encode webp 20": saved(kind="WEBP", quality=20),
    "encode png": saved(kind="PNG"),
    "encode gif 64 colours": saved(kind="GIF"),
    "resize to 512": saved(scaled(512)),
    "resize to 256": saved(scaled(256)),
    "resize to 128": saved(scaled(128)),
    "resize to 64": saved(scaled(64)),
    "resize wider by 15 %": saved(stretched(1.15, 1)),
    "resize taller by 40 %": saved(stretched(1, 1.4)),
    "resize to square 256": saved(squashed(256)),
    "crop 5 %": saved(cropped(0.05)),
    "crop 10 %": saved(cropped(0.10)),
    "crop 20 %": saved(cropped(0.20)),
    "crop 30 %": saved(cropped(0.30)),
    "crop 40 %": saved(cropped(0.40)),
    "crop 50 %": saved(cropped(0.50)),
    "crop top 12 %": saved(cut(top=0.12)),
    "crop bottom 22 %": saved(cut(bottom=0.22)),
    "crop left 17 %": saved(cut(left=0.17)),
    "crop middle square": saved(framed(1, 1)),
    "crop to 16:9": saved(framed(16, 9)),
    "crop to 4:5": saved(framed(4, 5)),
    "turn mirror": saved(_MIRROR),
    "turn upside down": saved(transposed(_TURN.FLIP_TOP_BOTTOM)),
    "turn 90": saved(transposed(_TURN.ROTATE_90)),
    "turn 180": saved(transposed(_TURN.ROTATE_180)),
    "turn 270": saved(transposed(_TURN.ROTATE_270)),
    "rotate 1, cut": saved(rotated(1, expand=False)),
    "rotate 3, cut": saved(rotated(3, expand=False)),
    "rotate 3": saved(rotated(3)),
    "rotate 10": saved(rotated(10)),
    "rotate 25": saved(rotated(25)),
    "border white 5 %": saved(bordered(0.05, (255, 255, 255))),
    "border black 10 %": saved(bordered(0.10, (0, 0, 0))),
    "border coloured 20 %": saved(bordered(0.20)),
    "border print with mat": saved(matted),
    "border letterbox": saved(boxed(1, 1.4, (0, 0, 0))),
    "border pillarbox": saved(boxed(2.2, 1, (255, 255, 255))),
    "border blurred self": saved(blur_boxed),
    "overlay small caption": saved(captioned(0.05, 4)),
    "overlay large caption": saved(captioned(0.14, 5)),
    "overlay two captions": saved(impact),
    "overlay watermark faint": saved(watermarked(0.25, 0.08)),
    "overlay watermark strong": saved(watermarked(0.6, 0.12)),
    "overlay sticker 25 %": saved(stickered(0.25)),
    "overlay sticker 50 %": saved(stickered(0.50)),
    "overlay patches": saved(patched(12)),
    "overlay other picture 30 %": saved(overlaid(0.3)),
    "cover 10 %": saved(covered(0.10)),
    "cover 25 %": saved(covered(0.25)),
    "filter blur": saved(blurred(0.005)),
    "filter blur strong": saved(blurred(0.015)),
    "filter sharpen": saved(enhanced(ImageEnhance.Sharpness, 4)),
    "filter median": saved(filtered(ImageFilter.MedianFilter(5))),
    "filter noise": saved(noised(15)),
    "filter noise strong": saved(noised(60)),
    "filter pixels 64": saved(pixelated(64)),
    "filter pixels 24": saved(pixelated(24)),
    "filter dither": saved(dithered, "PNG"),
    "colour grey": saved(greyed),
    "colour sepia": saved(toned),
    "colour hue 60": saved(hued(43)),
    "colour hue 180": saved(hued(128)),
    "colour saturation": saved(enhanced(ImageEnhance.Color, 2.5)),
    "colour brighter": saved(enhanced(ImageEnhance.Brightness, 1.5)),
    "colour darker": saved(enhanced(ImageEnhance.Brightness, 0.5)),
    "colour contrast up": saved(enhanced(ImageEnhance.Contrast, 1.8)),
    "colour contrast down": saved(enhanced(ImageEnhance.Contrast, 0.4)),
    "colour gamma 0.5": saved(curved(0.5)),
    "colour gamma 2": saved(curved(2.0)),
    "colour posterise": saved(posterised(2)),
    "colour equalise": saved(stretched_tones),
    "colour invert": saved(inverted),
    "page article": saved(on_page),
    "page phone": saved(on_phone),
    "page gallery": saved(in_gallery),
    "page meme bar": saved(memed()),
    "page meme bars": saved(memed(bottom=True)),
    "page collage 2": saved(collaged(2, 1)),
    "page collage 4 with gaps": saved(collaged(2, 2, 12)),
    "page photograph of screen": saved(photographed),
    "mixed crop 10 %, jpeg 30": saved(cropped(0.10), quality=30),
    "mixed crop 20 %, grey": saved(chained(cropped(0.20), greyed)),
    "mixed mirror, colour, caption": saved(
        chained(_MIRROR, enhanced(ImageEnhance.Color, 1.8), captioned(0.07, 4))
    ),
    "mixed mirror, crop 10 %": saved(chained(_MIRROR, cropped(0.10))),
    "mixed thumbnail, watermark": saved(chained(watermarked(0.3, 0.1), scaled(200)), "WEBP", 60),
    "mixed square thumbnail 150": saved(chained(framed(1, 1), scaled(150)), quality=60),
    "mixed meme, mirror, jpeg 30": saved(chained(_MIRROR, memed()), quality=30),
    "mixed article, small, jpeg 30": saved(chained(on_page, scaled(640)), quality=30),
    "mixed rotate 2, crop, gamma": saved(
        chained(rotated(2, expand=False), cropped(0.05), curved(1.4))
    ),
    "mixed border, caption": saved(chained(captioned(0.08, 4), bordered(0.06))),
    "mixed drawn at random A": saved(drawn),
    "mixed drawn at random B": saved(drawn, quality=50),
}
