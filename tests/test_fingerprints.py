# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Fingerprints: the same hashes as published ones, and near hashes for near pictures."""

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from artistguard import fingerprints
from artistguard.fingerprints import (
    ALGORITHMS,
    DCT256,
    PHASH64,
    blocks,
    cosine,
    gate,
    hashing,
    variants,
)
from artistguard.models import Fingerprint


def paint(seed, size=(320, 240)):
    """A picture with the smooth spectrum of a real one, with a few hard shapes on it."""
    draw_from = np.random.default_rng(seed)
    coarse = draw_from.integers(0, 256, (7, 9, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    brush = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = draw_from.uniform(0, 0.8, 2) * size
        w, h = draw_from.uniform(0.05, 0.3, 2) * size
        brush.ellipse((x, y, x + w, y + h), fill=tuple(draw_from.integers(0, 256, 3).tolist()))
    return image


def ask(image, size=None):
    prints = hashing.fingerprint(image, *(size or image.size))
    return {print_.algorithm: print_ for print_ in prints}


def stored(image):
    return {print_.algorithm: print_ for print_ in hashing.index(image)}


def hashes(print_: Fingerprint):
    width = ALGORITHMS[print_.algorithm].bits // 8
    return np.frombuffer(print_.values, np.uint8).reshape(-1, width)


def distance(one, other):
    return int(np.bitwise_count(one ^ other).sum())


def variant(print_, name):
    return hashes(print_)[ALGORITHMS[print_.algorithm].variants.index(name)]


def edge_cases():
    yield Image.new("RGB", (50, 50), (200, 10, 10))
    yield Image.new("RGB", (1, 1))
    yield Image.new("RGB", (1, 900), (3, 4, 5))
    yield Image.radial_gradient("L").convert("RGB")
    yield Image.linear_gradient("L").convert("RGB")
    yield ImageOps.expand(Image.new("RGB", (90, 90), "white"), 20, "black")
    yield Image.effect_noise((333, 77), 60).convert("RGB")


def test_the_published_hash_is_imagehash_phash_bit_for_bit():
    sizes = [(320, 240), (1024, 683), (64, 64), (31, 200), (500, 33)]
    pictures = [paint(seed, sizes[seed % len(sizes)]) for seed in range(60)]
    for image in [*pictures, *edge_cases()]:
        expected = str(imagehash.phash(image))
        assert stored(image)[PHASH64].values.hex() == expected
        assert variant(ask(image)[PHASH64], "plain").tobytes().hex() == expected


def test_the_256_bit_hash_stays_what_version_1_was():
    ramp = np.add.outer(np.arange(200) ** 2 % 251, np.arange(300) * 7 % 239) % 256
    image = Image.fromarray(ramp.astype(np.uint8)).convert("RGB")
    assert stored(image)[DCT256].values[:32].hex() == PINNED


PINNED = "c000c2a87df544008aa05555555582a85555fff5aaaaffd05555aaaabeaa5554"


@pytest.mark.parametrize("algorithm", [PHASH64, DCT256])
def test_a_query_holds_one_hash_and_one_quality_for_each_variant(algorithm):
    print_ = ask(paint(1))[algorithm]
    count = len(ALGORITHMS[algorithm].variants)
    assert len(print_.values) == count * ALGORITHMS[algorithm].bits // 8
    assert len(print_.qualities) == count
    assert len(set(ALGORITHMS[algorithm].variants)) == count
    assert ALGORITHMS[algorithm].variants[0] == "plain"


@pytest.mark.parametrize("algorithm", [PHASH64, DCT256])
@pytest.mark.parametrize(
    "name, turn",
    [
        ("mirror", Image.Transpose.FLIP_LEFT_RIGHT),
        ("flip", Image.Transpose.FLIP_TOP_BOTTOM),
        ("turn90", Image.Transpose.ROTATE_90),
        ("turn180", Image.Transpose.ROTATE_180),
        ("turn270", Image.Transpose.ROTATE_270),
        ("transpose", Image.Transpose.TRANSPOSE),
        ("transverse", Image.Transpose.TRANSVERSE),
    ],
)
def test_a_turned_copy_is_found_by_its_own_variant_and_no_other(algorithm, name, turn):
    for seed in range(3):
        image = paint(seed)
        asked = ask(image)[algorithm]
        copy = hashes(stored(image.transpose(turn))[algorithm])[0]
        near = {other: distance(variant(asked, other), copy) for other in fingerprints.FORMS}
        assert near.pop(name) <= 6
        assert min(near.values()) > 8


@pytest.mark.parametrize("name", variants.CROPS)
def test_a_cropped_copy_is_found_by_the_variant_of_its_crop(name):
    image = paint(3, (640, 480))
    left, top, right, bottom = variants.CROPS[name]
    copy = image.crop(
        (round(left * 640), round(top * 480), round(right * 640), round(bottom * 480))
    )
    assert distance(variant(ask(image)[DCT256], name), hashes(stored(copy)[DCT256])[0]) <= 8


@pytest.mark.parametrize("size", [(640, 400), (400, 640), (500, 500)])
@pytest.mark.parametrize(
    "name, shape",
    [("square-centre", (150, 150)), ("16x9-centre", (320, 180)), ("4x5-centre", (160, 200))],
)
def test_a_thumbnail_of_another_shape_is_found_by_the_variant_of_that_shape(size, name, shape):
    image = paint(4, size)
    copy = ImageOps.fit(image, shape)
    near = distance(variant(ask(image)[DCT256], name), hashes(stored(copy)[DCT256])[0])
    assert near <= 12


def test_a_negative_is_found_by_its_own_variant():
    image = paint(8)
    copy = hashes(stored(ImageOps.invert(image))[DCT256])[0]
    assert distance(variant(ask(image)[DCT256], "negative"), copy) <= 6


def test_a_print_with_mat_and_frame_is_found_by_its_block():
    image = paint(9)
    mat = ImageOps.expand(ImageOps.expand(image, 50, "white"), 15, "black")
    asked = variant(ask(image)[DCT256], "plain")
    assert distance(asked, hashes(stored(mat)[DCT256])[-1]) <= 16


def test_squares_follow_the_full_pictures_shape_not_the_reduced_ones():
    image = paint(4, (256, 256))
    wide = ask(image, (512, 256))[DCT256]
    assert distance(variant(wide, "square-start"), variant(wide, "square-end")) > 60


def test_a_picture_in_a_page_is_found_by_the_pages_block():
    image = paint(5, (480, 360))
    page = Image.new("RGB", (1000, 900), "white")
    page.paste(image, (90, 120))
    ImageDraw.Draw(page).text((90, 520), "words under it\nand more words", fill="black")
    plain, block = hashes(stored(page)[DCT256])
    asked = variant(ask(image)[DCT256], "plain")
    assert distance(asked, block) <= 24 < 80 < distance(asked, plain)


def test_a_bordered_original_finds_its_bare_copy_by_trimming():
    image = paint(6)
    framed = ImageOps.expand(image, 40, "white")
    bare = hashes(stored(image)[DCT256])[0]
    assert distance(variant(ask(framed)[DCT256], "trim"), bare) <= 12
    assert distance(variant(ask(framed)[DCT256], "plain"), bare) > 60


def test_a_picture_without_blank_lines_has_one_stored_hash():
    assert len(stored(paint(7))[DCT256].qualities) == 1


def test_cutting_into_blocks_ends_on_a_page_of_ten_thousand_cells():
    cells = np.full((cosine.SIDE, cosine.SIDE), 255, np.float32)
    cells[::4, ::4] = 0
    assert blocks.largest(cells) is None


def test_a_small_or_reencoded_copy_stays_near_and_a_stranger_far():
    for seed in range(8):
        image = paint(seed)
        plain = variant(ask(image)[DCT256], "plain")
        small = image.resize((100, 75)).filter(ImageFilter.GaussianBlur(1))
        assert distance(plain, hashes(stored(small)[DCT256])[0]) <= 24
        assert distance(plain, hashes(stored(paint(seed + 100))[DCT256])[0]) > 70


def test_quality_tells_varied_hashes_from_flat_and_striped_ones():
    stripes = Image.fromarray(np.tile(np.repeat([0, 255], 20), (200, 8)).astype(np.uint8))
    for poor in [Image.new("RGB", (90, 90), "navy"), stripes.convert("RGB")]:
        for print_ in hashing.index(poor):
            assert max(print_.qualities) < 10
    for seed in range(10):
        for print_ in hashing.index(paint(seed)):
            assert min(print_.qualities) > 15


@pytest.mark.parametrize("side", [8, 16])
def test_quality_is_the_effective_number_of_singular_values(side):
    bits = np.random.default_rng(1).integers(0, 2, (40, side, side), dtype=np.uint8)
    bits[0] = 0
    bits[1, :, ::2] = 1
    measured = gate.quality(np.packbits(bits.reshape(40, -1), axis=1))
    squares = np.linalg.svd(2.0 * bits - 1, compute_uv=False) ** 2
    effective = squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1)
    expected = 100 * (effective - 1) / (side - 1)
    assert np.abs(measured - expected).max() <= 0.51
    assert measured[0] == 0


def test_quality_of_no_hashes_is_empty():
    assert gate.quality(np.empty((0, 32), np.uint8)).shape == (0,)
