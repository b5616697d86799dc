# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the artist has chosen, in one JSON file, and the folder where everything is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import platformdirs

from artistguard import locks, writing
from artistguard.errors import Damaged, Kind, Problem, Stopped
from artistguard.models import Clock, stamp

NAME = "settings.json"
_ENVIRONMENT = "ARTISTGUARD_DATA"
_SIZE_LIMIT = 1 << 20  # bytes; a thousand addresses fit many times over
_MOST_WORKERS = 64
_PATIENCE = 10.0  # seconds; to write a small file takes some milliseconds

RESERVATIONS: Final = (
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
    "DMI-PROHIBITED",
    "DMI-PROHIBITED-AIMLTRAINING",
    "DMI-PROHIBITED-GENAIMLTRAINING",
)
"""What a copy may say, in words of the PLUS vocabulary; the first is the default."""

NEVER_ON_BATTERY = 101
"""A percentage that no battery has."""

# Control characters and lone surrogates, which have no place in a signed declaration.
_NOT_SAYABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Marks:
    """What marked copies say, and which are made without being asked for.

    `reservation` is a word of the PLUS vocabulary; `rights` one line, `terms` more, `statement` and
    `licensor` addresses of pages: all for people to read. `creator` is whom copies name, by default
    the declarant. `certificate` and `key` are PEM files of a certificate that was bought; without
    them copies are signed with one that was made here. `beside` puts the credentials into a file of
    their own. What is exported to `export_from` is marked into `export_to`, if both are named.
    """

    reservation: str = "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"
    creator: str = ""
    rights: str = ""
    statement: str = ""
    terms: str = ""
    licensor: str = ""
    certificate: str = ""
    key: str = ""
    beside: bool = False
    export_from: str = ""
    export_to: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The artist's choices; every field has a default that works.

    `declarant` is the name or pen name that declarations show; `names` are all names by which
    captions may call the artist; `sites` are hosts and `urls` addresses of the artist's own.
    `packs` are folders of packs that are searched; `servers` are addresses of servers that opt-outs
    are filed with and works looked up at, in buckets only if `private`. `embedding_model` is the
    file of the optional neural witness; `workers` is how many pictures are read at once, 0 for one
    per core. `theme` is light, dark or contrast and `language` a tag such as ``de``, each empty for
    what the system has.

    `agreed` are servers that may be searched by themselves, as `choices` spells them;
    `paused_until` is until when the artist wants rest, in ISO 8601 and UTC, or empty. On battery
    no pictures are read below `battery_least` percent, 101 for not at all; `wait_for_unmetered`
    says that nobody is called while the network counts what is sent. `knows_tray` remembers that
    it was said where the closed window goes. `marks` is what marked copies say. `authority` is the
    address of one of time (RFC 3161), and `authority_roots` the file with its root certificates.
    """

    declarant: str = ""
    names: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    private: bool = False
    embedding_model: str | None = None
    workers: int = 0
    theme: str = ""
    language: str = ""
    agreed: tuple[str, ...] = ()
    paused_until: str = ""
    battery_least: int = 30
    wait_for_unmetered: bool = True
    knows_tray: bool = False
    authority: str = ""
    authority_roots: str | None = None
    marks: Marks = Marks()


def data_folder(chosen: str | None, environ: Mapping[str, str]) -> Path:
    """Say where settings, database, packs and registry live; nothing is made yet.

    `chosen` (the `--data` option) comes before the environment's ARTISTGUARD_DATA, and both before
    the place the operating system has for such files.
    """
    if named := chosen or environ.get(_ENVIRONMENT):
        return Path(named).expanduser().absolute()
    return platformdirs.user_data_path("ArtistGuard", appauthor=False)


def prepare(data: Path) -> None:
    """Make the data folder, readable by its owner alone.

    Raises:
        Stopped: It cannot be made there.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=data, reason=error.strerror) from error


def load(data: Path, clock: Clock) -> tuple[Settings, Problem | None]:
    """Read the settings; without a file, the defaults.

    A file that is not what `save` writes is set aside under another name, what is right in it goes
    on to apply, and the problem that comes back says where the old file is `kept`.

    Raises:
        Stopped: The file may not be read, or cannot be set aside.
    """
    path = data / NAME
    try:
        written = _read(path)
        settings, wrong = _understand(written)
    except (ValueError, RecursionError):
        return Settings(), _set_aside(path, clock)
    if not wrong:
        return settings, None
    problem = _set_aside(path, clock, keys=wrong)
    _write(path, written, settings)
    return settings, problem


def save(data: Path, settings: Settings, clock: Clock) -> None:
    """Write the settings in one step; keys that only a newer version knows stay in the file.

    Raises:
        Stopped: The disk is full or the folder cannot be written to; the old settings stay.
    """
    prepare(data)
    load(data, clock)  # a damaged file is set aside before a good one takes its name
    path = data / NAME
    _write(path, _read(path), settings)


@contextmanager
def changing(data: Path) -> Iterator[None]:
    """Keep other processes and threads from writing the settings: read, change and save inside.

    Raises:
        Stopped: Another writes for too long (DATABASE_BUSY), or the folder cannot be written to.
    """
    prepare(data)
    path = data / f".{NAME}.lock"
    try:
        with locks.held(path, _PATIENCE, Kind.DATABASE_BUSY):
            yield
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=path, reason=error.strerror) from error


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            body = file.read(_SIZE_LIMIT + 1)
    except FileNotFoundError:
        return {}
    except IsADirectoryError as error:
        raise ValueError from error
    except OSError as error:
        raise Stopped(Kind.NOT_PERMITTED, path=path, reason=error.strerror) from error
    if len(body) > _SIZE_LIMIT:
        raise ValueError
    written = json.loads(body.decode("utf-8", "surrogatepass"))
    if not isinstance(written, dict):
        raise ValueError  # noqa: TRY004  # same fate as every other damage
    return written


def _write(path: Path, written: Mapping[str, object], settings: Settings) -> None:
    # A path may hold bytes that are not Unicode; Python carries them as surrogates, and so do we.
    text = json.dumps({**written, **asdict(settings)}, ensure_ascii=False, indent=2) + "\n"
    writing.write(path, text.encode("utf-8", "surrogatepass"), mode=writing.OWNER_ONLY)


def _understand(written: Mapping[str, object]) -> tuple[Settings, list[str]]:
    """Take every value that has its shape; the names of those that have not come second."""
    right: dict[str, object] = {}
    wrong: list[str] = []
    for key, shape in _SHAPES.items():
        if key in written:
            try:
                right[key] = shape(written[key])
            except ValueError:
                wrong.append(key)
    return Settings(**right), wrong  # type: ignore[arg-type]  # _SHAPES holds each field's own type


def _set_aside(path: Path, clock: Clock, **facts: object) -> Problem:
    moment = re.sub(r"\W", "", stamp(clock))
    kept = path.with_name(f"settings.damaged-{moment}.json")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"settings.damaged-{moment}-{number}.json")
    try:
        path.rename(kept)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=path, reason=error.strerror) from error
    return Damaged(Kind.SETTINGS_DAMAGED, path=path, kept=kept, **facts)


def _line(value: object) -> str:
    if not isinstance(value, str) or _NOT_SAYABLE.search(value):
        raise ValueError
    return value


def _lines(value: object) -> tuple[str, ...]:
    return tuple(_line(item) for item in _list(value))


def _path(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    return value


def _paths(value: object) -> tuple[str, ...]:
    return tuple(_path(item) for item in _list(value))


def _maybe_path(value: object) -> str | None:
    return None if value is None else _path(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004  # one kind of wrong is enough
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004  # one kind of wrong is enough
    return value


def _workers(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_WORKERS:
        raise ValueError
    return value


def _percent(value: object) -> int:
    if type(value) is not int or not 0 <= value <= NEVER_ON_BATTERY:
        raise ValueError
    return value


def _moment(value: object) -> str:
    said = _line(value)
    if said and datetime.fromisoformat(said).tzinfo is None:
        raise ValueError
    return said


def _reservation(value: object) -> str:
    if value not in RESERVATIONS:
        raise ValueError
    return str(value)


def _marks(value: object) -> Marks:
    if not isinstance(value, dict):
        raise ValueError  # noqa: TRY004  # one kind of wrong is enough
    shapes = dict.fromkeys(("creator", "rights", "statement", "terms", "licensor"), _line)
    shapes |= dict.fromkeys(("certificate", "key", "export_from", "export_to"), _path)
    known: dict[str, Callable[[object], object]] = {
        "reservation": _reservation,
        "beside": _yes_or_no,
        **shapes,
    }
    chosen: dict[str, Any] = {key: known[key](value[key]) for key in known if key in value}
    return Marks(**chosen)


_SHAPES: dict[str, Callable[[object], object]] = {
    "declarant": _line,
    "names": _lines,
    "sites": _lines,
    "urls": _lines,
    "packs": _paths,
    "servers": _lines,
    "private": _yes_or_no,
    "embedding_model": _maybe_path,
    "workers": _workers,
    "theme": _line,
    "language": _line,
    "agreed": _lines,
    "paused_until": _moment,
    "battery_least": _percent,
    "wait_for_unmetered": _yes_or_no,
    "knows_tray": _yes_or_no,
    "authority": _line,
    "authority_roots": _maybe_path,
    "marks": _marks,
}
