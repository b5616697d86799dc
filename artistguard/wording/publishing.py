# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What happened and what to do about it, where the artist publishes reservations themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from artistguard.errors import Kind
from artistguard.wording.language import mark

PUBLISHING: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.NOT_A_STAMP: (
        mark("What the authority of time answered is no time stamp ({reason})."),
        mark("Look whether its address is right; nothing was kept."),
    ),
    Kind.NOT_A_CERTIFICATE: (
        mark("The file holds no certificate that can be read."),
        mark("Get the authority's root certificate, in PEM form, from its own site."),
    ),
    Kind.NO_AUTHORITY: (
        mark("No authority of time was chosen yet."),
        mark("Name one: artistguard stamp --authority ADDRESS --roots FILE"),
    ),
    Kind.SITE_UNCLEAR: (
        mark("“{place}” is not the address of a site."),
        mark("Write it as in https://artist.example."),
    ),
    Kind.PATH_UNCLEAR: (
        mark("“{place}” is not a path on a site that every reader would understand."),
        mark("Write it as in /works/, with plain letters and without wildcards."),
    ),
    Kind.AGENTS_DAMAGED: (
        mark("This is not a list of programs that gather for AI ({reason})."),
        mark("Get the list again; without it, the one that came with ArtistGuard is used."),
    ),
    Kind.NOT_A_ROBOTS_TXT: (
        mark("What was given as robots.txt is a web page."),
        mark("If the site has no robots.txt yet, leave it out."),
    ),
    Kind.ROBOTS_TOO_LONG: (
        mark("With the reservation, robots.txt would have {size} bytes; {limit} are read."),
        mark("Shorten the robots.txt that is there, then make the kit again."),
    ),
    Kind.ROBOTS_UNKNOWN: (
        mark("What {place} has as robots.txt cannot be told: it answers {status}."),
        mark("Save that file from your site's settings and name it with --robots."),
    ),
    Kind.SITE_UNKNOWN: (
        mark("No kit was made for {place} yet, so nobody knows what it is to say."),
        mark("Make one first: artistguard site kit {place} --out FOLDER"),
    ),
    Kind.SITE_SAYS_LESS: (
        mark("{site} no longer reserves your rights at: {places}."),
        mark("See what changed: artistguard site audit {site}"),
    ),
    Kind.KIT_NOT_OURS: (
        mark("There are other files in {place}; nothing was written."),
        mark("Choose an empty folder, or the folder of an earlier kit."),
    ),
}
