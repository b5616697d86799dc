# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said around works on a screen: of folders, of files that are gone or cannot be read."""

from __future__ import annotations

import os

from artistguard.wording.language import plural, translate
from artistguard.wording.problems import spell


def split_folder(folder: str) -> tuple[str, str]:
    """The name of a folder, and the path of the one that it lies in, as they may be shown."""
    above, name = os.path.split(folder.rstrip(os.sep))
    return spell(name) or spell(folder), spell(above) if name else ""


def count_works(number: int) -> str:
    """How many works."""
    return plural("{number} work", "{number} works", number)


def say_gone() -> str:
    """That no file of a work is left."""
    return translate("File is gone")


def say_nothing_shown(*, filtered: bool, works: int) -> str:
    """Why a grid is empty: nothing is as wanted, or there is nothing yet."""
    if filtered and works:
        return translate("No work matches this filter.")
    return translate("No pictures have been taken in yet. They appear here as they are read.")


def say_unreadable(number: int) -> str:
    """That some files could not be read, so that nothing protects what is in them."""
    return plural(
        "{number} file could not be read, and is neither searched nor reserved.",
        "{number} files could not be read, and are neither searched nor reserved.",
        number,
    )


def say_no_places() -> str:
    """That nothing can be found as long as there is nowhere to look."""
    return translate(
        "Your works are read and can be reserved. To see where they were taken, add a data set or"
        " a server to look in."
    )


def name_with_count(name: str, number: int) -> str:
    """A choice, and how many works it would show."""
    return f"{name} ({number:,})"
