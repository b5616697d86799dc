# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The cards of works say how each stands, in every order, and keep up with all that happens."""

import sqlite3
from contextlib import closing

import pytest
from PIL import Image

from artistguard.models import (
    Band,
    Entry,
    FoundFile,
    Match,
    OptOut,
    OptOutState,
    Order,
    Reading,
    Scope,
    Sought,
    Source,
    Standing,
    Subject,
    Verdict,
    Wish,
    Witness,
)
from artistguard.store import Store, Thumbnails
from artistguard.store.gallery import _REFRESH

AT = "2026-05-01T12:00:00Z"


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path)) as opened:
        yield opened


def add_work(store, path, seed):
    with store.writing():
        work = store.works.add(AT)
        reading = Reading(seed.to_bytes(32), seed.to_bytes(16), 640, 480, "PNG", ())
        version = store.works.add_version(work, reading, AT)
        store.files.place(FoundFile(path, 1, seed, 1, seed), version)
    return work


def add_match(store, work, number, band=Band.CERTAIN):
    entry = Entry("web", "2026", str(number), None, None, None, None, None, None, None)
    match = Match(0, work, "pack", entry, Witness.SHA256, 0, "plain", band, ("sha256",), AT)
    with store.writing():
        store.matches.add(match)


def reserve(store, work):
    with store.writing():
        wish = Wish(f"wish-{work}", Scope.ALL, True, "registry", (), None, None, AT)
        store.outbox.add_wish(wish)
        opt_out = OptOut(
            *(f"opt-out-{work}", wish.id, Scope.ALL, Subject.WORK, work, None, "registry"),
            *(OptOutState.QUEUED, None, 0, AT, None),
        )
        store.outbox.queue(opt_out, f"work:{work}", "{}")
        store.outbox.settle(opt_out.id, OptOutState.ACKNOWLEDGED, AT)


def standing(store, work):
    sum(store.gallery.refresh())
    (card,) = store.gallery.cards([work])
    return card.standing


def test_a_card_follows_its_work_from_unchecked_to_reserved(store):
    work = add_work(store, "/art/a.png", 1)
    assert standing(store, work) is Standing.UNCHECKED
    with store.writing():
        source = store.matches.add_source(Source("pack", "web", "1", "r", 1, (Witness.SHA256,)))
        store.matches.mark_searched(source, [1], (Witness.SHA256,), AT)
    assert standing(store, work) is Standing.CLEAR
    add_match(store, work, 1, Band.LIKELY)
    assert standing(store, work) is Standing.POSSIBLE
    add_match(store, work, 2)
    assert standing(store, work) is Standing.CONFIRMED
    with store.writing():
        store.judgements.decide([1, 2], Verdict.ALLOWED, AT)
    assert standing(store, work) is Standing.ALLOWED
    with store.writing():
        store.judgements.decide([1, 2], Verdict.NOT_MINE, AT)
    assert standing(store, work) is Standing.CLEAR
    reserve(store, work)
    assert standing(store, work) is Standing.RESERVED
    assert store.gallery.counts()[Standing.RESERVED] == 1


def test_nothing_is_stale_when_nothing_has_happened(store):
    add_work(store, "/art/a.png", 1)
    assert list(store.gallery.refresh()) == [1]
    assert list(store.gallery.refresh()) == []


def test_a_card_is_renewed_without_a_look_at_other_works(store):
    plan = [row[3] for row in store._database.ask(f"EXPLAIN QUERY PLAN {_REFRESH}", (9, "/"))]
    assert [
        step for step in plan if step.startswith("SCAN") and not step.startswith("SCAN o ")
    ] == []
    assert plan[0].startswith("SEARCH s ")  # the stale ones come first


def test_works_are_found_and_sorted(store):
    first = add_work(store, "/art/sea/Wave.png", 1)
    second = add_work(store, "/art/sea/100%_blue.png", 2)
    third = add_work(store, "/art/forest/oak.png", 3)
    add_match(store, first, 1)
    sum(store.gallery.refresh())

    def found(**how):
        return list(store.gallery.works(Sought(**how)))

    assert found() == [third, second, first]
    assert found(order=Order.NAME) == [second, first, third]
    assert found(order=Order.NEWEST) == [third, second, first]
    assert found(order=Order.COPIES) == [first, third, second]
    assert found(text="wAvE") == [first]
    assert found(text="%_") == [second]
    assert found(text="forest") == [third]
    assert found(folder="/art/sea/") == [second, first]
    assert found(standing=Standing.CONFIRMED) == [first]
    assert found(within="/art/") == [third, second, first]
    assert found(within="/art/sea/", order=Order.NAME) == [second, first]
    assert found(within="/art/se/") == []
    assert store.gallery.folders() == [("/art/forest/", 1), ("/art/sea/", 2)]
    works, folders = store.gallery.in_folders(Sought(text="a"))
    assert list(works) == [third, second, first]
    assert folders == [("/art/forest/", 1), ("/art/sea/", 2)]
    assert store.gallery.in_folders(Sought(text="no such"))[1] == []
    counts = store.gallery.counts(Sought(within="/art/sea/"))
    assert (counts[Standing.CONFIRMED], counts[Standing.UNCHECKED]) == (1, 1)
    assert [card.name for card in store.gallery.cards([third, 99, first])] == [
        "oak.png",
        "Wave.png",
    ]


def test_a_work_is_shown_where_a_file_of_it_still_is(store):
    work = add_work(store, "/art/a.png", 1)
    with store.writing():
        store.files.place(FoundFile("/art/copies/a.png", 1, 1, 1, 9), 1)
        store.files.mark_gone("/art/a.png", AT)
    sum(store.gallery.refresh())
    (card,) = store.gallery.cards([work])
    assert (card.folder, card.name, card.gone) == ("/art/copies/", "a.png", False)
    with store.writing():
        store.files.mark_gone("/art/copies/a.png", AT)
    sum(store.gallery.refresh())
    assert store.gallery.cards([work])[0].gone


def test_thumbnails_are_kept_and_a_damaged_file_is_begun_anew(tmp_path):
    with closing(Thumbnails(tmp_path)) as thumbnails:
        thumbnails.put({b"a": b"jpeg"})
        assert (thumbnails.get(b"a"), thumbnails.get(b"b")) == (b"jpeg", None)
    (tmp_path / "thumbnails.sqlite").write_bytes(b"no database at all" * 100)
    with closing(Thumbnails(tmp_path)) as thumbnails:
        assert thumbnails.get(b"a") is None
        thumbnails.put({b"a": b"jpeg"})
        assert thumbnails.get(b"a") == b"jpeg"


def test_a_thumbnail_file_in_use_is_left_alone(tmp_path):
    with closing(Thumbnails(tmp_path)) as thumbnails:
        thumbnails.put({b"a": b"jpeg"})
        with closing(sqlite3.connect(tmp_path / "thumbnails.sqlite")) as other:
            other.execute("BEGIN IMMEDIATE")
            thumbnails.put({b"b": b"jpeg"})
            other.rollback()
        assert (thumbnails.get(b"a"), thumbnails.get(b"b")) == (b"jpeg", None)


def test_a_scan_keeps_a_thumbnail_of_every_work(paint, run, tmp_path):
    paint("a.png", seed=1, size=(640, 400), folder=tmp_path / "art")
    assert run("scan", tmp_path / "art", "--data", tmp_path / "data")[0] == 0
    with closing(Store(tmp_path / "data")) as store:
        (work,) = store.works.all()
        jpeg = store.thumbnails.get(work.current.sha256)
    (tmp_path / "small.jpg").write_bytes(jpeg)
    with Image.open(tmp_path / "small.jpg") as small:
        assert (small.format, small.size) == ("JPEG", (256, 160))
