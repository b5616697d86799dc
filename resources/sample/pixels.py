# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: C901, PLR0912  # a picture is drawn from first to last stroke
"""Pictures made of dots one can count."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from brushes import between, points, ridge

Random = np.random.Generator


def tiny_harbour(random: Random) -> Image.Image:
    """Pixels: red huts on stilts at dusk, on a sheet of 160 by 120 dots."""
    width, height, sea = 160, 120, 78
    dusk = ["#1a1c4b", "#2e2a6b", "#4d3a86", "#7b4a93", "#b85c8f", "#e67c7c", "#f5a66b", "#fbd08a"]
    dots = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(dots)
    for y in range(sea):
        step = y / sea * (len(dusk) - 1)
        for x in range(width):
            # Two neighbouring colours meet in a woven pattern, as on old screens.
            late = step % 1 > ((x % 2) * 2 + (x + y) % 2 * 1) / 4 + 0.12
            pen.point((x, y), dusk[min(int(step) + late, len(dusk) - 1)])
    for x, y in zip(random.integers(0, width, 46), random.integers(0, 36, 46), strict=True):
        pen.point((x, y), random.choice(["#8f8fd0", "#d8d4ff", "#fff7d6"]))
    pen.ellipse((118, 10, 132, 24), fill="#fff2cc")
    pen.ellipse((114, 8, 127, 20), fill="#1f1f52")
    tops = ridge(random, width, 70, 46, 62)
    near = ridge(random, width, 78, 30, 44)
    for x in range(width):
        pen.line((x, tops[x], x, sea), fill="#5a4a8a")
        pen.line((x, tops[x], x, tops[x] + 2 + x % 3), fill="#e9dff5")
        pen.line((x, near[x], x, sea), fill="#3a3368")
    for y in range(sea, height):
        source = sea - 1 - (y - sea) * 2 % sea
        for x in range(width):
            seen = dots.getpixel(((x + (y * 7 % 5) - 2) % width, max(source, 0)))
            assert isinstance(seen, tuple)
            pen.point((x, y), (seen[0] * 5 // 9, seen[1] * 5 // 9, seen[2] * 2 // 3 + 24))
    for _ in range(110):
        x, y = int(random.integers(0, width)), int(random.integers(sea + 1, height))
        pen.line(
            (x, y, x + 1 + int(random.integers(0, 5)), y),
            fill="#f5a66b" if random.random() < 0.35 else "#6a5aa8",
        )
    for x, y, wide, tall, wall in (
        (6, 56, 24, 18, "#c23b3b"),
        (34, 62, 18, 13, "#e8b04a"),
        (58, 54, 26, 20, "#b83030"),
        (104, 60, 20, 15, "#d8d0c0"),
        (128, 56, 24, 19, "#c23b3b"),
    ):
        pen.rectangle((x, y, x + wide, y + tall), fill=wall)
        for line in range(y + 2, y + tall, 3):
            pen.line((x, line, x + wide, line), fill=between(wall, "#000000", 0.16))
        for n in range(wide // 2 + 3):
            pen.line(
                (
                    x - 2 + n,
                    y - n * 10 // wide * 2 // 2,
                    x + wide + 2 - n,
                    y - n * 10 // wide * 2 // 2,
                ),
                fill="#2b2440",
            )
        pen.line((x - 2, y - 1, x + wide + 2, y - 1), fill="#efe6ff")
        for at in range(x + 4, x + wide - 3, 8):
            pen.rectangle((at, y + 5, at + 3, y + 9), fill="#ffe28a")
            pen.line((at, y + 7, at + 3, y + 7), fill="#8a5a2b")
            for down in range(sea + 8, sea + 26, 2):
                pen.line((at + down % 3 - 1, down, at + 2 + down % 2, down), fill="#f0c46a")
        for at in range(x, x + wide + 1, 6):
            pen.line((at, y + tall + 1, at, sea + 6), fill="#241d38")
        pen.line((x - 3, y + tall + 1, x + wide + 3, y + tall + 1), fill="#4a3852")
    pen.polygon(points("84,92 108,92 104,98 88,98"), fill="#e8e0d0")
    pen.line((84, 92, 108, 92), fill="#3aa0a8")
    pen.rectangle((90, 86, 97, 91), fill="#f4f0e4")
    pen.rectangle((92, 87, 94, 89), fill="#ffe28a")
    pen.line((101, 78, 101, 91), fill="#241d38")
    pen.point((101, 77), "#ff5a4a")
    pen.line((88, 100, 104, 100), fill="#b0a8c8")
    return dots.resize((width * 8, height * 8), Image.Resampling.NEAREST)
