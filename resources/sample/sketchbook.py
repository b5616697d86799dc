# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: C901  # a picture is drawn from first to last stroke
"""Pen, pencil and markers."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from brushes import Point, clouds, curve, disc, image, plain, points, rgb, shape

Random = np.random.Generator


def night_swell(random: Random) -> Image.Image:
    """Pen and ink: lines that never cross, and a moon where they leave the paper alone."""
    width, height, scale = 1500, 1050, 2
    sheet = Image.new("L", (width * scale, height * scale), 250)
    pen = ImageDraw.Draw(sheet)
    swell = clouds(random, width, height, 430, 4)
    chop = clouds(random, width, height, 120, 3)
    y = 60.0
    while y < 470:
        gap = 7 + 7 * (470 - y) / 470
        for start in range(0, width, 6):
            far = np.hypot(start - 1080, y - 250)
            if far > 128 + 5 * np.sin(y) and random.random() < 0.93:
                wave = (
                    5 * np.sin(start / 160 + y / 60) * (swell[int(y), min(start, width - 1)] - 0.2)
                )
                pen.line(
                    [
                        (start * scale, (y + wave) * scale),
                        ((start + 7) * scale, (y + wave) * scale),
                    ],
                    fill=20,
                    width=1 + int(3 * np.exp(-(((far - 150) / 160) ** 2))) + (y < 190),
                )
        y += gap
    last = np.full(width, 470.0)
    depth = 470.0
    while depth < height + 130:
        share = (depth - 470) / (height - 470)
        row = int(min(depth, height - 1))
        line = depth - (40 + 190 * share) * (swell[row] ** 1.4) - 26 * share * chop[row]
        line = np.minimum(np.maximum(line, last + 1.2), height + 200)
        crest = [(x * scale, float(line[x]) * scale) for x in range(0, width, 3)]
        pen.line(crest, fill=15, width=max(2, int(1.5 + 3.2 * share)), joint="curve")
        last = line
        depth += 6 + 15 * share
    pen.rectangle((0, 0, width * scale, 40 * scale), fill=250)
    pen.rectangle((0, (height - 44) * scale, width * scale, height * scale), fill=250)
    pen.rectangle((0, 0, 44 * scale, height * scale), fill=250)
    pen.rectangle(((width - 44) * scale, 0, width * scale, height * scale), fill=250)
    pen.line([(470 * scale, 470 * scale), (480 * scale, 380 * scale)], fill=10, width=6)
    pen.polygon(
        [
            (px * scale, py * scale)
            for px, py in curve("420,474 450,492 520,494 556,470 488,478 420,474")
        ],
        fill=10,
    )
    pen.polygon(
        [(484 * scale, 384 * scale), (482 * scale, 466 * scale), (536 * scale, 464 * scale)],
        fill=250,
        outline=10,
        width=5,
    )
    return sheet.reduce(scale)


def hut_sketch(random: Random) -> list[tuple[str, Image.Image]]:
    """Pencil and two markers, in layers: the hut above the lake, drawn before breakfast."""
    width, height = 1200, 900
    sheet = plain(width, height, "#f7f4ec")
    colour = np.zeros((height, width, 4))
    y, x = np.mgrid[0:height, 0:width]

    def mark(hue: str, *outlines: list[Point], lean: float = 0.4) -> None:
        nonlocal colour
        band = (np.sin((x * np.sin(lean) + y * np.cos(lean)) / 5.2) > -0.86) * 0.16 + 0.6
        cover = shape(width, height, *outlines) * band
        colour[..., :3] = np.where(cover[..., None] > 0, rgb(hue), colour[..., :3])
        colour[..., 3] = np.maximum(colour[..., 3], cover)

    mark(
        "#9cc4d4",
        [(0, 640), *curve("0,640 300,628 700,646 1200,630"), (1200, 800), (0, 780)],
        lean=0.1,
    )
    mark(
        "#c7d6a0",
        [
            (420, 650),
            *curve("420,650 560,560 760,520 1000,540 1200,500"),
            (1200, 760),
            (900, 700),
        ],
    )
    mark(
        "#b9c1d6",
        [
            (0, 560),
            *curve("0,560 160,330 230,250 330,380 460,520 560,634"),
            (0, 638),
        ],
        lean=0.9,
    )
    mark("#a9c3dd", curve("620,40 820,90 1010,60 1200,110 1200,230 980,200 760,260 640,170 620,40"))
    mark("#5f7d6b", curve("20,640 60,560 120,600 170,540 230,610 300,580 340,640 20,640"), lean=1.4)
    mark("#e0a04e", disc((470, 190), 62), lean=0.8)
    mark("#d9795d", points("700,440 840,340 1010,440"), lean=1.2)
    mark("#e7b98a", points("716,440 996,440 990,556 722,560"), lean=0)
    lines = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(lines)

    def draw(line: list[Point], wide: int = 3, times: int = 2) -> None:
        for _ in range(times):
            dx, dy = random.normal(0, 1.3, 2)
            shaken = [
                (2 * (px + dx + random.normal(0, 0.5)), 2 * (py + dy + random.normal(0, 0.5)))
                for px, py in line
            ]
            pen.line(shaken, fill=int(random.integers(180, 255)), width=wide + 1, joint="curve")

    for line in [
        curve("0,560 160,330 230,250 330,380 460,520 560,600"),
        curve("230,250 250,330 220,400 260,470"),
        curve("380,520 520,420 600,380 690,470"),
        curve("0,640 300,628 700,646 1200,630"),
        curve("420,650 560,560 760,520 1000,540 1200,500"),
        points("700,440 840,340 1010,440 700,440"),
        points("716,440 722,560 990,556 996,440"),
        points("920,386 920,330 950,330 950,404"),
        points("830,558 830,480 880,480 880,557"),
        points("750,470 800,470 800,516 750,516 750,470"),
        points("775,470 775,516"),
        points("750,493 800,493"),
        points("912,470 962,470 962,516 912,516 912,470"),
        curve("935,326 950,290 920,260 960,220 940,180"),
    ]:
        draw(line)
    for n in range(70):
        px = 130 + n * 4.4
        draw([(px, 300 + abs(px - 230) * 1.15), (px - 34, 380 + abs(px - 230) * 1.1)], 2, 1)
    for row in range(9):
        draw([(718, 452 + row * 12), (994, 452 + row * 12)], 1, 1)
    for n in range(24):
        draw([(708 + n * 12.4, 438), (760 + n * 6.6, 396)], 1, 1)
    for _ in range(90):
        px, py = random.uniform(20, 1180), random.uniform(655, 790)
        draw([(px, py), (px + random.uniform(14, 70), py + random.normal(0, 1))], 2, 1)
    for px, base, tall in ((1080, 600, 300), (1140, 640, 360), (640, 600, 170), (600, 615, 120)):
        draw([(px, base), (px + 3, base - tall)])
        for n in range(14):
            wide, py = 8 + n * tall / 55, base - tall + n * tall / 15
            draw(
                curve(
                    [(px - wide, py + wide * 0.5), (px, py), (px + wide, py + wide * 0.55)], steps=5
                ),
                3,
                2,
            )
    for _ in range(120):
        px = random.uniform(440, 1190)
        py = 690 - (px - 440) * 0.12 + random.normal(0, 16)
        draw([(px, py), (px + random.normal(0, 5), py - random.uniform(8, 24))], 2, 1)
    pencil = Image.new("RGBA", (width, height), "#33313a")
    grain = np.clip(0.62 + 0.7 * (clouds(random, width, height, 4, 2) - 0.4), 0, 1)
    # Sixteen greys are enough for a pencil, and a quarter of the bytes.
    pencil.putalpha(Image.fromarray(np.uint8(np.asarray(lines.reduce(2)) * grain) & 0xF0))
    return [
        ("Paper", image(sheet).convert("RGBA")),
        ("Markers", Image.fromarray(np.uint8(colour * 255))),
        ("Pencil", pencil),
    ]
