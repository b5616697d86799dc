# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What artists have opted out, read from a public list in any of its forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from artistguard import proof
from artistguard.datasets.columns import IDENTIFYING, Meaning, numbers, texts
from artistguard.datasets.files import open_table
from artistguard.datasets.honoured import Honoured
from artistguard.datasets.table import Columns
from artistguard.errors import Kind, Unreadable
from artistguard.evidence import LEAST_QUALITY
from artistguard.fingerprints import FORMS
from artistguard.fingerprints.gate import quality
from artistguard.fingerprints.variants import DIHEDRAL
from artistguard.models import Witness
from artistguard.tables import Bytes, Rows, decoded
from artistguard.wire import host_of, normalise_url

Shapes = npt.NDArray[np.int16]
Sizes = npt.NDArray[np.float64]

UNKNOWN_SHAPE = np.int16(-(2**15))
"""The shape of a picture whose size is not known; its own opposite, as shapes are counted."""

# One form of the same list is enough; the first is the quickest to read.
_TABLES = ("opt-outs.parquet", "opt-outs.jsonl", "opt-outs.csv")
_TEXTS = ("urls.txt", "domains.txt")
# A row may also tell how its picture looks mirrored and turned, one form after the other; those on
# their side have the opposite shape.
_FORMS_OF = {
    Meaning.PHASH64: Meaning.PHASH64_FORMS,
    Meaning.DCT256: Meaning.DCT256_FORMS,
}
_TURNS: Shapes = np.array([-1 if DIHEDRAL[form][0] else 1 for form in FORMS[1:]], np.int16)
_LONGEST_LINE = 1 << 16
_LARGEST = 1e9


def shapes_of(columns: Columns, rows: Rows) -> Shapes:
    """Give the shapes of the pictures in some rows: 100 times the logarithm of width over height.

    The published picture's size goes before the stored one's; no size is `UNKNOWN_SHAPE`.
    """
    width = _sizes(columns, (Meaning.ORIGINAL_WIDTH, Meaning.WIDTH), rows)
    height = _sizes(columns, (Meaning.ORIGINAL_HEIGHT, Meaning.HEIGHT), rows)
    known = (width >= 1) & (height >= 1) & (width < _LARGEST) & (height < _LARGEST)
    shapes = 100 * np.log(np.where(known, width, 1) / np.where(known, height, 1))
    return np.where(known, np.rint(shapes), UNKNOWN_SHAPE).astype(np.int16)


def _sizes(columns: Columns, meanings: tuple[Meaning, ...], rows: Rows) -> Sizes:
    sizes = np.full(len(rows), np.nan)
    for meaning in meanings:
        for column in columns.get(meaning, ()):
            sizes = np.where(np.isnan(sizes), numbers(column.take(rows)), sizes)
    return sizes


@dataclass(frozen=True, slots=True)
class Looks:
    """How opted-out pictures look to one algorithm: distinct hashes (n, bytes) with shapes (n,)."""

    values: Bytes
    shapes: Shapes


@dataclass(frozen=True, slots=True)
class OptOutList:
    """Everything that is opted out, ready to be looked up.

    `urls` are as they were declared, `normalised` their one spelling and `hosts` where they are;
    `domains` cover their subdomains. File hashes are raw bytes.
    """

    urls: frozenset[str]
    normalised: frozenset[str]
    hosts: frozenset[str]
    domains: frozenset[str]
    sha256: frozenset[bytes]
    md5: frozenset[bytes]
    phash64: Looks
    dct256: Looks

    @classmethod
    def load(cls, source: Path, honoured: Honoured = Honoured()) -> Self:  # noqa: B008  # frozen
        """Read a list: its folder, one of its files, or the data folder of an ArtistGuard.

        A folder is checked against its manifest when it has one. Rows that allow training are no
        opt-outs. Where not all are honoured, files that do not say how an opt-out stands are left
        to one beside them that does; by themselves they are taken for the word of who wrote them.

        Raises:
            Unreadable: there is no list, something in it makes no sense, or it is not what its
                manifest says.
        """
        gathering = _Gathering(honoured)
        for path in _files_of(source, honoured):
            if path.suffix.lower() == ".txt":
                gathering.add_lines(path)
            else:
                gathering.add_table(path)
        return cls(
            urls=frozenset(gathering.urls),
            normalised=frozenset(filter(None, map(normalise_url, gathering.urls))),
            hosts=frozenset(filter(None, map(host_of, gathering.urls))),
            domains=frozenset(gathering.domains),
            sha256=frozenset(gathering.sha256),
            md5=frozenset(gathering.md5),
            phash64=_distinct(gathering.phash64, 8, Witness.PHASH64),
            dct256=_distinct(gathering.dct256, 32, Witness.DCT256),
        )


class _Gathering:
    """A list while it is being read."""

    def __init__(self, honoured: Honoured) -> None:
        self._honoured = honoured
        self.urls: set[str] = set()
        self.domains: set[str] = set()
        self.sha256: set[bytes] = set()
        self.md5: set[bytes] = set()
        self.phash64: list[Looks] = []
        self.dct256: list[Looks] = []

    def add_table(self, path: Path) -> None:
        misshapen = 0
        try:
            for batch in open_table(path).batches():
                misshapen += batch.misshapen
                self._add(_meant(batch.columns, batch.size, self._honoured), path)
        except Unreadable as problem:
            raise Unreadable(Kind.LIST_UNREADABLE, path=str(path)) from problem
        if misshapen:
            raise Unreadable(Kind.LIST_UNREADABLE, path=str(path), rows=misshapen)

    def add_lines(self, path: Path) -> None:
        """Read addresses and domains, one a line; # begins a line of comment."""
        if not self._honoured.covers_ref(None):
            return
        try:
            with path.open(encoding="utf-8-sig") as file:
                for line in iter(lambda: file.readline(_LONGEST_LINE), ""):
                    self._add_line(line.strip(), path)
        except (OSError, UnicodeDecodeError) as error:
            raise Unreadable(Kind.LIST_UNREADABLE, path=str(path)) from error

    def _add_line(self, line: str, path: Path) -> None:
        if "://" in line:
            self.urls.add(line)
        elif line and not line.startswith("#"):
            self.domains.add(_domain(line, path))

    def _add(self, columns: Columns, path: Path) -> None:
        for column in columns.get(Meaning.URL, ()):
            self.urls.update(filter(None, texts(column)))
        for meaning, size, hashes in (
            (Meaning.SHA256, 32, self.sha256),
            (Meaning.MD5, 16, self.md5),
        ):
            for column in columns.get(meaning, ()):
                hashes.update(map(bytes, decoded(column, size)[1]))
        for meaning, size, looks in (
            (Meaning.PHASH64, 8, self.phash64),
            (Meaning.DCT256, 32, self.dct256),
        ):
            for column in columns.get(meaning, ()):
                rows, values = decoded(column, size)
                looks.append(Looks(values, shapes_of(columns, rows)))
            for column in columns.get(_FORMS_OF[meaning], ()):
                rows, values = decoded(column, size * len(_TURNS))
                shapes = shapes_of(columns, rows)[:, None] * _TURNS
                looks.append(Looks(values.reshape(-1, size), shapes.ravel()))
        for domain in _domains_alone(columns):
            self.domains.add(_domain(domain, path))


def _meant(columns: Columns, size: int, honoured: Honoured) -> Columns:
    """Leave out the rows that allow training, and those that are not honoured."""
    meant = np.ones(size, np.bool_)
    if not honoured.everything:
        refs = [*map(texts, columns.get(Meaning.PROOF_REF, ()))] or [[None] * size]
        for written in refs:
            meant &= np.fromiter(map(honoured.covers_ref, written), np.bool_, size)
    for column in columns.get(Meaning.OPT_OUT_TRAIN, ()):
        said = pc.utf8_lower(column.cast(pa.string()))
        meant &= ~pc.is_in(said, pa.array(["false", "0"])).to_numpy(zero_copy_only=False)
    keep = pa.array(meant)
    return {meaning: [each.filter(keep) for each in found] for meaning, found in columns.items()}


def _domains_alone(columns: Columns) -> Iterator[str]:
    """Give the domains of rows about nothing else; beside an address it only says where that is."""
    identifying = [texts(each) for meaning in IDENTIFYING for each in columns.get(meaning, ())]
    for column in columns.get(Meaning.DOMAIN, ()):
        for domain, *others in zip(texts(column), *identifying, strict=True):
            if domain and not any(others):
                yield domain


def _domain(written: str, path: Path) -> str:
    domain = None if "/" in written else host_of(written.removeprefix("*.").removeprefix("."))
    if domain is None or "." not in domain:
        # A single label would opt out a whole top-level domain.
        raise Unreadable(Kind.LIST_UNREADABLE, path=str(path), entry=written[:80])
    return domain


def _distinct(looks: list[Looks], size: int, witness: Witness) -> Looks:
    """Put all looks together, each once, without those of near-blank pictures, which fit many."""
    values = np.concatenate([np.empty((0, size), np.uint8), *(each.values for each in looks)])
    shapes = np.concatenate([np.empty(0, np.int16), *(each.shapes for each in looks)])
    both = np.concatenate([values, shapes[:, None].view(np.uint8)], axis=1)
    both = np.unique(both[quality(values) >= LEAST_QUALITY[witness]], axis=0)
    return Looks(both[:, :size].copy(), both[:, size:].copy().view(np.int16)[:, 0])


def _files_of(source: Path, honoured: Honoured) -> list[Path]:
    published = source / "registry" / "public"
    folder = published if published.is_dir() else source
    if not folder.is_dir():
        return [folder]
    manifest = folder / "manifest.json"
    if manifest.exists():
        checked = proof.check_file(manifest)
        if not checked.valid:
            raise Unreadable(Kind.LIST_UNREADABLE, path=str(manifest), where=checked.where)
    files = [folder / name for name in _TABLES if (folder / name).exists()][:1]
    if honoured.everything or not files:
        files += [folder / name for name in _TEXTS if (folder / name).exists()]
    if not files:
        raise Unreadable(Kind.LIST_UNREADABLE, path=str(source))
    return files
