# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A data folder as the program leaves it that took so many works in and looked them up.

The files are there, as small as can be, and are never opened; what a reading would have said of
them is made up. Thumbnails are real JPEGs, 256 pixels wide. One work in five has matches.
"""

import io
import random
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import cycle

from PIL import Image

from artistguard import reading, works
from artistguard.guard import Guard
from artistguard.models import Band, Entry, Match, Sought, Source, Witness, stamp
from rescan import made_up, plant

PICTURES = 300
SOURCE = Source("bench", "bench", "1", "1", 1_000_000, (Witness.DCT256, Witness.SHA256))


def fill(place, count):
    """Plant the files below `place`, and fill a data folder beside them, which is given back."""
    root, data = place / "art", place / "data"
    plant(root, count)
    with closing(Guard(data)) as guard:
        store = guard.store
        read = partial(with_thumbnails, thumbnails())
        guard.portfolio.add([str(root)])
        for _ in works.scan(store, [str(root)], read, reading.algorithms(None), guard.clock):
            pass
        with store.writing():  # noise has no near-duplicates: nothing to group
            store.works.set_masters({}, store.works.newest_version())
        search(store, stamp(guard.clock))
        assert len(guard.portfolio.seek(Sought())) == count
    return data


def thumbnails():
    """Pictures soft enough to be as large as those of real works: about 10 kB."""
    made = []
    for seed in range(PICTURES):
        dice = random.Random(seed)
        coarse = Image.frombytes("RGB", (24, 18), dice.randbytes(24 * 18 * 3))
        body = io.BytesIO()
        coarse.resize((256, 192), Image.Resampling.BICUBIC).save(body, "JPEG", quality=82)
        made.append(body.getvalue())
    return made


def with_thumbnails(jpegs, paths):
    for (path, made), jpeg in zip(made_up(paths), cycle(jpegs), strict=False):
        yield path, replace(made, thumbnail=jpeg)


def search(store, now):
    """Every work looked up in one place, and found there one time in five, in three entries."""
    with store.writing():
        source = store.matches.add_source(SOURCE)
    every = list(store.works.all())
    for start in range(0, len(every), 1_000):
        batch = every[start : start + 1_000]
        versions = [work.current.id for work in batch]
        with store.writing():
            for work in batch[::5]:
                for number in range(3):
                    store.matches.add(match(work.id, number, now))
            store.matches.mark_searched(source, versions, SOURCE.answers, now)


def match(work, number, now):
    host = f"host{work % 997}.example"
    url = f"https://{host}/{work}-{number}.jpg"
    entry = Entry(
        *("bench", "1", f"{work}-{number}", url, host),
        *(f"Picture {number} of a series", 800, 600, None, None),
    )
    band = (Band.CERTAIN, Band.LIKELY, Band.POSSIBLE)[work // 5 % 3]
    return Match(0, work, "bench", entry, Witness.DCT256, 9, "plain", band, (), now)
