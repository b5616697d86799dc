# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures by nobody in particular, for a data set to be full of."""

from __future__ import annotations

import numpy as np
from PIL import Image

from brushes import below, clouds, disc, glow, image, lay, plain, rgb, ridge, shape, sky

Random = np.random.Generator

_WIDE, _HIGH = 320, 240


def draw(random: Random) -> tuple[Image.Image, str]:
    """Draw a picture and say what somebody might have written beside it."""
    kinds = (_view, _planet, _bouquet, _blocks, _weather)
    return kinds[random.integers(len(kinds))](random)


def _colours(random: Random, count: int) -> list[str]:
    return ["#" + random.bytes(3).hex() for _ in range(count)]


def _view(random: Random) -> tuple[Image.Image, str]:
    high, low, *ranges = _colours(random, 5)
    scene = sky(_WIDE, _HIGH, (0, high), (random.uniform(0.5, 1), low))
    place = (random.uniform(0, _WIDE), random.uniform(20, 140))
    scene += glow(_WIDE, _HIGH, place, random.uniform(10, 60))[..., None] * 0.6
    for step, colour in enumerate(ranges):
        base = 140 + 40 * step
        line = ridge(random, _WIDE, base, random.uniform(20, 120), random.uniform(60, 300))
        scene = lay(scene, colour, below(_WIDE, _HIGH, line))
    what = random.choice(["sunset over the hills", "misty valley wallpaper", "mountain morning"])
    return image(scene), f"{what} {random.integers(100)}"


def _planet(random: Random) -> tuple[Image.Image, str]:
    dark, light, ring = _colours(random, 3)
    scene = lay(plain(_WIDE, _HIGH, dark), ring, clouds(random, _WIDE, _HIGH, 200) ** 2)
    for _ in range(random.integers(1, 5)):
        centre = (random.uniform(0, _WIDE), random.uniform(0, _HIGH))
        body = shape(_WIDE, _HIGH, disc(centre, random.uniform(15, 90)))
        bands = clouds(random, 4, _HIGH, 30)[:, :1]
        scene = lay(scene, light, body * (0.4 + 0.6 * bands))
        light = _colours(random, 1)[0]
    return image(scene), f"sci-fi planets concept art {random.integers(100)}"


def _bouquet(random: Random) -> tuple[Image.Image, str]:
    ground, leaf, *petals = _colours(random, 6)
    scene = lay(plain(_WIDE, _HIGH, ground), leaf, clouds(random, _WIDE, _HIGH, 90) > 0.6)
    for colour in petals:
        x, y, size = random.uniform(40, 280), random.uniform(40, 200), random.uniform(14, 50)
        count = int(random.integers(4, 9))
        turns = np.arange(count) * 2 * np.pi / count
        outlines = [disc((x + size * np.cos(t), y + size * np.sin(t)), size * 0.6) for t in turns]
        scene = lay(scene, colour, shape(_WIDE, _HIGH, *outlines))
        scene = lay(scene, ground, shape(_WIDE, _HIGH, disc((x, y), size * 0.4)))
    return image(scene), f"flowers {random.choice(['print', 'gouache', 'clipart'])}"


def _blocks(random: Random) -> tuple[Image.Image, str]:
    scene = plain(_WIDE, _HIGH, _colours(random, 1)[0])
    for colour in _colours(random, int(random.integers(4, 12))):
        x, y = random.uniform(-40, _WIDE), random.uniform(-40, _HIGH)
        wide, high = random.uniform(20, 200), random.uniform(20, 160)
        lean = random.uniform(-40, 40)
        corners = [(x, y), (x + wide, y + lean), (x + wide, y + high + lean), (x, y + high)]
        scene = lay(scene, colour, shape(_WIDE, _HIGH, corners) * random.uniform(0.5, 1))
    return image(scene), f"abstract geometric poster {random.integers(100)}"


def _weather(random: Random) -> tuple[Image.Image, str]:
    one, other, third = _colours(random, 3)
    scene = lay(plain(_WIDE, _HIGH, one), other, clouds(random, _WIDE, _HIGH, 240))
    scene = lay(scene, third, clouds(random, _WIDE, _HIGH, 120) ** 3)
    shade = clouds(random, _WIDE, _HIGH, 40)[..., None]
    return image(
        scene * (0.7 + 0.3 * shade) + 0.05 * rgb(third)
    ), "texture background free download"
