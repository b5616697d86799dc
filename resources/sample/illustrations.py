# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures for books: gouache, cut paper and airbrush."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from brushes import (
    Point,
    between,
    clouds,
    curve,
    disc,
    glow,
    image,
    lay,
    paper,
    plain,
    points,
    rgb,
    shape,
    sky,
)

Random = np.random.Generator


def night_tram(random: Random) -> Image.Image:
    """Gouache: a wet street after ten, all windows, wires and one yellow tram."""
    width, height, kerb = 1080, 1440, 1010
    scene = sky(width, height, (0, "#0b1030"), (0.5, "#27305f"), (0.7, "#5b3a68"), (1, "#171a38"))
    scene = lay(scene, "#f4e9c9", shape(width, height, disc((820, 210), 62)))
    scene = lay(scene, "#8fa0d8", 0.35 * glow(width, height, (820, 210), 150))
    for layer, (tone, low, tall) in enumerate(
        [("#2a2f62", 330, 300), ("#1d2150", 430, 380), ("#12153a", 560, 430)]
    ):
        x = -30
        while x < width:
            wide = int(random.integers(90, 190))
            top = int(
                low + random.integers(0, tall) * (0.4 + 0.6 * abs(x + wide / 2 - 520) ** 0.5 / 23)
            )
            roof = random.integers(0, 3)
            peak = (
                [(x + wide / 2, top - 60)]
                if roof == 0
                else [(x + wide * 0.25, top - 24), (x + wide * 0.75, top - 24)]
            )
            scene = lay(
                scene,
                between(tone, "#4b3d78", random.uniform(0, 0.35)),
                shape(
                    width,
                    height,
                    [(x, kerb), (x, top), *peak, (x + wide, top), (x + wide, kerb)],
                    scale=2,
                ),
            )
            panes = []
            for row in range(top + 22, kerb - 60, 46 - 6 * layer):
                lit = random.random(wide) < 0.42
                panes += [
                    [(at, row), (at + 13, row), (at + 13, row + 22), (at, row + 22)]
                    for at in range(x + 14, x + wide - 22, 30)
                    if lit[at - x]
                ]
            if panes:
                warm = ["#f6c667", "#ffdf9e", "#e98a5b"][layer]
                scene = lay(
                    scene, warm, shape(width, height, *panes, scale=1) * (0.5 + 0.18 * layer)
                )
            x += wide + int(random.integers(-8, 12))
    for colour, parts in _tram(150, 792):
        scene = lay(scene, colour, shape(width, height, *parts))
    lines = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(lines)
    pen.line([(x * 2, y * 2) for x, y in curve("-10,640 520,712 1090,610")], fill=255, width=4)
    pen.line([(x * 2, y * 2) for x, y in curve("-10,700 520,735 1090,690")], fill=255, width=3)
    pen.line(points("620,1584 740,1430 860,1584"), fill=255, width=6)
    scene = lay(scene, "#05071a", np.asarray(lines.reduce(2)) / 255)
    street = scene[kerb - 1 - (np.arange(height - kerb) * 1.5).astype(int)]
    street = street * np.linspace(0.75, 0.3, height - kerb)[:, None, None] + rgb("#10142e") * 0.25
    shift = (18 * (clouds(random, 4, height - kerb, 26, 3)[:, 0] - 0.5)).astype(int)
    street = np.stack([np.roll(row, move, axis=0) for row, move in zip(street, shift, strict=True)])
    picture = np.concatenate([scene[:kerb], street])
    rails = shape(
        width,
        height,
        [(210, kerb), (216, kerb), (60, height), (30, height)],
        [(526, kerb), (532, kerb), (860, height), (830, height)],
    )
    picture = lay(picture, "#a7b4d8", rails * 0.5)
    for x in (720, 960):
        picture = lay(
            picture,
            "#0a0c20",
            shape(width, height, [(x - 5, 610), (x + 5, 610), (x + 8, 1030), (x - 8, 1030)]),
        )
        picture += 0.75 * glow(width, height, (x, 612), 46)[..., None] * rgb("#ffd58a")
        picture += 0.3 * glow(width, height, (x, 1180), 60)[..., None] * rgb("#ffb35a")
    drops = Image.new("L", (width, height))
    pen = ImageDraw.Draw(drops)
    for x, y, long in zip(
        random.integers(0, width, 700),
        random.integers(0, height, 700),
        random.integers(14, 46, 700),
        strict=True,
    ):
        pen.line((x, y, x - long / 4, y + long), fill=int(random.integers(30, 110)))
    picture = lay(picture, "#cfd8ff", np.asarray(drops) / 255)
    return image(paper(random, np.clip(picture, 0, 1), 0.1))


def _tram(x: float, y: float) -> list[tuple[str, list[list[Point]]]]:
    """Give the parts of a tram whose roof begins at (x, y), back to front."""
    car = curve("0,193 -4,58 30,8 220,0 410,8 444,58 440,193")
    stripe = points("-2,126 442,126 442,154 -2,154")
    panes = [[(at, 34.0), (at + 74, 34), (at + 74, 104), (at, 104)] for at in (26.0, 114, 202, 290)]
    front = points("372,34 420,42 424,104 372,104")
    seats = [60.0, 158, 236, 334]
    heads = [disc((at, 80), 15) for at in seats]
    shoulders = [curve([(at - 24, 106), (at, 88), (at + 24, 106)]) for at in seats]
    parts = [
        ("#f2b632", [car]),
        ("#b3502f", [stripe]),
        ("#fff3cf", [*panes, front]),
        ("#3a2b4d", [*heads, *shoulders]),
    ]
    return [
        (colour, [[(x + px, y + py) for px, py in outline] for outline in outlines])
        for colour, outlines in parts
    ]


def woman_with_a_heron(random: Random) -> Image.Image:
    """Cut paper: a profile in big calm shapes, and the bird that sits where a hat would."""
    width, height = 1100, 1375
    sheet = plain(width, height, "#e7c9a9")
    cut = [
        ("#d98e5f", disc((610, 560), 430)),
        ("#f0dcc0", disc((610, 560), 330)),
        (
            "#26413c",
            [
                (130, 1375),
                *curve("130,1375 230,1180 420,1090 620,1080 800,1140 930,1260 980,1375"),
            ],
        ),
        (
            "#b86b4b",
            [
                (470, 1140),
                *curve("470,1140 505,1040 498,900"),
                (690, 880),
                *curve("690,880 690,1030 730,1130"),
                *curve("730,1130 620,1200 470,1140"),
            ],
        ),
        (
            "#3b1f2b",
            curve(
                "470,470 540,390 680,370 800,450 850,600 830,760 880,900 850,1000 760,960 "
                "690,860 560,700 470,470"
            ),
        ),
        (
            "#cd8259",
            curve(
                "470,480 430,560 416,640 372,724 410,748 402,792 420,806 410,838 436,880 "
                "520,930 640,900 700,790 690,620 620,500 470,480"
            ),
        ),
        (
            "#3b1f2b",
            curve(
                "455,500 520,430 640,410 740,480 790,600 770,720 716,700 660,600 560,540 455,500"
            ),
        ),
        ("#b86b4b", disc((668, 700), 34, 1.35)),
        ("#e3b23c", disc((672, 772), 15, 1.5)),
        (
            "#a3423c",
            curve("398,800 430,796 462,812 430,826 404,830 412,812 398,800"),
        ),
        ("#3b1f2b", curve("430,640 470,622 520,640 474,634 430,640")),
        ("#3b1f2b", curve("440,668 474,650 510,668 474,676 440,668")),
        ("#e8a87c", disc((520, 770), 44, 0.8)),
        (
            "#5d7f8c",
            curve("560,392 640,300 790,270 930,330 1010,430 900,420 820,440 700,440 560,392"),
        ),
        (
            "#7fa3ad",
            curve("640,372 740,310 880,340 960,420 850,392 740,410 640,372"),
        ),
        (
            "#5d7f8c",
            curve(
                "600,400 520,340 500,250 560,190 560,130 500,110 470,140 520,160 500,210 "
                "440,270 470,370 560,430 600,400"
            ),
        ),
        ("#f4ead8", curve("470,140 500,110 556,118 560,140 520,160 470,140")),
        ("#e3a23c", points("474,128 300,160 476,150")),
        ("#20262b", disc((508, 130), 7)),
        ("#20262b", curve("548,116 600,104 650,128 600,122 548,130 548,116")),
    ]
    for colour, outline in cut:
        piece = shape(width, height, outline)
        shadow = shape(width, height, [(x + 6, y + 9) for x, y in outline], soft=9)
        sheet = lay(sheet, "#4a2f22", np.clip(shadow - piece, 0, 1) * 0.45)
        fibre = 0.1 * (clouds(random, width, height, 14, 3) - 0.5) + 0.08 * (
            clouds(random, width, height, 240, 3) - 0.5
        )
        sheet = (
            sheet * (1 - piece[..., None])
            + np.clip(rgb(colour) * (1 + fibre[..., None]), 0, 1) * piece[..., None]
        )
    stems = []
    for x in (178, 236, 300, 860, 930, 990):
        tall = float(random.uniform(430, 620))
        stems.append(
            [
                (x - 4, height),
                *curve([(x - 4, height), (x + 14, height - tall / 2), (x, height - tall)]),
                *curve([(x, height - tall), (x + 22, height - tall / 2), (x + 6, height)]),
            ]
        )
        for n in range(5):
            y = height - tall + 30 + n * tall / 6
            side = 1 if n % 2 else -1
            stems.append(
                curve(
                    [
                        (x + 6, y + 60),
                        (x + side * 30, y + 10),
                        (x + side * 86, y - 22),
                        (x + side * 50, y + 42),
                        (x + 6, y + 60),
                    ]
                )
            )
    leaves = shape(width, height, *stems)
    shadow = shape(width, height, *([(x + 6, y + 8) for x, y in stem] for stem in stems), soft=4)
    sheet = lay(lay(sheet, "#4a2f22", np.clip(shadow - leaves, 0, 1) * 0.3), "#3f6656", leaves)
    return image(paper(random, np.clip(sheet, 0, 1), 0.05))


def whale_among_stars(random: Random) -> Image.Image:
    """Airbrush and dots: a star chart in which somebody has seen a whale."""
    width, height = 1400, 1000
    y, x = np.mgrid[0:height, 0:width]
    night = lay(
        sky(width, height, (0, "#070b24"), (0.6, "#13245a"), (1, "#1d5c7a")),
        "#3a1d66",
        clouds(random, width, height, 620, 6) ** 2 * 0.8,
    )
    river = np.exp(
        -(((y - 620 + x * 0.28 + 160 * (clouds(random, width, height, 500, 4) - 0.5)) / 130) ** 2)
    )
    night = lay(night, "#c9a7d8", river * clouds(random, width, height, 170, 6) ** 2 * 0.75)
    night = lay(
        night, "#05081c", river * np.clip(clouds(random, width, height, 120, 6) - 0.62, 0, 1) * 2
    )
    whale = curve(
        "250,520 300,400 440,330 640,320 840,380 980,450 1080,440 1150,360 1240,330 1200,420 "
        "1250,520 1160,500 1090,510 980,560 820,620 600,650 400,630 280,590 250,520"
    )
    inside = shape(width, height, whale, soft=3)
    night = lay(night, "#7fb7e6", inside * (0.2 + 0.35 * clouds(random, width, height, 90, 5)))
    night = lay(
        night,
        "#dff3ff",
        np.clip(
            shape(width, height, whale, soft=7) - shape(width, height, whale, soft=1) * 0.9, 0, 1
        )
        * 0.8,
    )
    belly = np.zeros((height, width))
    for n in range(9):
        groove = curve(
            [
                (262 + 4 * n, 540 + 7 * n),
                (380, 566 + 8 * n),
                (560, 590 + 6 * n),
                (700 - 14 * n, 600 + 4 * n),
            ]
        )
        belly += shape(
            width, height, [*groove, *((gx, gy + 2.6) for gx, gy in reversed(groove))], scale=3
        )
    night = lay(night, "#e8f6ff", belly * inside * 0.5)
    fin = curve("560,600 620,720 720,800 740,720 690,630 560,600")
    night = lay(night, "#8fc6ee", shape(width, height, fin, soft=2) * 0.6)
    eye = (352, 516)
    night = lay(night, "#05081c", shape(width, height, disc(eye, 11)))
    stars = np.zeros((height, width))
    for px, py, size in zip(
        random.integers(3, width - 3, 1500),
        random.integers(3, height - 3, 1500),
        random.exponential(0.5, 1500),
        strict=True,
    ):
        stars[py, px] += min(0.3 + size, 1.6)
    soft = Image.fromarray(np.uint8(np.clip(stars, 0, 1) * 255))
    night += 1.1 * (np.asarray(soft) / 255)[..., None] + 2.2 * (
        np.asarray(soft.filter(ImageFilter.GaussianBlur(1.6))) / 255
    )[..., None] * rgb("#cfe4ff")
    marks = [whale[at] for at in (10, 40, 78, 110, 150, 196, 236, 262, 300, 340, 380, 410)]
    net = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(net)
    pen.line([(px * 2, py * 2) for px, py in [*marks, marks[0]]], fill=150, width=3)
    pen.line([(px * 2, py * 2) for px, py in (marks[1], eye, marks[10])], fill=110, width=3)
    night = lay(night, "#ffe9b0", np.asarray(net.reduce(2)) / 255)
    for px, py in [*marks, eye]:
        night += 0.9 * glow(width, height, (px, py), 4.4)[..., None] * rgb("#fff4cf") + 0.3 * glow(
            width, height, (px, py), 16
        )[..., None] * rgb("#ffdf9a")
    spout = [
        disc((300 + 60 * np.sin(n / 3) * n / 22 + random.normal(0, 5), 380 - 12 * n), 2.4)
        for n in range(24)
    ]
    night = lay(night, "#dff3ff", shape(width, height, *spout) * 0.9)
    return image(night)
