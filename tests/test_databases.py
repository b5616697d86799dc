# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every database that was ever released opens, with all its rows and the schema of a new one."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from artistguard.models import Band, OptOutState, Verdict
from artistguard.store import FILE_NAME, Store
from artistguard.store.schema import STEPS

RELEASED = sorted((Path(__file__).parent / "databases").glob("v*.sqlite"))


def schema_of(path):
    with sqlite3.connect(path) as raw:
        rows = raw.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
    raw.close()
    return rows


def test_the_newest_schema_has_its_database():
    assert [path.stem for path in RELEASED] == [f"v{n}" for n in range(1, len(STEPS) + 1)]


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_a_released_database_keeps_every_row(released, tmp_path):
    shutil.copy(released, tmp_path / FILE_NAME)
    (tmp_path / "new").mkdir()
    Store(tmp_path / "new").close()
    store = Store(tmp_path)
    (work,) = store.works.all()
    assert (work.path, work.current.sha256) == ("/art/a.png", b"\x01" * 32)
    assert store.works.count() == 2
    assert store.works.fingerprints(1)[0].plain == bytes(range(32))
    assert store.files.folders() == ["/art"]
    assert store.files.known() == {
        "/art/a.png": (1000, 2**60, 2**63 + 1),
        "/art/b.png": (5, 6, 7),
    }
    assert list(store.files.unreadable()) == [("/art/b.png", "truncated")]
    (match,) = store.matches.found()
    assert (match.entry.url, match.band, match.verdict) == (
        "https://a.example/1.jpg",
        Band.CERTAIN,
        Verdict.MINE,
    )
    assert [coverage.dataset for coverage in store.matches.coverage()] == ["web"]
    assert [wish.id for wish in store.outbox.standing_wishes()] == ["wish-1"]
    (opt_out,) = store.outbox.opt_outs()
    assert (opt_out.state, opt_out.attempts) == (OptOutState.ACKNOWLEDGED, 1)
    assert [receipt.body for receipt in store.outbox.receipts()] == [b"signed\n"]
    assert store.check() == []
    store.close()
    assert schema_of(tmp_path / FILE_NAME) == schema_of(tmp_path / "new" / FILE_NAME)
