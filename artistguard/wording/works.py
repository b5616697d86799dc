# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said around works on a screen: of folders, of files that are gone or cannot be read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from artistguard.models import Card, Edition, Request, Subject
from artistguard.wording.language import plural, translate, write_day, write_number
from artistguard.wording.problems import spell
from artistguard.wording.requests import name_channel, name_request_state


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
    return f"{name} ({write_number(number)})"


def describe_file(card: Card, places: Sequence[str]) -> str:
    """How large a work is, and where it lies."""
    size = translate("{width} × {height} pixels").format(
        width=write_number(card.width), height=write_number(card.height)
    )
    lines = [size, spell(card.folder)]
    if len(places) > 1:
        more = plural(
            "The same work lies in {number} more place.",
            "The same work lies in {number} more places.",
            len(places) - 1,
        )
        lines.append(more)
    if card.gone:
        lines.append(translate("Its file is gone; all that was found and filed stays."))
    return "\n".join(lines)


def say_no_copies() -> str:
    """That no copy of a work was found, which says nothing of anywhere else."""
    return translate("None so far, in the places named below.")


def list_editions(editions: Sequence[Edition]) -> list[str]:
    """The versions of a work, the newest first; nothing where there is but one."""
    if len(editions) < 2:
        return []
    lines = []
    for edition in editions:
        facts = {
            "day": write_day(edition.added_at),
            "width": write_number(edition.width),
            "height": write_number(edition.height),
            "format": edition.format,
        }
        said = (
            translate("{day}: {width} × {height}, {format}")
            if edition.there
            else translate(
                "{day}: {width} × {height}, {format}; replaced since, and still searched"
            )
        )
        lines.append(said.format_map(facts))
    return lines


def list_variants(number: int, named: int) -> list[str]:
    """What is said below the near-duplicates of a work, of which so many are named."""
    if not number:
        return []
    if number <= named:
        return [translate("An opt-out of this work covers them, too.")]
    more = plural("And {number} more.", "And {number} more.", number - named)
    return [f"{more} {translate('An opt-out of this work covers them, too.')}"]


def list_requests(requests: Sequence[Request]) -> list[str]:
    """The opt-outs of a work, one by one, and those of its copies, counted."""
    own = [
        translate("{state}: {channel}, {day}").format(
            state=name_request_state(one.state),
            channel=spell(name_channel(one.channel)),
            day=write_day(one.answered_at or one.created_at),
        )
        for one in requests
        if one.subject is Subject.WORK
    ]
    copies = Counter(
        (name_request_state(one.state), name_channel(one.channel))
        for one in requests
        if one.subject is not Subject.WORK
    )
    return own + [
        translate("{copies} – {state}: {channel}").format(
            copies=plural("{number} copy", "{number} copies", number),
            state=state,
            channel=spell(channel),
        )
        for (state, channel), number in copies.items()
    ]


def describe_checks(valid: int, wrong: Sequence[str]) -> str:
    """What a check of several receipts says; `wrong` are those that are not valid, and why."""
    if not valid and not wrong:
        return translate("There is no receipt yet.")
    said = plural("{number} receipt is valid.", "{number} receipts are valid.", valid)
    return "\n".join(
        [said, *(translate("NOT VALID: {what}").format(what=spell(one)) for one in wrong)]
    )


def say_saved(troubles: Sequence[str]) -> str:
    """That receipts were written, and what was not as it should be."""
    return "\n".join(
        [translate("The receipts are saved, with a list of what they are of."), *troubles]
    )
