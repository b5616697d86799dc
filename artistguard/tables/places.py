# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the files of a data set are: on this machine, or at any address that fsspec can read."""

from __future__ import annotations

import glob
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import fsspec

from artistguard.errors import Kind, Unreadable

# What tells one content of a remote file from the next, as different stores call it.
_STAMPS = (
    *("mtime", "LastModified", "last_modified", "Last-Modified"),
    *("ETag", "etag", "checksum", "oid", "blob_id"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One file: its address, its name within what was asked for, and what tells it from a newer.

    `size` is in bytes, None where it is not known before reading. `local` is its path when it is
    on this machine.
    """

    address: str
    name: str
    size: int | None
    stamp: str
    local: Path | None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, open for reading and seeking.

        Raises Unreadable (TABLE_UNREADABLE) for what goes wrong while it is read, too.
        """
        with reading(self):
            if self.local is not None:
                with self.local.open("rb") as file:
                    yield file
            else:
                with _Far(self.address) as far, io.BufferedReader(far) as file:
                    yield cast("BinaryIO", file)


class _Far(io.RawIOBase):
    """A file at an address that fsspec knows, with all that Python's files have.

    Whatever the library that reads such addresses says of one that breaks off is an OSError.
    """

    def __init__(self, address: str) -> None:
        with _far_away():
            self._file = fsspec.open(address, "rb").open()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _far_away():
            some = self._file.read(len(buffer))
        buffer[: len(some)] = some
        return len(some)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _far_away():
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


@contextmanager
def _far_away() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, ImportError):
        raise
    except Exception as error:  # each has its own, and no base in common
        raise OSError(str(error)) from error


def find(source: str) -> list[Place]:
    """All files at `source` in the order of their names: a file, a folder, a pattern, an address.

    Names that begin with a dot are left out, and so is what lies below them.

    Raises:
        Unreadable: There is nothing, it cannot be listed (TABLE_UNREADABLE), or what reads such
            addresses is not installed (SOURCE_PART_MISSING).
    """
    try:
        with _far_away():
            places = _remote(source) if "://" in source else _local(source)
    except ImportError as error:
        scheme = source.partition("://")[0]
        raise Unreadable(Kind.SOURCE_PART_MISSING, path=source, scheme=scheme) from error
    except (OSError, ValueError) as error:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=source) from error
    if not places:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=source)
    return places


def _local(source: str) -> list[Place]:
    path = Path(source)
    if not os.path.lexists(path):
        paths = sorted(glob.glob(source, recursive=True))  # noqa: PTH207  # patterns may be absolute
        return [place for found in paths for place in _local(glob.escape(found))]
    if path.is_dir():
        below = sorted(
            Path(folder, name)
            for folder, folders, names in os.walk(path)
            for name in _shown(folders, names)
        )
        files = (one for one in below if one.is_file())
        return [_local_place(one, one.relative_to(path).as_posix()) for one in files]
    return [_local_place(path, path.name)]


def _shown(folders: list[str], names: list[str]) -> list[str]:
    """The names that are not hidden; `folders` loses those that are, so that no one goes there."""
    folders[:] = [name for name in folders if not name.startswith(".")]
    return [name for name in names if not name.startswith(".")]


def _local_place(path: Path, name: str) -> Place:
    status = path.stat()
    return Place(str(path.absolute()), name, status.st_size, str(status.st_mtime_ns), path)


def _remote(source: str) -> list[Place]:
    files, path = fsspec.core.url_to_fs(source)
    if "*" in path:
        found = files.glob(path, detail=True)
        top = path.partition("*")[0].rpartition("/")[0]
    elif "http" not in files.protocol and files.isdir(path):
        found = files.find(path, detail=True)
        top = path.rstrip("/")
    else:
        found = {path: files.info(path)}
        top = path.rpartition("/")[0]
    return [
        _remote_place(files, name, name.removeprefix(top).lstrip("/"), about)
        for name, about in sorted(found.items())
        if about.get("type") == "file" and not PurePosixPath(name).name.startswith(".")
    ]


def _remote_place(files: Any, path: str, name: str, about: dict[str, Any]) -> Place:
    stamp = next((str(about[key]) for key in _STAMPS if about.get(key)), "")
    return Place(files.unstrip_protocol(path), name, about.get("size"), stamp, None)


@contextmanager
def reading(place: Place) -> Iterator[None]:
    """Turn what a library says of a file that is not to be had into words of ours."""
    try:
        yield
    except (OSError, EOFError, ValueError) as error:
        raise Unreadable(Kind.TABLE_UNREADABLE, path=place.name) from error
