# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The planner of near searches, and the index that runs its plans."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artistguard.packs import bands, hamming
from artistguard.packs.bands import Band
from artistguard.packs.hamming import HammingIndex
from artistguard.packs.layout import lay_out, order_of, tables

BITS = st.sampled_from([8, 24, 64, 72, 128, 192, 256, 512])


def brute(rows, queries, radius):
    distance = np.bitwise_count(queries[:, None] ^ rows[None]).sum(axis=2)
    query, row = np.nonzero(distance <= radius)
    return query.tolist(), row.tolist(), distance[query, row].tolist()


def found(hits):
    return hits.query.tolist(), hits.row.tolist(), hits.distance.tolist()


def flipped(hashes, most, rng):
    bits = np.unpackbits(hashes, axis=1)
    for one in bits:
        one[rng.choice(len(one), rng.integers(0, min(most, len(one)) + 1), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def crowd(rng, count, length):
    """Hashes of which some are equal and many near."""
    rows = rng.integers(0, 256, (count, length), np.uint8)
    rows[: count // 4] = flipped(np.tile(rows[:1], (count // 4, 1)), 3, rng)
    rows[count // 4 : count // 3] = rows[-1]
    return rng.permutation(rows)


@pytest.mark.parametrize("length", [1, 3, 8, 9, 32, 64])
def test_every_bit_is_laid_out_at_its_place(length):
    hashes = np.random.default_rng(length).integers(0, 256, (5_000, length), np.uint8)
    bits = np.unpackbits(hashes, axis=1)
    words = lay_out(hashes)
    laid_out = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")
    assert (laid_out[:, : length * 8] == bits[:, bands.shuffled(length * 8)]).all()
    assert not laid_out[:, length * 8 :].any()


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 1_000, 70_000])
@pytest.mark.parametrize("shift", [0, 40, 58])
def test_keys_are_put_in_order_as_a_stable_sort_does(rows, shift):
    keys = np.random.default_rng(rows).integers(0, 1 << 64, rows, np.uint64)
    for some in (keys >> np.uint64(shift), keys >> np.uint64(shift) << np.uint64(shift)):
        assert (order_of(some) == np.argsort(some, kind="stable")).all()


@settings(max_examples=50, deadline=None)
@given(BITS, st.integers(4096, 10**9), st.data())
def test_an_exact_plan_meets_every_row_within_the_radius(bits, rows, data):
    radius = data.draw(st.integers(0, bits // 4))
    plan = bands.plan(bits, radius, rows, recall=1.0)
    flips = data.draw(st.lists(st.integers(0, bits - 1), max_size=radius, unique=True))
    assert plan.recall == 1.0
    assert plan.is_scan or any(
        sum(band.start <= flip < band.start + band.width for flip in flips) <= band.radius
        for band in plan.bands
    )


@settings(max_examples=50, deadline=None)
@given(BITS, st.integers(4096, 10**9), st.floats(0.5, 1.0), st.data())
def test_a_plan_is_as_good_as_asked_and_its_bands_lie_side_by_side(bits, rows, recall, data):
    radius = data.draw(st.integers(0, bits // 4))
    plan = bands.plan(bits, radius, rows, recall=recall)
    assert plan.recall >= recall
    taken = [bit for band in plan.bands for bit in range(band.start, band.start + band.width)]
    assert len(taken) == len(set(taken))
    assert set(taken) <= set(range(bits))


@pytest.mark.parametrize("radius", range(17))
@pytest.mark.parametrize("cut", [((4, 0), (5, 1)), ((4, 1), (4, 1), (4, 0), (4, 2)), ((16, 3),)])
def test_the_recall_of_a_plan_is_the_share_of_all_ways_to_flip_bits_that_it_meets(radius, cut):
    starts = itertools.accumulate((width for width, _ in cut), initial=0)
    plan = [Band(start, *band) for start, band in zip(starts, cut, strict=False)]
    met = sum(
        any(
            sum(band.start <= flip < band.start + band.width for flip in flips) <= band.radius
            for band in plan
        )
        for flips in itertools.combinations(range(16), radius)
    )
    assert bands.recall(16, radius, cut) == pytest.approx(met / math.comb(16, radius), abs=1e-12)


def test_masks_are_all_values_with_few_bits_set():
    masks = bands.masks(9, 3).tolist()
    assert masks == [value for value in range(512) if value.bit_count() <= 3]
    assert len(masks) == bands.ball(9, 3)


@pytest.mark.parametrize("bits", [8, 64, 256])
def test_the_shuffle_uses_every_bit_once_and_leaves_the_constant_one_for_last(bits):
    order = bands.shuffled(bits)
    assert sorted(order) == list(range(bits))
    assert order[-1] == 0


def test_the_shuffle_never_changes_for_it_is_in_files():
    assert bands.shuffled(64)[:8] == (41, 16, 51, 40, 45, 50, 43, 33)


def test_few_rows_are_scanned_and_many_are_not():
    assert bands.plan(256, 31, 1000).is_scan
    assert bands.plan(64, 8, 1000).is_scan
    assert not bands.plan(256, 31, 10**6).is_scan
    assert not bands.plan(64, 8, 10**6).is_scan


def test_far_searches_in_many_rows_say_what_share_they_find():
    far = bands.plan(256, 60, 10**7)
    assert bands.FAIR_RECALL <= far.recall < 1.0
    assert far.cost < bands.plan(256, 60, 10**7, recall=1.0).cost
    assert bands.plan(256, 31, 10**7).recall == 1.0


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1, 3, 8, 9, 16, 24, 32, 40]), st.sampled_from([1, 50, 5000]), st.data())
def test_a_search_finds_what_comparing_everything_finds(length, count, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    radius = data.draw(st.integers(0, length * 8 // 5))
    rows = crowd(rng, count, length)
    queries = np.concatenate(
        [flipped(rows[:30], radius + 2, rng), rng.integers(0, 256, (3, length), np.uint8)]
    )
    index = HammingIndex.from_hashes(rows)
    assert found(index.search(queries, radius, recall=1.0)) == brute(rows, queries, radius)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1, 7, 8, 12, 32]), st.data())
def test_bands_find_what_comparing_everything_finds(length, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rows = crowd(rng, 300, length)
    most = max(1, length * 8 // 12)
    widths = data.draw(st.lists(st.integers(1, min(12, length * 8)), min_size=1, max_size=most))
    words = lay_out(rows)
    index = HammingIndex(length * 8, words, widths, list(tables(words, widths)))
    radius = data.draw(st.integers(0, length * 2))
    queries = flipped(rows[:20], radius + 2, rng)
    plan = bands.plan(length * 8, radius, 10**9, recall=1.0, widths=widths)
    index.plan = lambda *_: plan
    assert found(index.search(queries, radius)) == brute(rows, queries, radius)


def test_a_mapped_index_answers_like_one_in_memory(tmp_path):
    rng = np.random.default_rng(1)
    for length, count in ((8, 9001), (32, 6000), (8, 10), (32, 0)):
        rows = crowd(rng, count, length) if count else np.empty((0, length), np.uint8)
        path = tmp_path / f"{length}-{count}"
        widths = HammingIndex.write(path, length * 8, lay_out(rows))
        mapped = HammingIndex.open(path, length * 8, count, widths)
        queries = flipped(rows[:50], 40, rng)
        assert found(mapped.search(queries, length)) == brute(rows, queries, length)
        with pytest.raises(ValueError, match=path.name):
            HammingIndex.open(path, length * 8, count + 100, widths)


def test_many_equal_rows_are_found_in_bounded_steps():
    rows = np.zeros((300_000, 8), np.uint8)
    hits = HammingIndex.from_hashes(rows).search(np.zeros((1, 8), np.uint8), 8)
    assert hits.row.tolist() == list(range(300_000))


def test_blocks_become_smaller_where_there_is_much_to_find(monkeypatch):
    rng = np.random.default_rng(1)
    rows = crowd(rng, 5000, 8)
    queries = np.concatenate([rows[:40], np.tile(rows[rows[:, 0] == rows[-1, 0]][:1], (60, 1))])
    whole = HammingIndex.from_hashes(rows).search(queries, 6)
    monkeypatch.setattr(hamming, "_PAIRS_AT_ONCE", 2000)
    blocks = list(HammingIndex.from_hashes(rows).blocks(queries, 6))
    assert len(blocks) > 3
    assert np.concatenate([block.row for block in blocks]).tolist() == whole.row.tolist()
    assert np.concatenate([block.query for block in blocks]).tolist() == whole.query.tolist()


def test_blocks_come_one_after_the_other_and_no_queries_have_no_hits():
    rows = np.random.default_rng(1).integers(0, 256, (5000, 8), np.uint8)
    index = HammingIndex.from_hashes(rows)
    blocks = list(index.blocks(np.tile(rows, (4, 1)), 0))
    assert len(blocks) > 1
    assert np.concatenate([block.query for block in blocks]).tolist() == list(range(20_000))
    assert found(index.search(rows[:0], 3)) == ([], [], [])
