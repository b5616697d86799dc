# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Verdicts are given in acts, remembered for what is found later, and taken back as they came."""

import io
from contextlib import closing
from dataclasses import replace

import pytest
from PIL import Image, ImageOps

from artistguard.errors import Kind, Problem
from artistguard.guard import Guard
from artistguard.models import Band, Entry, Match, Verdict, Witness
from artistguard.review import Review
from artistguard.store import SoughtMatches
from looking import FETCHER, showing

AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def guard(tmp_path):
    with closing(Guard(tmp_path / "data")) as made:
        with made.store.writing():
            for _ in range(2):
                made.store.works.add(AT)
        yield made


def add(guard, entry, *, work=1, band=Band.CERTAIN, version="1", host="a.example", url=None):
    url = url or f"https://{host}/{entry}.jpg"
    row = Entry("web", version, entry, url, host, None, 1, 1, None, None)
    match = Match(0, work, "pack", row, Witness.DCT256, 3, "plain", band, ("dct256:3:plain",), AT)
    with guard.store.writing():
        guard.store.matches.add(match)
    return guard.store.judgements.seek(SoughtMatches())[-1]


def verdicts(guard):
    return {match.id: match.verdict for match in guard.store.matches.found()}


def test_matches_are_sought_and_counted_by_what_is_known_of_them(guard):
    one = add(guard, "1")
    two = add(guard, "2", band=Band.LIKELY, host="b.example")
    three = add(guard, "3", work=2, band=Band.LIKELY)
    guard.review.decide([two], Verdict.MINE)
    seek = guard.store.judgements.seek
    assert list(seek(SoughtMatches())) == [one, two, three]
    assert list(seek(SoughtMatches(band=Band.LIKELY, decided=False))) == [three]
    assert list(seek(SoughtMatches(host="b.example"))) == [two]
    assert list(seek(SoughtMatches(verdict=Verdict.MINE, dataset="web"))) == [two]
    assert list(seek(SoughtMatches(work=2))) == [three]
    assert list(seek(SoughtMatches(text="B.EXAMPLE"))) == [two]
    assert list(seek(SoughtMatches(text="_"))) == []
    assert guard.store.judgements.counts(SoughtMatches()) == {
        (Band.CERTAIN, None): 1,
        (Band.LIKELY, None): 1,
        (Band.LIKELY, Verdict.MINE): 1,
    }
    assert guard.store.judgements.hosts(1) == [("a.example", 2)]
    assert [match.id for match in guard.store.matches.chosen([three, one, 99])] == [three, one]


def test_acts_are_taken_back_from_the_last_to_the_first(guard):
    ids = [add(guard, "1"), add(guard, "2")]
    act = guard.review.decide(ids, Verdict.MINE)
    assert (act.matches, act.verdict) == (2, Verdict.MINE)
    guard.review.decide(ids[:1], Verdict.NOT_MINE)
    assert guard.review.decide(ids[:1], Verdict.NOT_MINE) is None
    assert guard.review.undo().verdict is Verdict.NOT_MINE
    assert verdicts(guard) == dict.fromkeys(ids, Verdict.MINE)
    assert guard.review.undo().matches == 2
    assert verdicts(guard) == dict.fromkeys(ids)
    assert guard.review.undo() is None


def test_an_earlier_act_is_taken_back_and_the_later_ones_stay(guard):
    ids = [add(guard, "1"), add(guard, "2")]
    first = guard.review.decide(ids, Verdict.MINE)
    guard.review.decide(ids[:1], Verdict.NOT_MINE)
    guard.review.undo(first.number)
    assert verdicts(guard) == {ids[0]: Verdict.NOT_MINE, ids[1]: None}
    guard.review.undo()
    assert verdicts(guard) == dict.fromkeys(ids)


def test_a_verdict_for_many_leaves_those_that_are_decided(guard):
    ids = [add(guard, "1"), add(guard, "2")]
    guard.review.decide(ids[:1], Verdict.NOT_MINE)
    assert guard.review.decide_waiting([*ids, 99], Verdict.MINE).matches == 1
    assert verdicts(guard) == {ids[0]: Verdict.NOT_MINE, ids[1]: Verdict.MINE}
    assert guard.review.decide_waiting(ids, Verdict.ALLOWED) is None


def test_a_work_is_found_by_its_name(guard, paint, tmp_path):
    paint("art/owl_1.png", 1, size=(160, 120))
    list(guard.scan([str(tmp_path / "art")]))
    (version,) = guard.store.works.versions()
    found = add(guard, "1", work=version.work)
    add(guard, "2")
    assert list(guard.store.judgements.seek(SoughtMatches(text="OWL_"))) == [found]


def test_an_unknown_match_changes_nothing(guard):
    one = add(guard, "1")
    with pytest.raises(Problem) as caught:
        guard.decide([one, 99], Verdict.MINE)
    assert (caught.value.kind, caught.value.facts["id"]) == (Kind.UNKNOWN_ID, 99)
    assert verdicts(guard) == {one: None}


def test_what_is_not_mine_stays_so_in_a_later_version(guard):
    guard.review.decide([add(guard, "1", url="https://a.example/x.jpg")], Verdict.NOT_MINE)
    same = add(guard, "7", version="2", url="https://a.example/x.jpg")
    another = add(guard, "8", version="2", url="https://a.example/y.jpg")
    of_another = add(guard, "7", version="2", work=2, url="https://a.example/x.jpg")
    found = verdicts(guard)
    assert found[same] is Verdict.NOT_MINE
    assert found[another] is None
    assert found[of_another] is None


def test_an_allowed_host_is_remembered_until_it_is_forgotten(guard):
    one, other = add(guard, "1"), add(guard, "2", host="b.example")
    assert guard.review.allow_host("a.example").matches == 1
    later = add(guard, "3")
    assert verdicts(guard) == {one: Verdict.ALLOWED, other: None, later: Verdict.ALLOWED}
    assert guard.store.judgements.allowed_hosts() == ["a.example"]
    assert guard.review.forget_host("a.example") == 1
    assert verdicts(guard) == {one: Verdict.ALLOWED, other: None, later: None}


def test_taking_back_that_a_host_is_allowed_forgets_the_host(guard):
    one = add(guard, "1")
    guard.review.allow_host("a.example")
    guard.review.undo()
    assert guard.store.judgements.allowed_hosts() == []
    assert verdicts(guard) == {one: None}


def test_a_copy_is_confirmed_point_by_point_and_another_picture_is_not(guard, paint):
    path = paint("mine.png", 1, (640, 480))
    with Image.open(path) as picture:
        copy = ImageOps.mirror(picture).resize((320, 240))
    into = io.BytesIO()
    copy.save(into, "JPEG")
    pictures = {"/copy.jpg": into.getvalue(), "/other.png": paint("b.png", 2).read_bytes()}
    with showing(pictures) as base:
        match = guard.store.matches.chosen([add(guard, "1", url=f"{base}/copy.jpg")])[0]
        match = replace(match, path=str(path))
        review = Review(guard.store, guard.clock, FETCHER())
        look = review.look(match)
        assert look.agreement.agreed
        assert look.agreement.mirrored
        with Image.open(io.BytesIO(look.picture)) as seen:
            assert (seen.format, seen.size) == ("JPEG", (320, 240))
        entry = replace(match.entry, url=f"{base}/other.png")
        assert not review.look(replace(match, entry=entry)).agreement.agreed
        assert review.look(replace(match, path=None)).agreement is None
        gone = replace(match.entry, url=f"{base}/gone.jpg")
        with pytest.raises(Problem) as caught:
            review.look(replace(match, entry=gone))
        assert caught.value.kind is Kind.PICTURE_GONE


def test_a_machine_at_home_is_not_asked(guard):
    one = add(guard, "1", url="http://127.0.0.1:9/a.jpg")
    with pytest.raises(Problem) as caught:
        guard.review.look(guard.store.matches.chosen([one])[0])
    assert caught.value.kind is Kind.ADDRESS_NOT_PUBLIC
