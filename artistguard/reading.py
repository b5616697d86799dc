# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""One picture file becomes one `Reading`; this is what runs inside the sandboxed processes."""

from __future__ import annotations

import contextlib
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from artistguard.errors import Kind, Unreadable
from artistguard.fingerprints import DCT256, PHASH64, SSCD256, Agreement
from artistguard.folder import from_text
from artistguard.models import Reading, Witness

if TYPE_CHECKING:
    from artistguard.fingerprints.embedding import Embedder

DECODERS = ("artistguard.pictures", "artistguard.fingerprints.hashing")
"""What `read` takes: a worker loads it before its limits are set, the program itself never does."""


def algorithms(model: Path | None) -> tuple[str, ...]:
    """What a reading has fingerprints by, with or without the optional neural witness."""
    always = (DCT256, PHASH64)
    return (*always, SSCD256) if model else always


def witnesses(model: Path | None) -> frozenset[Witness]:
    """The witnesses that a reading has something to show to."""
    looks = (Witness.DCT256, Witness.PHASH64, *((Witness.EMBEDDING,) if model else ()))
    return frozenset((Witness.SHA256, Witness.MD5, *looks))


def read(path: str, model: Path | None = None) -> Reading:
    """Hash a file's bytes, decode its picture and fingerprint it.

    `path` is in the spelling of `folder.to_text`; `model` is the neural witness's file, if it is to
    be asked, too. Raises Unreadable with what is wrong.
    """
    from artistguard import pictures
    from artistguard.fingerprints import hashing

    embedder = load(model) if model else None
    file = Path(from_text(path))
    sha256, md5 = pictures.digest(file)
    picture = pictures.read(file)
    return Reading(
        sha256=sha256,
        md5=md5,
        width=picture.width,
        height=picture.height,
        format=picture.format,
        fingerprints=hashing.fingerprint(picture.image, picture.width, picture.height, embedder),
        thumbnail=pictures.thumbnail(picture),
    )


@cache
def load(model: Path) -> Embedder:
    """The neural witness, loaded once in each process. Raises Unreadable (MODEL_UNUSABLE)."""
    from artistguard.fingerprints.embedding import Embedder

    try:
        return Embedder(model)
    except Exception as error:  # every runtime has errors of its own
        raise Unreadable(Kind.MODEL_UNUSABLE, path=model, reason=type(error).__name__) from error


def try_model(model: Path) -> None:
    """Load the neural witness, to see whether it can be; for a process that may crash on it."""
    load(model)


def shrink(path: str) -> bytes:
    """The thumbnail of a file, as in its `Reading`. Raises Unreadable."""
    from artistguard import pictures

    return pictures.thumbnail(pictures.read(Path(from_text(path))))


def enlarge(path: str) -> bytes:
    """The picture in a file as a JPEG to be looked at closely. Raises Unreadable."""
    from artistguard import pictures

    return pictures.preview(Path(from_text(path)))


def compare(pair: tuple[str | None, bytes]) -> tuple[bytes, Agreement | None]:
    """A fetched picture as a large JPEG, and how it agrees with the one in the file at the path.

    It agrees in nothing that is known where there is no path, or no picture. Raises Unreadable for
    what was fetched.
    """
    from artistguard import pictures
    from artistguard.fingerprints import keypoints

    path, fetched = pair
    theirs = pictures.read_open(io.BytesIO(fetched), pictures.PREVIEW)
    agreement = None
    if path is not None:
        with contextlib.suppress(Unreadable):
            mine = pictures.read(Path(from_text(path)))
            agreement = keypoints.compare(mine.image, theirs.image)
    return pictures.enlarged(theirs), agreement
