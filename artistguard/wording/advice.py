# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What happened and what to do about it, for every kind of problem."""

from __future__ import annotations

from collections.abc import Mapping

from artistguard.errors import Kind
from artistguard.wording.language import mark
from artistguard.wording.marking import MARKING
from artistguard.wording.publishing import PUBLISHING

WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.EMPTY_FILE: (
        mark("The file is empty."),
        mark("If a program is still saving it, it is looked at again at the next scan."),
    ),
    Kind.NOT_A_PICTURE: (
        mark("This is not a picture that ArtistGuard can read, whatever its name says."),
        mark("Export it again as PNG or JPEG, or move it out of the portfolio."),
    ),
    Kind.TRUNCATED: (
        mark("The picture breaks off before its end."),
        mark("It may be half copied: copy or export it again."),
    ),
    Kind.DAMAGED_PICTURE: (
        mark("The picture is damaged and cannot be decoded."),
        mark("Open it in the program that made it and export it again."),
    ),
    Kind.TOO_MANY_PIXELS: (
        mark("The picture claims more pixels than ArtistGuard will decode."),
        mark("Put a smaller export of it beside it; copies are found from that just as well."),
    ),
    Kind.FILE_TOO_LARGE: (
        mark("The file is larger than ArtistGuard will read."),
        mark("Put a flattened export of it, as PNG or JPEG, beside it."),
    ),
    Kind.NO_PREVIEW: (
        mark("The document holds no flattened preview of the picture."),
        mark(
            "Save it once with a preview (“maximise compatibility”), or export it as PNG beside it."
        ),
    ),
    Kind.MEMBER_TOO_LARGE: (
        mark("The document's preview is not the size it claims, or far too large."),
        mark("Open it in the program that made it and save it again."),
    ),
    Kind.UNSUPPORTED_PICTURE: (
        mark("The picture is stored in a way that ArtistGuard cannot decode."),
        mark("Export it as PNG or JPEG beside it."),
    ),
    Kind.DECODER_CRASHED: (
        mark("Decoding the picture failed so badly that it was stopped; nothing else was touched."),
        mark("The file may be damaged, or made to do harm. Export it again if it is yours."),
    ),
    Kind.DECODER_TIMEOUT: (
        mark("Decoding the picture took too long and was stopped."),
        mark("Export a smaller or simpler version of it beside it."),
    ),
    Kind.NOT_PERMITTED: (
        mark("ArtistGuard may not read this file."),
        mark("Give your account permission to read it."),
    ),
    Kind.FILE_VANISHED: (
        mark("The file was gone before it could be read."),
        mark("If it was moved, it is found again at the next scan."),
    ),
    Kind.READ_FAILED: (
        mark("Reading {path} failed on the disk."),
        mark("Check the drive or the cable; what is recorded so far is kept."),
    ),
    Kind.FOLDER_MISSING: (
        mark("The folder {path} is not there."),
        mark("If it is on a drive that is not connected, connect it; no work was marked as gone."),
    ),
    Kind.FOLDER_UNREADABLE: (
        mark("The folder {path} cannot be opened."),
        mark("Give your account permission to open it; everything else was scanned."),
    ),
    Kind.NOT_A_FOLDER: (
        mark("{path} is neither a folder nor a picture file."),
        mark("Check the name."),
    ),
    Kind.DISK_FULL: (
        mark("The disk is full; ArtistGuard stopped before anything was lost."),
        mark("Free some space and run the same again: it goes on where it stopped."),
    ),
    Kind.DATA_NOT_WRITABLE: (
        mark("ArtistGuard cannot write to {path}."),
        mark("Check the permissions, or name another place with --data."),
    ),
    Kind.DATABASE_DAMAGED: (
        mark("The database {path} is damaged, so ArtistGuard stopped rather than make it worse."),
        mark(
            "Move that one file away and run this again: your folders are scanned anew, and what"
            " the registry holds is taken from there and not filed twice. Your verdicts are lost"
            " with it, unless you have a backup."
        ),
    ),
    Kind.DATABASE_NEWER: (
        mark("The database {path} was written by a newer ArtistGuard."),
        mark("Install the newer version; this one leaves the file as it is."),
    ),
    Kind.DATABASE_BUSY: (
        mark("Another ArtistGuard is writing to the same data."),
        mark("Wait until it is done, then run this again."),
    ),
    Kind.SETTINGS_DAMAGED: (
        mark(
            "The settings file could not be read; it was set aside as {kept} and defaults are used."
        ),
        mark("Enter your settings again, or mend the file and put it back."),
    ),
    Kind.DATA_IN_USE: (
        mark("There are records in {path} already; nothing was changed."),
        mark("Bring a backup back into an empty folder: name one with --data."),
    ),
    Kind.BACKUP_DAMAGED: (
        mark("{path} is no whole backup; nothing was brought back."),
        mark("Use another copy of it, or an older one."),
    ),
    Kind.PACK_MISSING: (mark("There is no pack at {path}."), mark("Check the name.")),
    Kind.PACK_DAMAGED: (
        mark("The pack {path} is not whole: {file} is not what its manifest says."),
        mark("Get the pack again; nothing was recorded as searched in it."),
    ),
    Kind.PACK_NEWER: (
        mark("The pack {path} was made by a newer ArtistGuard."),
        mark("Install the newer version to use it."),
    ),
    Kind.PACK_EXISTS: (
        mark("There already is something at {path}."),
        mark("Name another place; ArtistGuard never writes over a pack."),
    ),
    Kind.PACK_BUSY: (
        mark("Another ArtistGuard is building or changing the pack at {path}."),
        mark("Wait until it is done, then run this again. Nothing was changed here."),
    ),
    Kind.REGISTRY_DAMAGED: (
        mark(
            "The registry is not as it was written (line {line}, {part}); nothing was added to it."
        ),
        mark("Restore the registry folder from a backup. Receipts you exported stay valid."),
    ),
    Kind.NOT_A_RECEIPT: (
        mark("This is not a proof file of ArtistGuard's."),
        mark("Give it a receipt, a registry log or the manifest of a public list."),
    ),
    Kind.SIGNATURE_WRONG: (
        mark("The signature does not fit."),
        mark("The file was changed after signing."),
    ),
    Kind.CONTENT_CHANGED: (
        mark("The content was changed after it was signed."),
        mark("Do not rely on it."),
    ),
    Kind.CHAIN_BROKEN: (
        mark("The log's entries do not follow each other: one was changed, added or taken away."),
        mark("Do not rely on what comes after the line named."),
    ),
    Kind.LOG_CUT: (
        mark("The log ends before entry {entries}, which was once signed for."),
        mark("Entries were taken away at its end. Ask for the whole log; receipts stay valid."),
    ),
    Kind.NOT_A_DOMAIN: (
        mark("“{domain}” is not a domain that one person can hold."),
        mark("Name a domain of your own, such as example.org, without a path."),
    ),
    Kind.NOT_SHOWN: (
        mark("{place} does not show the sign that was asked for ({method})."),
        mark("Put it there exactly as given, wait an hour for it to spread, and check again."),
    ),
    Kind.CHALLENGE_EXPIRED: (
        mark("The sign for {domain} was good until {expires}."),
        mark("Ask for a new one and put it in the place of the old."),
    ),
    Kind.SIGN_NOT_KEPT: (
        mark("A sign is made with your signing key, which this machine has no keyring to keep."),
        mark(
            "Set up a keyring first; a sign made now could not be recognised in the next session."
        ),
    ),
    Kind.DOMAIN_NOT_SHOWN: (
        mark("It was not shown yet that {domain} is yours, so a link to it says nothing."),
        mark("Show that first: artistguard own check {domain}"),
    ),
    Kind.LEADS_ELSEWHERE: (
        mark(
            "{place} leads on to {target}, which is another host and can say nothing for the first."
        ),
        mark("Put the sign where no redirect leads away, ask for {target}, or use a TXT record."),
    ),
    Kind.NOBODY_ANSWERED: (
        mark("Nobody answered at {host}, so nothing could be seen there."),
        mark("Check the connection and the address, and ask again."),
    ),
    Kind.PAGE_GONE: (
        mark("There is no page of text at {place} ({status})."),
        mark("Check the address."),
    ),
    Kind.KEY_UNKNOWN: (
        mark("It is signed, but not with the key you named."),
        mark("Ask the signer for the right public key."),
    ),
    Kind.MODEL_UNUSABLE: (
        mark("The file {path} is no neural model that can be used, so works are read without it."),
        mark("Choose another file, or install the model's package again."),
    ),
    Kind.NO_KEYRING: (
        mark(
            "This machine has no keyring that can keep a secret, so the signing key is kept for"
            " this session only."
        ),
        mark("Receipts stay valid; the next session signs with a new key."),
    ),
    Kind.KEY_NOT_KEPT: (
        mark(
            "This machine has no keyring that can keep the server's key, so it is forgotten again."
        ),
        mark("Give it in the environment variable {variable} whenever it is needed."),
    ),
    Kind.KEYRING_REFUSED: (
        mark(
            "The system's keyring did not take the signing key, so it is kept for this session"
            " only."
        ),
        mark("Unlock the keyring. Receipts stay valid; the next session signs with a new key."),
    ),
    Kind.SIGNING_KEY_MALFORMED: (
        mark("The environment variable {variable} holds no key: that is 64 hex digits."),
        mark(
            "Make one with `openssl rand -hex 32`, and keep it where only the server can read it."
        ),
    ),
    Kind.TABLE_UNREADABLE: (
        mark("The table {path} cannot be read."),
        mark("It may be half downloaded; nothing was written."),
    ),
    Kind.TABLE_WITHOUT_COLUMNS: (
        mark(
            "The table {path} has no column to know a picture by: no address, hash or fingerprint."
        ),
        mark("Its columns are: {columns}."),
    ),
    Kind.LIST_UNREADABLE: (
        mark("The opt-out list {path} cannot be read or is not what its manifest says."),
        mark("Get it again; nothing was filtered with it."),
    ),
    Kind.SOURCE_PART_MISSING: (
        mark("Addresses that begin with {scheme}:// need a part that is not installed."),
        mark(
            "For hf://, install it with: pip install 'artistguard[hub]'. For others, install what"
            " the fsspec package names for them."
        ),
    ),
    Kind.OUTPUT_IS_INPUT: (
        mark("{path} is the table itself, or lies among the tables to be read."),
        mark("Choose another place to write to; nothing was written."),
    ),
    Kind.OUTPUT_OF_OTHER_KIND: (
        mark("{path} has not the same ending as the table it is to be written from."),
        mark(
            "Filtering keeps the kind of a table: name the output .parquet, .csv.gz … as the input"
            " is."
        ),
    ),
    Kind.ADDRESS_NOT_PUBLIC: (
        mark("This address is not one on the public internet, so it was not asked."),
        mark("Nothing to do: ArtistGuard never fetches from inside a network."),
    ),
    Kind.ROBOTS_FORBID: (
        mark("The site does not want this picture to be fetched by programs."),
        mark("Nothing to do: ArtistGuard keeps to that."),
    ),
    Kind.PICTURE_GONE: (
        mark("There is no picture at this address any more ({status})."),
        mark("Nothing to do."),
    ),
    Kind.OFFLINE: (
        mark("Nobody could be reached at {host}."),
        mark("Everything is kept and sent later."),
    ),
    Kind.SLOW_DOWN: (mark("{host} asks for a pause."), mark("Everything is kept and sent later.")),
    Kind.NOT_SIGNED_IN: (
        mark("{host} does not know you."),
        mark("Sign in; everything is kept until then."),
    ),
    Kind.REFUSED: (mark("{host} refused: {reason}."), mark("See the entry for what can be done.")),
    Kind.NO_SUCH_FILE: (mark("There is no file {path}."), mark("Check the name.")),
    Kind.UNSAYABLE: (
        mark("“{text}” cannot be signed as a name."),
        mark("Use up to 300 characters, on one line."),
    ),
    Kind.NO_SUCH_CHANNEL: (
        mark("There is no channel “{channel}”."),
        mark("There are: {channels}."),
    ),
    Kind.UNKNOWN_CHANNEL: (
        mark("Something waits for the channel “{channel}”, which is not set up here."),
        mark("Set it up again, or withdraw what waits for it; everything is kept."),
    ),
    Kind.BAD_ANSWER: (
        mark("{host} answered something that ArtistGuard cannot trust ({reason})."),
        mark("Nothing was recorded from it. Check the server's address, or tell who runs it."),
    ),
    Kind.BAD_REQUEST: (
        mark("The request was not in the agreed form ({field})."),
        mark("Client and server may be of different versions: update the older one."),
    ),
    Kind.NOT_HTTPS: (
        mark("{url} is not the address of a server that can be spoken to safely."),
        mark(
            "Use an address that begins with https:// and holds no name, password, query or"
            " fragment."
        ),
    ),
    Kind.TOO_LARGE: (
        mark("{host} takes no request of this size, however small it was made."),
        mark("Tell who runs the server; everything is kept."),
    ),
    Kind.SOURCE_GONE: (
        mark("{host} has changed its collection since it was asked what it has."),
        mark("Search again: the new version is searched then."),
    ),
    Kind.SERVER_DATABASE: (
        mark("The server's database cannot be used: {reason}."),
        mark("Check that it runs, and the address given with --database."),
    ),
    Kind.SERVER_PART_MISSING: (
        mark("The server needs a part that is not installed: {part}."),
        mark("Install it with: pip install 'artistguard[server]'"),
    ),
    Kind.ADDRESS_IN_USE: (
        mark("Nothing can be served at {host}, port {port}: {reason}."),
        mark("Stop the program that uses it, or name another with --port."),
    ),
    Kind.ANSWERS_MISSING: (
        mark("The channel “{channel}” did not answer every entry of a batch."),
        mark("Everything is kept; sending again files nothing twice."),
    ),
    Kind.IN_THE_CLOUD: (
        mark("The file is only in the cloud, and looking at it would download it."),
        mark("Let your cloud program keep it on this computer, if you want it protected."),
    ),
    Kind.FOLDER_EMPTIED: (
        mark("The folder {path} is suddenly empty."),
        mark("If it is where a drive appears, connect the drive; no work was marked as gone."),
    ),
    Kind.WATCH_LIMIT: (
        mark(
            "Your {folders} folders are more than this system still lets programs watch ({limit})."
        ),
        mark(
            "Changes are found by looking every few minutes instead. To raise the limit: sudo"
            " sysctl fs.inotify.max_user_watches=524288"
        ),
    ),
    Kind.NOTHING_TO_WATCH: (
        mark("No folder was named yet, so there is nothing to watch."),
        mark("Name one first: artistguard protect FOLDER"),
    ),
    Kind.WORKER_NOT_STARTED: (
        mark("The process that reads pictures could not be started."),
        mark("The machine may be short of memory: close some programs and run this again."),
    ),
    Kind.STEP_CRASHED: (
        mark("What works in the background ended unexpectedly; all that it had done is kept."),
        mark("It goes on by itself. If this comes back, the machine may be short of memory."),
    ),
    Kind.REGISTRY_BUSY: (
        mark("Another ArtistGuard is writing to the same registry."),
        mark("Wait until it is done, then run this again; everything is kept."),
    ),
    Kind.REGISTRY_MOVED: (
        mark("The registry of {path} was taken into a database, and goes on there."),
        mark("Name it with --database; here a second registry would begin."),
    ),
    Kind.REGISTRY_OTHER: (
        mark("The database holds another registry than {path}, and two do not become one."),
        mark("Name another database, or serve with another data folder. Nothing was changed."),
    ),
    Kind.NOTHING_TO_DO: (mark("There is nothing to do."), ""),
    Kind.NO_SUCH_PROFILE: (
        mark("There is no profile “{name}”."),
        mark("There are: {names}."),
    ),
    Kind.PROFILE_EXISTS: (
        mark("There is a profile called “{name}” already."),
        mark("Choose another name; nothing was changed."),
    ),
    Kind.UNKNOWN_ID: (
        mark("There is nothing by the id {id}."),
        mark("`artistguard status` lists the ids."),
    ),
    Kind.BAD_USAGE: (mark("{reason}"), mark("See --help.")),
    **MARKING,
    **PUBLISHING,
}
"""Kind to a sentence and advice; {names} are facts of the problem, a missing one is left out."""
