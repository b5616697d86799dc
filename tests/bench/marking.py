# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What marking 1,000 pictures takes, in XMP alone and signed, and whether any pixel changed.

Run: python tests/bench/marking.py [PICTURES]

The peer is ExifTool in batch mode: one process that writes the same properties into copies of the
same files. It flushes nothing to the disk and keeps no record; ours does both, with as many
processes as there are cores.
"""

import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from artistguard import secrets
from artistguard.channels.marks import VOCABULARY
from artistguard.marking import MarkedFile, Marking, MarkState
from artistguard.settings import Marks, Settings
from artistguard.store import Store

MARKS = Marks(
    creator="Mira Example",
    rights="© 2026 Mira Example. All rights reserved.",
    terms="No AI training, no data mining.",
    statement="https://mira.example/rights",
)
FORMS = (
    ("jpg", {"quality": 90}),
    ("jpg", {"quality": 85, "progressive": True}),
    ("jpg", {"quality": 95, "subsampling": 0}),
    ("png", {}),
    ("webp", {"quality": 85}),
    ("tif", {"compression": "tiff_lzw"}),
)


def paint(folder, count):
    """Pictures of 800 x 600 with soft colours and some grain, a hundred to a folder."""
    for number in range(count):
        dice = random.Random(number)
        coarse = Image.frombytes("RGB", (12, 9), dice.randbytes(12 * 9 * 3))
        grain = Image.effect_noise((800, 600), 12).convert("RGB")
        picture = Image.blend(coarse.resize((800, 600), Image.Resampling.BICUBIC), grain, 0.15)
        suffix, how = FORMS[number % len(FORMS)]
        path = folder / f"{number // 100}" / f"{number}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, **how)


def time_of_exiftool(art, out):
    said = (
        f"-XMP-plus:OtherConstraints={VOCABULARY}{MARKS.reservation}",  # it knows no newer one
        f"-XMP-dc:Creator={MARKS.creator}",
        f"-XMP-dc:Rights={MARKS.rights}",
        "-XMP-xmpRights:Marked=True",
        f"-XMP-xmpRights:WebStatement={MARKS.statement}",
        f"-XMP-xmpRights:UsageTerms={MARKS.terms}",
    )
    begun = time.perf_counter()
    where = ("-o", f"{out}/%d/")
    subprocess.run(["exiftool", "-q", "-r", *said, *where, "."], cwd=art, check=True)
    return time.perf_counter() - begun


def time_of_ours(marking, art, out, *, credentials):
    begun = time.perf_counter()
    files = [
        one
        for one in marking.mark([str(art)], out, MARKS, credentials=credentials)
        if isinstance(one, MarkedFile)
    ]
    return time.perf_counter() - begun, files


def pixels(path):
    with Image.open(io.BytesIO(Path(path).read_bytes())) as picture:
        return picture.mode, picture.size, picture.tobytes(), picture.info.get("icc_profile")


def main(count):
    with tempfile.TemporaryDirectory() as place:
        art = Path(place, "art")
        paint(art, count)
        size = sum(path.stat().st_size for path in art.rglob("*.*"))
        print(f"{count:,} pictures, {size / 1e6:,.0f} MB; {os.cpu_count()} cores")
        store = Store(Path(place))
        vault = secrets.open_vault(Path(place))
        marking = Marking(store, Settings, lambda: vault, lambda: datetime.now(UTC))
        rates = {"ours": [], "ExifTool": []}
        for turn in range(2):
            theirs = time_of_exiftool(art, Path(place, f"exiftool-{turn}"))
            ours, _ = time_of_ours(marking, art, Path(place, f"xmp-{turn}"), credentials=False)
            rates["ExifTool"].append(count / theirs)
            rates["ours"].append(count / ours)
            shutil.rmtree(Path(place, f"exiftool-{turn}"))
            shutil.rmtree(Path(place, f"xmp-{turn}"))
        best = {name: max(each) for name, each in rates.items()}
        print(
            f"XMP alone: {best['ours']:,.0f} a second = "
            f"{best['ours'] / best['ExifTool']:.2f} times ExifTool ({best['ExifTool']:,.0f})"
        )
        seconds, files = time_of_ours(marking, art, Path(place, "signed"), credentials=True)
        states = Counter(file.state for file in files)
        print(f"XMP and credentials: {count / seconds:,.0f} a second; {dict(states)}")
        print(f"added to each: {min(f.added for f in files):,} to {max(f.added for f in files):,}")
        changed = sum(pixels(file.path) != pixels(file.out) for file in files)
        print(f"pictures of which a pixel changed: {changed}")
        seconds, files = time_of_ours(marking, art, Path(place, "signed"), credentials=True)
        known = sum(file.state is MarkState.KNOWN for file in files)
        print(f"again, with nothing to do: {count / seconds:,.0f} a second; known: {known:,}")
        store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
