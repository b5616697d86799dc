# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Makes a database of the newest schema with rows in every table, to be kept when it is released.

python tests/databases/fill.py tests/databases/v1.sqlite
"""

import sys
import tempfile
from pathlib import Path

from artistguard.models import (
    Band,
    Entry,
    Fingerprint,
    FoundFile,
    Match,
    OptOut,
    OptOutState,
    Reading,
    Receipt,
    Scope,
    Source,
    Subject,
    Verdict,
    Wish,
    Witness,
)
from artistguard.store import FILE_NAME, KeptMark, KeptNotice, KeptSigner, Store

AT = "2026-05-01T12:00:00Z"


def fill(store):
    prints = (Fingerprint("dct256/1", bytes(range(64)), b"\x50\x40"),)
    reading = Reading(b"\x01" * 32, b"\x02" * 16, 640, 480, "PNG", prints)
    entry = Entry(
        *("web", "2026", "1", "https://a.example/1.jpg", "a.example", "a work"),
        *(640, 480, b"\x01" * 32, None),
    )
    with store.writing():
        store.files.add_folders(["/art"], AT)
        work, other = store.works.add(AT), store.works.add(AT)
        version = store.works.add_version(work, reading, AT)
        store.works.add_fingerprints(version, prints)
        store.files.place(FoundFile("/art/a.png", 1000, 2**60, 2**63 + 1, 2**63 + 2), version)
        store.files.place(FoundFile("/art/b.png", 5, 6, 7, 8), None, "truncated")
        store.works.set_masters({other: work}, version)
        answers = (Witness.SHA256, Witness.DCT256)
        source = store.matches.add_source(Source("pack", "web", "2026", "r1", 10, answers))
        store.matches.mark_searched(source, [version], answers, AT)
        store.matches.keep_clue(source, "c" * 64)
        store.matches.add(
            Match(0, work, "pack", entry, Witness.SHA256, 0, "plain", Band.CERTAIN, ("sha256",), AT)
        )
        store.judgements.decide([1], Verdict.MINE, AT)
        wish = Wish("wish-1", Scope.ALL, True, "registry", (Band.CERTAIN,), None, None, AT)
        store.outbox.add_wish(wish)
        opt_out = OptOut(
            *("opt-out-1", "wish-1", Scope.ALL, Subject.COPY, work, 1, "registry"),
            *(OptOutState.QUEUED, None, 0, AT, None),
        )
        store.outbox.queue(opt_out, "copy:https://a.example/1.jpg", "{}")
        store.outbox.count_attempt(["opt-out-1"], AT)
        store.outbox.settle("opt-out-1", OptOutState.ACKNOWLEDGED, AT)
        store.outbox.add_receipt(Receipt("opt-out-1", "registry", b"signed\n", AT))
        store.aftermath.keep_trouble("server:a.example", "offline", AT)
        store.marks.add_signer(KeptSigner("d" * 64, "An artist", b"chain", b"root", AT))
        store.marks.add(
            KeptMark(
                *("/art/a.png", 1000, 2**60, b"\x01" * 32),
                *("/marked/a.png", 5000, 2**60, b"\x03" * 32),
                *("/marked/a.c2pa", "xmp,sidecar", "{}", "d" * 64, AT),
            )
        )
        store.notices.add(KeptNotice("server:a.example", "mandate-1", "mandate", "{}", AT))


def main(out):
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        fill(store)
        store.close()
        out.write_bytes(Path(folder, FILE_NAME).read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
