# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Several names, or an agency's artists: each is a data folder of its own, below the main one.

The main data folder is the first profile. Every other lies in ``profiles/`` in it under a number
that nobody has to know; what it is called is in a file in the folder, and never becomes a path.
Settings, database, registry and signing key are each profile's own; downloaded packs are shared.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from artistguard import settings, wire, writing
from artistguard.errors import Kind, Problem
from artistguard.models import Clock

_FOLDER: Final = "profiles"
_FILE: Final = "profile.json"
_LIMIT: Final = 1 << 16  # bytes of a file with a name
_LETTERS: Final = 60


@dataclass(frozen=True, slots=True)
class Profile:
    """One artist's data folder and what it is called; the main one may have no name."""

    data: Path
    name: str
    is_main: bool


def main_folder(data: Path) -> Path:
    """The main data folder of a profile's, which may be it itself."""
    is_below = data.parent.name == _FOLDER and (data / _FILE).is_file()
    return data.parent.parent if is_below else data


def packs_folder(data: Path) -> Path:
    """Where packs of all profiles are downloaded to."""
    return main_folder(data) / "packs"


def current(data: Path) -> Profile:
    """The profile that a data folder is."""
    return Profile(data, _name_in(data), is_main=main_folder(data) == data)


def every(main: Path) -> list[Profile]:
    """All profiles, the main one first, then by name."""
    folders = (main / _FOLDER).iterdir() if (main / _FOLDER).is_dir() else iter(())
    others = [current(folder) for folder in folders if (folder / _FILE).is_file()]
    return [current(main), *sorted(others, key=lambda one: (one.name.casefold(), one.data.name))]


def find(main: Path, name: str) -> Profile:
    """The profile of a name, in any case; the main one is also found by ``main``.

    Raises Problem (NO_SUCH_PROFILE).
    """
    known = every(main)
    for one in known:
        if one.name and _key(one.name) == _key(name):
            return one
    if _key(name) == "main":
        return known[0]
    names = [one.name or "main" for one in known]
    raise Problem(Kind.NO_SUCH_PROFILE, name=name, names=names)


def create(main: Path, name: str, clock: Clock) -> Profile:
    """A new profile, which searches the packs of the main one and is set up like it otherwise not.

    Raises Problem (UNSAYABLE, PROFILE_EXISTS), Stopped when it cannot be written.
    """
    said = _checked(main, name, None)
    data = main / _FOLDER / secrets.token_hex(4)
    settings.prepare(main / _FOLDER)
    settings.prepare(data)
    _write(data, said)
    first, _problem = settings.load(main, clock)
    kept = settings.Settings(packs=first.packs, theme=first.theme, language=first.language)
    settings.save(data, kept, clock)
    return current(data)


def rename(profile: Profile, name: str) -> Profile:
    """Call a profile otherwise. Raises as `create` does."""
    said = _checked(main_folder(profile.data), name, profile)
    settings.prepare(profile.data)
    _write(profile.data, said)
    return replace(profile, name=said)


def _checked(main: Path, name: str, own: Profile | None) -> str:
    """A name as it is kept, if it can be shown and nobody else has it."""
    said = unicodedata.normalize("NFC", " ".join(name.split()))
    if not said or len(said) > _LETTERS or not wire.is_text(said):
        raise Problem(Kind.UNSAYABLE, text=name)
    others = [one for one in every(main) if own is None or one.data != own.data]
    taken = {_key(one.name) for one in others} | ({"main"} if not (own and own.is_main) else set())
    if _key(said) in taken:
        raise Problem(Kind.PROFILE_EXISTS, name=said)
    return said


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def _write(data: Path, name: str) -> None:
    body = json.dumps({"name": name}, ensure_ascii=False).encode()
    writing.write(data / _FILE, body + b"\n", mode=writing.OWNER_ONLY)


def _name_in(data: Path) -> str:
    """What a folder says it is called; one whose file is damaged is called as its folder is."""
    try:
        with (data / _FILE).open("rb") as file:
            name = json.loads(file.read(_LIMIT))["name"]
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return data.name
    fine = isinstance(name, str) and len(name) <= _LETTERS and wire.is_text(name)
    return name if fine else data.name
