# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every opt-out stands somewhere, and what becomes of it shows: late, found again, objected to."""

import json
from datetime import UTC, datetime

import pytest

from artistguard import optouts, wording
from artistguard.errors import Kind
from artistguard.models import (
    Band,
    Entry,
    FoundFile,
    Match,
    Objection,
    OptOut,
    OptOutState,
    Reading,
    RequestState,
    Scope,
    SoughtRequests,
    Source,
    Subject,
    Verdict,
    Wish,
    Witness,
)
from artistguard.optouts.aftermath import is_later
from artistguard.store import Store
from fakes import at

MAY, JUNE, JULY = (f"2026-0{month}-01T12:00:00Z" for month in (5, 6, 7))
LATE = "2026-04-24T12:00:00Z"
ANSWERS = (Witness.SHA256, Witness.DCT256)


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    with opened.writing():
        for channel in ("registry", "server:a.example"):
            wish = Wish(f"wish {channel}", Scope.ALL, True, channel, (), None, None, MAY)
            opened.outbox.add_wish(wish)
    yield opened
    opened.close()


def add_work(store, number):
    reading = Reading(bytes([number]) * 32, bytes([number]) * 16, 640, 480, "PNG", ())
    with store.writing():
        work = store.works.add(MAY)
        version = store.works.add_version(work, reading, MAY)
        store.files.place(FoundFile(f"/art/sea {number}.png", 1, 1, 1, number), version)
    for _ in store.gallery.refresh():
        pass
    return work, version


def add_match(store, work, url, version, at_, **changed):
    entry = Entry("web", version, f"{url} {version}", url, "b.example", None, 6, 4, None, None)
    details = {"band": Band.CERTAIN, "witness": Witness.DCT256} | changed
    with store.writing():
        store.matches.add(
            Match(
                *(0, work, "pack", entry, details["witness"], 0, "plain"),
                *(details["band"], (), at_),
            )
        )
    return next(m.id for m in store.matches.found() if m.entry == entry)


def look(store, work_version, version, at_, answers=ANSWERS):
    """Record that a version of a work was looked for in a version of the data set."""
    with store.writing():
        source = store.matches.add_source(Source("pack", "web", version, "r", 10, answers))
        store.matches.mark_searched(source, [work_version], answers, at_)


def ask(store, ident, channel="registry", subject=Subject.COPY, work=None, match=None, **more):
    body = {"place": {"url": f"https://{ident}.example/", "domain": "a.example"}}
    with store.writing():
        store.outbox.queue(
            OptOut(
                *(ident, f"wish {channel}", Scope.ALL, subject, work, match, channel),
                *(OptOutState.QUEUED, None, 0, more.get("at", MAY), None),
            ),
            more.get("target", ident),
            json.dumps(body),
        )
        if sent := more.get("sent"):
            store.outbox.count_attempt([ident], sent)
        if state := more.get("state"):
            store.outbox.settle(ident, state, more.get("answered"), more.get("reason"))


def states(store, late=LATE):
    found = store.requests.requests(store.requests.seek(SoughtRequests(late)), late)
    return {request.id: request.state for request in found}


def test_each_state_is_told_from_what_is_known(store):
    work, _ = add_work(store, 1)
    match = add_match(store, work, "https://b.example/1", "2026", MAY)
    ask(store, "queued")
    ask(store, "waited", at="2026-04-01T12:00:00Z")
    ask(store, "sent", sent=MAY)
    ask(store, "overdue", sent="2026-04-01T12:00:00Z")
    ask(store, "work", subject=Subject.WORK, work=work, state="acknowledged", answered=MAY)
    ask(store, "copy", work=work, match=match, state="acknowledged", answered=MAY)
    for state in ("refused", "withdrawing", "withdrawn"):
        ask(store, state, state=OptOutState(state))
    expected = {
        "queued": RequestState.QUEUED,
        "waited": RequestState.OVERDUE,
        "sent": RequestState.SENT,
        "overdue": RequestState.OVERDUE,
        "work": RequestState.ACKNOWLEDGED,
        "copy": RequestState.IN_PROGRESS,
        "refused": RequestState.REFUSED,
        "withdrawing": RequestState.WITHDRAWING,
        "withdrawn": RequestState.WITHDRAWN,
    }
    assert states(store) == expected
    counts = store.requests.counts(LATE)
    for state in RequestState:
        found = store.requests.seek(SoughtRequests(LATE, state))
        assert len(found) == counts[state] == list(expected.values()).count(state)


def test_what_is_late_counts_from_the_first_time_it_was_sent(store):
    ask(store, "one", at="2026-04-01T12:00:00Z", sent=MAY)
    with store.writing():
        store.outbox.count_attempt(["one"], JUNE)
    (request,) = store.requests.requests(store.requests.seek(SoughtRequests(LATE)), LATE)
    assert (request.sent_at, request.tried_at, request.attempts) == (MAY, JUNE, 2)
    assert request.state is RequestState.SENT
    assert states(store, JUNE)["one"] is RequestState.OVERDUE


@pytest.mark.parametrize(
    "kind, state",
    [
        (Kind.OFFLINE, RequestState.QUEUED),
        (Kind.SLOW_DOWN, RequestState.QUEUED),
        (Kind.NOT_SIGNED_IN, RequestState.ACTION_NEEDED),
        (Kind.UNKNOWN_CHANNEL, RequestState.ACTION_NEEDED),
        (Kind.BAD_ANSWER, RequestState.ACTION_NEEDED),
    ],
)
def test_a_channel_that_waits_for_the_artist_is_told_from_one_that_is_away(store, kind, state):
    ask(store, "here")
    ask(store, "there", channel="server:a.example")
    with store.writing():
        store.aftermath.keep_trouble("server:a.example", kind, MAY)
    assert states(store) == {"here": RequestState.QUEUED, "there": state}
    (number,) = store.requests.seek(SoughtRequests(LATE, channel="server:a.example"))
    (request,) = store.requests.requests([number], LATE)
    assert request.trouble == kind
    assert "a.example" in wording.explain_request(request, datetime.now(UTC))
    assert bool(wording.list_steps(request, [])) == (state is RequestState.ACTION_NEEDED)
    with store.writing():
        store.aftermath.keep_trouble("server:a.example", None, JUNE)
    assert states(store)["there"] is RequestState.QUEUED


def test_every_state_has_words_and_what_asks_for_something_has_steps(store):
    ask(store, "one", channel="server:a.example", sent=MAY, state="refused", reason="declarant")
    (request,) = store.requests.requests(store.requests.seek(SoughtRequests(LATE)), LATE)
    said = wording.explain_request(request, datetime.now(UTC))
    assert said.startswith("a.example has refused it. It does not take the name")
    assert wording.list_steps(request, []) == ["Ask again, once what it was refused for is mended."]
    assert len({wording.name_request_state(state) for state in RequestState}) == len(RequestState)


@pytest.mark.parametrize(
    "text, found",
    [
        ("SEA 1", {"work"}),
        ("b.example", {"copy"}),
        ("100%", set()),
        ("mira", {"site"}),
        ("web", {"copy"}),
    ],
)
def test_opt_outs_are_found_by_name_address_data_set_and_domain(store, text, found):
    work, _ = add_work(store, 1)
    other, _ = add_work(store, 2)
    match = add_match(store, other, "https://b.example/1", "2026", MAY)
    ask(store, "work", subject=Subject.WORK, work=work)
    ask(store, "copy", work=other, match=match)
    ask(store, "site", subject=Subject.DOMAIN, target="domain:mira.example")
    numbers = store.requests.seek(SoughtRequests(LATE, text=text))
    assert set(store.requests.ids(numbers)) == found


def test_what_was_brought_back_from_a_registry_says_itself_what_it_is_about(store):
    ask(store, "lost")
    (request,) = store.requests.requests(store.requests.seek(SoughtRequests(LATE)), LATE)
    assert request.url == "https://lost.example/"
    assert "https://lost.example/" in wording.name_subject(request)


def test_filters_go_together_and_the_newest_comes_first(store):
    for number in range(3):
        ask(store, f"here {number}")
        ask(store, f"there {number}", channel="server:a.example", sent=MAY)
    sought = SoughtRequests(LATE, RequestState.SENT, "server:a.example")
    found = store.requests.ids(store.requests.seek(sought))
    assert found == ["there 2", "there 1", "there 0"]
    assert store.requests.channels() == [("registry", 3), ("server:a.example", 3)]
    wish = SoughtRequests(LATE, wish="wish registry")
    assert len(store.requests.seek(wish)) == 3


# --- found again, or not any more -----------------------------------------------------------------


@pytest.fixture
def filed(store):
    """A copy in version 2025 of a data set that was opted out in June, with its work."""
    work, version = add_work(store, 1)
    look(store, version, "2025", MAY)
    match = add_match(store, work, "https://b.example/1", "2025", MAY)
    ask(store, "copy", work=work, match=match, state="acknowledged", answered=JUNE)
    ask(store, "work", subject=Subject.WORK, work=work, state="acknowledged", answered=JUNE)
    follow(store)
    return work, version


def follow(store):
    return list(optouts.follow(store))


def test_a_copy_in_no_later_version_waits_for_one(store, filed):
    assert states(store) == {"copy": RequestState.IN_PROGRESS, "work": RequestState.ACKNOWLEDGED}
    assert store.aftermath.unfollowed(9) == []


def test_a_copy_that_a_later_version_lacks_is_done(store, filed):
    _work, version = filed
    look(store, version, "2026", JULY)
    assert follow(store)
    assert states(store)["copy"] is RequestState.DONE
    (number,) = store.requests.seek(SoughtRequests(LATE, RequestState.DONE))
    (request,) = store.requests.requests([number], LATE)
    assert (request.seen_in, request.seen_at) == ("2026", JULY)
    assert "web 2026" in wording.explain_request(request, datetime.now(UTC))


def test_that_a_copy_is_gone_is_not_said_by_a_witness_that_could_not_see_it(store, filed):
    _work, version = filed
    look(store, version, "2026", JULY, (Witness.SHA256,))
    follow(store)
    assert states(store)["copy"] is RequestState.IN_PROGRESS


@pytest.mark.parametrize("url", ["https://b.example/1", "https://elsewhere.example/2"])
def test_what_is_found_in_a_later_version_has_re_appeared(store, filed, url):
    work, version = filed
    look(store, version, "2026", JULY)
    add_match(store, work, url, "2026", JULY)
    follow(store)
    assert states(store) == {"copy": RequestState.REAPPEARED, "work": RequestState.REAPPEARED}
    for number in store.requests.seek(SoughtRequests(LATE, RequestState.REAPPEARED)):
        (request,) = store.requests.requests([number], LATE)
        assert (request.again, request.again_in) == (url, "web 2026")
        assert url in wording.explain_request(request, datetime.now(UTC))
        assert wording.list_steps(request, [])


def test_a_verdict_that_it_is_not_theirs_takes_that_back(store, filed):
    work, version = filed
    look(store, version, "2026", JULY)
    again = add_match(store, work, "https://b.example/1", "2026", JULY)
    follow(store)
    with store.writing():
        store.judgements.decide([again], Verdict.NOT_MINE, JULY)
    follow(store)
    assert states(store) == {"copy": RequestState.DONE, "work": RequestState.ACKNOWLEDGED}


def test_an_older_or_unordered_version_and_a_possible_copy_say_nothing(store, filed):
    work, version = filed
    for name in ("2024", "main"):
        look(store, version, name, JULY)
        add_match(store, work, "https://b.example/1", name, JULY)
    look(store, version, "2026", JULY)
    add_match(store, work, "https://b.example/9", "2026", JULY, band=Band.POSSIBLE)
    follow(store)
    assert states(store) == {"copy": RequestState.DONE, "work": RequestState.ACKNOWLEDGED}


def test_what_was_known_in_both_versions_when_it_was_filed_is_neither(store):
    work, version = add_work(store, 1)
    for name in ("2025", "2026"):
        look(store, version, name, MAY)
    match = add_match(store, work, "https://b.example/1", "2025", MAY)
    add_match(store, work, "https://b.example/1", "2026", MAY)
    ask(store, "copy", work=work, match=match, state="acknowledged", answered=JUNE)
    follow(store)
    assert states(store)["copy"] is RequestState.IN_PROGRESS


@pytest.mark.parametrize(
    "version, than, later",
    [
        ("2026", "2025", True),
        ("v10", "v9", True),
        ("2.10", "2.9", True),
        ("2025", "2026", False),
        ("1", "1", False),
        ("main", "v1", False),
        ("v1", "main", False),
    ],
)
def test_versions_are_ordered_by_their_numbers(version, than, later):
    assert is_later(version, than) is later


# --- disputes, asking again -----------------------------------------------------------------------


def test_an_objection_shows_until_it_is_taken_back(store):
    work, _ = add_work(store, 1)
    ask(store, "mine", subject=Subject.WORK, work=work, state="acknowledged", answered=MAY)
    ask(store, "other", subject=Subject.WORK, state="acknowledged", answered=MAY)
    said = Objection("d1", "mine", "registry", "Bo", "I drew it", JUNE)
    with store.writing():
        assert store.aftermath.keep_objections("registry", [said])
    assert states(store) == {"mine": RequestState.DISPUTED, "other": RequestState.ACKNOWLEDGED}
    assert store.requests.objections("mine") == [said]
    assert "Bo says" in wording.describe_objection(said)
    for _ in store.gallery.refresh():
        pass
    assert store.gallery.cards([work])[0].standing == "disputed"
    with store.writing():
        assert not store.aftermath.keep_objections("registry", [said])
        assert store.aftermath.keep_objections("registry", [])
    assert states(store)["mine"] is RequestState.ACKNOWLEDGED
    for _ in store.gallery.refresh():
        pass
    assert store.gallery.cards([work])[0].standing == "reserved"


def test_wishes_that_stand_say_what_they_cover_and_how_much_they_asked_for(store):
    work, _ = add_work(store, 1)
    ask(store, "one")
    wish = optouts.make_wish(Scope.WORK, "registry", at(JUNE), work=work)
    folder = optouts.make_wish(Scope.FOLDER, "registry", at(JULY), folder="/art/", bands=())
    with store.writing():
        store.outbox.add_wish(wish)
        store.outbox.add_wish(folder)
    newest, middle, *_ = store.requests.wishes()
    assert (newest.wish, newest.opt_outs) == (folder, 0)
    assert wording.name_wish(newest) == "All works in /art/, later ones, too"
    assert "confirmed" in wording.describe_wish(newest)
    assert wording.name_wish(middle) == "sea 1.png, with copies that are found later"
    assert optouts.end_wishes(store, [folder.id], at(JULY)) == 1
    assert folder not in [one.wish for one in store.requests.wishes()]
