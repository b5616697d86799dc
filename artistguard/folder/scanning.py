# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is new, changed or gone in folders since the last look, without opening a file."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath

from artistguard.errors import Kind, Unreadable
from artistguard.models import FoundFile

Known = tuple[int, int, int]
"""What was last seen of a file: its size in bytes, its mtime in nanoseconds, its device number."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A known file that is certainly not there any more: its folder was read and does not list it.

    `path` is in the spelling of `to_text`.
    """

    path: str


Change = FoundFile | Gone | Unreadable

# Rubbish bins and thumbnail folders of Windows, macOS, Synology and ext4.
_NOT_THE_ARTISTS = frozenset(
    {"$RECYCLE.BIN", "System Volume Information", "__MACOSX", "@eaDir", "lost+found"}
)

# Windows: FILE_ATTRIBUTE_OFFLINE, _RECALL_ON_OPEN and _RECALL_ON_DATA_ACCESS; macOS: SF_DATALESS.
# Linux has no such mark, and a file without blocks is no sign: small files may lie in the inode.
_WINDOWS_RECALL = 0x00001000 | 0x00040000 | 0x00400000
_MACOS_DATALESS = 0x40000000
# iCloud leaves `.name.icloud` in place of `name`; Nextcloud and ownCloud leave `name.nextcloud`.
_ICLOUD_STUB = ".icloud"
_STUB = re.compile(r"\.(?P<icloud>.+)\.icloud|(?P<other>.+)\.(?:nextcloud|owncloud)")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SPELLED_SURROGATE = re.compile("//([0-9a-f]{4})")


def to_text(path: str) -> str:
    """Spell an absolute path so that it fits into UTF-8, a database and JSON.

    A name that is not Unicode reaches Python with lone surrogates, which no encoding takes. Each
    becomes ``//`` and four hex digits: no normal path has two separators in a row, so the spelling
    is reversible, and every path that is Unicode stays as it is.
    """
    return _LONE_SURROGATE.sub(lambda found: f"//{ord(found[0]):04x}", path)


def from_text(text: str) -> str:
    """Give back the path that `to_text` spelled, ready to be opened."""
    return _SPELLED_SURROGATE.sub(lambda found: chr(int(found[1], 16)), text)


def changes(
    roots: Iterable[str],
    known: Mapping[str, Known],
    suffixes: frozenset[str],
    restless: Collection[str] = (),
) -> Iterator[Change]:
    """Compare the files below `roots` with what is `known`; unchanged files are not mentioned.

    Args:
        roots: Folders, or single files, as the artist named them; they may lie in one another.
        known: Path in the spelling of `to_text` to what was last seen there; other roots' files
            may be in it and are left alone.
        suffixes: Endings of picture files, lower case with the dot. A single file named as a root
            is taken whatever it is called.
        restless: Paths, in that spelling, of files and folders that are being written or moved
            just now: what has changed there is left for another time.

    Yields:
        `FoundFile` for each new or changed file; `Unreadable` for a file that is only in the
        cloud, and for a folder out of reach (with the number of `works` kept because of it); at
        the end `Gone` for each known file that is not there any more.

    Files are never opened. Hidden and system folders are left out, as are hidden files. Links to
    files count as files; links to folders are followed after all real folders, so that each folder
    is read once and under its real name, and never up to a folder that contains a root.

    Files below a root that is missing or empty, below an unreadable folder, a broken link, or a
    folder that is empty and now on another device (an unplugged drive) are not gone.
    """
    walk = _Walk([normal(root) for root in roots], known, suffixes)
    for change in chain(walk.files(), walk.missing()):
        path = str(change.facts["path"]) if isinstance(change, Unreadable) else change.path
        if not (restless and _is_within(path, restless)):
            yield change


class _Walk:
    """One look over all roots: what has been read so far and what has not been seen yet."""

    def __init__(
        self, roots: list[str], known: Mapping[str, Known], suffixes: frozenset[str]
    ) -> None:
        self.roots = roots
        self.suffixes = suffixes
        self.unseen = dict(known)
        self.named: set[str] = set()  # roots that are there
        self.above = {identity for root in roots for identity in _ancestors(root)}
        self.walked: set[tuple[int, int]] = set()
        self.waiting: list[str] = []
        self.links: list[str] = []
        self.blocked: dict[str, Kind] = {}
        self.empty: dict[str, int] = {}  # folder to device
        self.broken: set[str] = set()  # links that lead nowhere

    def files(self) -> Iterator[FoundFile | Unreadable]:
        """Look at every file below the roots; known and unchanged ones are only ticked off."""
        for root in self.roots:
            yield from self._root(root)
        while self.waiting or self.links:
            if self.waiting:
                yield from self._folder(self.waiting.pop())
            else:
                self._follow()

    def missing(self) -> Iterator[Gone | Unreadable]:
        """Say which known files are gone, and which folders hide whether theirs are."""
        kept: Counter[str] = Counter()
        inside = tuple(os.path.join(root, "") for root in self.roots)
        for text, (_, _, device) in self.unseen.items():
            path = from_text(text)
            if not path.startswith(inside) and path not in self.roots:
                continue
            if place := self._out_of_reach(path, device):
                kept[place] += 1
            elif not (_is_left_out(path) and os.path.lexists(path)):
                yield Gone(text)
        for place in sorted(self.blocked.keys() | kept.keys()):
            yield Unreadable(self._reason(place), path=to_text(place), works=kept[place])

    def _root(self, root: str) -> Iterator[FoundFile | Unreadable]:
        try:
            info = os.stat(root)
        except OSError as error:
            self.blocked[root] = _kind(error)
            return
        if stat.S_ISDIR(info.st_mode):
            self.waiting.append(root)
        elif not stat.S_ISREG(info.st_mode):
            self.blocked[root] = Kind.NOT_A_FOLDER
        elif change := self._compare(root, info):
            yield change
        self.named.add(root)

    def _folder(self, folder: str) -> Iterator[FoundFile | Unreadable]:
        try:
            info = os.stat(folder)
            identity = (info.st_dev, info.st_ino)
            if identity in self.walked:
                return
            self.walked.add(identity)
            with os.scandir(folder) as listing:
                entries = [e for e in listing if e.name[0] != "." or e.name.endswith(_ICLOUD_STUB)]
        except OSError as error:
            self.blocked[folder] = _kind(error)
            return
        if not entries:
            self.empty[folder] = info.st_dev
        for entry in entries:
            try:
                change = self._entry(entry)
            except OSError as error:
                if entry.is_symlink():
                    self.broken.add(entry.path)
                elif not isinstance(error, FileNotFoundError):
                    self.blocked[folder] = _kind(error)
                    return
            else:
                if change:
                    yield change

    def _entry(self, entry: os.DirEntry[str]) -> FoundFile | Unreadable | None:
        # This runs for every file on every scan: a known file costs one stat and one look-up.
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _NOT_THE_ARTISTS:
                self.waiting.append(entry.path)
            return None
        before = self.unseen.get(entry.path)
        if before:
            info = entry.stat()
            if info.st_mtime_ns == before[1] and info.st_size == before[0]:
                del self.unseen[entry.path]
                return None
        return self._unfamiliar(entry)

    def _unfamiliar(self, entry: os.DirEntry[str]) -> FoundFile | Unreadable | None:
        if stub := _STUB.fullmatch(entry.name):
            return self._stub(entry.path, stub["icloud"] or stub["other"])
        wanted = to_text(entry.path) in self.unseen or self._is_picture(entry.name)
        if entry.path in self.named or not (wanted or entry.is_symlink()):
            return None
        info = os.stat(entry.path)  # not entry.stat(): on Windows that has no device and no inode
        if stat.S_ISDIR(info.st_mode):
            self.links.append(entry.path)
        elif stat.S_ISREG(info.st_mode) and wanted:
            return self._compare(entry.path, info)
        return None

    def _compare(self, path: str, info: os.stat_result) -> FoundFile | Unreadable | None:
        text = to_text(path)
        before = self.unseen.pop(text, None)
        if before and before[:2] == (info.st_size, info.st_mtime_ns):
            return None
        if _in_the_cloud(info):
            return Unreadable(Kind.IN_THE_CLOUD, path=text)
        return FoundFile(text, info.st_size, info.st_mtime_ns, info.st_dev, info.st_ino)

    def _stub(self, path: str, name: str) -> Unreadable | None:
        """Report a placeholder; a known file that was moved to the cloud is not gone."""
        if not self._is_picture(name):
            return None
        text = to_text(os.path.join(os.path.dirname(path), name))
        return None if self.unseen.pop(text, None) else Unreadable(Kind.IN_THE_CLOUD, path=text)

    def _is_picture(self, name: str) -> bool:
        return os.path.splitext(name)[1].lower() in self.suffixes

    def _follow(self) -> None:
        """Take the next link to a folder, by name, so that two scans agree on the order."""
        self.links.sort(reverse=True)
        link = self.links.pop()
        target = os.path.realpath(link)
        if identity(target) not in self.above:
            self.above.update(_ancestors(target))
            self.waiting.append(link)

    def _out_of_reach(self, path: str, device: int) -> str | None:
        """Name the place on the way to `path` because of which nobody can know whether it is."""
        for place in (path, *map(str, PurePath(path).parents)):
            if place in self.blocked or place in self.broken:
                return place
            if place in self.empty and (place in self.named or self.empty[place] != device):
                return place
            if place in self.named:
                break
        return None

    def _reason(self, place: str) -> Kind:
        if place in self.broken:
            return Kind.FOLDER_MISSING
        return self.blocked.get(place, Kind.FOLDER_EMPTIED)


def normal(root: str) -> str:
    """The absolute path of a root, without detours and with links as they are."""
    path = os.path.abspath(root)
    # POSIX keeps two leading slashes apart from one; no system we know gives them a meaning.
    return path[1:] if os.sep == "/" and path.startswith("//") else path


def _is_within(path: str, places: Collection[str]) -> bool:
    """Whether a path, or a folder on the way to it, is among `places`."""
    while path not in places:
        above = os.path.dirname(path)
        if above == path:
            return False
        path = above
    return True


def _is_left_out(path: str) -> bool:
    """Tell a file that only a root of its own reaches, such as one in a hidden folder."""
    return any(part[0] == "." or part in _NOT_THE_ARTISTS for part in PurePath(path).parts)


def identity(path: str) -> tuple[int, int] | None:
    """Device and inode of what is at a path, however it is called; None if nothing is."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_dev, info.st_ino


def is_in_the_cloud(text: str) -> bool:
    """Whether to read the file that `to_text` spells so would be to download it."""
    try:
        return _in_the_cloud(os.stat(from_text(text)))
    except OSError:
        return False


def _ancestors(path: str) -> set[tuple[int, int]]:
    """Identities of the folders that contain `path`, whatever links lead to it."""
    return set(filter(None, map(identity, map(str, PurePath(os.path.realpath(path)).parents))))


def _in_the_cloud(info: os.stat_result) -> bool:
    windows: int = getattr(info, "st_file_attributes", 0)
    macos: int = getattr(info, "st_flags", 0)
    return bool(windows & _WINDOWS_RECALL or macos & _MACOS_DATALESS)


def _kind(error: OSError) -> Kind:
    missing = isinstance(error, FileNotFoundError | NotADirectoryError)
    return Kind.FOLDER_MISSING if missing else Kind.FOLDER_UNREADABLE
