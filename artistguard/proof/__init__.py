# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Signed documents, the log that links them, and how anyone checks both with a public key alone.

This text is a specification: it is all that is needed to check our files with other software.

**Sealed document.** One JSON object in the canonical form of RFC 8785 (UTF-8, members sorted, no
white space), at most 65,536 bytes. Its members are *parts*, `seal` and `signature`:

- Each part is an object; which parts there are depends on the format (below).
- `seal` is an object of three members. `digests` gives for the name of each part, and no other
  name, the SHA-256 (64 lower-case hex digits) of that part's canonical bytes. `format` is the name
  of the format. `key` is the Ed25519 public key (RFC 8032, 32 bytes in hex).
- `signature` is the Ed25519 signature of `seal`'s canonical bytes, 64 bytes in hex.

The signature covers the seal, and the seal covers every part by its digest: a part that was changed
is told apart from a seal, key or signature that was.

**Entry**, format ``artistguard-entry/1``. Part `entry` has `seq` (the number of its line in the
log, from 1), `prev` (SHA-256 of the line before, without its line end; 64 zeros in line 1), `at`
(when it was filed: ISO 8601, UTC), `kind` and `id`. The kinds, and their parts besides `entry`:

=============== ======================================= ==========================================
kind            id                                      parts
=============== ======================================= ==========================================
``key``         the public key of the seal, in hex      none: the key introduces itself
``terms``       the id of a reservation's text          `terms`: `text`, `sha256` (of it in UTF-8)
``opt-out``     of the opt-out; never used twice        `picture`, `place`, `wish`: see below
``withdrawal``  of the opt-out that is taken back       `withdrawal`: `withdrawn_at`
=============== ======================================= ==========================================

An opt-out's parts have these members, each left out when it is not known. `picture`: `sha256` and
`md5` of the file, `width` and `height` in pixels, `fingerprints` (an object from the name and
version of an algorithm to its hash); all hashes are in lower-case hex. `place`: `url`, `domain`,
`dataset`, `dataset_version`, `entry`, all as text. `wish`, where none is left out: `subject`
(``work``, ``copy`` or ``domain``), `declarant`, `declared_at` (ISO 8601), `standing` (whether what
is found later is meant, too), `reservation` (the id of a text) and `reservation_sha256` (its hash).
No format has other parts or members than are named here; the limits are in `wire.fault_in`.

**Entry of the second form**, format ``artistguard-entry/2``. An opt-out, a withdrawal or a notice
may have a part `party`, whose only member `id` says from whom the registry took the entry; without
it, that is whoever holds the key of the seal. An opt-out or withdrawal that has it, and every
notice, is of this form; all others are of the first. A *notice* has one part, `notice`, with these
members (times in ISO 8601; those in brackets may be left out):

================= ========================= ========================================================
kind              id                        members
================= ========================= ========================================================
``ownership``     of the claim              `declarant`, `level`, `method`, `place`, `checked` (what
                                            was seen), `checked_at`, [`key`]
``mandate``       of the mandate            `agency` (a party), `agency_name`, `since`, `until`,
                                            [`domain`]
``dispute``       of the dispute            `of` (id of an opt-out, ownership or mandate),
                                            `claimant`, `reason`, `raised_at`
``counter-claim`` of the counter-claim      as a dispute; `of` is the id of a dispute or
                                            counter-claim
``revocation``    of the notice that is     `revoked_at`
                  taken back
================= ========================= ========================================================

Method ``rel-me`` gives level ``profile-linked``, ``dns-txt``, ``meta-tag`` and ``well-known`` give
``domain-verified``, ``did-web`` gives ``cryptographically-bound`` and alone has a `key` (hex). What
follows for each opt-out is in `Standings`, and how a list says so in `ProofRef`. A dispute marks
what it is about and erases nothing.

**Receipt.** A line of the log, byte for byte. By itself it shows what was filed and by which key.
An exported one is followed by the proof that the log holds it, in the form of
https://c2sp.org/tlog-proof (v1) to the letter: ``c2sp.org/tlog-proof@v1``, ``extra`` with the 32
bytes of the key that signed the checkpoint, ``index`` (`seq` less one), the hashes, an empty line
and the checkpoint.

**Log.** Entries, each followed by one line feed, nothing else. Line n has `seq` n and the right
`prev`; the first entry that a key seals, and no later one, is its ``key`` entry; a text has one
``terms`` entry, before the first opt-out that carries its id and with the same hash; opt-outs and
notices have all different ids, and are withdrawn or revoked after that, once, by the same party.

**Tree and checkpoints.** The entries, without their line ends, are the leaves of a Merkle tree as
in RFC 6962, section 2.1 (SHA-256). A checkpoint is a note as in https://c2sp.org/tlog-checkpoint
and https://c2sp.org/signed-note, signed with Ed25519 (type 1) under the log's name, which is
``artistguard/`` and the first 32 hex digits of the SHA-256 of the first entry. It has no extension
lines. A registry signs no checkpoint that an earlier one contradicts. What was cut off at the end
of a log cannot be seen in the log; every checkpoint, receipt and list that was kept shows it.

**Stamps.** The answer of an authority of time (RFC 3161, SHA-256) over the bytes of a checkpoint
lies beside it, as ``N.tsr`` beside ``N.checkpoint``, where the log had N entries. The first N
entries of the log were there at that moment.

**List manifest**, format ``artistguard-list/1``, one sealed document and one line feed. Part `list`
says what the list was written from (`at`, `log_entries`, `log_head`: the hash of the last entry)
and how much it holds (`opt_outs`, `urls`, `domains`; of a salted list `opt_outs`, `hashes` and its
`salt`). Part `files` gives for each file beside the manifest, by its name, `size` in bytes and
`sha256`.

**Trust.** A file carries the key that signed it, so a check without a key of one's own shows that
nothing was changed since *that* key signed; whose key it is, the reader must know. A checkpoint
alone carries none, and cannot be checked without.
"""

from __future__ import annotations

from artistguard.proof.entries import Entry, EntryKind, read_entry, trust_entry, write_entry
from artistguard.proof.files import check_consistency, check_file, check_log, check_receipt
from artistguard.proof.logs import read_known, read_log
from artistguard.proof.notes import (
    PROOF,
    Bundle,
    Checkpoint,
    Note,
    bundle,
    parse_bundle,
    parse_checkpoint,
    sign_checkpoint,
)
from artistguard.proof.notices import (
    KINDS,
    CounterClaim,
    Dispute,
    Level,
    Mandate,
    Method,
    Notice,
    Ownership,
    Revocation,
    fault_in,
    kind_of,
    notice_parts,
    read_notice,
)
from artistguard.proof.salted import (
    SALT_SIZE,
    SaltedTest,
    SaltedWhat,
    domains_of,
    parse_salted,
    salted_hash,
    spell_salted,
)
from artistguard.proof.sealed import (
    ENTRY,
    ENTRY_2,
    LIST,
    MAX_DOCUMENT,
    NO_ENTRY,
    Sealed,
    Signer,
    digest,
    is_signed,
    seal,
    short,
    unseal,
)
from artistguard.proof.standing import ProofRef, Standing, Standings, objections
from artistguard.proof.tree import (
    Frontier,
    Nodes,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    node_count,
    node_hash,
    root_of,
)

__all__ = [
    "ENTRY",
    "ENTRY_2",
    "KINDS",
    "LIST",
    "MAX_DOCUMENT",
    "NO_ENTRY",
    "PROOF",
    "SALT_SIZE",
    "Bundle",
    "Checkpoint",
    "CounterClaim",
    "Dispute",
    "Entry",
    "EntryKind",
    "Frontier",
    "Level",
    "Mandate",
    "Method",
    "Nodes",
    "Note",
    "Notice",
    "Ownership",
    "ProofRef",
    "Revocation",
    "SaltedTest",
    "SaltedWhat",
    "Sealed",
    "Signer",
    "Standing",
    "Standings",
    "bundle",
    "check_consistency",
    "check_file",
    "check_log",
    "check_receipt",
    "consistency_path",
    "digest",
    "domains_of",
    "fault_in",
    "inclusion_path",
    "is_consistent",
    "is_included",
    "is_signed",
    "kind_of",
    "leaf_hash",
    "node_count",
    "node_hash",
    "notice_parts",
    "objections",
    "parse_bundle",
    "parse_checkpoint",
    "parse_salted",
    "read_entry",
    "read_known",
    "read_log",
    "read_notice",
    "root_of",
    "salted_hash",
    "seal",
    "short",
    "sign_checkpoint",
    "spell_salted",
    "trust_entry",
    "unseal",
    "write_entry",
]
