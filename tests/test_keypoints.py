# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Copies agree with their work point by point, and other pictures never do by far."""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from artistguard import pictures
from artistguard.fingerprints import ENOUGH, placing
from artistguard.fingerprints.keypoints import compare
from artistguard.fingerprints.variants import CROPS

SAMPLE = Path(__file__).parents[1] / "resources" / "sample"
PORTFOLIO = sorted(path for path in (SAMPLE / "portfolio").rglob("*") if path.is_file())


def read(path):
    return pictures.read(path).image


def cropped(picture):
    width, height = picture.size
    return picture.crop((width // 5, height // 5, width, height))


CHANGES = {
    "small": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "mirror": ImageOps.mirror,
    "turned": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "a third of a turn": lambda picture: picture.rotate(30, expand=True),
    "cropped": cropped,
    "grey": lambda picture: ImageOps.grayscale(picture).convert("RGB"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("path", PORTFOLIO[:2], ids=lambda path: path.stem)
def test_a_changed_copy_agrees(path, change):
    picture = read(path)
    agreement = compare(picture, change(picture))
    assert agreement.agreed
    assert agreement.residual < 4
    assert agreement.mirrored == (change is ImageOps.mirror)


def lies(placing, at):
    """Where a point of the second picture lies on the first, in shares of its width and height."""
    a, b, c, d, e, f = placing
    return np.array([a * at[0] + c * at[1] + e, b * at[0] + d * at[1] + f])


PLACES = {
    "small": lambda u, v: (u, v),
    "mirror": lambda u, v: (1 - u, v),
    "turned": lambda u, v: (1 - v, u),
    "cropped": lambda u, v: (0.2 + 0.8 * u, 0.2 + 0.8 * v),
}


@pytest.mark.parametrize("change", PLACES)
def test_where_a_copy_lies_on_its_work_is_known_to_a_hundredth(change):
    picture = read(PORTFOLIO[0])
    found = compare(picture, CHANGES[change](picture)).placing
    for at in [(0, 0), (1, 0), (0.3, 0.9), (1, 1)]:
        assert np.abs(lies(found, at) - PLACES[change](*at)).max() < 0.01


METHODS = {
    "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
    "flip": Image.Transpose.FLIP_TOP_BOTTOM,
    "turn90": Image.Transpose.ROTATE_90,
    "turn180": Image.Transpose.ROTATE_180,
    "turn270": Image.Transpose.ROTATE_270,
    "transpose": Image.Transpose.TRANSPOSE,
    "transverse": Image.Transpose.TRANSVERSE,
}


@pytest.mark.parametrize("variant", METHODS)
def test_a_variant_says_how_a_copy_lies_on_its_work(variant):
    picture = read(PORTFOLIO[0])
    copy = picture.transpose(METHODS[variant])
    known, seen = placing(variant), compare(picture, copy).placing
    for at in [(0, 0), (1, 0), (0, 1)]:
        assert np.abs(lies(known, at) - lies(seen, at)).max() < 0.01


def test_a_variant_that_was_cut_lies_within_its_work_and_others_are_not_placed():
    left, top, right, bottom = CROPS["crop-85-right"]
    assert tuple(lies(placing("crop-85-right"), (0, 0))) == (left, top)
    assert tuple(lies(placing("crop-85-right"), (1, 1))) == (right, bottom)
    assert placing("square-start") is None
    assert placing("plain") == (1, 0, 0, 1, 0, 0)


def test_different_works_do_not_agree():
    read_all = [read(path) for path in PORTFOLIO[:10]]
    most = max(compare(one, other).inliers for one, other in pairwise(read_all))
    assert most < ENOUGH / 2


def test_strangers_do_not_agree(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(SAMPLE), *sys.path])
    import strangers  # noqa: PLC0415  # it lies beside its sample

    dice = np.random.default_rng(1)
    work = read(PORTFOLIO[0])
    most = max(compare(work, strangers.draw(dice)[0]).inliers for _ in range(8))
    assert most < ENOUGH / 2


def test_pictures_without_corners_agree_in_nothing():
    plain = Image.new("RGB", (300, 200), "#808080")
    speck = Image.new("RGB", (5, 3))
    assert compare(plain, plain).inliers == 0
    assert compare(speck, plain).inliers == 0
