# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What was filed is stamped by an authority of time, and OpenSSL agrees; nothing else passes."""

import contextlib
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artistguard import proof
from artistguard.errors import Kind, NotSignedIn, Problem, Refused, Unreadable
from artistguard.guard import Guard
from artistguard.models import Scope, SoughtRequests
from artistguard.proof import timestamps
from artistguard.stamping import Stamping
from authority import authority, openssl
from looking import FETCHER


class Clock:
    """A clock that is set by hand, and begins now: an authority's certificate is of today."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def tsa():
    with authority() as known:
        yield known


@pytest.fixture
def trusted(tsa):
    tsa.instead, tsa.asked = None, 0
    return tsa


@pytest.fixture
def guard(tmp_path, paint):
    """A guard with a filed work and no authority yet, which may call loopback."""
    clock = Clock()
    paint("art/1.png", 1)
    with closing(Guard(tmp_path / "data", clock)) as guard:
        for _ in guard.scan([str(tmp_path / "art")]):
            pass
        file(guard)
        guard.stamping = Stamping(
            guard.data,
            *(clock, lambda: guard.choices.settings, lambda: guard._registry),
            FETCHER().post,
        )
        yield guard


def file(guard):
    guard.opt_out(guard.plan(Scope.ALL))
    for _ in guard.deliver():
        pass


def choose(guard, authority, *, roots=True):
    guard.choices.arrange(
        authority=authority.url, authority_roots=str(authority.roots) if roots else None
    )


def test_one_stamp_shows_of_all_that_was_filed_that_it_was_there(guard, trusted, paint, tmp_path):
    choose(guard, trusted)
    stamped = guard.stamping.stamp()
    assert stamped.stamp.trusted
    assert stamped.stamp.authority == "CN=Authority of the tests"
    assert abs(stamped.stamp.at - datetime.now(UTC)) < timedelta(minutes=5)
    files = ("-data", stamped.path.with_suffix(".checkpoint"), "-in", stamped.path)
    assert b"Verification: OK" in openssl("ts", "-verify", *files, "-CAfile", trusted.roots)
    # What is filed later does not take the early stamp from what was there before.
    paint("art/2.png", 2)
    for _ in guard.scan():
        pass
    file(guard)
    receipts = [path for _, path in guard.export_receipts(tmp_path / "out")]
    receipts.sort(key=lambda path: proof.parse_bundle(path.read_bytes()).note.checkpoint.size)
    first, second = (proof.parse_bundle(path.read_bytes()) for path in receipts)
    assert second.note.checkpoint.size > stamped.entries
    assert first.note.checkpoint.size == stamped.entries
    chosen = guard.store.requests.seek(SoughtRequests(guard.acts.late()))
    assert [
        one for one in guard.acts.save(chosen, tmp_path / "few") if isinstance(one, Problem)
    ] == []
    assert (tmp_path / "few" / "receipts" / "stamps" / stamped.path.name).exists()
    copied = tmp_path / "out" / "stamps" / stamped.path.name
    checked = proof.check_file(copied)
    assert checked.valid
    assert "Authority of the tests" in checked.why
    note = copied.with_suffix(".checkpoint").read_bytes()
    assert receipts[0].read_bytes().endswith(note)


def test_without_a_root_certificate_it_is_said_that_nobody_vouches(guard, trusted):
    choose(guard, trusted, roots=False)
    stamped = guard.stamping.stamp()
    assert not stamped.stamp.trusted
    assert "no root certificate" in proof.check_file(stamped.path).why


def test_a_day_passes_before_what_is_new_is_stamped_by_itself(guard, trusted, paint, tmp_path):
    choose(guard, trusted)
    file(guard)
    assert trusted.asked == 1
    paint("art/2.png", 2)
    for _ in guard.scan():
        pass
    file(guard)
    assert trusted.asked == 1
    guard.clock.now += timedelta(days=1, minutes=1)
    file(guard)
    assert trusted.asked == 2
    guard.clock.now += timedelta(days=1, minutes=1)
    file(guard)  # nothing is new
    assert trusted.asked == 2
    first, second = guard.stamping.stamps.stamped()
    assert first.entries < second.entries


def test_an_authority_that_is_away_holds_up_nothing(guard, trusted):
    guard.choices.arrange(authority="http://127.0.0.1:9/", authority_roots=None)
    file(guard)
    assert Kind.NOBODY_ANSWERED in {notice.kind for notice in guard.notices}
    assert guard.summary().receipts


def test_no_authority_is_said(guard):
    with pytest.raises(NotSignedIn) as problem:
        guard.stamping.stamp()
    assert problem.value.kind is Kind.NO_AUTHORITY


def test_only_public_authorities_are_called(guard, trusted):
    choose(guard, trusted)
    with pytest.raises(Refused) as problem:
        Stamping(
            guard.data,
            *(guard.clock, lambda: guard.choices.settings, lambda: guard._registry),
        ).stamp()
    assert problem.value.kind is Kind.ADDRESS_NOT_PUBLIC
    assert trusted.asked == 0


@pytest.mark.parametrize(
    "instead",
    [b"<html>", b"0\x80", b"\0" * 100, b"0" * 70_000],
    ids=["page", "cut", "nulls", "long"],
)
def test_what_is_no_stamp_is_not_kept(guard, trusted, instead):
    choose(guard, trusted)
    trusted.instead = instead
    with pytest.raises(Unreadable) as problem:
        guard.stamping.stamp()
    assert problem.value.kind in {Kind.NOT_A_STAMP, Kind.FILE_TOO_LARGE}
    assert guard.stamping.stamps.stamped() == []


def test_an_answer_to_another_request_is_not_taken(guard, trusted):
    choose(guard, trusted)
    stamped = guard.stamping.stamp()
    trusted.instead = stamped.path.read_bytes()
    with pytest.raises(Unreadable) as problem:
        guard.stamping.stamp()
    assert problem.value.kind is Kind.CONTENT_CHANGED


def test_the_root_of_somebody_else_does_not_vouch(guard, trusted):
    with authority() as other:
        guard.choices.arrange(authority=trusted.url, authority_roots=str(other.roots))
        with pytest.raises(Unreadable) as problem:
            guard.stamping.stamp()
    assert problem.value.kind is Kind.SIGNATURE_WRONG


def test_a_stamp_beside_another_checkpoint_is_passed_over_and_told(guard, trusted):
    choose(guard, trusted)
    stamped = guard.stamping.stamp()
    note = stamped.path.with_suffix(".checkpoint")
    note.write_bytes(note.read_bytes().replace(b"\n", b"\n\n", 1))
    assert guard.stamping.stamps.stamped() == []
    checked = proof.check_file(stamped.path)
    assert not checked.valid
    note.unlink()
    assert not proof.check_file(stamped.path).valid


@pytest.fixture(scope="module")
def answer(tsa):
    tsa.instead = None
    query, nonce = timestamps.ask(b"message")
    return FETCHER().post(tsa.url, query, timestamps.QUERY, timestamps.MAX_ANSWER), nonce


def test_what_was_changed_anywhere_in_a_stamp_is_seen(answer, tsa):
    body, nonce = answer
    roots = timestamps.read_roots(tsa.roots.read_bytes())
    assert timestamps.check(body, b"message", roots, nonce).trusted
    missed = []
    for at in range(len(body)):
        changed = bytearray(body)
        changed[at] ^= 1
        with contextlib.suppress(Unreadable):
            missed.append(timestamps.check(bytes(changed), b"message", roots, nonce).at)
        with contextlib.suppress(Unreadable):  # nobody vouches, but it is said in words
            timestamps.check(bytes(changed), b"message")
    # A few bytes are no part of what is signed: they change nothing that is read from it.
    assert set(missed) <= {timestamps.check(body, b"message", roots, nonce).at}


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_words(body):
    with pytest.raises(Unreadable):
        timestamps.check(body, b"message")


def test_the_command_line_names_the_stamps(run, guard, tmp_path):
    status, _, said = run("stamp", "--data", guard.data)
    assert status == 3
    assert "authority" in said
    status, _, said = run(*("stamp", "--authority", "http://127.0.0.1:9/", "--data", guard.data))
    assert status == 2  # loopback is not public
