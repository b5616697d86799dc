# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said of folders that are out of reach: on a drive in a drawer, moved, or forbidden."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from artistguard.errors import Kind
from artistguard.wording.language import plural, translate
from artistguard.wording.problems import spell


def describe_away(paths: Sequence[str]) -> str:
    """Which folders are out of reach, by their names alone; nothing where none is."""
    if not paths:
        return ""
    said = plural(
        "{number} folder is out of reach, and its works are kept: {names}.",
        "{number} folders are out of reach, and their works are kept: {names}.",
        len(paths),
    )
    return said.replace("{names}", ", ".join(spell(Path(path).name or path) for path in paths))


def name_folder(error: str | None) -> str:
    """How a folder of the portfolio stands, by the kind of trouble that its scan met, if any."""
    if error is None:
        return translate("Watched")
    if error == Kind.FOLDER_UNREADABLE:
        return translate("Cannot be opened; its works are kept")
    return translate("Not there; waited for, and its works are kept")
