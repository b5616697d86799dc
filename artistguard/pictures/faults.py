# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Says in our own kinds what went wrong inside a system call, a container or a decoder."""

from __future__ import annotations

import errno
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from artistguard.errors import Kind, Problem, Unreadable

_BY_ERRNO = {
    errno.ENOENT: Kind.FILE_VANISHED,
    errno.ENOTDIR: Kind.FILE_VANISHED,
    errno.ESTALE: Kind.FILE_VANISHED,
    errno.EACCES: Kind.NOT_PERMITTED,
    errno.EPERM: Kind.NOT_PERMITTED,
    # What opening a folder, a socket or a device without a driver answers.
    errno.EISDIR: Kind.NOT_A_PICTURE,
    errno.ENXIO: Kind.NOT_A_PICTURE,
    errno.ENODEV: Kind.NOT_A_PICTURE,
    # A seek to where no file can reach, as only a file's own content can ask for.
    errno.EINVAL: Kind.DAMAGED_PICTURE,
}

# How Pillow says that a sound file is of a variety that it does not read.
_BEYOND_PILLOW = ("unknown pixel mode", "unsupported", "cannot handle")


@contextmanager
def told(**facts: object) -> Iterator[None]:
    """Let Problems pass and turn every other exception into an Unreadable with `facts`.

    Decoders raise whatever their authors thought of when the bytes are hostile (struct.error,
    KeyError, OverflowError, RecursionError ...), so nothing narrower than Exception will do.
    """
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        raise _unreadable(error, facts) from error


def _unreadable(error: Exception, facts: dict[str, object]) -> Unreadable:
    if isinstance(error, OSError) and error.errno is not None:
        kind = _BY_ERRNO.get(error.errno, Kind.READ_FAILED)
        return Unreadable(kind, reason=error.strerror, **facts)
    if isinstance(error, (MemoryError, Image.DecompressionBombError)):
        return Unreadable(Kind.TOO_MANY_PIXELS, **facts)
    if _ended_early(error):
        return Unreadable(Kind.TRUNCATED, **facts)
    if any(word in str(error).lower() for word in _BEYOND_PILLOW):
        return Unreadable(Kind.UNSUPPORTED_PICTURE, **facts)
    return Unreadable(Kind.DAMAGED_PICTURE, **facts)


def _ended_early(error: Exception) -> bool:
    # Pillow has no class for it, only the word, and wraps what a format's reader raises; zipfile
    # looks for the table of contents that is written last.
    return (
        isinstance(error, EOFError)
        or isinstance(error.__cause__, EOFError)
        or "truncated" in str(error).lower()
        or (isinstance(error, zipfile.BadZipFile) and "not a zip file" in str(error))
    )
