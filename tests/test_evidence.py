# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What witnesses are worth alone and together."""

import pytest

from artistguard import evidence
from artistguard.evidence import judge, radius
from artistguard.models import Band, Entry, Query, Sighting, Witness

QUERY = Query(key=7, work=1, width=1200, height=800, sha256=b"", md5=b"", fingerprints=())
CLASSES = ("plain", "mirror", "turn90", "trim", "block", "crop-90-left", "square-centre")


def entry(width=600, height=400):
    return Entry("set", "1", "row 1", None, None, None, width, height, None, None)


def saw(witness, distance=0, variant="plain", quality=90, entry_=None):
    return Sighting(7, entry_ or entry(), witness, distance, variant, quality)


def band(*sightings, query=QUERY):
    judgement = judge(sightings, query)
    return judgement and judgement.band


@pytest.mark.parametrize(
    "witness, expected",
    [
        (Witness.SHA256, Band.CERTAIN),
        (Witness.MD5, Band.CERTAIN),
        (Witness.URL, Band.CERTAIN),
        (Witness.HOST, Band.LIKELY),
        (Witness.NAME, Band.POSSIBLE),
    ],
)
def test_an_exact_witness_is_worth_the_same_with_or_without_a_picture(witness, expected):
    assert band(saw(witness)) is expected
    assert band(saw(witness), query=None) is expected


def test_no_sightings_say_nothing():
    assert judge([], QUERY) is None


@pytest.mark.parametrize(
    "witness, variant",
    [
        *((Witness.DCT256, variant) for variant in CLASSES),
        *((Witness.EMBEDDING, variant) for variant in ("plain", "turn90")),
    ],
)
def test_a_hash_says_less_the_further_away_it_is(witness, variant):
    said = [band(saw(witness, distance, variant)) for distance in range(257)]
    order = [Band.CERTAIN, Band.LIKELY, Band.POSSIBLE, None]
    assert [said.index(each) for each in order] == sorted(said.index(each) for each in order)
    assert said == sorted(said, key=order.index)
    assert said[radius(witness, variant) + 1] is None


@pytest.mark.parametrize("least", Band)
@pytest.mark.parametrize("variant", CLASSES)
def test_a_search_for_a_band_reaches_as_far_as_a_hash_says_it(variant, least):
    better = list(Band)[: list(Band).index(least) + 1]
    reach = radius(Witness.DCT256, variant, least)
    assert band(saw(Witness.DCT256, reach, variant)) in better
    assert band(saw(Witness.DCT256, reach + 1, variant)) not in better


@pytest.mark.parametrize("least", [Band.CERTAIN, Band.LIKELY])
def test_a_search_by_the_embedding_reaches_as_far_as_a_hash_confirms_it(least):
    for hash_, embedding in evidence.BOTH[least]:
        assert radius(Witness.EMBEDDING, "plain", least) >= embedding
        assert radius(Witness.DCT256, "plain") >= hash_


@pytest.mark.parametrize("variant", CLASSES[1:])
def test_a_changed_query_needs_to_be_nearer_than_the_plain_one(variant):
    assert radius(Witness.DCT256, variant) <= radius(Witness.DCT256, "plain")


@pytest.mark.parametrize("witness", [Witness.DCT256, Witness.PHASH64])
def test_a_poor_hash_is_never_more_than_possible(witness):
    assert band(saw(witness, 0, quality=evidence.LEAST_QUALITY[witness] - 1)) is Band.POSSIBLE
    assert band(saw(witness, 0, quality=evidence.LEAST_QUALITY[witness])) is not Band.POSSIBLE


@pytest.mark.parametrize(
    "distance, shape, variant, expected",
    [
        (0, (600, 400), "plain", Band.LIKELY),
        (2, (256, 171), "plain", Band.LIKELY),
        (3, (600, 400), "plain", Band.POSSIBLE),
        (6, (600, 400), "plain", Band.POSSIBLE),
        (7, (600, 400), "plain", None),
        (0, (400, 400), "plain", Band.POSSIBLE),
        (0, (None, None), "plain", Band.POSSIBLE),
        (0, (600, 0), "plain", Band.POSSIBLE),
        (0, (400, 600), "turn90", Band.LIKELY),
        (0, (600, 400), "turn90", Band.POSSIBLE),
        (0, (600, 400), "mirror", Band.LIKELY),
    ],
)
def test_a_published_hash_is_likely_at_most_and_only_in_the_same_shape(
    distance, shape, variant, expected
):
    assert band(saw(Witness.PHASH64, distance, variant, entry_=entry(*shape))) is expected


def test_a_published_hash_without_the_query_is_possible():
    assert band(saw(Witness.PHASH64, 0), query=None) is Band.POSSIBLE


def test_two_moderate_witnesses_agree_to_more_than_either_alone():
    hash_, embedding = evidence.BOTH[Band.CERTAIN][0]
    apart = saw(Witness.DCT256, hash_), saw(Witness.EMBEDDING, embedding)
    assert all(band(one) is not Band.CERTAIN for one in apart)
    judgement = judge(apart, QUERY)
    assert judgement.band is Band.CERTAIN
    assert judgement.witness is Witness.DCT256
    assert judgement.reasons == (f"dct256<={hash_}+embedding<={embedding}",)


def test_a_poor_hash_does_not_help_the_embedding():
    hash_, embedding = evidence.BOTH[Band.CERTAIN][0]
    assert (
        band(saw(Witness.DCT256, hash_, quality=0), saw(Witness.EMBEDDING, embedding))
        is not Band.CERTAIN
    )


def test_the_surest_witness_speaks_and_all_that_agree_are_named():
    judgement = judge(
        [
            saw(Witness.DCT256, 0, "mirror"),
            saw(Witness.NAME),
            saw(Witness.MD5),
            saw(Witness.SHA256),
        ],
        QUERY,
    )
    assert (judgement.band, judgement.witness) == (Band.CERTAIN, Witness.SHA256)
    limit = judgement.reasons[-1].removeprefix("dct256<=")
    assert judgement.reasons[:2] == ("sha256", "md5")
    assert limit.isdecimal()


def test_the_nearest_variant_speaks_among_equals():
    judgement = judge(
        [saw(Witness.DCT256, 9, "mirror"), saw(Witness.DCT256, 3), saw(Witness.DCT256, 5, "trim")],
        QUERY,
    )
    assert (judgement.variant, judgement.distance) == ("plain", 3)


def test_exact_witnesses_are_searched_at_no_distance():
    assert radius(Witness.SHA256, "plain") == radius(Witness.URL, "plain") == 0
