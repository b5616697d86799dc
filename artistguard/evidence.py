# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the witnesses of one match are worth together: certain, likely or possible."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from artistguard.models import Band, Query, Sighting, Witness

# Variants whose picture stands on its side, so that width and height change places.
_SIDEWAYS = frozenset({"turn90", "turn270", "transpose", "transverse"})
_DIHEDRAL = _SIDEWAYS | {"mirror", "flip", "turn180", "negative"}
_BLOCKS = frozenset({"trim", "block"})


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest distance in bits at which a witness says each band; None for never."""

    certain: int | None
    likely: int | None
    possible: int

    def of(self, band: Band) -> int | None:
        """Return the limit of one band."""
        return {
            Band.CERTAIN: self.certain,
            Band.LIKELY: self.likely,
            Band.POSSIBLE: self.possible,
        }[band]


# Set by tests/bench/copies.py on 35 million pairs of different pictures: `certain` let none through
# (the nearest, two flags of one pattern, lay 33 bits apart), `likely` less than one in a million.
# On 10 million pairs of other pictures the same held. 31 of 256 bits is also PDQ's own limit.
_DCT256 = {
    "plain": Limits(31, 46, 60),
    "dihedral": Limits(31, 46, 52),
    "block": Limits(31, 52, 56),
    "crop": Limits(31, 42, 46),
}
_EMBEDDING = {
    "plain": Limits(31, 44, 54),
    "dihedral": Limits(31, 44, 54),
}

# Among 7e8 hashes of 64 bits chance puts a stranger within 2 bits of one query in ten million and
# within 6 bits of one in three hundred; real pictures fall together twice as often.
_PHASH64 = {
    "plain": Limits(None, 2, 6),
    "dihedral": Limits(None, 1, 4),
}

_TABLES = {
    Witness.DCT256: _DCT256,
    Witness.EMBEDDING: _EMBEDDING,
    Witness.PHASH64: _PHASH64,
}

# Both witnesses moderately near: limits of (DCT256, EMBEDDING), each pair sufficient. Measured in
# the same way; different pictures that look alike to one seldom do to the other.
BOTH: Mapping[Band, tuple[tuple[int, int], ...]] = MappingProxyType(
    {
        Band.CERTAIN: ((52, 60), (60, 36)),
        Band.LIKELY: ((60, 70),),
    }
)

# Below this a hash is stripes, a speck or a gradient; see fingerprints.quality.
LEAST_QUALITY: Mapping[Witness, int] = MappingProxyType(
    {Witness.DCT256: 15, Witness.PHASH64: 15, Witness.EMBEDDING: 15}
)

# How far two aspect ratios may lie apart (natural logarithm): thumbnails of 256 pixels are rounded
# by up to 1 %.
_ASPECT = 0.03

_EXACT = {
    Witness.SHA256: Band.CERTAIN,
    Witness.MD5: Band.CERTAIN,
    Witness.URL: Band.CERTAIN,
    Witness.HOST: Band.LIKELY,
    Witness.NAME: Band.POSSIBLE,
}
_BANDS = (Band.CERTAIN, Band.LIKELY, Band.POSSIBLE)
# Who is named first when several say the same.
_RANK = {witness: rank for rank, witness in enumerate(Witness)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all sightings of one entry by one query come to.

    `witness`, `distance` and `variant` are of the sighting that says most; `reasons` are the rules
    that hold at this band, such as ``dct256<=40``.
    """

    band: Band
    witness: Witness
    distance: int
    variant: str
    reasons: tuple[str, ...]


def radius(witness: Witness, variant: str, least: Band = Band.POSSIBLE) -> int:
    """Return the largest distance in bits at which `variant` may still say at least that band.

    0 when it never does by itself. The embedding is looked for as far as a hash may confirm it,
    the hash as far as it speaks alone.
    """
    limits = _limits(witness, variant)
    if limits is None:
        return 0
    reach = limits.of(least) or 0
    if witness is Witness.EMBEDDING:
        stairs = [BOTH[band] for band in _BANDS[: _BANDS.index(least) + 1] if band in BOTH]
        reach = max(reach, *(embedding for _, embedding in chain(*stairs)))
    return reach


def judge(sightings: Sequence[Sighting], query: Query | None) -> Judgement | None:
    """Weigh all `sightings` of one entry by one query; None when they say nothing.

    `query` is None for witnesses that need no picture.
    """
    words = [word for sighting in sightings if (word := _alone(sighting, query))]
    words += _together(sightings)
    if not words:
        return None
    band = min((word.band for word in words), key=_BANDS.index)
    loudest = sorted(
        (word for word in words if word.band is band),
        key=lambda word: (_RANK[word.witness], word.distance),
    )
    first = loudest[0]
    reasons = dict.fromkeys(reason for word in loudest for reason in word.reasons)
    return Judgement(band, first.witness, first.distance, first.variant, tuple(reasons))


def _alone(sighting: Sighting, query: Query | None) -> Judgement | None:
    witness, distance, variant = sighting.witness, sighting.distance, sighting.variant
    if witness in _EXACT:
        return Judgement(_EXACT[witness], witness, distance, variant, (witness.value,))
    limits = _limits(witness, variant)
    if limits is None or distance > limits.possible:
        return None
    for band in _BANDS:
        limit = limits.of(band)
        if limit is not None and distance <= limit and _may_say(band, sighting, query):
            return Judgement(band, witness, distance, variant, (f"{witness}<={limit}",))
    return None


def _may_say(band: Band, sighting: Sighting, query: Query | None) -> bool:
    if band is Band.POSSIBLE:
        return True
    if sighting.quality < LEAST_QUALITY[sighting.witness]:
        return False
    return sighting.witness is not Witness.PHASH64 or _same_shape(sighting, query)


def _together(sightings: Sequence[Sighting]) -> Iterator[Judgement]:
    """Yield what a hash and the embedding say together when neither is near enough alone."""
    able = [s for s in sightings if s.quality >= LEAST_QUALITY.get(s.witness, 0)]
    hashes = [s for s in able if s.witness is Witness.DCT256]
    embeddings = [s for s in able if s.witness is Witness.EMBEDDING]
    for band, stairs in BOTH.items():
        for most, other in stairs:
            first = min((s for s in hashes if s.distance <= most), key=_distance, default=None)
            if first and any(s.distance <= other for s in embeddings):
                reason = f"{Witness.DCT256}<={most}+{Witness.EMBEDDING}<={other}"
                yield Judgement(band, first.witness, first.distance, first.variant, (reason,))


def _distance(sighting: Sighting) -> int:
    return sighting.distance


def _limits(witness: Witness, variant: str) -> Limits | None:
    """Return the limits for a fingerprint's variant, None where no distance says anything."""
    return _TABLES[witness].get(_class_of(variant)) if witness in _TABLES else None


def _class_of(variant: str) -> str:
    if variant == "plain":
        return "plain"
    if variant in _DIHEDRAL:
        return "dihedral"
    return "block" if variant in _BLOCKS else "crop"


def _same_shape(sighting: Sighting, query: Query | None) -> bool:
    """Say whether query and entry have the same aspect ratio, as far as both sizes are known."""
    width, height = sighting.entry.width, sighting.entry.height
    if query is None or not (query.width and query.height and width and height):
        return False
    if sighting.variant in _SIDEWAYS:
        width, height = height, width
    return abs(math.log(query.width / query.height * height / width)) <= _ASPECT
