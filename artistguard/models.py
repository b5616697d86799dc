# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The words of the program: works, fingerprints, matches, opt-outs, receipts as frozen values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

Clock = Callable[[], datetime]


def stamp(clock: Clock) -> str:
    """The clock's time in UTC to the second, as ISO 8601 with a Z: how every date is kept."""
    return clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- works: what the artist made ------------------------------------------------------------------


class FileState(StrEnum):
    """What a scan found out about one file since the last scan."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    MOVED = "moved"
    GONE = "gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as the folder shows it: all that a second run needs to know nothing has changed.

    `size` is in bytes, `mtime_ns` in nanoseconds since 1970; `device` and `inode` follow a rename.
    """

    path: str
    size: int
    mtime_ns: int
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How one picture looks to one algorithm: the plain hash first, then its query variants.

    `algorithm` is a name with its version, such as ``dct256/1``; values of different algorithms or
    versions are never compared. `values` holds one hash after the other, each of the algorithm's
    length in bytes and in the algorithm's order of variants. `qualities` has one byte per hash,
    0 (says nothing) to 100 (every bit well decided).
    """

    algorithm: str
    values: bytes
    qualities: bytes

    @property
    def plain(self) -> bytes:
        """The hash of the picture as it is."""
        return self.values[: len(self.values) // len(self.qualities)]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is kept of one reading of a picture file; the picture itself is not.

    `sha256` (32 bytes) and `md5` (16 bytes) are of the file's bytes; `width` and `height` are in
    pixels after orientation. `thumbnail` is a small JPEG for the artist's own screen.
    """

    sha256: bytes
    md5: bytes
    width: int
    height: int
    format: str
    fingerprints: tuple[Fingerprint, ...]
    thumbnail: bytes = b""


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """One line of a scan's outcome: which file, what happened to it, and whose work it is."""

    path: str
    state: FileState
    work: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One content of a work: its file hashes and size; a changed file is a new version."""

    id: int
    work: int
    sha256: bytes
    md5: bytes
    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class Work:
    """One thing the artist made, whatever its files are called and wherever they lie.

    `master` is the work this one is a near-duplicate of, or None when it stands for itself.
    """

    id: int
    path: str | None
    master: int | None
    current: Version


# --- search: where it was seen --------------------------------------------------------------------


class Witness(StrEnum):
    """What speaks for a match."""

    SHA256 = "sha256"
    MD5 = "md5"
    DCT256 = "dct256"
    PHASH64 = "phash64"
    EMBEDDING = "embedding"
    URL = "url"
    HOST = "host"
    NAME = "name"


class Band(StrEnum):
    """How sure a match is, by the two-witness rule in `evidence.py`."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Miss:
    """What a search by one witness leaves out, so that *not found* says less.

    Copies are looked for down to the `band`, and of those that are changed as much as that band
    allows this `share` (0 to 1) is found; of nearer ones, more. `unlisted` entries are not found
    since very many others look the same.
    """

    witness: Witness
    band: Band
    share: float
    unlisted: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """One searched collection at one version: what "checked against" names.

    `revision` changes whenever the content does, so a look-up is repeated only when there is more
    to find. `answers` are the witnesses this source can give evidence by, `misses` what those of
    them that do not find all leave out.
    """

    backend: str
    dataset: str
    version: str
    revision: str
    rows: int
    answers: tuple[Witness, ...]
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One version of a work, ready to be looked up; `key` is the caller's own number for it."""

    key: int
    work: int
    width: int
    height: int
    sha256: bytes
    md5: bytes
    fingerprints: tuple[Fingerprint, ...]


@dataclass(frozen=True, slots=True)
class Clue:
    """What the artist says of themselves for look-ups that need no picture.

    `urls` are addresses of their pictures, `hosts` their own sites, `names` how captions may name
    them.
    """

    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a data set: where a picture was taken from and what was written beside it."""

    dataset: str
    dataset_version: str
    entry: str
    url: str | None
    host: str | None
    caption: str | None
    width: int | None
    height: int | None
    sha256: bytes | None
    md5: bytes | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One witness's word that one query and one entry show the same picture.

    `key` is the query's (None for witnesses that need no picture), `distance` the Hamming distance
    in bits (0 for exact witnesses), `variant` which form of the query was seen, `quality` the lower
    quality of the two hashes, 0 to 100.
    """

    key: int | None
    entry: Entry
    witness: Witness
    distance: int
    variant: str = "plain"
    quality: int = 100


@dataclass(frozen=True, slots=True)
class More:
    """That a backend has more entries for one clue than it listed: `limit` of them were."""

    witness: Witness
    clue: str
    dataset: str
    limit: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a search of one server has told it, to be shown to the artist.

    `sent` and `received` are bytes in so many `requests`. `private` says whether buckets were asked
    for: so many real ones and `dummies`, each telling at most `bits` bits of one hash, which
    `shared_by` entries of the data set have in common on average. Otherwise whole hashes were sent,
    of so many `works`.
    """

    host: str
    private: bool
    requests: int = 0
    sent: int = 0
    received: int = 0
    works: int = 0
    buckets: int = 0
    dummies: int = 0
    bits: int = 0
    shared_by: int = 0


class Verdict(StrEnum):
    """What the artist said about a match."""

    MINE = "mine"
    NOT_MINE = "not_mine"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Match:
    """A work (or, for a site or a name, the artist) seen in one entry of one data set."""

    id: int
    work: int | None
    backend: str
    entry: Entry
    witness: Witness
    distance: int
    variant: str
    band: Band
    evidence: tuple[str, ...]
    found_at: str
    verdict: Verdict | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """That one work was looked up in one source, by which witnesses and when."""

    work: int
    backend: str
    dataset: str
    dataset_version: str
    witnesses: tuple[Witness, ...]
    checked_at: str


# --- opt-outs: what the artist asked --------------------------------------------------------------


class Scope(StrEnum):
    """How much one wish covers."""

    MATCHES = "matches"
    WORK = "work"
    FOLDER = "folder"
    DOMAIN = "domain"
    ALL = "all"


class Subject(StrEnum):
    """What one opt-out entry is about."""

    WORK = "work"
    COPY = "copy"
    DOMAIN = "domain"


class OptOutState(StrEnum):
    """Where one opt-out stands."""

    QUEUED = "queued"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Wish:
    """One act of the artist. A standing wish also covers what is found or made later.

    `bands` are those whose matches count as copies; what the artist called theirs always does.
    `folder` is the path of one, with all below it.
    """

    id: str
    scope: Scope
    standing: bool
    channel: str
    bands: tuple[Band, ...]
    work: int | None
    domain: str | None
    created_at: str
    withdrawn_at: str | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """Exactly what leaves the machine for one opt-out entry, and nothing else.

    Hashes are lower-case hex; `fingerprints` maps an algorithm to the hashes of the whole picture,
    one after the other: as it is, then mirrored and turned in the order of `fingerprints.FORMS`.
    `id` is made on the artist's machine and never used twice, so that sending again files nothing
    again.
    """

    id: str
    subject: Subject
    declarant: str
    declared_at: str
    reservation: str
    url: str | None = None
    domain: str | None = None
    sha256: str | None = None
    md5: str | None = None
    width: int | None = None
    height: int | None = None
    fingerprints: dict[str, str] = field(default_factory=dict)
    dataset: str | None = None
    dataset_version: str | None = None
    entry: str | None = None
    standing: bool = False


@dataclass(frozen=True, slots=True)
class OptOut:
    """One row of the outbox and what became of it."""

    id: str
    wish: str
    scope: Scope
    subject: Subject
    work: int | None
    match: int | None
    channel: str
    state: OptOutState
    reason: str | None
    attempts: int
    created_at: str
    answered_at: str | None


class Answer(StrEnum):
    """A channel's word on one entry of a batch."""

    FILED = "filed"
    ALREADY_FILED = "already_filed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answered:
    """One entry's answer: the receipt as signed bytes when it was filed, the reason when not."""

    id: str
    answer: Answer
    receipt: bytes | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that one opt-out was filed; `body` is the signed file, byte for byte."""

    opt_out: str
    channel: str
    body: bytes
    received_at: str
    withdrawal: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """One opt-out before it is a row: `target` names what it is about, once per channel."""

    declaration: Declaration
    target: str
    work: int | None
    match: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one wish would file, before anything is written or sent.

    `already_asked` counts targets that an earlier wish has asked for, `taken_back` those that the
    artist has taken back and that this wish leaves alone; `stands_already` says that a standing
    wish for the same stands. `leaves_machine` is False when the channel is the registry in
    the artist's own data folder.
    """

    wish: Wish
    recipient: str
    leaves_machine: bool
    drafts: tuple[Draft, ...]
    already_asked: int
    taken_back: int
    stands_already: bool

    @property
    def is_empty(self) -> bool:
        """Whether filing it would change nothing."""
        return not self.drafts and (self.stands_already or not self.wish.standing)


@dataclass(frozen=True, slots=True)
class Summary:
    """How much there is of everything.

    `faint` works are so plain that only their exact files can be recognised; `unreadable` counts
    files.
    """

    works: int
    faint: int
    unreadable: int
    matches: dict[Band, int]
    opt_outs: dict[OptOutState, int]
    receipts: int


# --- what a window shows --------------------------------------------------------------------------


class Standing(StrEnum):
    """How one work stands, in one word; `gallery.py` says which comes first."""

    UNCHECKED = "unchecked"
    CLEAR = "clear"
    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
    RESERVED = "reserved"
    DISPUTED = "disputed"
    ALLOWED = "allowed"


class Order(StrEnum):
    """By what works are sorted."""

    PLACE = "place"
    NAME = "name"
    NEWEST = "newest"
    COPIES = "copies"


@dataclass(frozen=True, slots=True)
class Sought:
    """Which works are to be shown, and in which order.

    `text` is part of a name or folder, in any case; `folder` is one folder, without those in it,
    and `within` one with them.
    """

    text: str = ""
    standing: Standing | None = None
    folder: str | None = None
    order: Order = Order.PLACE
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of one work in a list of many.

    `sha256`, `width` and `height` are of its newest version that still has a file; `copies` counts
    matches that the artist has not said no to; `gone` says that no file of it is left.
    """

    work: int
    folder: str
    name: str
    sha256: bytes
    width: int
    height: int
    standing: Standing
    copies: int
    gone: bool
    added_at: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a work as its page shows it; `there` says that a file of it is left."""

    added_at: str
    width: int
    height: int
    format: str
    there: bool


class RequestState(StrEnum):
    """Where an opt-out stands for the artist: its state, and what has become of it since.

    `DRAFTED` is one of a plan, and no row yet. What is queued is `SENT` once it was tried and
    nobody was found to be away, `OVERDUE` when that, or the asking, was long ago, and
    `ACTION_NEEDED` while its channel waits for the artist. What is acknowledged is `IN_PROGRESS`
    for a copy until a later version of its data set was looked at, which makes it `DONE` or
    `REAPPEARED`; and `DISPUTED` while somebody else says that it is not rightful.
    """

    DRAFTED = "drafted"
    QUEUED = "queued"
    SENT = "sent"
    OVERDUE = "overdue"
    ACTION_NEEDED = "action_needed"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    REAPPEARED = "reappeared"
    DISPUTED = "disputed"
    REFUSED = "refused"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SoughtRequests:
    """Which opt-outs are sought; None for whatever it be.

    What was sent, or asked and never sent, before the moment `late` (ISO 8601), and not answered,
    is overdue. `text` is part of a work's name or of an address, data set or domain, in any case.
    """

    late: str
    state: RequestState | None = None
    channel: str | None = None
    text: str = ""
    wish: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is shown of one opt-out in a list of many; `number` is its own in the database.

    `name` is of the work's file, `url` and `dataset` are of the copy, `domain` of the whole wish.
    `trouble` is the kind of problem for which its channel could not be used last. In the data set's
    later version `seen_in` it was looked for at `seen_at`, and found `again` at this address, which
    is `again_in` a data set of this name and version.
    """

    number: int
    id: str
    subject: Subject
    work: int | None
    name: str | None
    url: str | None
    dataset: str | None
    dataset_version: str | None
    domain: str | None
    channel: str
    state: RequestState
    reason: str | None
    trouble: str | None
    attempts: int
    created_at: str
    sent_at: str | None
    tried_at: str | None
    answered_at: str | None
    disputed_at: str | None
    seen_in: str | None
    seen_at: str | None
    again: str | None
    again_in: str | None
    has_receipt: bool


@dataclass(frozen=True, slots=True)
class Objection:
    """That somebody says at a channel that an opt-out is not rightful; `id` is of the dispute."""

    id: str
    opt_out: str
    channel: str
    claimant: str
    reason: str
    raised_at: str


@dataclass(frozen=True, slots=True)
class StandingWish:
    """A wish that stands, as it is shown: the name of its work, and how much it has asked for."""

    wish: Wish
    name: str | None
    opt_outs: int


@dataclass(frozen=True, slots=True)
class Answering:
    """How one channel answers: requests sent and answered, and the median days between."""

    channel: str
    sent: int
    answered: int
    days: float | None


@dataclass(frozen=True, slots=True)
class Covered:
    """In one data set at one version of `rows` entries: how many works were looked up, and when."""

    dataset: str
    version: str
    rows: int
    works: int
    checked_at: str


@dataclass(frozen=True, slots=True)
class Summing:
    """What an overview draws: pairs of a day, name or year with a number.

    `unsure` counts the matches that are not certain and wait for the artist.
    """

    unsure: int
    protected: tuple[tuple[str, int], ...]
    by_set: tuple[tuple[str, int], ...]
    by_host: tuple[tuple[str, int], ...]
    by_year: tuple[tuple[str, int], ...]
    answering: tuple[Answering, ...]
    covered: tuple[Covered, ...]


# --- news for the shells --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has come; `total` is None while it is not known."""

    step: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of checking one proof file: `where` names the part or line that fails."""

    path: Path
    valid: bool
    why: str
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the program needs of the machine, whether it works, and in which words."""

    name: str
    ok: bool
    detail: str
