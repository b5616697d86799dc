# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Marked copies in words: what went wrong, what they say, and what a signature is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from artistguard.errors import Kind
from artistguard.wording.language import mark, plural
from artistguard.wording.language import translate as _

MARKING: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.NOT_MARKABLE: (
        mark("A file of this kind ({format}) cannot be marked in this way."),
        mark("Export the picture as JPEG, PNG, WebP or TIFF, and mark that."),
    ),
    Kind.METADATA_UNREADABLE: (
        mark("What the picture says of itself (XMP) cannot be understood ({reason})."),
        mark("So that nothing of it is lost, no copy was made. Export the picture again."),
    ),
    Kind.CREDENTIALS_BREAK: (
        mark("The picture has Content Credentials, which this way of marking would break."),
        mark("Mark it with credentials inside: then the old ones are kept in the new ones."),
    ),
    Kind.NOT_SIGNED: (
        mark("Content Credentials could not be made for this picture: {reason}."),
        mark("Without them (--no-credentials) it can still be marked."),
    ),
    Kind.OUTPUT_TAKEN: (
        mark("There is another file at {path}, which was left as it is."),
        mark("Move it away, or choose another folder."),
    ),
    Kind.CERTIFICATE_UNUSABLE: (
        mark("The certificate and its key cannot be used to sign ({reason})."),
        mark(
            "Both have to be PEM files that belong together and are valid now. The passphrase of"
            " the key, if it has one, is read from ARTISTGUARD_CERTIFICATE_PASSPHRASE."
        ),
    ),
}
"""As `advice.WORDS`, for the kinds of problems that marking has to itself."""

_RESERVATIONS: Final[Mapping[str, str]] = {
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": mark(
        "No data mining and no AI training; search engines may list it"
    ),
    "DMI-PROHIBITED": mark("No data mining at all, and no AI training"),
    "DMI-PROHIBITED-AIMLTRAINING": mark("No training of AI or machine learning"),
    "DMI-PROHIBITED-GENAIMLTRAINING": mark("No training of generative AI"),
}


def name_reservation(word: str) -> str:
    """What a word of the PLUS vocabulary reserves."""
    return _(_RESERVATIONS[word])


def describe_reservation_in_copies(word: str) -> str:
    """What the copies of one run will say."""
    return _("The copies say: {reservation}.").format(reservation=name_reservation(word))


def describe_signer(name: str, *, is_self_made: bool) -> str:
    """Who signs, and what that is worth to others."""
    if not is_self_made:
        return _("Signed as {name}, with the certificate that you named.").format(name=name)
    return _(
        "Signed as {name}, with a certificate that was made on this machine. Other programs will"
        " call the signer unknown or untrusted: nobody has checked who you are. The signature shows"
        " that nothing was changed since it was made."
    ).format(name=name)


def describe_passing_key() -> str:
    """That the key is gone after this session, and what follows."""
    return _(
        "There is no keyring to keep the key in: the next time, copies are signed with another one."
    )


def describe_marked(marked: int, known: int, failed: int) -> str:
    """How many copies were made, were there already, and could not be made."""
    said = [plural("{number} picture was marked.", "{number} pictures were marked.", marked)]
    if known:
        said.append(
            plural(
                "{number} was marked before and is as it was.",
                "{number} were marked before and are as they were.",
                known,
            )
        )
    if failed:
        said.append(
            plural("{number} could not be marked.", "{number} could not be marked.", failed)
        )
    return " ".join(said)


def describe_left_out(count: int, suffixes: str) -> str:
    """How many pictures in the folders are of kinds that cannot be marked."""
    return plural(
        "{number} picture was left out, of a kind that cannot be marked ({suffixes}).",
        "{number} pictures were left out, of kinds that cannot be marked ({suffixes}).",
        count,
    ).replace("{suffixes}", suffixes)


def describe_other_creators(count: int) -> str:
    """How many copies name somebody else as creator, as the picture did before."""
    return plural(
        "{number} picture names another creator already, and still does.",
        "{number} pictures name another creator already, and still do.",
        count,
    )
