# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Oil and acrylic: pictures whose strokes show."""

from __future__ import annotations

import numpy as np
from PIL import Image

from brushes import (
    Point,
    below,
    clouds,
    curve,
    disc,
    glow,
    image,
    lay,
    paint,
    points,
    rgb,
    ridge,
    shape,
    sky,
)

Random = np.random.Generator


def fjord_at_first_light(random: Random) -> Image.Image:
    """Oil: mountains behind one another in the haze, and all of it again in the water."""
    width, height, shore = 1440, 960, 610
    scene = sky(width, shore, (0, "#3d5a80"), (0.45, "#c98f8f"), (0.75, "#f4c095"), (1, "#fbe3b5"))
    scene += 0.45 * glow(width, shore, (930, 470), 130)[..., None] * rgb("#ffd9a0")
    veil = clouds(random, width, shore, 520, 5) * np.linspace(1, 0.2, shore)[:, None]
    scene = lay(scene, "#f9e2c8", np.clip(veil * 1.5 - 0.75, 0, 0.7))
    ranges = [
        (500, 210, 620, "#8a8fb0"),
        (545, 250, 480, "#66749c"),
        (585, 230, 380, "#3f557f"),
        (622, 200, 300, "#22364f"),
    ]
    for base, tall, cell, colour in ranges:
        line = ridge(random, width, base, tall, cell)
        light = clouds(random, width, shore, 60, 4) - 0.5
        scene = lay(scene, colour, below(width, shore, line))
        scene = lay(scene, "#f2b98c", below(width, shore, line) * np.clip(light, 0, 1) * 0.5)
        mist = np.exp(-np.abs(np.arange(shore)[:, None] - base - 10) / 60) * 0.55
        scene = lay(scene, "#f1cdb0", mist * np.ones((1, width)))
    rows = np.clip(shore - 1 - np.arange(height - shore) * 1.6, 0, shore - 1).astype(int)
    water = scene[rows] * 0.82 + rgb("#27465f") * 0.1
    waves = clouds(random, width // 8, height - shore, 12, 3).repeat(8, axis=1)
    water = lay(water, "#fde6c4", np.clip(waves - 0.72, 0, 1) * 1.6)
    picture = np.clip(np.concatenate([scene, water]), 0, 1)
    boat = shape(
        width,
        height,
        curve("420,742 470,764 540,766 596,738"),
        curve("500,738 502,640 506,640 508,738"),
    )
    sail = shape(width, height, points("510,646 512,728 580,726"))
    picture = lay(lay(picture, "#1d2b3a", boat), "#f6e7d0", sail)
    return image(paint(random, picture, [(70, 16), (42, 8), (22, 4)], lean=0.05, wander=420))


def lemons_and_blue_jug(random: Random) -> Image.Image:
    """Oil, thick: three lemons, half a fourth, and the jug from the kitchen window."""
    width, height = 1360, 1020
    scene = lay(
        sky(width, height, (0, "#6d7f73"), (1, "#93a08a")),
        "#4d5f5c",
        clouds(random, width, height, 500, 4) * 0.6,
    )
    table = below(width, height, np.full(width, 640.0))
    scene = lay(scene, "#e8dcc6", table)
    scene = lay(scene, "#c9b79a", table * clouds(random, width, height, 420, 4) * 0.8)
    for at in range(9):
        x = 90 + at * 150
        scene = lay(
            scene,
            "#b84a3a",
            shape(
                width,
                height,
                [
                    (x, 640),
                    (x + 26, 640),
                    (680 + (x + 26 - 680) * 1.5, height),
                    (680 + (x - 680) * 1.5, height),
                ],
            )
            * 0.55,
        )
    y, x = np.mgrid[0:height, 0:width]

    def round_thing(
        outline: list[Point], tones: tuple[str, str, str], centre: Point, size: float
    ) -> None:
        nonlocal scene
        colour, dark, light = tones
        shadow = shape(
            width,
            height,
            [(px + size * 0.55, py * 0.32 + (centre[1] + size * 0.8) * 0.68) for px, py in outline],
            soft=18,
        )
        scene = lay(scene, "#5a4a52", shadow * 0.65)
        inside = shape(width, height, outline)
        turn = ((x - centre[0]) * 0.75 + (y - centre[1]) * 0.66) / size
        scene = lay(scene, colour, inside)
        scene = lay(scene, dark, inside * np.clip(turn * 0.95, 0, 0.9))
        scene = lay(scene, light, inside * np.clip(-turn * 1.05 - 0.1, 0, 0.85))
        scene = lay(
            scene,
            "#fffdf2",
            inside
            * glow(width, height, (centre[0] - size * 0.38, centre[1] - size * 0.4), size * 0.12)
            * 0.9,
        )

    jug = curve(
        "300,700 250,560 280,430 350,340 352,250 330,200 420,190 520,196 500,250 504,340 "
        "580,430 612,560 560,700 430,724 300,700"
    )
    handle = [
        *curve("520,260 660,250 700,360 610,480"),
        *curve("590,440 650,360 630,300 514,310"),
    ]
    scene = lay(scene, "#2a4d7a", shape(width, height, handle))
    round_thing(jug, ("#3a6ea5", "#16304f", "#8fb8dc"), (440, 480), 260)
    band = shape(width, height, jug) * (np.abs(y - 470 - 26 * np.sin(x / 26)) < 13)
    scene = lay(scene, "#f2efe2", band * 0.85)
    dots = [disc((300 + 44 * n, 560 + 8 * np.sin(n)), 11) for n in range(7)]
    scene = lay(scene, "#f2efe2", shape(width, height, *dots) * shape(width, height, jug) * 0.8)
    for cx, cy, size, turn in ((760, 700, 118, 0.25), (1010, 720, 112, -0.4), (880, 600, 100, 0.9)):
        rim = [
            (
                size * (1 + 0.13 * abs(np.cos(t)) ** 14 + 0.03 * np.cos(2 * t)) * np.cos(t),
                0.78 * size * np.sin(t),
            )
            for t in np.linspace(0, 2 * np.pi, 120)
        ]
        lemon = [
            (cx + a * np.cos(turn) - b * np.sin(turn), cy + a * np.sin(turn) + b * np.cos(turn))
            for a, b in rim
        ]
        round_thing(lemon, ("#f2c230", "#a8701c", "#fdeb8f"), (cx, cy), size)
    round_thing(disc((560, 800), 100, 0.94), ("#f0c537", "#b07a1e", "#fbe88a"), (560, 800), 100)
    scene = lay(scene, "#fdf6d2", shape(width, height, disc((552, 796), 88, 0.95)))
    for n in range(9):
        turn = n * 2 * np.pi / 9 + 0.2
        wedge = curve(
            [
                (552 + 12 * np.cos(turn), 796 + 11 * np.sin(turn)),
                (552 + 70 * np.cos(turn - 0.26), 796 + 66 * np.sin(turn - 0.26)),
                (552 + 76 * np.cos(turn), 796 + 72 * np.sin(turn)),
                (552 + 70 * np.cos(turn + 0.26), 796 + 66 * np.sin(turn + 0.26)),
                (552 + 12 * np.cos(turn), 796 + 11 * np.sin(turn)),
            ],
            steps=8,
        )
        scene = lay(scene, "#f3d34e", shape(width, height, wedge))
    for lx, ly, way in ((900, 520, 1), (830, 512, -1)):
        leaf = curve(
            [
                (870, 536),
                (lx, ly - 30),
                (lx + 90 * way, ly - 50),
                (lx + 20 * way, ly + 14),
                (870, 536),
            ]
        )
        scene = lay(scene, "#3f6b3c", shape(width, height, leaf))
        scene = lay(
            scene,
            "#86a85a",
            shape(
                width,
                height,
                curve(
                    [
                        (870, 536),
                        (lx, ly - 30),
                        (lx + 90 * way, ly - 50),
                        (lx + 10 * way, ly - 18),
                        (870, 536),
                    ]
                ),
            ),
        )
    return image(
        paint(
            random,
            np.clip(scene, 0, 1),
            [(60, 22), (34, 12), (18, 6)],
            wander=190,
            lean=0.8,
            jitter=0.045,
        )
    )


def fox_in_birches(random: Random) -> Image.Image:
    """Acrylic: white trunks, October leaves, and somebody looking back."""
    width, height = 960, 1440
    scene = sky(width, height, (0, "#f6d9a0"), (0.4, "#eeb75f"), (0.66, "#b9642d"), (1, "#5a2f1e"))
    leaves = clouds(random, width, height, 150, 6)
    scene = lay(scene, "#d9822b", (leaves > 0.52) * np.linspace(1, 0.2, height)[:, None])
    scene = lay(
        scene,
        "#f7c948",
        (clouds(random, width, height, 80, 6) > 0.62) * np.linspace(1, 0.1, height)[:, None],
    )
    scene = lay(scene, "#8c3b1b", (clouds(random, width, height, 60, 6) > 0.72) * 0.8)
    for depth, (count, wide, tone, foot) in enumerate(
        [(13, 17, "#d8b98a", 1010), (8, 34, "#e9dcc0", 1120), (4, 66, "#f7f3e6", 1320)]
    ):
        xs = (np.arange(count) + random.uniform(0.15, 0.85, count)) * width / count
        if depth == 2:  # nobody stands in front of the fox
            xs = np.where((xs > 300) & (xs < 470), 214, np.where((xs >= 470) & (xs < 640), 750, xs))
        for x in xs:
            sway = float(random.normal(0, 16))
            left = curve([(x, -10), (x + sway, 500), (x - 4, 900), (x - wide * 0.16, foot)])
            right = curve(
                [
                    (x + wide * 1.05, foot),
                    (x + wide * 0.88, 900),
                    (x + wide * 0.8 + sway, 500),
                    (x + wide * 0.7, -10),
                ]
            )
            trunk = shape(width, height, [*left, *right], scale=2)
            scene = lay(scene, tone, trunk)
            shade = np.clip(
                (
                    np.arange(width)[None]
                    - x
                    - wide * 0.45
                    - sway * np.sin(np.arange(height)[:, None] / 320)
                )
                / wide,
                0,
                1,
            )
            scene = lay(scene, "#8f7a78", trunk * shade * 0.75)
            marks = []
            for _ in range(9 + 8 * depth):
                my, mw = (
                    float(random.uniform(0, foot - 20)),
                    float(random.uniform(0.25, 0.85)) * wide,
                )
                mx = x + sway * np.sin(np.pi * my / 1000) + float(random.choice([0, 0, wide - mw]))
                marks.append(
                    curve(
                        [
                            (mx, my),
                            (mx + mw / 2, my + 4 + 2 * depth),
                            (mx + mw, my),
                            (mx + mw / 2, my - 2 - 2 * depth),
                            (mx, my),
                        ],
                        steps=6,
                    )
                )
            scene = lay(
                scene, "#2c2322", shape(width, height, *marks, scale=2) * np.clip(trunk, 0, 1)
            )
        haze = np.clip((np.arange(height)[:, None] - 700) / 500, 0, 1) * np.ones((1, width))
        scene = lay(scene, ["#e39a48", "#c86f2d", "#8c3b1b"][depth], haze * (0.45 - 0.12 * depth))
    floor = below(width, height, 1190 + 40 * clouds(random, width, 3, 200, 5)[1])
    scene = lay(scene, "#6b3018", floor * 0.85)
    scene = lay(scene, "#d9822b", floor * (clouds(random, width, height, 26, 4) > 0.6) * 0.9)
    fur, cream, dark = "#e2571e", "#fbeedb", "#2a1a17"
    tail = curve("330,1210 226,1190 170,1250 200,1330 300,1346 390,1300 420,1260 330,1210")
    body = curve(
        "380,1140 480,1100 560,1110 590,1190 588,1340 560,1350 540,1250 470,1262 430,1350 "
        "396,1350 372,1240 380,1140"
    )
    head = [
        *curve("520,1080 560,1020 640,1010 690,1060 706,1110"),
        (730, 1146),
        (690, 1160),
        *curve("690,1160 620,1180 550,1160 520,1080"),
    ]
    for tone, outline in [
        (fur, tail),
        (
            cream,
            curve("170,1250 176,1300 212,1336 256,1346 236,1300 208,1262 170,1250"),
        ),
        (fur, body),
        (dark, points("540,1290 588,1290 588,1352 556,1352")),
        (dark, points("384,1300 420,1300 434,1352 394,1352")),
        (cream, curve("552,1150 600,1170 590,1240 560,1230 552,1150")),
        (fur, head),
        (fur, points("540,1050 528,940 604,1016")),
        (dark, points("548,1026 540,966 582,1012")),
        (fur, points("630,1016 684,946 692,1064")),
        (dark, points("648,1018 678,976 682,1040")),
        (cream, points("560,1130 640,1120 730,1146 690,1162 610,1178")),
        (dark, disc((728, 1147), 9)),
        (dark, disc((634, 1090), 8)),
        ("#ffffff", disc((637, 1087), 2.6)),
    ]:
        scene = lay(scene, tone, shape(width, height, outline))
    picture = paint(
        random,
        np.clip(scene, 0, 1),
        [(34, 12), (20, 6), (12, 3)],
        wander=120,
        lean=1.4,
        jitter=0.04,
    )
    return image(picture)
