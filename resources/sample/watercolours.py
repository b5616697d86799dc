# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: C901, PLR0912  # a picture is drawn from first to last stroke
"""Watercolour on paper, alone or under a pen."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from brushes import (
    Point,
    below,
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
    ridge,
    shape,
    wash,
)

Random = np.random.Generator


def rain_over_lofoten(random: Random) -> Image.Image:
    """Watercolour, wet in wet: three peaks, one shower, and white paper left for the snow."""
    width, height = 1400, 1000
    sheet = plain(width, height, "#fbf8f0")
    y, x = np.mgrid[0:height, 0:width]
    sheet = wash(
        random,
        sheet,
        "#9db8cf",
        np.clip(1.1 - y / 520, 0, 1) * (clouds(random, width, height, 600, 4) > 0.3),
        strength=0.7,
        bleed=80,
    )
    sheet = wash(
        random,
        sheet,
        "#6f7f9b",
        shape(width, height, disc((980, 180), 300, 0.42), disc((720, 120), 240, 0.4)),
        strength=0.75,
        bleed=70,
    )
    far = ridge(random, width, 600, 260, 420)
    sheet = wash(
        random, sheet, "#8fa3bb", below(width, height, far) * (y < 640), strength=0.75, bleed=16
    )
    peaks = shape(
        width,
        height,
        points("40,690 210,430 300,330 340,300 390,380 470,450 520,420 640,560 760,690"),
    )
    sheet = wash(
        random,
        sheet,
        "#4f6480",
        peaks * (clouds(random, width, height, 90, 4) > 0.33),
        strength=0.85,
        bleed=12,
    )
    sheet = wash(
        random,
        sheet,
        "#3c4d66",
        shape(
            width,
            height,
            points("640,700 820,520 900,470 990,540 1120,480 1220,560 1400,640 1400,700"),
        ),
        strength=0.8,
        bleed=14,
    )
    slant = clouds(random, width + 600, 40, 16, 3)[20][
        np.clip((x + y * 0.35).astype(int), 0, width + 599)
    ]
    sheet = lay(
        sheet, "#fbf8f0", np.clip(slant - 0.45, 0, 1) * glow(width, height, (980, 480), 220) * 1.3
    )
    sheet = wash(
        random,
        sheet,
        "#7795ad",
        (y > 690) * (clouds(random, width, height, 340, 3) > 0.22),
        strength=0.7,
        bleed=26,
    )
    sheet = wash(
        random,
        sheet,
        "#40607a",
        (y > 800) * (clouds(random, width, height, 260, 3) > 0.55),
        strength=0.6,
        bleed=22,
    )
    sheet = wash(
        random,
        sheet,
        "#7d8a4e",
        shape(
            width,
            height,
            curve("-40,1040 -20,820 160,800 420,880 700,960 760,1040"),
        ),
        strength=0.8,
        bleed=20,
    )
    for hx, hy, size in ((250, 800, 46), (360, 842, 34), (148, 786, 30)):
        sheet = wash(
            random,
            sheet,
            "#b5382c",
            shape(
                width,
                height,
                [
                    (hx - size, hy),
                    (hx - size, hy - size),
                    (hx, hy - size * 1.7),
                    (hx + size, hy - size),
                    (hx + size, hy),
                ],
            ),
            strength=0.95,
            bleed=3,
        )
        sheet = wash(
            random,
            sheet,
            "#3a3034",
            shape(
                width,
                height,
                [
                    (hx - size * 1.15, hy - size * 0.9),
                    (hx, hy - size * 1.75),
                    (hx + size * 1.15, hy - size * 0.9),
                    (hx, hy - size * 1.5),
                ],
            ),
            strength=0.9,
            bleed=2,
        )
    specks = [
        disc((float(px), float(py)), float(r))
        for px, py, r in zip(
            random.normal(900, 260, 60),
            random.normal(330, 150, 60),
            random.exponential(2.4, 60) + 0.8,
            strict=True,
        )
    ]
    sheet = wash(random, sheet, "#4f6480", shape(width, height, *specks), strength=0.7, bleed=2)
    edge = (
        shape(width, height, points("46,50 1352,44 1358,952 42,958"), soft=2)
        + (clouds(random, width, height, 40, 4) - 0.5) * 0.5
    )
    sheet = sheet + (rgb("#fbf8f0") - sheet) * np.clip((0.5 - edge) * 9, 0, 1)[..., None]
    return image(paper(random, np.clip(sheet, 0, 1), 0.13))


def fern_and_poppy(random: Random) -> Image.Image:
    """Ink and wash on old paper: a page of a herbarium."""
    width, height = 1100, 1400
    sheet = lay(
        plain(width, height, "#f3ead6"), "#d9c39a", clouds(random, width, height, 700, 5) * 0.35
    )
    leaves, veins, petals = [], [], []
    stem = curve("520,1290 500,1000 430,640 300,300 250,190", steps=40)
    for at in range(24, len(stem) - 3, 6):
        x, y = stem[at]
        dx, dy = stem[at + 2][0] - x, stem[at + 2][1] - y
        along = np.arctan2(dy, dx)
        share = (at - 24) / (len(stem) - 27)
        long = 250 * (1 - share) ** 0.8 * min(1, 0.5 + share * 4) + 24
        for side in (-1, 1):
            rib = [
                (
                    x + t * long * np.cos(along + side * (1.15 - 0.35 * t)),
                    y + t * long * np.sin(along + side * (1.15 - 0.35 * t)),
                )
                for t in np.linspace(0, 1, 14)
            ]
            veins.append(rib)
            for n, (px, py) in enumerate(rib[1:], 1):
                small = long * 0.17 * (1 - n / 15) + 5
                for half in (-1, 1):
                    turn = along + side * (1.15 - 0.35 * n / 14) + half * 1.0
                    tip = (px + small * np.cos(turn), py + small * np.sin(turn))
                    ux, uy = (
                        small * 0.28 * np.cos(turn - half * 1.3),
                        small * 0.28 * np.sin(turn - half * 1.3),
                    )
                    leaves.append(
                        curve(
                            [
                                (px, py),
                                ((px + tip[0]) / 2 - ux, (py + tip[1]) / 2 - uy),
                                tip,
                                ((px + tip[0]) / 2 + ux, (py + tip[1]) / 2 + uy),
                                (px, py),
                            ],
                            steps=5,
                        )
                    )
    stalk = curve("600,1290 690,1000 740,720 735,520", steps=30)
    bud = curve("640,1290 850,1080 905,900 890,800 858,786", steps=30)
    for n in range(6):
        turn = n * 1.047 + 0.3
        cx, cy = 735 + 78 * np.cos(turn), 430 + 64 * np.sin(turn)
        petals.append(
            [
                (
                    cx + (118 + 12 * np.sin(5 * t + n) + 5 * np.sin(13 * t)) * np.cos(t),
                    cy + (98 + 9 * np.sin(4 * t + n)) * np.sin(t),
                )
                for t in np.linspace(0, 2 * np.pi, 90)
            ]
        )
    sheet = wash(
        random, sheet, "#5f7f52", shape(width, height, *leaves, soft=2), strength=0.75, bleed=5
    )
    for n, petal in enumerate(petals):
        sheet = wash(
            random,
            sheet,
            ["#d8432f", "#e2583a", "#c93a2e"][n % 3],
            shape(width, height, petal),
            strength=0.62,
            bleed=9,
        )
    sheet = wash(
        random, sheet, "#3a2438", shape(width, height, disc((735, 430), 50)), strength=0.8, bleed=7
    )
    sheet = wash(
        random,
        sheet,
        "#7c8f52",
        shape(
            width,
            height,
            curve("858,786 812,800 800,860 834,904 872,868 880,810 858,786"),
        ),
        strength=0.7,
        bleed=6,
    )
    ink = Image.new("L", (width * 3, height * 3))
    pen = ImageDraw.Draw(ink)

    def trace(line: list[Point], wide: float) -> None:
        pen.line([(x * 3, y * 3) for x, y in line], fill=230, width=round(wide * 3), joint="curve")

    for line, wide in [(stem, 3.2), (stalk, 3.6), (bud, 2.8), *((vein, 1.2) for vein in veins)]:
        trace(line, wide)
    for leaf in leaves:
        trace(leaf, 0.7)
    for petal in petals:
        trace(petal, 1.3)
        cx, cy = np.mean(petal, axis=0)
        for _ in range(26):
            turn = np.arctan2(cy - 430, cx - 735) + random.normal(0, 0.5)
            near, far = random.uniform(54, 80), random.uniform(110, 165)
            trace(
                [
                    (735 + near * np.cos(turn), 430 + near * 0.9 * np.sin(turn)),
                    (735 + far * np.cos(turn + 0.05), 430 + far * 0.9 * np.sin(turn + 0.05)),
                ],
                0.6,
            )
    for _ in range(170):
        turn, reach = random.uniform(0, 6.28), random.uniform(46, 84)
        x, y = 735 + reach * np.cos(turn), 430 + reach * 0.9 * np.sin(turn)
        trace([(735 + 26 * np.cos(turn), 430 + 24 * np.sin(turn)), (x, y)], 0.6)
        pen.ellipse((3 * x - 9, 3 * y - 8, 3 * x + 9, 3 * y + 8), fill=255)
    for line in (stalk, bud):
        for x, y in line[::2]:
            trace([(x - 9, y - 3), (x, y), (x + 9, y - 4)], 0.6)
    sheet = lay(sheet, "#2a2a22", np.asarray(ink.reduce(3)) / 255)
    return image(paper(random, np.clip(sheet, 0, 1), 0.12))
