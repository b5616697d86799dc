# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as kinds and facts; `wording.py` has the sentence and the advice for each."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Self


class Kind(StrEnum):
    """Every way things go wrong that a person is told about; each has its words in `wording.py`."""

    # one file of the artist's
    EMPTY_FILE = "empty_file"
    NOT_A_PICTURE = "not_a_picture"
    TRUNCATED = "truncated"
    DAMAGED_PICTURE = "damaged_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    FILE_TOO_LARGE = "file_too_large"
    NO_PREVIEW = "no_preview"
    MEMBER_TOO_LARGE = "member_too_large"
    UNSUPPORTED_PICTURE = "unsupported_picture"
    DECODER_CRASHED = "decoder_crashed"
    DECODER_TIMEOUT = "decoder_timeout"
    NOT_PERMITTED = "not_permitted"
    FILE_VANISHED = "file_vanished"
    READ_FAILED = "read_failed"
    IN_THE_CLOUD = "in_the_cloud"
    # marked copies
    NOT_MARKABLE = "not_markable"
    METADATA_UNREADABLE = "metadata_unreadable"
    CREDENTIALS_BREAK = "credentials_break"
    NOT_SIGNED = "not_signed"
    OUTPUT_TAKEN = "output_taken"
    CERTIFICATE_UNUSABLE = "certificate_unusable"
    # folders
    FOLDER_MISSING = "folder_missing"
    FOLDER_UNREADABLE = "folder_unreadable"
    NOT_A_FOLDER = "not_a_folder"
    FOLDER_EMPTIED = "folder_emptied"
    WATCH_LIMIT = "watch_limit"
    NOTHING_TO_WATCH = "nothing_to_watch"
    # our own files
    WORKER_NOT_STARTED = "worker_not_started"
    STEP_CRASHED = "step_crashed"
    DISK_FULL = "disk_full"
    DATA_NOT_WRITABLE = "data_not_writable"
    DATA_IN_USE = "data_in_use"
    NO_SUCH_PROFILE = "no_such_profile"
    PROFILE_EXISTS = "profile_exists"
    BACKUP_DAMAGED = "backup_damaged"
    DATABASE_DAMAGED = "database_damaged"
    DATABASE_NEWER = "database_newer"
    DATABASE_BUSY = "database_busy"
    SETTINGS_DAMAGED = "settings_damaged"
    PACK_MISSING = "pack_missing"
    PACK_DAMAGED = "pack_damaged"
    PACK_NEWER = "pack_newer"
    PACK_EXISTS = "pack_exists"
    PACK_BUSY = "pack_busy"
    REGISTRY_DAMAGED = "registry_damaged"
    REGISTRY_BUSY = "registry_busy"
    REGISTRY_MOVED = "registry_moved"
    REGISTRY_OTHER = "registry_other"
    # proof
    NOT_A_RECEIPT = "not_a_receipt"
    SIGNATURE_WRONG = "signature_wrong"
    CONTENT_CHANGED = "content_changed"
    CHAIN_BROKEN = "chain_broken"
    LOG_CUT = "log_cut"
    KEY_UNKNOWN = "key_unknown"
    # whose a domain is
    NOT_A_DOMAIN = "not_a_domain"
    NOT_SHOWN = "not_shown"
    CHALLENGE_EXPIRED = "challenge_expired"
    SIGN_NOT_KEPT = "sign_not_kept"
    DOMAIN_NOT_SHOWN = "domain_not_shown"
    LEADS_ELSEWHERE = "leads_elsewhere"
    PAGE_GONE = "page_gone"
    NOBODY_ANSWERED = "nobody_answered"
    # secrets
    MODEL_UNUSABLE = "model_unusable"
    NO_KEYRING = "no_keyring"
    KEY_NOT_KEPT = "key_not_kept"
    KEYRING_REFUSED = "keyring_refused"
    SIGNING_KEY_MALFORMED = "signing_key_malformed"
    # tables of data-set rows
    TABLE_UNREADABLE = "table_unreadable"
    TABLE_WITHOUT_COLUMNS = "table_without_columns"
    LIST_UNREADABLE = "list_unreadable"
    SOURCE_PART_MISSING = "source_part_missing"
    OUTPUT_IS_INPUT = "output_is_input"
    OUTPUT_OF_OTHER_KIND = "output_of_other_kind"
    # the way out
    OFFLINE = "offline"
    SLOW_DOWN = "slow_down"
    NOT_SIGNED_IN = "not_signed_in"
    REFUSED = "refused"
    NO_SUCH_FILE = "no_such_file"
    UNSAYABLE = "unsayable"
    NO_SUCH_CHANNEL = "no_such_channel"
    UNKNOWN_CHANNEL = "unknown_channel"
    ANSWERS_MISSING = "answers_missing"
    BAD_ANSWER = "bad_answer"
    BAD_REQUEST = "bad_request"
    NOT_HTTPS = "not_https"
    TOO_LARGE = "too_large"
    SOURCE_GONE = "source_gone"
    # a server of our own
    SERVER_DATABASE = "server_database"
    SERVER_PART_MISSING = "server_part_missing"
    ADDRESS_IN_USE = "address_in_use"
    # pictures of strangers on the web
    ADDRESS_NOT_PUBLIC = "address_not_public"
    ROBOTS_FORBID = "robots_forbid"
    PICTURE_GONE = "picture_gone"
    # trusted time
    NOT_A_STAMP = "not_a_stamp"
    NOT_A_CERTIFICATE = "not_a_certificate"
    NO_AUTHORITY = "no_authority"
    # the artist's own site
    SITE_UNCLEAR = "site_unclear"
    PATH_UNCLEAR = "path_unclear"
    AGENTS_DAMAGED = "agents_damaged"
    NOT_A_ROBOTS_TXT = "not_a_robots_txt"
    ROBOTS_TOO_LONG = "robots_too_long"
    KIT_NOT_OURS = "kit_not_ours"
    ROBOTS_UNKNOWN = "robots_unknown"
    SITE_UNKNOWN = "site_unknown"
    SITE_SAYS_LESS = "site_says_less"
    # how we were called
    NOTHING_TO_DO = "nothing_to_do"
    UNKNOWN_ID = "unknown_id"
    BAD_USAGE = "bad_usage"


class Problem(Exception):  # noqa: N818  # the word the whole program uses, to people too
    """Something went wrong that the person can be told about in a sentence.

    `kind` names what happened and `facts` holds the particulars (names, sizes, numbers) for the
    sentence; neither is prose. The subclass says what becomes of the work in hand.
    """

    def __init__(self, kind: Kind, **facts: object) -> None:
        super().__init__(kind, facts)
        self.kind = kind
        self.facts = facts

    def __reduce__(self) -> tuple[partial[Self], tuple[()]]:
        # An exception is pickled by its positional arguments; ours has named ones.
        return partial(type(self), self.kind, **self.facts), ()

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(f'{k}={v!r}' for k, v in self.facts.items())}"


class Unreadable(Problem):
    """One input cannot be read: name it, leave it out, go on with the rest."""


class Damaged(Problem):
    """One of our own files is not what we wrote: stop before anything more is lost."""


class Stopped(Problem):
    """The machine or the call forbids going on (full disk, no permission): keep all, stop."""


class Offline(Problem):
    """Nobody could be reached: keep the row and try again later."""


class SlowDown(Problem):
    """The other side asks for a pause: keep the row and wait as long as it says."""


class Refused(Problem):
    """The other side said no to this entry: record why, do not repeat it unchanged."""


class NotSignedIn(Problem):
    """The other side does not know us: keep everything until the artist has signed in."""
