# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Real pictures from free packages, altered copies of some of them, and which are the same.

Packages hold many pictures twice: in several sizes, recoloured, mirrored, with translated labels.
To find such a picture again is right, so two pictures are taken for the same when their thumbnails
agree in colour, or when the outlines of both, of both without blank edges or of the largest
blocks of both agree in any of the eight ways to turn them. Neither test looks at a fingerprint.
Pictures that only belong together (frames, numbered variants of one drawing: the same file name but
for digits) are a series. All others are strangers, and only those count as false alarms.
"""

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

import imagehash
import numpy as np
from PIL import Image, ImageOps

from artistguard import pictures
from artistguard.errors import Unreadable
from artistguard.fingerprints import ALGORITHMS, blocks, cosine, hashing, variants
from artistguard.fingerprints.embedding import Embedder
from attacks import ATTACKS

PACKAGES = (
    "desktop-base",
    "freeciv-data",
    "hedgewars-data",
    "krita-data",
    "kstars-data",
    "lincity-ng-data",
    "marble-data",
    "mate-backgrounds",
    "openclipart-png",
    "palapeli-data",
    "pingus-data",
    "plasma-workspace-wallpapers",
    "stellarium-data",
    "supertux-data",
    "tuxpaint-data",
    "tuxpaint-stamps-default",
    "wesnoth-1.16-data",
    "widelands-data",
)
# Photographs that fill the other places of collages and pages; they are in no data set here.
FILLERS = ("gnome-backgrounds", "ukui-wallpapers")

# Parts of pictures rather than pictures: masks, tiles, sheets of sprites, letters, card pips, icons
# in ten sizes, screenshots in forty languages, details of pages, small copies of wallpapers, maps.
PARTS = re.compile(
    r"/cards/|/descr_pics/|/fonts/|/icons/|/l10n/|/preset_icons/|/terrain/|/tribes/|/ui-icons|_pc\.png"
    r"|[Mm]ask|HTML/(?!en/)|contents/screenshot|/preview\."
)

# Found by eye among the false alarms and taken for the same picture: two drawings of one flag, one
# wallpaper cut for two programs, one title picture and a screenshot of it.
SAME_BY_EYE = {
    frozenset({"asia/israeli_flag_anonymous_01.png", "flags/the_official_flag_of_i_r.png"}),
    frozenset({"lines/background.png", "grub/grub-16x9.png"}),
    frozenset({"images/tuxpaint-title.jpg", "captures/fenetre_de_demarrage.jpg"}),
}

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")

# Smaller files are buttons and tiles, of which an artist files no opt-out.
SMALLEST_SIDE = 128
SMALLEST_ORIGINAL = 256

# So that thousands of frames of one game do not outvote the rest.
MOST_OF_A_FOLDER = 60

THUMBNAIL, OUTLINE = 48, 72


@dataclass
class Print:
    """All that is measured of one picture or copy."""

    name: str
    size: tuple[int, int]
    asked: dict[str, tuple[np.ndarray, np.ndarray]]
    stored: dict[str, tuple[np.ndarray, np.ndarray]]
    peer: np.ndarray
    thumbnail: np.ndarray | None = None
    outlines: np.ndarray | None = None
    original: int | None = None
    attack: str | None = None

    @property
    def series(self) -> str:
        """What members of one series have in common: the name but for digits, else the folder."""
        path = Path(self.name)
        return re.sub(r"[\d_\- ]|small|large|big", "", path.stem) or str(path.parent)


def fetch(cache: Path, packages: Iterable[str]) -> list[Path]:
    """Download and unpack packages below `cache`; those already there are left as they are."""
    cache.mkdir(parents=True, exist_ok=True)
    folders = []
    for package in packages:
        folder = cache / package
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                subprocess.run(["apt-get", "-q", "download", package], cwd=scratch, check=True)
                (archive,) = Path(scratch).glob("*.deb")
                subprocess.run(["dpkg-deb", "-x", archive, Path(scratch, "x")], check=True)
                Path(scratch, "x").rename(folder)
        folders.append(folder)
    return folders


def choose(folders: Iterable[Path]) -> list[Path]:
    """Return the pictures of all folders in a fixed random order, no two with the same bytes."""
    rng, seen, by_folder = Random(1), set(), {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink():
                by_folder.setdefault(path.parent, []).append(path)
    candidates = [
        path
        for each in by_folder.values()
        for path in rng.sample(each, min(len(each), MOST_OF_A_FOLDER))
        if not PARTS.search(str(path))
    ]
    rng.shuffle(candidates)
    chosen = []
    for path in candidates:
        try:
            with Image.open(path) as image:
                big_enough = min(image.size) >= SMALLEST_SIDE
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        digest = hashlib.sha256(path.read_bytes()).digest()
        if big_enough and digest not in seen:
            seen.add(digest)
            chosen.append(path)
    return chosen


def gather(
    paths: list[Path], fillers: list[Path], originals: int, jobs: int, model: Path | None
) -> tuple[list[Print], list[Print]]:
    """Return the pictures and all copies of the first `originals` that are large enough."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (model,)) as pool:
        prints = [each for each in pool.map(_describe_picture, paths, chunksize=8) if each]
        big = [at for at, each in enumerate(prints) if min(each.size) >= SMALLEST_ORIGINAL]
        copy = partial(_describe_copies, fillers=fillers)
        work = [(at, Path(prints[at].name)) for at in big[:originals]]
        copies = [each for made in pool.map(copy, work) for each in made]
    return prints, copies


def web_sized(path: Path) -> Image.Image:
    """Return the picture as an artist puts it on the web: upright, over white, 1000 pixels wide."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGBA")
    image.thumbnail((1000, 1000))
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image)
    return page.convert("RGB")


# --- in the processes of the pool -----------------------------------------------------------------

_embedder: list[Embedder] = []


def _start(model: Path | None) -> None:
    if model:
        _embedder.append(Embedder(model))


def _describe(path: Path) -> tuple[Print, Image.Image]:
    picture = pictures.read(path)
    embedder = _embedder[0] if _embedder else None
    size = picture.width, picture.height
    asked = hashing.fingerprint(picture.image, *size, embedder)
    stored = hashing.index(picture.image, embedder)
    # The peer sees the picture upright and over white too, or it would do far worse on clip art.
    peer = np.packbits(imagehash.phash(picture.image).hash)
    return Print(str(path), size, _unpacked(asked), _unpacked(stored), peer), picture.image


def _describe_picture(path: Path) -> Print | None:
    try:
        made, image = _describe(path)
    except Unreadable:
        return None
    small = image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    made.thumbnail = np.asarray(small, np.float32)
    made.outlines = _outlines(image.convert("L"))
    return made


def _describe_copies(job: tuple[int, Path], fillers: list[Path]) -> list[Print]:
    """Make all copies of one original as encoded files, read each back and measure it."""
    number, path = job
    image = web_sized(path)
    others = [pictures.read(each).image for each in Random(number).sample(fillers, 7)]
    copies = []
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "copy")
        for attack, change in ATTACKS.items():
            file.write_bytes(change(image, Random(f"{number} {attack}"), others))
            copy, _ = _describe(file)
            copy.name, copy.original, copy.attack = str(path), number, attack
            copies.append(copy)
    return copies


def _unpacked(prints):
    out = {}
    for each in prints:
        width = ALGORITHMS[each.algorithm].bits // 8
        values = np.frombuffer(each.values, np.uint8).reshape(-1, width)
        out[each.algorithm] = values, np.frombuffer(each.qualities, np.uint8)
    return out


def _outlines(grey: Image.Image) -> np.ndarray:
    """Return the unit vectors of where the picture, its content and its largest block change."""
    cells = cosine.raster(grey)
    parts = (variants.WHOLE, blocks.trimmed(cells), blocks.largest(cells))
    vectors = []
    for part in dict.fromkeys(each for each in parts if each):
        box = [side * share for side, share in zip(grey.size * 2, part, strict=True)]
        small = grey.resize((OUTLINE, OUTLINE), Image.Resampling.BOX, box)
        change = np.hypot(*np.gradient(np.asarray(small, np.float32)))
        change -= change.mean()
        vectors.append(change / max(np.linalg.norm(change), 1e-6))
    return np.stack(vectors).astype(np.float16)


# --- which pictures are the same ------------------------------------------------------------------


class Relations:
    """Says of two pictures whether they are the "same", one "series" or "strangers"."""

    def __init__(self, prints: list[Print]) -> None:
        self._prints = prints
        self._known: dict[tuple[int, int], str] = {}

    def __call__(self, one: int, other: int) -> str:
        pair = min(one, other), max(one, other)
        if pair not in self._known:
            self._known[pair] = self._relate(self._prints[pair[0]], self._prints[pair[1]])
        return self._known[pair]

    def _relate(self, one: Print, other: Print) -> str:
        if frozenset("/".join(Path(each.name).parts[-2:]) for each in (one, other)) in SAME_BY_EYE:
            return "same"
        if _colours_apart(one, other) <= 0.02 or _outlines_agree(one, other) >= 0.7:
            return "same"
        return "series" if one.series == other.series else "strangers"


def _colours_apart(one: Print, other: Print) -> float:
    """Return the mean square difference of two thumbnails as a share of their own contrast."""
    own = sum(((each - each.mean((0, 1))) ** 2).mean() for each in (one.thumbnail, other.thumbnail))
    return float(2 * ((one.thumbnail - other.thumbnail) ** 2).mean() / max(own, 1e-6))


def _outlines_agree(one: Print, other: Print) -> float:
    """Return the largest correlation of outlines over the eight ways to turn one of them."""
    left = one.outlines.astype(np.float32)
    right = other.outlines.astype(np.float32).reshape(len(other.outlines), -1)
    best = -1.0
    for way in (left, left.transpose(0, 2, 1)):
        for flipped in (way, way[:, ::-1], way[:, :, ::-1], way[:, ::-1, ::-1]):
            best = max(best, float((flipped.reshape(len(left), -1) @ right.T).max()))
    return best
