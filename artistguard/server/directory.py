# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which entry of the log is about an address, a file hash or an id: asked by the tens of thousands.

Keys are 16-byte hashes, so that two never fall together, sorted in files that are read by memory
map. What was filed since the last file was written is held in memory. Everything here can be made
again from the log, and is, when it is missing or damaged.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from artistguard import proof, wire, writing
from artistguard.channels.storage import Storage
from artistguard.server.tables import Table

HELD: Final = 1 << 17
"""Keys held in memory before they are written down."""

_FORMAT: Final = 2
_MANIFEST: Final = "directory.json"
_LONGEST: Final = proof.MAX_DOCUMENT + 1

Starts = dict[bytes, list[int]]
Ranks = NDArray[np.uint8]


def key(kind: str, value: str) -> bytes:
    """The key of an id or a file hash; `kind` is ``id``, ``withdrawal``, ``sha256`` or ``md5``."""
    return url_key(f"{kind}:{value}".encode())


def url_key(normalised: bytes) -> bytes:
    """The key of an address as `wire.normalise_url` spells it."""
    return hashlib.blake2b(normalised, digest_size=16).digest()


class Directory:
    """The keys of one log, in a folder of their own.

    A *rank* is 0 for what no opt-out in force is about, else 1 more than the rank of its level.
    """

    def __init__(self, log: Storage, folder: Path) -> None:
        self._log = log
        self._folder = folder
        self._lock = threading.Lock()
        self._forget()
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, OSError):
            self._load()
        self._tidy_up()
        self.catch_up()

    def _forget(self) -> None:
        self._tables: tuple[Table, ...] = ()
        self._held: Starts = defaultdict(list)
        self._count = 0
        self._dead: set[int] = set()
        self._domains: dict[str, list[int]] = {}
        self._notices: list[int] = []
        self._weights: tuple[proof.Standings, dict[int, int]] | None = None
        self._last = (0, "")  # the last line that was taken in: where it begins, and its hash
        self._upto = 0
        self._next = 0

    # questions

    def line(self, asked: bytes) -> bytes | None:
        """The first line of the log with this key."""
        starts = self._starts(asked)
        return self._line_at(min(starts)) if starts else None

    def ranks(self, keys: Sequence[bytes], least: int) -> Ranks:
        """For each key the best rank of what is in force, or 1 for all when `least` is 1."""
        found = np.zeros(len(keys), np.uint8)
        of = self._alive if least <= 1 else self._rank
        for table in self._tables:
            query, start = table.find(keys)
            if len(query):
                ranks = np.fromiter(map(of, start.tolist()), np.uint8, len(start))
                np.maximum.at(found, query, ranks)
        if held := self._held:
            for at, one in enumerate(keys):
                if one in held:
                    found[at] = max(found[at], *map(of, held[one]))
        return found

    def host_rank(self, host: str, least: int) -> int:
        """The best rank of the opt-outs of a whole domain that this host is, or is below."""
        if not self._domains:
            return 0
        of = self._alive if least <= 1 else self._rank
        labels = host.split(".")
        names = (".".join(labels[at:]) for at in range(len(labels) - 1))
        return max(
            (of(start) for name in names for start in self._domains.get(name, ())), default=0
        )

    def _alive(self, start: int) -> int:
        return start not in self._dead

    def _rank(self, start: int) -> int:
        if start in self._dead:
            return 0
        standings, ranks = self._weigh()
        rank = ranks.get(start)
        if rank is None:
            entry = proof.trust_entry(self._line_at(start)[:-1])
            rank = ranks[start] = standings.of(entry).level.rank + 1
        return rank

    def _starts(self, asked: bytes) -> list[int]:
        found = [*self._held.get(asked, ())]
        for table in self._tables:
            found += table.find([asked])[1].tolist()
        return found

    def _line_at(self, start: int) -> bytes:
        with self._log.opened() as file:
            file.seek(start)
            return file.readline(_LONGEST)

    # keeping up with the log

    def catch_up(self) -> None:
        """Take in what was filed since."""
        with self._lock:
            size = self._log.size()
            if size == self._upto:
                return
            if size < self._upto or not self._is_of(*self._last):
                self._forget()  # another log was put in its place
            with self._log.opened() as file:
                for start, line in lines(file, self._upto):
                    self._take_in(start, json.loads(line))
                    self._upto, self._last = start + len(line), (start, proof.digest(line))
                    if self._count >= HELD:
                        self._write_down()

    def _is_of(self, start: int, digest: str) -> bool:
        """Whether the log still has this line, and so, as each is linked, all lines before."""
        return not digest or proof.digest(self._line_at(start)) == digest

    def _take_in(self, start: int, document: dict[str, Any]) -> None:
        entry = document["entry"]
        match entry["kind"]:
            case "opt-out":
                for one in _keys(entry["id"], document):
                    self._add(one, start)
                if document["wish"]["subject"] == "domain":
                    self._domains.setdefault(document["place"]["domain"], []).append(start)
            case "withdrawal":
                self._dead.update(self._starts(key("id", entry["id"])))
                self._add(key("withdrawal", entry["id"]), start)
            case _ if "notice" in document:
                self._notices.append(start)
                self._weights = None

    def _add(self, one: bytes, start: int) -> None:
        self._held[one].append(start)
        self._count += 1

    def _weigh(self) -> tuple[proof.Standings, dict[int, int]]:
        """What all notices come to, and the ranks that were worked out from that so far."""
        if self._weights is None:
            found = map(self._line_at, self._notices)
            standings = proof.Standings(proof.trust_entry(line[:-1]) for line in found)
            self._weights = standings, {}
        return self._weights

    # files

    def _write_down(self) -> None:
        """Put what is held into a file, together with files that are not much larger."""
        tables = [*self._tables, Table.of(self._held)]
        while len(tables) > 1 and len(tables[-2]) < 2 * len(tables[-1]):
            tables[-2:] = [tables[-2].joined(tables[-1])]
        self._folder.mkdir(parents=True, exist_ok=True)
        self._next += 1
        name = f"{self._next:08}.keys"
        tables[-1] = tables[-1].written(self._folder / name)
        self._save([*tables])
        self._tables = tuple(tables)
        self._held = defaultdict(list)
        self._count = 0
        self._tidy_up()

    def _tidy_up(self) -> None:
        """Remove tables that are none of ours: merged, or from before a crash."""
        used = {table.name for table in self._tables}
        for path in self._folder.glob("*.keys"):
            if path.name not in used:
                with suppress(OSError):  # a question may still be reading it, on Windows
                    path.unlink()

    def _save(self, tables: list[Table]) -> None:
        manifest = {
            "format": _FORMAT,
            "last": self._last,
            "upto": self._upto,
            "next": self._next,
            "tables": [[table.name, len(table)] for table in tables],
            "dead": sorted(self._dead),
            "domains": self._domains,
            "notices": self._notices,
        }
        writing.write(self._folder / _MANIFEST, json.dumps(manifest).encode())

    def _load(self) -> None:
        parts = json.loads((self._folder / _MANIFEST).read_bytes())
        if parts["format"] != _FORMAT or parts["upto"] > self._log.size():
            raise ValueError("format")
        start, digest = parts["last"]
        if not self._is_of(start, digest):
            raise ValueError("log")
        tables = tuple(Table.open(self._folder / name, count) for name, count in parts["tables"])
        self._tables, self._dead = tables, set(parts["dead"])
        self._domains, self._notices = dict(parts["domains"]), list(parts["notices"])
        self._last, self._upto, self._next = (start, digest), parts["upto"], int(parts["next"])


def _keys(ident: str, document: dict[str, Any]) -> Iterator[bytes]:
    yield key("id", ident)
    url = document["place"].get("url")
    if url is not None:
        yield url_key((wire.normalise_url(url) or url).encode())
    for kind in ("sha256", "md5"):
        digest = document["picture"].get(kind)
        if digest is not None:
            yield key(kind, digest)


def lines(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """Each whole line of a log from a byte on, with where it begins."""
    file.seek(start)
    while (line := file.readline(_LONGEST)).endswith(b"\n"):
        yield start, line
        start += len(line)
