# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Measures how many altered copies are found, and what false alarms that costs, on real pictures.

    python tests/bench/copies.py [--pictures DIR ...] [--originals 130] [--embedding [MODEL]]

Every picture asks for every picture and every copy. Without --pictures, free packages are fetched
with apt into a cache folder, once; nothing is installed. See corpus.py for what counts as a false
alarm, and attacks.py for the changes.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import faiss
import numpy as np

from artistguard import evidence
from artistguard.fingerprints import ALGORITHMS, DCT256, PHASH64, SSCD256, find_model
from artistguard.models import Band, Entry, Query, Sighting, Witness
from attacks import ATTACKS
from corpus import FILLERS, PACKAGES, Print, Relations, choose, fetch, gather

WITNESSES = {DCT256: Witness.DCT256, PHASH64: Witness.PHASH64, SSCD256: Witness.EMBEDDING}

# One row for each query, item, variant and stored hash that lie near each other.
HIT = np.dtype(
    [
        ("query", np.int32),
        ("item", np.int32),
        ("variant", np.int16),
        ("distance", np.int16),
        ("quality", np.int16),
    ]
)


@dataclass
class Half:
    """One half of the pictures as queries, the same half with its copies as what is searched."""

    pictures: list[Print]
    items: list[Print]
    owner: np.ndarray  # the picture that each item shows
    relation: Relations

    @property
    def copies(self) -> int:
        return len(self.items) - len(self.pictures)


def halve(prints: list[Print], copies: list[Print], odd: bool) -> Half:
    """Return every second picture with its copies; members of one series stay together."""
    names = sorted({each.series for each in prints})
    mine = set(names[odd::2])
    chosen = [at for at, each in enumerate(prints) if each.series in mine]
    number = {at: new for new, at in enumerate(chosen)}
    kept = [copy for copy in copies if copy.original in number]
    pictures = [prints[at] for at in chosen]
    owner = [*range(len(chosen)), *(number[copy.original] for copy in kept)]
    return Half(pictures, [*pictures, *kept], np.array(owner), Relations(pictures))


# --- search ---------------------------------------------------------------------------------------


def hashes_of(prints, side, algorithm):
    """Return all hashes, their qualities, whose they are and which variant each is."""
    each = [getattr(print_, side)[algorithm] for print_ in prints]
    counts = [len(values) for values, _ in each]
    return (
        np.concatenate([values for values, _ in each]),
        np.concatenate([qualities for _, qualities in each]),
        np.repeat(np.arange(len(prints)), counts),
        np.concatenate([np.arange(count) for count in counts]),
    )


def near(half: Half, algorithm: str, radius: int, least_quality: int = 0) -> np.ndarray:
    """Return the hits of all variants of all pictures within `radius`, by brute force."""
    asked, asked_quality, query, variant = hashes_of(half.pictures, "asked", algorithm)
    stored, stored_quality, item, _ = hashes_of(half.items, "stored", algorithm)
    able = np.flatnonzero(asked_quality >= least_quality)
    taken = np.flatnonzero(stored_quality >= least_quality)
    flat = faiss.IndexBinaryFlat(8 * asked.shape[1])
    flat.add(np.ascontiguousarray(stored[taken]))
    found = []
    for start in range(0, len(able), 1 << 12):
        rows = able[start : start + (1 << 12)]
        limits, distance, at = flat.range_search(np.ascontiguousarray(asked[rows]), radius + 1)
        left, right = np.repeat(rows, np.diff(limits.astype(np.int64))), taken[at]
        hits = np.empty(len(left), HIT)
        hits["query"], hits["variant"] = query[left], variant[left]
        hits["item"], hits["distance"] = item[right], distance
        hits["quality"] = np.minimum(asked_quality[left], stored_quality[right])
        found.append(hits[hits["query"] != hits["item"]])
    return np.concatenate(found)


# --- pairs: all that is said of one query and one item --------------------------------------------

# Who speaks: a witness by a class of its variants, and how far away it is still listened to.
VOICES = {
    (DCT256, "plain"): 84,
    (DCT256, "dihedral"): 72,
    (DCT256, "block"): 72,
    (DCT256, "crop"): 64,
    (SSCD256, "plain"): 80,
    (SSCD256, "dihedral"): 72,
}
SILENT = 999


@dataclass
class Pairs:
    """Distances by voice, (n, voices), of each query's own copies and of strangers and series."""

    own: np.ndarray
    own_item: np.ndarray
    strangers: np.ndarray
    series: np.ndarray
    same: int


def hear(half: Half) -> Pairs:
    """Search by every algorithm that the pictures have and sort the pairs by what they are."""
    keys, voices, distances = [], [], []
    for algorithm in sorted({algorithm for algorithm, _ in VOICES}):
        if algorithm not in half.pictures[0].asked:
            continue
        least = evidence.LEAST_QUALITY[WITNESSES[algorithm]]
        widest = max(reach for (name, _), reach in VOICES.items() if name == algorithm)
        hits = near(half, algorithm, widest, least)
        classes = [evidence._class_of(name) for name in ALGORITHMS[algorithm].variants]
        names = list(VOICES)
        voice = np.array([names.index((algorithm, each)) for each in classes])[hits["variant"]]
        heard = hits["distance"] <= np.array(list(VOICES.values()))[voice]
        keys.append((hits["query"].astype(np.int64) << 32 | hits["item"])[heard])
        voices.append(voice[heard])
        distances.append(hits["distance"][heard])
    pair, row = np.unique(np.concatenate(keys), return_inverse=True)
    said = np.full((len(pair), len(VOICES)), SILENT, np.int16)
    np.minimum.at(said, (row, np.concatenate(voices)), np.concatenate(distances))
    query, item = pair >> 32, pair & 0xFFFFFFFF
    return sort(half, query, item, said)


def sort(half: Half, query: np.ndarray, item: np.ndarray, said: np.ndarray) -> Pairs:
    owner = half.owner[item]
    own = owner == query
    kind = np.array(
        [
            "own" if mine else half.relation(*pair)
            for mine, *pair in zip(own, query, owner, strict=True)
        ]
    )
    return Pairs(
        said[own],
        item[own],
        said[kind == "strangers"],
        said[kind == "series"],
        int((kind == "same").sum()),
    )


@dataclass
class Rule:
    """Limits for each voice alone, and pairs of limits for the nearest hash and the embedding."""

    alone: np.ndarray
    stairs: list[tuple[int, int]]

    def accepts(self, said: np.ndarray) -> np.ndarray:
        yes = (said <= self.alone).any(axis=1)
        hash_, embedding = both(said)
        for most, other in self.stairs:
            yes |= (hash_ <= most) & (embedding <= other)
        return yes


def both(said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance of the nearest hash and of the nearest embedding."""
    is_hash = np.array([algorithm == DCT256 for algorithm, _ in VOICES])
    return said[:, is_hash].min(axis=1), said[:, ~is_hash].min(axis=1)


def loosest(strangers: np.ndarray, allowed: int, embedding: bool) -> Rule:
    """Return the widest rule that lets at most about `allowed` pairs of strangers through."""
    share = allowed // (len(VOICES) + 2 * embedding)
    alone = np.array(
        [
            min(np.sort(column)[share] - 1, reach) if len(column) > share else reach
            for column, reach in zip(strangers.T, VOICES.values(), strict=True)
        ]
    )
    if not embedding:
        alone[[algorithm == SSCD256 for algorithm, _ in VOICES]] = -1
        return Rule(alone, [])
    rest = strangers[~(strangers <= alone).any(axis=1)]
    hash_, other = both(rest)
    stairs = []
    for most in range(40, 88, 4):
        left = np.sort(other[hash_ <= most])
        stairs.append((most, min(int(left[share]) - 1, 80) if len(left) > share else 80))
    return Rule(alone, stairs)


# --- the peer, and what ships ---------------------------------------------------------------------


def peer_hits(half: Half, radius: int, least_quality: int = 0) -> np.ndarray:
    """Return the pairs whose plain imagehash.phash lies within `radius`, nearest first."""
    values = np.stack([each.peer for each in half.items])
    count = len(half.pictures)
    flat = faiss.IndexBinaryFlat(64)
    flat.add(values)
    limits, distance, at = flat.range_search(values[:count], radius + 1)
    hits = np.empty(len(at), HIT)
    hits["query"] = np.repeat(np.arange(count), np.diff(limits.astype(np.int64)))
    hits["item"], hits["distance"] = at, distance
    quality = np.array([each.stored[PHASH64][1][0] for each in half.items])
    hits["quality"] = np.minimum(quality[hits["query"]], quality[hits["item"]])
    hits = hits[(hits["query"] != hits["item"]) & (hits["quality"] >= least_quality)]
    return hits[np.argsort(hits["distance"], kind="stable")]


def zero_radius(half: Half, hits: np.ndarray) -> int:
    """Return the distance just below that of the nearest strangers; `hits` come nearest first."""
    for hit in hits:
        shown = half.owner[hit["item"]]
        if shown != hit["query"] and half.relation(hit["query"], shown) == "strangers":
            return int(hit["distance"]) - 1
    return int(hits["distance"][-1])


def judged(half: Half) -> dict[tuple[int, int], Band]:
    """Return what evidence.judge says of every pair, from all that its radii let be seen."""
    seen = defaultdict(list)
    for algorithm in half.pictures[0].asked:
        if algorithm == PHASH64:
            continue  # sets that publish it carry nothing else: told apart in `published`
        witness, variants = WITNESSES[algorithm], ALGORITHMS[algorithm].variants
        reach = np.array([evidence.radius(witness, each) for each in variants])
        hits = near(half, algorithm, int(reach.max()), evidence.LEAST_QUALITY[witness])
        for query, item, variant, distance, quality in hits[
            hits["distance"] <= reach[hits["variant"]]
        ].tolist():
            seen[query, item].append(
                Sighting(query, entry(half, item), witness, distance, variants[variant], quality)
            )
    return bands(half, seen)


def published(half: Half) -> dict[tuple[int, int], Band]:
    """Return what evidence.judge says where only plain 64-bit hashes are published."""
    variants = ALGORITHMS[PHASH64].variants
    reach = np.array([evidence.radius(Witness.PHASH64, each) for each in variants])
    hits = near(half, PHASH64, int(reach.max()), evidence.LEAST_QUALITY[Witness.PHASH64])
    seen = defaultdict(list)
    for query, item, variant, distance, quality in hits.tolist():
        if distance <= reach[variant]:
            seen[query, item].append(
                Sighting(
                    *(query, entry(half, item), Witness.PHASH64, distance),
                    *(variants[variant], quality),
                )
            )
    return bands(half, seen)


def bands(half, seen):
    out = {}
    for (query, item), sightings in seen.items():
        asked = Query(query, query, *half.pictures[query].size, b"", b"", ())
        judgement = evidence.judge(sightings, asked)
        if judgement:
            out[query, item] = judgement.band
    return out


def entry(half: Half, item: int) -> Entry:
    return Entry("", "", str(item), None, None, None, *half.items[item].size, None, None)


# --- the report -----------------------------------------------------------------------------------


def report(half: Half, other: Half) -> None:
    """Print recall and false alarms on `half`, with limits set on it and on the `other` half."""
    pairs = len(half.pictures) * (len(half.items) - 1)
    print(f"{len(half.pictures)} pictures, {half.copies} copies, {pairs / 1e6:.1f} million pairs\n")
    found: dict[str, np.ndarray] = {}
    print("recall at zero false alarms         limits set here   limits set on the other half")
    gate = evidence.LEAST_QUALITY[Witness.PHASH64]
    for name, least in [("imagehash.phash", 0), ("imagehash.phash, flat ones left out", gate)]:
        peers = peer_hits(half, 12, least)
        here, there = (zero_radius(each, peer_hits(each, 12, least)) for each in (half, other))
        recalls = [peer_found(half, peers, each).mean() for each in (here, there)]
        print(f"{name:35s} {recalls[0]:.3f} (<= {here})    {recalls[1]:.3f} (<= {there})")
        found["imagehash.phash"] = peer_found(half, peers, here)
    mine, others = hear(half), hear(other)
    with_embedding = SSCD256 in half.pictures[0].asked
    for name, embedding in [("ours", False), ("ours and embedding", True)]:
        if embedding and not with_embedding:
            continue
        own, foreign = (loosest(each.strangers, 0, embedding) for each in (mine, others))
        found[name] = copies_found(half, mine, own)
        alarms = int(foreign.accepts(mine.strangers).sum())
        print(
            f"{name:35s} {found[name].mean():.3f}"
            f"             {copies_found(half, mine, foreign).mean():.3f}, {alarms} false alarms"
        )
        print(f"    limits {own.alone.tolist()}, both {own.stairs}")
        wide = loosest(mine.strangers, round(pairs / 1e6), embedding)
        print(
            f"    at one false alarm per million pairs {copies_found(half, mine, wide).mean():.3f},"
            f" limits {wide.alone.tolist()}, both {wide.stairs}"
        )
    print(f"\nof near pairs {mine.same} are the same picture, {len(mine.series)} of one series")
    shipped(half, found)
    table(half, found)


def copies_found(half: Half, pairs: Pairs, rule: Rule) -> np.ndarray:
    found = np.zeros(half.copies, bool)
    found[pairs.own_item[rule.accepts(pairs.own)] - len(half.pictures)] = True
    return found


def peer_found(half: Half, hits: np.ndarray, radius: int) -> np.ndarray:
    found = np.zeros(half.copies, bool)
    own = (half.owner[hits["item"]] == hits["query"]) & (hits["distance"] <= radius)
    found[hits["item"][own] - len(half.pictures)] = True
    return found


def shipped(half: Half, found: dict[str, np.ndarray]) -> None:
    """Print what the bands of evidence.py come to; `found` gets a column for "certain"."""
    print("\nas shipped                    copies   of strangers    of one series   same picture")
    judgements = {"": judged(half), "published 64 bit: ": published(half)}
    for name, pairs in judgements.items():
        for band in Band:
            alarms, hits = Counter(), np.zeros(half.copies, bool)
            upto = list(Band)[: list(Band).index(band) + 1]
            for (query, item), said in pairs.items():
                if said not in upto:
                    continue
                if half.owner[item] == query:
                    hits[item - len(half.pictures)] = True
                else:
                    alarms[half.relation(query, half.owner[item])] += 1
            label = f"{name}{band}" + ("" if band is Band.CERTAIN else " or better")
            rate = alarms["strangers"] / (len(half.pictures) * (len(half.items) - 1) / 1e6)
            print(
                f"{label:30s} {hits.mean():.3f} {alarms['strangers']:6d} ({rate:.2f} ppm)"
                f" {alarms['series']:10d} {alarms['same']:14d}"
            )
            if not name and band is not Band.POSSIBLE:
                found[str(band)] = hits


def table(half: Half, found: dict[str, np.ndarray]) -> None:
    """Print the recall of each kind of change by each method."""
    kinds = np.array([copy.attack for copy in half.items[len(half.pictures) :]])
    print(f"\n{'kind of change':34s}" + "".join(f"{name:>20s}" for name in found))
    for kind in ATTACKS:
        cells = "".join(f"{hits[kinds == kind].mean():20.2f}" for hits in found.values())
        print(f"{kind:34s}{cells}")
    print(f"{'all':34s}" + "".join(f"{hits.mean():20.3f}" for hits in found.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, nargs="+", help="folders to use instead")
    parser.add_argument("--originals", type=int, default=130)
    parser.add_argument("--most", type=int, default=6000, help="how many pictures at most")
    parser.add_argument("--embedding", type=Path, nargs="?", const=Path(), help="model file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir(), "artistguard-pictures")
    )
    args = parser.parse_args()
    model = None
    if args.embedding is not None:
        model = find_model(args.embedding if args.embedding.name else None)
        if model is None:
            parser.error("the embedding's model is neither installed nor at the path given")
    start = time.monotonic()
    fillers = choose(fetch(args.cache, FILLERS))
    paths = choose(args.pictures or fetch(args.cache, PACKAGES))[: args.most]
    prints, copies = gather(paths, fillers, args.originals, args.jobs, model)
    print(f"measured in {time.monotonic() - start:.0f} s: {len(ATTACKS)} kinds of change")
    calibration, rest = halve(prints, copies, odd=False), halve(prints, copies, odd=True)
    print("\n=== one half ===")
    report(calibration, rest)
    print("\n=== the other half ===")
    report(rest, calibration)


if __name__ == "__main__":
    main()
