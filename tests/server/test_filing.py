# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opt-outs filed with a server are filed as at home: once each, with a receipt, for ever."""

import json
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from artistguard import proof, protocol, wire
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import NotSignedIn
from artistguard.models import Answer, Declaration, Subject
from servers import serving

WORK = Declaration(
    id="work-1",
    subject=Subject.WORK,
    declarant="An artist",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
    sha256="ab" * 32,
    md5="cd" * 16,
    fingerprints={"phash64/1": "0" * 16},
    standing=True,
)
AT = "2026-11-24T08:00:00Z"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def a():
    """An id that no other test uses."""
    return str(uuid4())


@pytest.fixture
def b():
    """Another one."""
    return str(uuid4())


def works(*names):
    return [replace(WORK, id=name) for name in names]


def deliver(running, declarations, key=None):
    with running.caller(key) as caller:
        return list(RemoteRegistry(caller).deliver(declarations))


def withdraw(running, ids, key=None):
    with running.caller(key) as caller:
        return list(RemoteRegistry(caller).withdraw(ids, AT))


def log(running):
    return running.options.folder / "registry" / "log.jsonl"


def logged(running):
    return log(running).read_text() if log(running).exists() else ""


def test_receipts_from_a_server_are_lines_of_its_log_and_verify_with_the_file_alone(
    running, tmp_path, a, b
):
    answers = deliver(running, works(a, b))
    assert [(one.id, one.answer) for one in answers] == [(a, Answer.FILED), (b, Answer.FILED)]
    lines = log(running).read_bytes().splitlines(keepends=True)
    for answer in answers:
        assert answer.receipt in lines
        receipt = tmp_path / "receipt.json"
        receipt.write_bytes(answer.receipt)
        assert proof.check_file(receipt).valid
    assert proof.check_file(log(running)).valid


def test_sending_again_files_nothing_again_and_gives_the_same_receipt(running, a, b):
    first = deliver(running, works(a))
    again = deliver(running, works(a, b))
    assert [one.answer for one in again] == [Answer.ALREADY_FILED, Answer.FILED]
    assert again[0].receipt == first[0].receipt


def test_ids_are_kept_through_a_restart(tmp_path, a):
    with serving(tmp_path) as running:
        first = deliver(running, works(a))
    with serving(tmp_path) as running:
        again = deliver(running, works(a))
        withdrawn = withdraw(running, [a])
    assert again[0].answer is Answer.ALREADY_FILED
    assert again[0].receipt == first[0].receipt
    assert withdrawn[0].answer is Answer.FILED


def test_an_entry_at_fault_is_refused_by_itself(running, a, b):
    faulty = replace(WORK, id="bad", sha256="no hash")
    answers = deliver(running, [*works(a), faulty, *works(b)])
    assert [one.answer for one in answers] == [Answer.FILED, Answer.REFUSED, Answer.FILED]
    assert answers[1].reason == "sha256"


def test_what_one_account_filed_no_other_can_withdraw_or_file_under(running, a):
    other = running.key_of("other", "declare")
    deliver(running, works(a))
    [answer] = withdraw(running, [a], other)
    assert (answer.answer, answer.reason) == (Answer.REFUSED, "unknown_id")
    [answer] = deliver(running, works(a), other)
    assert (answer.answer, answer.reason) == (Answer.REFUSED, "id_taken")
    [answer] = withdraw(running, [a])
    assert answer.answer is Answer.FILED


def test_a_new_key_of_the_same_account_goes_on_where_the_old_one_ended(running, a):
    deliver(running, works(a))
    [answer] = withdraw(running, [a], running.key_of("artist", "declare"))
    assert answer.answer is Answer.FILED


def test_withdrawn_twice_is_withdrawn_once(running, a):
    deliver(running, works(a))
    first, again = withdraw(running, [a]), withdraw(running, [a])
    assert [first[0].answer, again[0].answer] == [Answer.FILED, Answer.ALREADY_FILED]
    assert first[0].receipt == again[0].receipt


@pytest.mark.parametrize("scopes", [("search",), ("admin",)])
def test_filing_needs_a_key_that_may_declare(running, scopes, a):
    with pytest.raises(NotSignedIn):
        deliver(running, works(a), running.key_of("reader", *scopes))
    assert a not in logged(running)


def post(running, path, body, key=None):
    headers = {"Authorization": f"Bearer {key or running.key}"}
    return httpx.post(running.url + path, content=body, headers=headers, trust_env=False)


@pytest.mark.parametrize(
    "body, reason",
    [
        (b"", "json"),
        (b"[]", "json"),
        (b"{", "json"),
        (b'{"opt_outs": NaN}', "json"),
        (b"[" * 100_000, "json"),
        (b'{"opt_outs": {}}', "opt_outs"),
        (b'{"opt_outs": [' + b"1" * 5_000 + b"]}", "json"),
        (b"\xff\xfe", "json"),
    ],
)
def test_a_request_that_is_none_is_refused_and_nothing_is_filed(running, body, reason):
    before = logged(running)
    answer = post(running, protocol.OPT_OUTS, body)
    assert (answer.status_code, answer.json()) == (400, {"reason": reason})
    assert logged(running) == before


@pytest.mark.parametrize(
    "entry, ident, reason",
    [
        (1, "?", "id"),
        ({}, "?", "id"),
        ({"id": "a"}, "a", "entry"),
        (
            {"id": "a'; DROP TABLE artistguard_claims; --"},
            "a'; DROP TABLE artistguard_claims; --",
            "entry",
        ),
        ({"id": "a", "picture": {}, "place": {}, "wish": {}}, "a", "wish"),
        ({"id": "x" * 65, "picture": {}, "place": {}, "wish": {}}, "x" * 64, "wish"),
    ],
)
def test_an_entry_of_another_shape_is_answered_by_itself(running, a, entry, ident, reason):
    good = json.loads(wire.spell_declaration(replace(WORK, id=a)))
    answer = post(running, protocol.OPT_OUTS, json.dumps({"opt_outs": [entry, good]}))
    refused, filed, end = map(json.loads, answer.text.splitlines())
    assert refused == {"id": ident, "status": 400, "reason": reason}
    assert (filed["id"], filed["status"], end) == (a, 200, {"end": 2})


def test_ids_are_taken_for_text_and_nothing_else(running):
    injected = "a' OR '1'='1"
    answer = post(
        running,
        protocol.OPT_OUTS,
        json.dumps({"opt_outs": [json.loads(wire.spell_declaration(replace(WORK, id=injected)))]}),
    )
    refused, _ = map(json.loads, answer.text.splitlines())
    assert (refused["status"], refused["reason"]) == (400, "id")


def test_anyone_who_may_search_can_read_a_receipt_by_its_id(running, a):
    [answer] = deliver(running, works(a))
    [withdrawn] = withdraw(running, [a])
    headers = {"Authorization": f"Bearer {running.key}"}
    found = httpx.get(running.url + protocol.OPT_OUTS + f"/{a}", headers=headers, trust_env=False)
    assert found.json() == {
        "receipt": answer.receipt.decode(),
        "withdrawal": withdrawn.receipt.decode(),
    }
    for path in ("/b", "/..%2f..%2faccounts.sqlite", "/%00"):
        found = httpx.get(running.url + protocol.OPT_OUTS + path, headers=headers, trust_env=False)
        assert found.status_code == 404


def record(running, key, *notices):
    """Files notices; the statuses and reasons of the answers."""
    answer = post(running, protocol.NOTICES, json.dumps({"notices": notices}), key)
    *lines, end = map(json.loads, answer.text.splitlines())
    assert end == {"end": len(notices)}
    return [(line["status"], line.get("reason")) for line in lines]


def notice(ident, kind, **members):
    return {"id": ident, "kind": kind, "notice": members}


def owns(ident, domain):
    return notice(
        ident,
        "ownership",
        declarant="An artist",
        method="dns-txt",
        level="domain-verified",
        place=domain,
        checked="a record was seen",
        checked_at=AT,
    )


def dispute(ident, of):
    return notice(ident, "dispute", of=of, claimant="Another", reason="It is mine.", raised_at=AT)


def test_anyone_with_a_key_can_dispute_and_only_who_checks_can_say_whose_a_place_is(running, a, b):
    other, admin = running.key_of("other", "declare"), running.key_of("clerk", "declare", "admin")
    deliver(running, works(a))
    assert record(running, other, dispute(b, a), dispute(b, a)) == [(200, None), (208, None)]
    assert record(running, running.key, dispute(b, a)) == [(409, "id_taken")]
    mine = owns(f"o-{a}", "artist.example")
    assert record(running, running.key, mine) == [(403, "ownership")]
    assert record(running, admin, mine) == [(400, "party")]
    assert record(running, admin, mine | {"party": "artist"}) == [(200, None)]
    assert proof.check_file(log(running)).valid


@pytest.mark.parametrize(
    "wrong, answer",
    [
        (5, (400, "id")),
        ({"id": "x"}, (400, "entry")),
        (notice("x", "rumour"), (400, "notice")),
        (notice("x", "dispute", of="x"), (400, "notice")),
        (dispute("x", "no such opt-out"), (400, "notice")),
        (dispute("x", "nothing"), (400, "of")),
        (notice("nothing", "revocation", revoked_at=AT), (404, "unknown_id")),
    ],
)
def test_a_notice_that_makes_no_sense_is_answered_by_itself(running, wrong, answer):
    assert record(running, running.key, wrong) == [answer]


def test_an_account_hears_who_disputes_its_own_opt_outs_until_that_is_taken_back(running, a, b):
    mine, other = running.key_of(f"artist-{a}", "declare"), running.key_of("other", "declare")

    def heard(key):
        with running.caller(key) as caller:
            return RemoteRegistry(caller).disputes()

    deliver(running, works(a), mine)
    assert heard(mine) == []
    assert record(running, other, dispute(b, a)) == [(200, None)]
    (said,) = heard(mine)
    assert (said.id, said.opt_out, said.claimant, said.reason) == (b, a, "Another", "It is mine.")
    assert said.channel.startswith("server:")
    assert b not in {one.id for one in heard(other)}
    assert record(running, other, notice(b, "revocation", revoked_at=AT)) == [(200, None)]
    assert heard(mine) == []


def test_an_account_can_list_what_it_has_filed_and_nothing_else(running, a, b):
    key = running.key_of(a, "declare")
    deliver(running, works(a), key)
    withdraw(running, [a], key)
    deliver(running, works(b))

    def listed(after):
        headers = {"Authorization": f"Bearer {key}"}
        path = f"{running.url}{protocol.OPT_OUTS}?after={after}"
        answer = httpx.get(path, headers=headers, trust_env=False)
        return answer.status_code, list(map(json.loads, answer.text.splitlines()))

    status, (first, second, end) = listed(0)
    assert (status, end) == (200, {"end": 2})
    assert [(one["id"], one["kind"]) for one in (first, second)] == [
        (a, "opt-out"),
        (a, "withdrawal"),
    ]
    assert listed(first["start"]) == (200, [second, {"end": 1}])
    for wrong in ("-2", "x", "1" * 30, "'"):
        assert listed(wrong)[0] == 400


def test_a_checkpoint_signs_how_far_the_log_has_come(running, a):
    deliver(running, works(a))
    headers = {"Authorization": f"Bearer {running.key}"}
    answer = httpx.get(running.url + protocol.CHECKPOINT, headers=headers, trust_env=False)
    checkpoint = proof.parse_checkpoint(answer.content).checkpoint
    assert checkpoint.size == log(running).read_bytes().count(b"\n")
