# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: C901  # a picture is drawn from first to last stroke
"""Prints in a few flat inks: a poster, a fabric and a postcard."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from brushes import Point, below, clouds, curve, disc, image, lay, plain, points, rgb, ridge, shape

Random = np.random.Generator


def lighthouse_poster(_random: Random) -> Image.Image:
    """Flat vectors in six colours: a lighthouse, its beams, and waves like roof tiles."""
    width, height = 1080, 1440
    sheet = plain(width, height, "#f2e3c6")
    lamp = (540, 420)
    for at in range(24):
        turn, wide = at * 2 * np.pi / 24, np.pi / 24
        if at % 2 == 0:
            ray = [
                lamp,
                (540 + 1500 * np.cos(turn - wide), 420 + 1500 * np.sin(turn - wide)),
                (540 + 1500 * np.cos(turn + wide), 420 + 1500 * np.sin(turn + wide)),
            ]
            sheet = lay(sheet, "#f0b856", shape(width, height, ray))
    sheet = lay(sheet, "#e4572e", shape(width, height, disc(lamp, 190)))
    rock = curve("200,1130 320,1010 420,980 640,976 770,1030 900,1150")
    sheet = lay(sheet, "#17324d", shape(width, height, [*rock, (900, 1300), (200, 1300)]))
    tower = points("452,990 490,480 590,480 628,990")
    sheet = lay(sheet, "#fffaf0", shape(width, height, tower))
    for low, high in ((560, 640), (730, 820), (910, 990)):
        left = [452 + (990 - y) * 38 / 510 for y in (low, high)]
        sheet = lay(
            sheet,
            "#c1272d",
            shape(
                width,
                height,
                [(left[0], low), (1080 - left[0], low), (1080 - left[1], high), (left[1], high)],
            ),
        )
    sheet = lay(
        sheet,
        "#17324d",
        shape(
            width,
            height,
            points("468,462 612,462 600,490 480,490"),
            points("498,372 582,372 582,384 498,384"),
            points("506,372 540,310 574,372"),
            *[[(x, 380), (x + 5, 380), (x + 5, 464), (x, 464)] for x in (500, 527, 550, 576)],
        ),
    )
    sheet = lay(
        sheet,
        "#fff3b0",
        shape(width, height, points("508,384 574,384 574,460 508,460")) * 0.95,
    )
    sheet = lay(
        sheet,
        "#17324d",
        shape(
            width,
            height,
            [(526, 990), (526, 930), *curve("526,930 540,906 554,930"), (554, 990)],
            disc((540, 690), 13),
            disc((540, 870), 13),
        ),
    )
    for row in range(7):
        y = 1120 + row * 62
        for step, tone in enumerate(("#2a9d8f", "#1b6f79", "#17324d", "#f2e3c6")):
            arcs = [disc((at * 132 + (row % 2) * 66, y + 60), 74 - 18 * step) for at in range(10)]
            sheet = lay(sheet, tone, shape(width, height, *arcs, scale=2))
    for x, y, size in ((250, 300, 46), (190, 380, 32), (820, 250, 52), (880, 360, 30)):
        bird = [
            *curve([(x - size, y - size * 0.3), (x - size * 0.5, y - size * 0.55), (x, y)]),
            *curve([(x, y), (x + size * 0.5, y - size * 0.55), (x + size, y - size * 0.3)]),
            *curve(
                [(x + size, y - size * 0.3), (x + size * 0.5, y - size * 0.38), (x, y + size * 0.2)]
            ),
            *curve(
                [(x, y + size * 0.2), (x - size * 0.5, y - size * 0.38), (x - size, y - size * 0.3)]
            ),
        ]
        sheet = lay(sheet, "#17324d", shape(width, height, bird))
    frame = np.ones((height, width))
    frame[44:-44, 44:-44] = 0
    return image(lay(sheet, "#fffaf0", frame))


def tide_table_pattern(random: Random) -> Image.Image:
    """Block print: herring, kelp and shells that go on for ever in every direction."""
    side, tile = 1200, 300
    ink = Image.new("L", (tile * 3, tile * 3))
    red = Image.new("L", (tile * 3, tile * 3))

    def stamp(on: Image.Image, outline: list[Point], fill: int = 255) -> None:
        pen = ImageDraw.Draw(on)
        for dx in (-tile, 0, tile):
            for dy in (-tile, 0, tile):
                pen.polygon([((x + dx) * 3, (y + dy) * 3) for x, y in outline], fill=fill)

    for cx, cy, way in ((70, 70, 1), (220, 70, 1), (145, 220, -1), (-5, 220, -1)):
        body = curve(
            [
                (cx - 62 * way, cy),
                (cx - 20 * way, cy - 26),
                (cx + 34 * way, cy - 12),
                (cx + 52 * way, cy),
                (cx + 34 * way, cy + 12),
                (cx - 20 * way, cy + 26),
                (cx - 62 * way, cy),
            ]
        )
        stamp(ink, body)
        stamp(
            ink,
            [
                (cx + 46 * way, cy),
                (cx + 74 * way, cy - 24),
                (cx + 66 * way, cy),
                (cx + 74 * way, cy + 24),
            ],
        )
        stamp(ink, disc((cx - 44 * way, cy - 5), 5), 0)
        for n in range(5):
            x = cx + (-18 + 13 * n) * way
            stamp(
                ink,
                curve(
                    [
                        (x, cy - 14 + n * 1.5),
                        (x + 7 * way, cy),
                        (x, cy + 14 - n * 1.5),
                        (x + 3.4 * way, cy),
                        (x, cy - 14 + n * 1.5),
                    ],
                    steps=8,
                ),
                0,
            )
    for cx, cy in ((0, 0), (150, 0), (75, 150), (225, 150)):
        for n in range(7):
            turn = -np.pi / 2 + (n - 3) * 0.32
            tip = (cx + 44 * np.cos(turn), cy + 18 + 44 * np.sin(turn))
            stamp(
                red,
                curve(
                    [
                        (cx, cy + 18),
                        (tip[0] - 4, tip[1] + 3),
                        tip,
                        (tip[0] + 4, tip[1] + 3),
                        (cx, cy + 18),
                    ],
                    steps=8,
                ),
            )
        stamp(red, disc((cx, cy + 20), 9, 0.6))
    for cx, cy, lean in ((150, 128, 1), (0, 128, -1), (75, 278, 1), (225, 278, -1)):
        frond = curve(
            [
                (cx - 40 * lean, cy + 14),
                (cx - 14 * lean, cy - 4),
                (cx + 14 * lean, cy + 6),
                (cx + 44 * lean, cy - 12),
            ]
        )
        for at, down in frond[::7]:
            stamp(ink, disc((at, down - 9), 6, 0.7))
            stamp(ink, disc((at + 6, down + 9), 6, 0.7))
        stamp(ink, [*frond, *((at, down + 4) for at, down in reversed(frond))])
    repeats = side // tile
    worn = clouds(random, side, side, 9, 3)
    sheet = lay(plain(side, side, "#f4efe2"), "#e9dfc8", clouds(random, side, side, 300, 4) * 0.7)
    for block, colour in ((ink, "#1f3a5f"), (red, "#d1495b")):
        print_of = np.tile(np.asarray(block.reduce(3)) / 255, (repeats, repeats))
        sheet = lay(sheet, colour, print_of * np.clip(0.72 + worn * 0.6, 0, 1))
    return image(sheet)


def tent_under_aurora(random: Random) -> Image.Image:
    """Screen print in few inks: green light, black spruces, one lit tent."""
    width, height = 1200, 800
    y = np.arange(height)[:, None]
    light = np.zeros((height, width))
    for n in range(3):
        fold = (
            300
            - 70 * n
            + 90 * (clouds(random, width, 3, 420, 3)[1] - 0.3)
            + 40 * np.sin(np.arange(width) / (90 + 30 * n) + n)
        )
        up = fold[None] - y
        pleat = 0.55 + 0.45 * clouds(random, width, 3, 46, 4)[1][None]
        light = np.maximum(
            light, np.where(up > 0, np.exp(-up / (110 + 60 * pleat)), np.exp(up / 14)) * pleat
        )
    inks = ["#0c1633", "#12324a", "#17585a", "#2a8f6d", "#7bd389", "#d8f5b0"]
    step = np.clip(light * 6.2 + (random.random((height, width)) - 0.5) * 0.55, 0, 5).astype(int)
    sheet = np.array([rgb(ink) for ink in inks])[step]
    star = (random.random((height // 2, width // 2)) > 0.9985).repeat(2, 0).repeat(2, 1)
    sheet[star & (step < 2) & (y < 500)] = rgb("#f3f7d8")
    for base, tall, cell, ink in ((600, 150, 300, "#10243f"), (640, 90, 200, "#0a1a30")):
        sheet = lay(sheet, ink, below(width, height, ridge(random, width, base, tall, cell)) > 0.5)
    snow = 660 + 30 * clouds(random, width, 3, 500, 3)[1]
    sheet = lay(sheet, "#1f4f66", below(width, height, snow) > 0.5)
    sheet = lay(
        sheet,
        "#2f7f80",
        (below(width, height, snow + 10) > 0.5) * (clouds(random, width, height, 90, 3) > 0.58),
    )
    trees = []
    for tx, base, tall in [
        (60, 730, 430),
        (150, 700, 300),
        (230, 690, 210),
        (900, 690, 190),
        (975, 705, 300),
        (1060, 740, 420),
        (1150, 770, 520),
    ]:
        for tier in range(9):
            wide = tall * (0.05 + 0.022 * tier)
            top = base - tall + tall * 0.095 * tier
            trees.append(
                [
                    (tx, top),
                    (tx + wide, top + tall * 0.19),
                    (tx + wide * 0.3, top + tall * 0.16),
                    (tx - wide * 0.3, top + tall * 0.16),
                    (tx - wide, top + tall * 0.2),
                ]
            )
        trees.append(
            [(tx - 6, base - 60), (tx + 6, base - 60), (tx + 7, base + 12), (tx - 7, base + 12)]
        )
    sheet = lay(sheet, "#060c1c", shape(width, height, *trees) > 0.5)
    sheet = lay(sheet, "#f08a3c", shape(width, height, points("500,720 590,590 690,720")) > 0.5)
    sheet = lay(sheet, "#ffd37a", shape(width, height, points("530,720 590,606 640,720")) > 0.5)
    sheet = lay(
        sheet,
        "#b5532a",
        shape(width, height, points("590,590 640,604 740,716 690,720")) > 0.5,
    )
    sheet = lay(
        sheet,
        "#060c1c",
        shape(
            width,
            height,
            disc((582, 668), 11),
            points("566,720 568,692 582,680 596,692 600,720"),
            points("587,600 590,574 594,600"),
        )
        > 0.5,
    )
    return image(sheet)
