# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's own sites in words: what each file is for, and what a gap means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from artistguard.wording.language import mark, plural, translate
from artistguard.wording.problems import spell

THE_OWNER: Final = "The owner of this site"
"""Who speaks where no name was given."""

_FILES: Final[Mapping[str, str]] = {
    "robots.txt": mark("your robots.txt with the reservation in it; replaces the one at the top"),
    ".well-known/tdmrep.json": mark("the reservation for text and data mining; at this very place"),
    "tdm-policy.json": mark("whom to ask for a licence; at the top"),
    "license.xml": mark("the same as a licence in RSL; at the top"),
    "ai.txt": mark("a courtesy: no program is known to read it today"),
    "servers/apache.htaccess": mark("for Apache: add to .htaccess, with mod_headers on"),
    "servers/nginx.conf": mark("for nginx: include inside server { … }"),
    "servers/Caddyfile": mark("for Caddy: import inside the site's block"),
    "servers/_headers": mark("for Netlify and Cloudflare Pages: into the published folder"),
    "servers/wordpress.php": mark("for WordPress: into wp-content/mu-plugins, beside the server's"),
    "pages/head.html": mark("into the <head> of every page"),
}

# Hosts whose own settings are all there is; each was read about at the host itself or in its help.
_BUILDERS: Final[Mapping[str, str]] = {
    "Squarespace": mark(
        "in its settings, under Crawlers, close it to AI crawlers; its robots.txt cannot be edited,"
        " and headers cannot be set"
    ),
    "Wix": mark("put the kit's robots.txt into its robots.txt editor; headers cannot be set"),
    "ArtStation": mark(
        "in your settings, under Account, switch NoAI tagging on: it is off by default"
    ),
    "DeviantArt": mark("noai is on by default; see to it that it is, for all works, in Studio"),
}

_AS_WANTED: Final[Mapping[str, str]] = {
    "robots": mark("{place} closes the works to every program on the list."),
    "signals": mark("{place} says that nothing may be used for training."),
    "tdmrep": mark("{place} reserves text and data mining."),
    "rsl": mark("{place} prohibits training."),
    "ai_txt": mark("{place} is there."),
    "page": mark("{place} says noai and reserves mining."),
    "picture": mark("{place} is served with every line."),
}
_MISSING: Final[Mapping[str, str]] = {
    "robots": mark("There is no {place}. Put the kit's robots.txt there."),
    "signals": mark("There is no {place}. Put the kit's robots.txt there."),
    "tdmrep": mark("There is no {place}. Put the kit's file there; the folder begins with a dot."),
    "rsl": mark("There is no {place}. Put the kit's file there."),
    "ai_txt": mark("There is no {place}. It is a courtesy only."),
    "page": mark("There is no {place}."),
    "picture": mark("{place} is served without any of the lines. Add those for your server."),
}
_DIFFERS: Final[Mapping[str, str]] = {
    "robots": mark("By {place} these may still fetch works: {lacking}. Make the kit anew."),
    "signals": mark("{place} lacks: {lacking}. Make the kit anew."),
    "tdmrep": mark("{place} does not reserve mining for {lacking}. Put the kit's file there."),
    "rsl": mark("{place} does not prohibit training for {lacking}. Put the kit's file there."),
    "ai_txt": mark("{place} lacks: {lacking}. It is a courtesy only."),
    "page": mark("{place} lacks: {lacking}. Add the kit's head.html to it."),
    "picture": mark("{place} is served without: {lacking}. Add the lines for your server."),
}
_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "as_wanted": _AS_WANTED,
    "missing": _MISSING,
    "differs": _DIFFERS,
}
_UNREACHED: Final = mark("{place} could not be looked at, so nothing is known of it.")

_PURPOSES: Final[Mapping[str, str]] = {
    "training": mark("gathers for training"),
    "answers": mark("fetches to answer a question"),
    "search": mark("gathers for a search engine"),
}
_OBEYS: Final[Mapping[str, str]] = {
    "yes": mark("its operator says that it keeps to robots.txt"),
    "no": mark("does not keep to robots.txt, or does not say so"),
    "unknown": mark("nobody says whether it keeps to robots.txt"),
}


class _Finding(Protocol):
    @property
    def sign(self) -> str: ...
    @property
    def stands(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def lacking(self) -> Sequence[str]: ...


class _Audit(Protocol):
    @property
    def gaps(self) -> Sequence[object]: ...
    @property
    def findings(self) -> Sequence[object]: ...


def name_file(place: str) -> str:
    """What a file of the kit is for, and where it goes."""
    return translate(_FILES[place])


def advise_builders() -> list[str]:
    """What can be said where files and headers are the host's alone, and what cannot."""
    return [f"{name}: {translate(words)}." for name, words in _BUILDERS.items()]


def next_steps(site: str) -> str:
    """What is to be done with a kit."""
    return translate(
        "Put these files onto {site}, and then see what it says: artistguard site audit {site}\n"
        "From now on ArtistGuard looks at it once a week while it keeps watch.\n"
        "Where the site is made with a builder, its settings are all there is:"
    ).format(site=site)


def explain(finding: _Finding) -> str:
    """What was found at one place, and what to do about it."""
    sentence = _SENTENCES.get(finding.stands, {}).get(finding.sign, _UNREACHED)
    lacking = list(finding.lacking)
    more = plural(" and {number} more", " and {number} more", len(lacking) - 6)
    named = spell(lacking[:6]) + (more if len(lacking) > 6 else "")
    return translate(sentence).format(place=spell(finding.place), lacking=named)


def sum_up(site: str, audit: _Audit) -> str:
    """One look in one sentence."""
    if not audit.gaps:
        return translate("{site} says all that it was to say, wherever it was looked at.").format(
            site=site
        )
    return f"{site}: {count_gaps(len(audit.gaps))}"


def count_gaps(gaps: int) -> str:
    """How much is not as it was wanted."""
    return plural("{number} gap", "{number} gaps", gaps) if gaps else translate("no gaps")


def forgotten(site: str) -> str:
    """A site is looked at no more."""
    return translate("{site} is looked at no more; what was found there is kept.").format(site=site)


def describe_agent(name: str, operator: str, purpose: str, obeys: str) -> str:
    """One program of the list."""
    return (
        f"{spell(name)} ({spell(operator)}): {translate(_PURPOSES[purpose])};"
        f" {translate(_OBEYS[obeys])}"
    )
