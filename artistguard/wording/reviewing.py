# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Why a match is one, what was said of it, and what happens when its picture is asked for."""

from __future__ import annotations

import re
from typing import Final

from artistguard.models import Match, Verdict, Witness
from artistguard.wording.language import mark, plural, translate, write_number

_VERDICTS: Final = {
    Verdict.MINE: mark("Mine"),
    Verdict.NOT_MINE: mark("Not mine"),
    Verdict.ALLOWED: mark("Allowed"),
    None: mark("To decide"),
}

_EXACT: Final = {
    Witness.SHA256: mark("It is the very same file, byte for byte (SHA-256)."),
    Witness.MD5: mark("It is the very same file, byte for byte (MD5)."),
    Witness.URL: mark("It was taken from one of your addresses."),
    Witness.HOST: mark("It was taken from your own site."),
    Witness.NAME: mark("Its caption names you. That alone says little."),
}

_HASHES: Final = {
    Witness.DCT256: (
        mark("{distance} of 256 bits of its fingerprint differ; the limit here is {limit}."),
        mark("{distance} of 256 bits of its fingerprint differ."),
    ),
    Witness.PHASH64: (
        mark("{distance} of 64 bits of its published hash differ; the limit here is {limit}."),
        mark("{distance} of 64 bits of its published hash differ."),
    ),
    Witness.EMBEDDING: (
        mark("{distance} of 256 bits of its neural fingerprint differ; the limit here is {limit}."),
        mark("{distance} of 256 bits of its neural fingerprint differ."),
    ),
}

_VARIANTS: Final = {
    "plain": mark("It is the whole picture, as it is."),
    "mirror": mark("It is mirrored, left to right."),
    "flip": mark("It is mirrored, top to bottom."),
    "turn180": mark("It stands on its head."),
    "turn90": mark("It is turned on its side."),
    "turn270": mark("It is turned on its side."),
    "transpose": mark("It is mirrored and turned on its side."),
    "transverse": mark("It is mirrored and turned on its side."),
    "negative": mark("Light and dark have changed places."),
    "trim": mark("A border has come or gone."),
    "block": mark("It is a part of a larger picture."),
    "square": mark("It is cut to a square."),
    "16x9": mark("It is cut to 16 by 9."),
    "4x3": mark("It is cut to 4 by 3."),
    "4x5": mark("It is cut to 4 by 5."),
}


def name_verdict(verdict: Verdict | None) -> str:
    """What the artist said of a match."""
    return translate(_VERDICTS[verdict])


def describe_act(verdict: Verdict | None, matches: int) -> str:
    """The last thing that the artist did, for the bar that takes it back."""
    match verdict:
        case Verdict.MINE:
            return plural("{number} match: mine.", "{number} matches: mine.", matches)
        case Verdict.NOT_MINE:
            return plural("{number} match: not mine.", "{number} matches: not mine.", matches)
        case Verdict.ALLOWED:
            return plural("{number} match: allowed.", "{number} matches: allowed.", matches)
        case _:
            return plural("{number} match: to decide.", "{number} matches: to decide.", matches)


def ask_about_all(verdict: Verdict, matches: int) -> str:
    """Whether so many matches really are, or are not, the artist's."""
    if verdict is Verdict.MINE:
        return plural(
            "Say that {number} match is yours?",
            "Say that all {number} matches of this band are yours?",
            matches,
        )
    return plural(
        "Say that {number} match is not yours?",
        "Say that all {number} matches of this band are not yours?",
        matches,
    )


def explain_all(*, narrowed: bool) -> str:
    """What a decision on many does; `narrowed` is whether filters leave out some of the band."""
    undo = translate("Undo takes it back at once.")
    if not narrowed:
        return undo
    return f"{translate('Only those that your filters show are meant.')} {undo}"


def explain_match(match: Match) -> str:
    """Why this is thought to be a copy, in plain sentences."""
    if match.witness in _EXACT:
        return translate(_EXACT[match.witness])
    said = [_explain_distance(match), _explain_variant(match.variant)]
    entry = match.entry
    if entry.width and entry.height:
        size = translate("The data set says it is {width} by {height} pixels.")
        said.append(size.format(width=write_number(entry.width), height=write_number(entry.height)))
    return " ".join(said)


def _explain_distance(match: Match) -> str:
    limited, plain = _HASHES[match.witness]
    for reason in match.evidence:
        found = re.search(rf"{match.witness}<=(\d+)", reason)
        if found:
            said = translate(limited).format(distance=match.distance, limit=found[1])
            both = translate("A second witness agrees.")
            return f"{said} {both}" if "+" in reason else said
    return translate(plain).format(distance=match.distance)


def _explain_variant(variant: str) -> str:
    if variant.startswith("crop-"):
        kept = translate("It is cropped: about {share} % of an edge is left.")
        return kept.format(share=variant.split("-")[1])
    name = variant if variant in _VARIANTS else variant.partition("-")[0]
    return translate(_VARIANTS.get(name, _VARIANTS["plain"]))


def describe_entry(match: Match) -> str:
    """Which entry of which data set it is."""
    entry = match.entry
    said = translate("Entry {entry} of {dataset}, version {version}.")
    return said.format(entry=entry.entry, dataset=entry.dataset, version=entry.dataset_version)


def explain_asking(host: str, limit: int) -> str:
    """What happens when the data set's picture is asked for; `limit` is in bytes."""
    said = translate(
        "This computer asks {host} for the picture, and {host} sees that it does. At most {size} MB"
        " are taken, nothing is kept on disk, and nothing of yours is sent."
    )
    return said.format(host=host, size=limit >> 20)


def describe_agreement(inliers: int, *, mirrored: bool, agreed: bool) -> str:
    """What holding both pictures against each other point by point has shown."""
    if not agreed:
        return plural(
            "Not confirmed by keypoints: only {number} point lies in its place."
            " That is no proof of the contrary.",
            "Not confirmed by keypoints: only {number} points lie in their places."
            " That is no proof of the contrary.",
            inliers,
        )
    if mirrored:
        return plural(
            "Confirmed by keypoints: {number} point lies in its place, mirrored.",
            "Confirmed by keypoints: {number} points lie in their places, mirrored.",
            inliers,
        )
    return plural(
        "Confirmed by keypoints: {number} point lies in its place.",
        "Confirmed by keypoints: {number} points lie in their places.",
        inliers,
    )


def explain_laying() -> str:
    """What the ways to compare do with a picture that agrees."""
    return translate(
        "Overlay, slider and flicker lay it onto your work point by point, turned and mirrored as"
        " need be."
    )


def say_incomparable() -> str:
    """That there is nothing to hold the data set's picture against."""
    return translate("Your own file cannot be read now, so the pictures were not compared.")
