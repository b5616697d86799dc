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
from artistguard.fingerprints import ENOUGH
from artistguard.fingerprints.keypoints import compare

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
