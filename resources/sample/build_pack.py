# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Builds the sample pack and training set: a pretend crawl with copies of the sample portfolio.

The altered copies live in memory only: a pack holds what pictures look like, never the pictures.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

import copies
import strangers
from artistguard import fingerprints, packs, pictures
from artistguard.fingerprints import hashing
from artistguard.packs.batches import Hashes, RowBatch
from artistguard.packs.builder import build
from artistguard.packs.rows import SCHEMA

HERE = Path(__file__).parent
ABOUT = packs.About(
    dataset="sample-web-2026",
    version="1",
    source="drawn by resources/sample/build_pack.py; every address is made up",
    licence="Apache-2.0",
)
BUILT_AT = "2026-11-02T09:00:00Z"
STRANGERS = 400

Change = Callable[[Image.Image], Image.Image]

CHANGES: dict[str, Change] = {
    "large": partial(copies.resized, longest=1024),
    "medium": partial(copies.resized, longest=736),
    "small": partial(copies.resized, longest=256),
    "close": partial(copies.cropped, keep=0.9),
    "closer": partial(copies.cropped, keep=0.8),
    "square": partial(copies.squared, side=500),
    "mirror": partial(copies.mirrored, longest=720),
    "turned": partial(copies.turned, longest=800),
    "white": partial(copies.bordered, longest=640, colour="#ffffff"),
    "black": partial(copies.bordered, longest=640, colour="#111111"),
    "video": partial(copies.letterboxed, width=960, height=540),
    "mark": partial(copies.watermarked, longest=800, text="freepix"),
    "joke": partial(copies.captioned, longest=640, text="me, before coffee"),
    "page": partial(copies.on_a_page, title="Ten pictures to hang this winter"),
    "grey": partial(copies.greyed, longest=640),
    "warm": partial(copies.warmed, longest=640),
    "blur": partial(copies.blurred, longest=640),
}

# What each kind of place does with addresses and captions.
PLACES = {
    "home": ("https://mirasolvang.example/works/{slug}-{number}.jpg", "Mira Solvang: {title}"),
    "pins": ("https://i.pinwall.example/736x/{hash}.jpg", "{title} {number} | pins to save"),
    "wall": ("https://wallpapers4all.example/uploads/2025/{slug}-{number}.jpg", "{title} hd"),
    "blog": ("https://northernlines.example/img/{number}/{slug}.jpg", "{title} by mira solvang"),
    "fun": ("https://cdn.memebarn.example/m/{hash}.jpg", "funny {slug} meme"),
    "shop": ("https://posters-cheap.example/p/{number}.jpg?v={hash}", "{title} poster, framed"),
}

# Work by work: the place and the change, each one row. Three works are in no data set at all.
SIGHTINGS = {
    "paintings/fjord-at-first-light.jpg": "home:large home:small pins:medium pins:mirror "
    "pins:close wall:large wall:closer wall:mark wall:video blog:page fun:joke shop:white "
    "shop:square shop:warm",
    "paintings/fox-in-birches.jpg": "home:large pins:medium pins:white pins:square fun:joke "
    "wall:close shop:black blog:medium",
    "paintings/rain-over-lofoten.webp": "home:large blog:medium pins:grey shop:white",
    "illustrations/night-tram.jpg": "home:large pins:medium wall:video wall:blur fun:joke "
    "blog:page",
    "illustrations/fern-and-poppy.jpg": "home:large shop:white shop:small pins:turned",
    "illustrations/woman-with-a-heron.jpg": "home:large pins:medium pins:mirror shop:black "
    "blog:large",
    "illustrations/whale-among-stars.jpg": "home:large pins:medium wall:closer wall:mark fun:joke",
    "prints/lighthouse-poster.png": "home:large home:small shop:medium shop:white shop:square "
    "shop:warm pins:medium pins:close blog:page fun:joke wall:blur",
    "prints/tide-table-pattern.png": "shop:large",
    "pixels/tiny-harbour.png": "pins:medium wall:large",
}
# This file was taken as it is: its hashes say so.
TAKEN_WHOLE = "paintings/lemons-and-blue-jug.jpg"

# What only the training set has, which was collected after the pack.
LATER = {
    "paintings/fjord-at-first-light.jpg": "shop:medium fun:small",
    "prints/lighthouse-poster.png": "pins:large wall:small",
    "illustrations/whale-among-stars.jpg": "blog:large",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One picture of the pretend crawl: its file, where it was and what was said of it."""

    body: bytes
    url: str
    caption: str


def copies_of(works: dict[str, str], first: int) -> Iterator[Row]:
    """Give the rows that show altered copies of works, numbered from `first`."""
    numbers = count(first)
    for name, sightings in works.items():
        work = pictures.read(HERE / "portfolio" / name).image
        for sighting in sightings.split():
            place, change = sighting.split(":")
            quality = 60 + 7 * (len(sighting) % 5)
            yield _row(place, name, next(numbers), _jpeg(CHANGES[change](work), quality))


def taken() -> list[Row]:
    """Give the rows of the pretend crawl that show works of the portfolio."""
    whole = (HERE / "portfolio" / TAKEN_WHOLE).read_bytes()
    untouched = [_row("home", TAKEN_WHOLE, 90, whole), _row("pins", TAKEN_WHOLE, 91, whole)]
    return [*copies_of(SIGHTINGS, 1), *untouched]


def crawl() -> list[Row]:
    """Give all rows of the pretend crawl, copies and strangers well mixed."""
    random = np.random.default_rng(2026)
    rows = taken()
    for number in range(STRANGERS):
        picture, caption = strangers.draw(random)
        host = f"{random.choice(['pics', 'img', 'static'])}{number % 37}.example"
        url = f"https://{host}/{random.bytes(4).hex()}/{number}.jpg"
        rows.append(Row(_jpeg(picture, 80), url, caption))
    # A caption may name somebody else with nearly the same name.
    rows.append(replace(rows.pop(), caption="portrait of Mira Solvangsen, mayor"))
    return [rows[at] for at in random.permutation(len(rows))]


def read(rows: Iterable[Row]) -> Iterator[pictures.Picture]:
    """Decode the rows' files through the same door as everybody's."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "row.jpg")
        for row in rows:
            file.write_bytes(row.body)
            yield pictures.read(file)


def batch(rows: list[Row]) -> RowBatch:
    """Turn rows into what a pack is built from."""
    table: list[dict[str, object]] = []
    hashes: dict[str, tuple[list[int], list[bytes], list[bytes]]] = {}
    for at, (row, picture) in enumerate(zip(rows, read(rows), strict=True)):
        table.append(
            {
                "entry": f"00000{at:04}",
                "url": row.url,
                "caption": row.caption,
                "width": picture.width,
                "height": picture.height,
                "sha256": hashlib.sha256(row.body).digest(),
                "md5": hashlib.md5(row.body, usedforsecurity=False).digest(),
            }
        )
        for print_ in hashing.index(picture.image):
            where, values, qualities = hashes.setdefault(print_.algorithm, ([], [], []))
            where += [at] * len(print_.qualities)
            values.append(print_.values)
            qualities.append(print_.qualities)
    return RowBatch(
        pa.RecordBatch.from_pylist(table, schema=SCHEMA),
        {
            algorithm: Hashes(
                np.array(where),
                np.frombuffer(b"".join(values), np.uint8).reshape(len(where), -1),
                np.frombuffer(b"".join(qualities), np.uint8),
            )
            for algorithm, (where, values, qualities) in hashes.items()
        },
    )


def training_set(rows: list[Row]) -> pa.Table:
    """Give the rows, and some that came later, as a table in the manner of LAION with hashes."""
    rows = [*rows, *copies_of(LATER, 500)]
    seen = list(read(rows))
    prints = [hashing.index(picture.image) for picture in seen]
    phash = [
        print_.values.hex()
        for row in prints
        for print_ in row
        if print_.algorithm == fingerprints.PHASH64
    ]
    scores = np.random.default_rng(7).uniform(0.28, 0.42, len(rows)).round(4)
    return pa.table(
        {
            "SAMPLE_ID": np.arange(len(rows)) * 7919 + 1_000_003,
            "URL": [row.url for row in rows],
            "TEXT": [row.caption for row in rows],
            "HEIGHT": pa.array([picture.height for picture in seen], pa.int32()),
            "WIDTH": pa.array([picture.width for picture in seen], pa.int32()),
            "LICENSE": pa.nulls(len(rows), pa.string()),
            "NSFW": ["UNLIKELY"] * len(rows),
            "similarity": scores,
            "md5": [hashlib.md5(row.body, usedforsecurity=False).hexdigest() for row in rows],
            "image_phash": phash,
        }
    )


def _row(place: str, name: str, number: int, body: bytes) -> Row:
    slug = Path(name).stem
    known = {
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "number": number,
        "hash": hashlib.sha256(body).hexdigest()[:16],
    }
    url, caption = PLACES[place]
    return Row(body, url.format(**known), caption.format(**known))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    body = io.BytesIO()
    picture.save(body, "JPEG", quality=quality)
    return body.getvalue()


def main() -> None:
    """Build the pack and the table beside this script, or in the folder that is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    rows = crawl()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        build(Path(scratch, "pack"), ABOUT, [batch(rows)], built_at=BUILT_AT)
        shutil.rmtree(folder / "pack", ignore_errors=True)
        Path(scratch, "pack").rename(folder / "pack")
    pq.write_table(training_set(rows), folder / "training-set.parquet", compression="zstd")


if __name__ == "__main__":
    main()
