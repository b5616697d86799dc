# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The tools of an imaginary illustrator: clouds, washes, strokes, paper and grain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Field = NDArray[Any]
"""One number (or yes and no) a pixel, shape (height, width)."""

Picture = NDArray[Any]
"""Red, green and blue from 0 to 1 a pixel, shape (height, width, 3)."""

Colour = str
"""Red, green and blue as ``#rrggbb``."""

Point = tuple[float, float]


def rgb(colour: Colour) -> NDArray[np.float64]:
    """A colour as three numbers from 0 to 1."""
    return np.array([*bytes.fromhex(colour[1:])]) / 255


def between(one: Colour, other: Colour, share: float) -> Colour:
    """The colour that has `share` of the way from one to the other."""
    mixed = rgb(one) * (1 - share) + rgb(other) * share
    return "#" + bytes(np.rint(255 * mixed).astype(np.uint8).tolist()).hex()


def clouds(
    random: np.random.Generator, width: int, height: int, cell: float, octaves: int = 5
) -> Field:
    """Soft noise from 0 to 1 whose largest shapes are `cell` pixels wide."""
    total = np.zeros((height, width))
    for octave in range(octaves):
        step = max(cell / 2**octave, 1)
        grid = random.random((int(height / step) + 3, int(width / step) + 3)).astype(np.float32)
        layer = Image.fromarray(grid).resize(
            (width, height),
            Image.Resampling.BICUBIC,
            (0.5, 0.5, 0.5 + width / step, 0.5 + height / step),
        )
        total += np.asarray(layer) / 2**octave
    low, high = np.quantile(total, (0.002, 0.998))
    return np.clip((total - low) / (high - low), 0, 1)


def plain(width: int, height: int, colour: Colour) -> Picture:
    """A sheet of one colour."""
    return np.ones((height, width, 1)) * rgb(colour)


def sky(width: int, height: int, *stops: tuple[float, Colour]) -> Picture:
    """Colours that melt into one another from top to bottom, each at its share of the height."""
    down = np.linspace(0, 1, height)
    places = [place for place, _ in stops]
    channels = zip(*(rgb(colour) for _, colour in stops), strict=True)
    column = np.stack([np.interp(down, places, channel) for channel in channels], axis=-1)
    return np.repeat(column[:, None], width, axis=1)


def lay(under: Picture, colour: Colour, cover: Field) -> Picture:
    """Lay one colour over a picture, as thick as `cover` (0 to 1) says."""
    return under + (rgb(colour) - under) * np.clip(cover, 0, 1)[..., None]


def glaze(under: Picture, colour: Colour, cover: Field) -> Picture:
    """Let a transparent colour darken a picture, as watercolour does."""
    return under * (1 - np.clip(cover, 0, 1)[..., None] * (1 - rgb(colour)))


def glow(width: int, height: int, centre: Point, radius: float) -> Field:
    """Light that fades from 1 at its centre."""
    y, x = np.mgrid[0:height, 0:width]
    return np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * radius**2))


def shape(
    width: int, height: int, *outlines: Sequence[Point], soft: float = 0, scale: int = 3
) -> Field:
    """The inside of some outlines as a cover with smooth edges, blurred by `soft` pixels."""
    mask = Image.new("L", (width * scale, height * scale))
    pen = ImageDraw.Draw(mask)
    for outline in outlines:
        pen.polygon([(x * scale, y * scale) for x, y in outline], fill=255)
    mask = mask.reduce(scale)
    if soft:
        mask = mask.filter(ImageFilter.GaussianBlur(soft))
    return np.asarray(mask) / 255


def disc(centre: Point, radius: float, squash: float = 1) -> list[Point]:
    """The outline of a circle, or of an ellipse `squash` times as high as wide."""
    turns = np.linspace(0, 2 * np.pi, 120)
    return [
        (centre[0] + radius * np.cos(turn), centre[1] + radius * squash * np.sin(turn))
        for turn in turns
    ]


def points(written: str) -> list[Point]:
    """Points written as ``x,y`` with spaces between them."""
    pairs = (pair.split(",") for pair in written.split())
    return [(float(x), float(y)) for x, y in pairs]


def curve(through: str | Sequence[Point], *, steps: int = 24) -> list[Point]:
    """A smooth line through some points (Catmull-Rom), written out or given."""
    given = points(through) if isinstance(through, str) else through
    padded = np.array([given[0], *given, given[-1]], float)
    share = np.linspace(0, 1, steps, endpoint=False)[:, None]
    line = [
        0.5
        * (
            2 * b
            + (c - a) * share
            + (2 * a - 5 * b + 4 * c - d) * share**2
            + (3 * b - a - 3 * c + d) * share**3
        )
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return [(float(x), float(y)) for x, y in np.concatenate([*line, padded[-1:]])]


def ridge(
    random: np.random.Generator, width: int, base: float, height: float, cell: float
) -> NDArray[np.float64]:
    """How high a mountain range stands at each x, in pixels from the top."""
    rough = clouds(random, width, 3, cell, 7)[1]
    line: NDArray[np.float64] = base - height * rough**1.3
    return line


def below(width: int, height: int, line: NDArray[np.float64]) -> Field:
    """Everything under a line that is given for each x."""
    return np.clip(np.arange(height)[:, None] - line[None, :width], 0, 1)


def paint(
    random: np.random.Generator,
    picture: Picture,
    passes: Sequence[tuple[int, int]],
    *,
    wander: float = 300,
    jitter: float = 0.03,
    lean: float = 0,
) -> Picture:
    """Paint a picture again with strokes that follow a slow current.

    `passes` gives the (length, width) of the strokes in pixels from the broad underpainting to the
    last touches; `lean` is the current's mean direction in radians, `jitter` how colours stray.
    """
    height, width, _ = picture.shape
    angle = lean + (clouds(random, width, height, wander, 2) - 0.5) * 2.4
    canvas = Image.fromarray(np.uint8(picture * 255)).filter(ImageFilter.GaussianBlur(6))
    for length, thickness in passes:
        source = np.asarray(
            Image.fromarray(np.uint8(picture * 255)).filter(
                ImageFilter.GaussianBlur(thickness / 2.5)
            )
        )
        now = np.asarray(canvas).astype(int)
        pen = ImageDraw.Draw(canvas)
        count = int(2.2 * width * height / (length * thickness))
        xs, ys = random.integers(0, width, count), random.integers(0, height, count)
        off = np.abs(source[ys, xs].astype(int) - now[ys, xs]).sum(axis=1)
        stray = 1 + random.normal(0, jitter, (count, 1)) + random.normal(0, jitter / 2, (count, 3))
        colours = np.clip(source[ys, xs] * stray, 0, 255).astype(np.uint8)
        for at in np.flatnonzero(off + random.integers(0, 40, count) > 18):
            x, y, turn = xs[at], ys[at], angle[ys[at], xs[at]]
            reach = length * random.uniform(0.4, 1) / 2
            dx, dy = reach * np.cos(turn), reach * np.sin(turn)
            colour = tuple(colours[at].tolist())
            pen.line((x - dx, y - dy, x + dx, y + dy), fill=colour, width=thickness)
            half = thickness / 2 - 0.5
            for end in (-1, 1):
                pen.ellipse(
                    (
                        x + end * dx - half,
                        y + end * dy - half,
                        x + end * dx + half,
                        y + end * dy + half,
                    ),
                    fill=colour,
                )
    return np.asarray(canvas) / 255


def wash(
    random: np.random.Generator,
    under: Picture,
    colour: Colour,
    where: Field,
    *,
    strength: float = 0.6,
    bleed: float = 40,
) -> Picture:
    """A watercolour wash: an edge that wanders and dries darker, pigment that settles in grains."""
    height, width = where.shape
    wander = clouds(random, width, height, bleed * 3, 6) - 0.5
    soft = np.asarray(
        Image.fromarray(np.uint8(where * 255)).filter(ImageFilter.GaussianBlur(bleed / 2))
    )
    inside = soft / 255 + wander * 0.55
    cover = np.clip((inside - 0.5) * 22, 0, 1)
    rim = np.exp(-(((inside - 0.54) / 0.035) ** 2)) * cover
    pools = 0.55 + 0.6 * clouds(random, width, height, bleed * 6, 4)
    grain = 1 + 0.18 * (clouds(random, width, height, 5, 2) - 0.5)
    return glaze(under, colour, strength * cover * pools * grain + 0.22 * rim)


def paper(random: np.random.Generator, picture: Picture, depth: float = 0.06) -> Picture:
    """Give a picture the tooth of paper."""
    height, width, _ = picture.shape
    tooth = (
        clouds(random, width, height, 6, 3)
        - 0.5
        + 0.4 * (clouds(random, width, height, 90, 2) - 0.5)
    )
    return np.clip(picture * (1 + depth * tooth[..., None]), 0, 1)


def image(picture: Picture) -> Image.Image:
    """The finished picture."""
    return Image.fromarray(np.uint8(np.rint(np.clip(picture, 0, 1) * 255)))
