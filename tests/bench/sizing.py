# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Measures engines and computes what large data sets take: python tests/bench/sizing.py.

Writes resources/sizing.md anew. Give it a machine with nothing else to do.
"""

import argparse
import json
import math
import os
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import engines
from artistguard import evidence
from artistguard.engines import asking
from artistguard.fingerprints import ALGORITHMS, DCT256, PHASH64
from artistguard.models import Band
from artistguard.search import WITNESSES

PAGE = Path(__file__).parents[2] / "resources" / "sizing.md"
SIZES = {"750 million": 750 * 10**6, "2 billion": 2 * 10**9, "5.8 billion": 5_800 * 10**6}
KINDS = {64: PHASH64, 256: DCT256}
KEYS = 4  # address, host, and two domains above it
WORKS = 1_000
DISK = 4e12  # of one machine, of which a third stays free for what is being merged

ABOUT = """# How many rows, bytes and machines

*Written by `python tests/bench/sizing.py`, which measures and then computes; run it again on a
machine of the kind that you mean to use.*

A data set that no longer fits one machine's disk as a pack can be held by a database engine and is
searched by the same plans (`artistguard/engines/`). This page says what that takes at three sizes,
with 64-bit and with 256-bit hashes.

## What was measured

{date}, on {cores} cores and {memory:.0f} GB of memory that the engine, its client and whatever else
ran had between them. ClickHouse (18.16) ran as a cluster of two servers, PostgreSQL as one;
everything that was asked for fitted into memory.

{measured}

A row has a *mark* for each band of its hash, four *keys* (its address, its host, the domains above
it; file hashes would be one more each) and one *entry*. A *value* is one look-up of one band;
those of a million are sent together.

## What follows

Bytes are rows × (bands × bytes a mark + {keys} × bytes a key + bytes an entry). Machines have
{disk:.0f} TB of disk each, a third of it free; a second copy of everything takes twice as many.
Core-hours to load are the servers' and the loaders' together; Spark shares them among as many
machines as there are.

{sizes}

Looking up {works:,} works, each in all its forms, as far as a match may lie and still be the band
named; the share found is that of copies at exactly that distance from the picture as it is, nearer
ones are found more often. Values and marks are for all forms together. Every server is asked for
every value: more servers hold more rows, more cores answer sooner. Core-minutes are those
for so many values and marks at ClickHouse's measured rates.

{searches}

## What to do with this

- 64-bit hashes fill up with chance neighbours: among 5.8 billion rows every query has some within
  8 bits. Publish 256-bit ones (`dct256/1`) for sets of this size.
- Where an exact plan is too dear, the planner takes the affordable one that finds most, which is
  what *share found* says. Packs of up to some 100 million rows on the asker's own machine find
  more.
- Not measured: marks that do not fit into memory. Each value then costs about one read of a block
  of 64 kB for each column, unless the values of one request lie close enough to be read together.
"""


MEASURED = "engine, hash, rows, bands, bytes a mark, bytes a key, bytes an entry"
MEASURED += ", rows loaded a core-second, values looked up a core-second"
MEASURED += ", marks fetched and compared a core-second, recall of the pack's"
FOLLOWING = "rows, hash, engine, bands, marks and keys, TB, machines, core-hours to load"
SEARCHED = (
    "rows, hash, as far as, bits, share found, values, marks compared, GB on the line, core-minutes"
)


def table(heads, lines):
    """A table with these columns."""
    names = heads.split(", ")
    return "\n".join(["| " + " | ".join(names) + " |", "|---" * len(names) + "|", *lines])


def measured(one):
    return (
        f"| {one.engine} | {one.bits} | {one.rows:,} | {one.bands} | {one.bytes_a_mark:.1f} "
        f"| {one.bytes_a_key:.1f} | {one.bytes_an_entry:.0f} | {1 / one.load_seconds_a_row:,.0f} "
        f"| {one.values_a_second:,.0f} | {one.marks_a_second:,.0f} | {one.recall:.4f} |"
    )


def sizes(found):
    for name, rows in SIZES.items():
        for one in found:
            bands = len(asking.cut(one.bits, rows))
            marks = rows * (bands + KEYS)
            entry = KEYS * one.bytes_a_key + one.bytes_an_entry
            size = rows * (bands * one.bytes_a_mark + entry)
            share = (bands + KEYS) / (one.bands + KEYS)  # loading is mostly the writing of marks
            yield (
                f"| {name} | {one.bits} | {one.engine} | {bands} | {marks / 1e9:.1f} billion "
                f"| {size / 1e12:.2f} | {math.ceil(size / (DISK * 2 / 3))} "
                f"| {rows * one.load_seconds_a_row * share / 3600:,.0f} |"
            )


def searches(found):
    measured = {one.bits: one for one in found if one.engine == "ClickHouse"}
    for name, rows in SIZES.items():
        for bits, algorithm in KINDS.items():
            for least in (Band.CERTAIN, Band.LIKELY):
                reach = reaches(algorithm, least)
                if not max(reach):
                    continue
                plans = {
                    radius: asking.plan(bits, radius, rows, asking.cut(bits, rows))
                    for radius in reach
                }
                values = WORKS * sum(plans[radius].probes * n for radius, n in reach.items())
                marks = WORKS * sum(plans[radius].candidates * n for radius, n in reach.items())
                sent = values * engines.ASKED + marks * engines.MARK
                spent = values / measured[bits].values_a_second
                spent += marks / measured[bits].marks_a_second
                far = max(reach)
                yield (
                    f"| {name} | {bits} | {least} | {far} | {plans[far].recall:.2f} "
                    f"| {values / 1e6:,.1f} million | {marks / 1e6:,.1f} million "
                    f"| {sent / 1e9:,.1f} | {spent / 60:,.0f} |"
                )


def reaches(algorithm, least):
    """How many forms of a work are asked for how far."""
    witness = WITNESSES[algorithm]
    return Counter(evidence.radius(witness, one, least) for one in ALGORITHMS[algorithm].variants)


def page(found, date):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return ABOUT.format(
        date=date,
        cores=os.cpu_count(),
        memory=memory,
        measured=table(MEASURED, map(measured, found)),
        sizes=table(FOLLOWING, sizes(found)),
        searches=table(SEARCHED, searches(found)),
        keys=KEYS,
        works=WORKS,
        disk=DISK / 1e12,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=lambda n: int(float(n)), nargs=2, default=[500_000, 200_000])
    parser.add_argument(
        "--figures", type=Path, help="lines of JSON of engines.py, not measured now"
    )
    arguments = parser.parse_args()
    if arguments.figures:
        lines = arguments.figures.read_text("utf-8").splitlines()
        found = [engines.Figures(**json.loads(line)) for line in lines]
    else:
        found = []
        for one in engines.figures(dict(zip((64, 256), arguments.rows, strict=True))):
            print(json.dumps(asdict(one)), flush=True)
            found.append(one)
    PAGE.write_text(page(found, f"{datetime.now(UTC):%d %B %Y}"), "utf-8")
    print(f"{PAGE} written")


if __name__ == "__main__":
    main()
