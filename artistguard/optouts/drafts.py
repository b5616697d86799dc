# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a wish comes to: one declaration for each work, copy or domain that it covers."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from artistguard import evidence, wire
from artistguard.fingerprints import FORMS
from artistguard.models import (
    Declaration,
    Draft,
    Fingerprint,
    Match,
    OptOut,
    Scope,
    Subject,
    Version,
    Wish,
)
from artistguard.search import WITNESSES
from artistguard.store import Store

_FROM_DATA_SETS = ("url", "domain", "width", "height", "dataset", "dataset_version", "entry")


def make_drafts(
    store: Store, wish: Wish, declarant: str, now: str, but: Collection[str] = ()
) -> Iterator[Draft]:
    """One draft for each target of the wish `but` these; a target seen twice is drafted once."""
    blank = Declaration(
        id="",
        subject=Subject.WORK,
        declarant=declarant,
        declared_at=now,
        reservation=wire.RESERVATION,
        standing=wish.standing,
    )
    seen = set(but)
    for draft in _all_drafts(store, wish, blank, but):
        if draft.target not in seen:
            seen.add(draft.target)
            yield replace(draft, declaration=_sayable(draft.declaration))


def redraft(body: str, opt_out: OptOut, declarant: str, now: str) -> Draft:
    """The same again under a new id, in the words, name and date of today."""
    declaration = replace(
        wire.parse_declaration(body),
        declarant=declarant,
        declared_at=now,
        reservation=wire.RESERVATION,
        standing=False,
    )
    target = name_target(declaration)
    return Draft(_sayable(declaration), target, opt_out.work, opt_out.match)


def _sayable(declaration: Declaration) -> Declaration:
    """The declaration under an id of its own, without what no registry takes.

    A data set's addresses and words are anybody's; one that is malformed must not keep the rest of
    its entry, or its batch, from being declared.
    """
    declaration = replace(declaration, id=str(uuid.uuid4()))
    for _ in _FROM_DATA_SETS:
        fault = wire.fault_in(declaration)
        if fault not in _FROM_DATA_SETS:
            break
        blank: dict[str, Any] = {fault: None}
        declaration = replace(declaration, **blank)
    return declaration


def name_target(declaration: Declaration) -> str:
    """What a declaration is about, for one to be told from another."""
    if declaration.subject is Subject.WORK:
        return _work_target(declaration.sha256)
    if declaration.subject is Subject.DOMAIN:
        return f"domain:{declaration.domain}"
    entry = f"{declaration.dataset} {declaration.dataset_version} {declaration.entry}"
    return f"copy:{declaration.url or entry}"


def _work_target(sha256: str | None) -> str:
    return f"work:{sha256}"


def _all_drafts(
    store: Store, wish: Wish, blank: Declaration, but: Collection[str]
) -> Iterator[Draft]:
    if wish.scope is Scope.DOMAIN:
        assert wish.domain is not None
        declaration = replace(blank, subject=Subject.DOMAIN, domain=wish.domain)
        yield Draft(declaration, name_target(declaration), None, None)
        return
    for work in _works(store, wish):
        if wish.scope is not Scope.MATCHES:
            for version in store.works.versions(work):
                # A portfolio that was asked for long ago is passed over without its fingerprints.
                if _work_target(version.sha256.hex()) in but:
                    continue
                yield _work_draft(version, store.works.fingerprints(version.id), blank)
        for match in store.matches.counted(wish.bands, work):
            yield _copy_draft(match, blank)


def _works(store: Store, wish: Wish) -> Iterable[int | None]:
    """The works that a wish covers, with their near-duplicates; None for whatever work it be."""
    if wish.work is not None:
        return store.works.group(wish.work)
    if wish.folder is None:
        return (None,)
    here = store.files.works_in(wish.folder)
    return dict.fromkeys(member for work in here for member in store.works.group(work))


def _work_draft(version: Version, prints: Iterable[Fingerprint], blank: Declaration) -> Draft:
    """Declare a work by its hashes; the looks of a near-blank one are those of strangers', too."""
    declaration = replace(
        blank,
        sha256=version.sha256.hex(),
        md5=version.md5.hex(),
        width=version.width,
        height=version.height,
        fingerprints={
            print_.algorithm: print_.values[: len(FORMS) * len(print_.plain)].hex()
            for print_ in prints
            if (witness := WITNESSES.get(print_.algorithm))  # not one of an older version
            and print_.qualities[0] >= evidence.LEAST_QUALITY[witness]
        },
    )
    return Draft(declaration, name_target(declaration), version.work, None)


def _copy_draft(match: Match, blank: Declaration) -> Draft:
    entry = match.entry
    declaration = replace(
        blank,
        subject=Subject.COPY,
        url=entry.url,
        domain=entry.host,
        sha256=entry.sha256.hex() if entry.sha256 else None,
        md5=entry.md5.hex() if entry.md5 else None,
        width=entry.width,
        height=entry.height,
        dataset=entry.dataset,
        dataset_version=entry.dataset_version,
        entry=entry.entry,
    )
    return Draft(declaration, name_target(declaration), match.work, match.id)
