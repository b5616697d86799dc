# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A wish is a row before anything is sent; sending again files nothing again."""

from dataclasses import replace

import pytest

from artistguard import optouts, proof, wire
from artistguard.channels.registry import Registry
from artistguard.errors import Kind, Offline, Problem
from artistguard.models import (
    Answer,
    Answered,
    Band,
    Entry,
    Fingerprint,
    FoundFile,
    Match,
    OptOut,
    OptOutState,
    Reading,
    Scope,
    Subject,
    Verdict,
    Witness,
)
from artistguard.store import Store
from fakes import at

NOON = at("2026-05-01T12:00:00Z")
STAMP = "2026-05-01T12:00:00Z"


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "registry", proof.Signer(bytes(range(32))), NOON)


def add_work(store, number):
    prints = (Fingerprint("dct256/1", bytes([number]) * 32 * 9, bytes([80]) * 9),)
    reading = Reading(bytes([number]) * 32, bytes([number]) * 16, 640, 480, "PNG", prints)
    with store.writing():
        work = store.works.add(STAMP)
        version = store.works.add_version(work, reading, STAMP)
        store.works.add_fingerprints(version, prints)
        store.files.place(FoundFile(f"/art/{number}.png", 1, 1, 1, number), version)
    return work


def add_match(store, work, entry, band=Band.CERTAIN, **changed):
    row = Entry(
        *("web", "2026", entry, f"https://{entry}.example/a.jpg", f"{entry}.example"),
        *(None, 640, 480, None, None),
    )
    match = Match(
        id=0,
        work=work,
        backend="pack",
        entry=replace(row, **changed),
        witness=Witness.DCT256,
        distance=4,
        variant="plain",
        band=band,
        evidence=("dct256<=40",),
        found_at=STAMP,
    )
    with store.writing():
        store.matches.add(match)
    return next(m.id for m in store.matches.found() if m.entry.entry == entry)


def plan(store, registry, scope, **more):
    wish = optouts.make_wish(scope, registry.name, NOON, **more)
    return optouts.make_plan(store, wish, registry, "Mira", NOON)


def file_(store, registry, scope, **more):
    planned = plan(store, registry, scope, **more)
    optouts.write_down(store, [planned])
    return planned


def deliver(store, channel):
    news = optouts.deliver(store, {channel.name: channel}, NOON)
    return [item for item in news if isinstance(item, OptOut)]


def declared(registry):
    return [declaration for declaration, _ in registry.in_force()]


def test_a_plan_writes_nothing(store, registry):
    add_match(store, add_work(store, 1), "one")
    planned = plan(store, registry, Scope.ALL)
    assert [draft.declaration.subject for draft in planned.drafts] == [Subject.WORK, Subject.COPY]
    assert list(store.outbox.opt_outs()) == []
    assert store.outbox.standing_wishes() == []


def test_everything_is_a_row_first_and_a_receipt_afterwards(store, registry):
    add_match(store, add_work(store, 1), "one")
    planned = file_(store, registry, Scope.ALL)
    assert [row.state for row in store.outbox.opt_outs()] == [OptOutState.QUEUED] * 2
    answered = deliver(store, registry)
    assert [row.state for row in answered] == [OptOutState.ACKNOWLEDGED] * 2
    receipts = list(store.outbox.receipts())
    assert {receipt.opt_out for receipt in receipts} == {
        draft.declaration.id for draft in planned.drafts
    }
    for receipt in receipts:
        assert proof.read_entry(receipt.body.removesuffix(b"\n")).id == receipt.opt_out


def test_what_is_sent_is_what_the_plan_showed(store, registry):
    add_match(store, add_work(store, 1), "one")
    planned = file_(store, registry, Scope.ALL)
    deliver(store, registry)
    assert declared(registry) == [draft.declaration for draft in planned.drafts]


def test_a_work_is_declared_by_its_hashes_and_never_by_its_name(store, registry):
    add_work(store, 7)
    (draft,) = plan(store, registry, Scope.ALL).drafts
    assert draft.declaration.sha256 == "07" * 32
    assert draft.declaration.fingerprints == {"dct256/1": "07" * 32 * 8}
    assert "/art" not in wire.spell_declaration(draft.declaration)


def test_a_near_blank_work_is_not_declared_by_how_it_looks(store, registry):
    blank = (Fingerprint("dct256/1", bytes(32 * 9), bytes(9)),)
    with store.writing():
        version = store.works.add_version(
            store.works.add(STAMP), Reading(bytes(32), bytes(16), 9, 9, "PNG", blank), STAMP
        )
        store.works.add_fingerprints(version, blank)
        store.files.place(FoundFile("/art/blank.png", 1, 1, 1, 1), version)
    (draft,) = plan(store, registry, Scope.ALL).drafts
    assert draft.declaration.fingerprints == {}
    assert draft.declaration.sha256 == "00" * 32


@pytest.mark.parametrize(
    "scope, more, subjects",
    [
        (Scope.MATCHES, {}, {"copy:https://one.example/a.jpg", "copy:https://two.example/a.jpg"}),
        (Scope.MATCHES, {"bands": (Band.LIKELY,)}, {"copy:https://two.example/a.jpg"}),
        (Scope.WORK, {"work": 1}, {"work:" + "01" * 32, "copy:https://one.example/a.jpg"}),
        (Scope.DOMAIN, {"domain": "mira.example"}, {"domain:mira.example"}),
    ],
)
def test_each_scope_covers_what_it_says(store, registry, scope, more, subjects):
    add_match(store, add_work(store, 1), "one")
    add_match(store, add_work(store, 2), "two", Band.LIKELY)
    add_match(store, 2, "three", Band.POSSIBLE)
    assert {draft.target for draft in plan(store, registry, scope, **more).drafts} == subjects


def test_the_artists_verdict_comes_before_any_band(store, registry):
    work = add_work(store, 1)
    mine = add_match(store, work, "mine", Band.POSSIBLE)
    other = add_match(store, work, "other")
    allowed = add_match(store, work, "allowed")
    with store.writing():
        store.judgements.decide([mine], Verdict.MINE, STAMP)
        store.judgements.decide([other], Verdict.NOT_MINE, STAMP)
        store.judgements.decide([allowed], Verdict.ALLOWED, STAMP)
    targets = {draft.target for draft in plan(store, registry, Scope.MATCHES).drafts}
    assert targets == {"copy:https://mine.example/a.jpg"}


def test_the_same_copy_is_never_asked_for_twice(store, registry):
    work = add_work(store, 1)
    add_match(store, work, "one")
    file_(store, registry, Scope.MATCHES)
    again = plan(store, registry, Scope.ALL)
    assert [draft.declaration.subject for draft in again.drafts] == [Subject.WORK]
    assert again.already_asked == 1
    stale = plan(store, registry, Scope.WORK, work=work)
    optouts.write_down(store, [again])
    assert optouts.write_down(store, [stale]) == 0


def test_a_standing_wish_covers_what_comes_later(store, registry):
    add_work(store, 1)
    file_(store, registry, Scope.ALL)
    deliver(store, registry)
    assert optouts.extend_standing(store, "Mira", NOON) == 0
    add_match(store, add_work(store, 2), "late")
    assert optouts.extend_standing(store, "Mira", NOON) == 2
    assert len(deliver(store, registry)) == 2
    assert len(declared(registry)) == 3


def test_a_wish_for_all_works_can_be_made_before_there_are_any_and_is_made_once(store, registry):
    assert not plan(store, registry, Scope.ALL).is_empty
    file_(store, registry, Scope.ALL)
    again = file_(store, registry, Scope.ALL)
    assert again.is_empty
    assert len(store.outbox.standing_wishes()) == 1
    add_work(store, 1)
    assert optouts.extend_standing(store, "Mira", NOON) == 1


def test_a_wish_for_matches_does_not_grow(store, registry):
    add_match(store, add_work(store, 1), "one")
    file_(store, registry, Scope.MATCHES)
    add_match(store, 1, "two")
    assert optouts.extend_standing(store, "Mira", NOON) == 0


def test_withdrawing_adds_a_record_and_is_not_undone_by_a_standing_wish(store, registry):
    add_match(store, add_work(store, 1), "one")
    file_(store, registry, Scope.ALL)
    deliver(store, registry)
    copy = next(row for row in store.outbox.opt_outs() if row.subject is Subject.COPY)
    (waiting,) = optouts.withdraw(store, [copy.id], NOON)
    assert waiting.state is OptOutState.WITHDRAWING
    (done,) = deliver(store, registry)
    assert done.state is OptOutState.WITHDRAWN
    assert [declaration.subject for declaration in declared(registry)] == [Subject.WORK]
    assert [r.withdrawal for r in store.outbox.receipts() if r.opt_out == copy.id] == [False, True]
    assert optouts.extend_standing(store, "Mira", NOON) == 0
    assert [draft.target for draft in plan(store, registry, Scope.MATCHES).drafts] == [
        "copy:https://one.example/a.jpg"
    ]


def test_withdrawing_a_whole_wish_ends_it(store, registry):
    add_match(store, add_work(store, 1), "one")
    wish = file_(store, registry, Scope.ALL).wish
    deliver(store, registry)
    assert len(optouts.withdraw(store, [wish.id], NOON)) == 2
    deliver(store, registry)
    assert declared(registry) == []
    add_work(store, 2)
    assert optouts.extend_standing(store, "Mira", NOON) == 0


def test_what_is_named_twice_is_withdrawn_and_told_once(store, registry):
    add_work(store, 1)
    wish = file_(store, registry, Scope.ALL).wish
    (row,) = store.outbox.opt_outs()
    (done,) = optouts.withdraw(store, [row.id, wish.id, row.id], NOON)
    assert (done.id, done.state) == (row.id, OptOutState.WITHDRAWN)


def test_what_was_never_sent_is_withdrawn_on_the_spot(store, registry):
    add_work(store, 1)
    wish = file_(store, registry, Scope.ALL).wish
    (done,) = optouts.withdraw(store, [wish.id], NOON)
    assert done.state is OptOutState.WITHDRAWN
    assert deliver(store, registry) == []


def test_an_unknown_id_changes_nothing(store, registry):
    add_work(store, 1)
    wish = file_(store, registry, Scope.ALL).wish
    with pytest.raises(Problem) as problem:
        optouts.withdraw(store, [wish.id, "nothing"], NOON)
    assert problem.value.kind is Kind.UNKNOWN_ID
    assert [row.state for row in store.outbox.opt_outs()] == [OptOutState.QUEUED]


class Line:
    """A channel over a line that can break: before a batch arrives, or before its answers do."""

    name = "registry"
    recipient = "the other end"
    leaves_machine = True
    batch = 2

    def __init__(self, registry, *, breaks):
        self.registry = registry
        self.breaks = breaks

    def deliver(self, declarations):
        how = self.breaks.pop(0) if self.breaks else None
        if how == "before":
            raise Offline(Kind.OFFLINE, host="there")
        answers = list(self.registry.deliver(declarations))
        if how == "after":
            raise Offline(Kind.OFFLINE, host="there")
        return iter(answers)

    def withdraw(self, ids, at):
        return self.registry.withdraw(ids, at)


@pytest.mark.parametrize("breaks", [["before"], ["after"], [None, "after"], ["after", "before"]])
def test_a_broken_line_loses_nothing_and_files_nothing_twice(store, registry, breaks):
    for number in range(1, 6):
        add_work(store, number)
    file_(store, registry, Scope.ALL)
    line = Line(registry, breaks=list(breaks))
    while line.breaks:
        with pytest.raises(Offline):
            deliver(store, line)
    deliver(store, line)
    assert {row.state for row in store.outbox.opt_outs()} == {OptOutState.ACKNOWLEDGED}
    assert len(declared(registry)) == 5
    assert store.outbox.count_receipts() == 5


def test_a_channel_that_is_away_holds_up_no_other(store, registry):
    add_work(store, 1)
    line = Line(registry, breaks=["before"])
    line.name = "a line"
    for channel in (line, registry):
        wish = optouts.make_wish(Scope.ALL, channel.name, NOON)
        optouts.write_down(store, [optouts.make_plan(store, wish, channel, "Mira", NOON)])
    news = optouts.deliver(store, {line.name: line, registry.name: registry}, NOON)
    with pytest.raises(Offline):
        list(news)
    states = {row.channel: row.state for row in store.outbox.opt_outs()}
    assert states == {
        "a line": OptOutState.QUEUED,
        "registry": OptOutState.ACKNOWLEDGED,
    }


def test_a_channel_that_forgets_an_entry_is_not_believed(store, registry):
    for number in (1, 2):
        add_work(store, number)
    file_(store, registry, Scope.ALL)

    class Forgetful(Line):
        def deliver(self, declarations):
            return iter([Answered(declarations[0].id, Answer.FILED)])

    with pytest.raises(Problem) as problem:
        deliver(store, Forgetful(registry, breaks=[]))
    assert problem.value.kind is Kind.ANSWERS_MISSING
    assert {row.state for row in store.outbox.opt_outs()} == {OptOutState.QUEUED}


@pytest.mark.parametrize(
    "harm",
    [
        {"url": "javascript:alert(1)"},
        {"url": "https://a.example/" + "a" * 10_000},
        {"url": "https://a.example/\nhttps://b.example/"},
        {"host": "not a host"},
        {"width": -1, "height": 0},
        {"url": None, "host": None},
    ],
)
def test_a_hostile_data_set_entry_cannot_keep_a_copy_from_being_declared(store, registry, harm):
    work = add_work(store, 1)
    add_match(store, work, "bad", **harm)
    add_match(store, work, "good")
    file_(store, registry, Scope.MATCHES)
    assert {row.state for row in deliver(store, registry)} == {OptOutState.ACKNOWLEDGED}
    assert {declaration.entry for declaration in declared(registry)} == {"bad", "good"}


def test_a_work_that_is_not_there_is_said_before_anything_is_written(store, registry):
    with pytest.raises(Problem) as problem:
        plan(store, registry, Scope.WORK, work=9999)
    assert problem.value.kind is Kind.UNKNOWN_ID


def test_a_work_comes_with_its_near_duplicates(store, registry):
    one, other = add_work(store, 1), add_work(store, 2)
    add_match(store, other, "copy")
    with store.writing():
        store.works.set_masters({other: one}, 2)
    for work in (one, other):
        targets = [draft.target for draft in plan(store, registry, Scope.WORK, work=work).drafts]
        assert targets == [
            "work:" + "01" * 32,
            "work:" + "02" * 32,
            "copy:https://copy.example/a.jpg",
        ]


@pytest.mark.parametrize("spelled", ["Mira.Example", "https://mira.example/art/", "mira.example."])
def test_a_domain_is_known_in_whatever_spelling(store, registry, spelled):
    (draft,) = plan(store, registry, Scope.DOMAIN, domain=spelled).drafts
    assert draft.target == "domain:mira.example"


@pytest.mark.parametrize("spelled", ["", "com", "exa mple", "/art", "a" * 300 + ".example"])
def test_what_is_no_domain_is_refused_before_it_is_a_wish(store, registry, spelled):
    with pytest.raises(Problem) as problem:
        plan(store, registry, Scope.DOMAIN, domain=spelled)
    assert problem.value.kind is Kind.NOT_A_DOMAIN


class Refusing(Line):
    def deliver(self, declarations):
        return iter([Answered(each.id, Answer.REFUSED, reason="url") for each in declarations])


def test_what_was_refused_can_be_asked_again_or_taken_back(store, registry):
    add_work(store, 1)
    file_(store, registry, Scope.ALL)
    deliver(store, Refusing(registry, breaks=[]))
    (refused,) = store.outbox.opt_outs()
    assert refused.state is OptOutState.REFUSED
    assert optouts.extend_standing(store, "Mira", NOON) == 0
    assert len(plan(store, registry, Scope.ALL).drafts) == 1
    (done,) = optouts.withdraw(store, [refused.id], NOON)
    assert done.state is OptOutState.WITHDRAWN


def test_a_wish_for_everything_leaves_alone_what_was_taken_back(store, registry):
    work = add_work(store, 1)
    file_(store, registry, Scope.ALL)
    deliver(store, registry)
    (filed,) = store.outbox.opt_outs()
    optouts.withdraw(store, [filed.id], NOON)
    deliver(store, registry)
    again = plan(store, registry, Scope.ALL)
    assert (again.drafts, again.taken_back) == ((), 1)
    assert len(plan(store, registry, Scope.WORK, work=work).drafts) == 1


def test_fingerprints_of_an_older_version_are_not_declared(store, registry):
    add_work(store, 1)
    with store.writing():
        store.works.add_fingerprints(1, [Fingerprint("dct256/0", bytes(32), b"\x50")])
    (draft,) = plan(store, registry, Scope.ALL).drafts
    assert set(draft.declaration.fingerprints) == {"dct256/1"}


def test_what_a_registry_holds_is_known_again_after_the_database_was_lost(
    store, registry, tmp_path
):
    add_match(store, add_work(store, 1), "one")
    file_(store, registry, Scope.ALL)
    deliver(store, registry)
    (tmp_path / "new").mkdir()
    fresh = Store(tmp_path / "new")
    add_match(fresh, add_work(fresh, 1), "one")
    assert optouts.adopt(fresh, registry.name, declared(registry), NOON) == 2
    assert [row.state for row in deliver(fresh, registry)] == [OptOutState.ACKNOWLEDGED] * 2
    assert plan(fresh, registry, Scope.ALL).drafts == ()
    assert len(declared(registry)) == 2
    assert {r.body for r in fresh.outbox.receipts()} == {r.body for r in store.outbox.receipts()}
    fresh.close()


def test_a_channel_that_is_not_set_up_keeps_what_waits(store, registry):
    add_work(store, 1)
    file_(store, registry, Scope.ALL)
    with pytest.raises(Problem) as problem:
        list(optouts.deliver(store, {}, NOON))
    assert problem.value.kind is Kind.UNKNOWN_CHANNEL
    assert [row.state for row in store.outbox.opt_outs()] == [OptOutState.QUEUED]
