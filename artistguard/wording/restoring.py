# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said when a backup is brought back, and when folders lie elsewhere than they did."""

from __future__ import annotations

from artistguard.wording.language import plural, translate
from artistguard.wording.problems import spell


def count_records(works: int, opt_outs: int, receipts: int) -> str:
    """How much there is, in one line."""
    return " · ".join(
        (
            plural("{number} work", "{number} works", works),
            plural("{number} opt-out", "{number} opt-outs", opt_outs),
            plural("{number} receipt", "{number} receipts", receipts),
        )
    )


def ask_for_replacement(backup: str, here: str) -> str:
    """What a backup holds, what it takes the place of, and that nothing is lost by it."""
    said = translate("The backup is whole. It holds: {backup}. Here there are now: {here}.")
    kept = translate(
        "What is here now is not deleted: it is kept aside in the data folder. Opt-outs filed since"
        " the backup are then not shown any more, although they stand. ArtistGuard starts again."
    )
    return f"{said.format(backup=backup, here=here)}\n\n{kept}"


def say_restored(aside: str) -> str:
    """That a backup has taken its place, and where all is that was there before."""
    return translate(
        "The backup is in its place. What was here before is kept in {folder}."
    ).format(folder=spell(aside))


def name_profile(name: str) -> str:
    """What a profile is called; the first may have no name."""
    return spell(name) or translate("Main profile")


def say_moved(files: int) -> str:
    """That a folder was found again elsewhere."""
    return plural(
        "Found again, with {number} file. It is watched there from now on.",
        "Found again, with {number} files. It is watched there from now on.",
        files,
    )


def say_not_moved(folder: str) -> str:
    """That a folder holds none of the files that were looked for, so that nothing was changed."""
    return translate(
        "None of the files that are known from there lie in {folder}, so nothing was changed."
        " Choose the folder that holds the same files and folders as the old one."
    ).format(folder=spell(folder))
