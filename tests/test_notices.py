# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import io
import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artistguard import proof, wire
from artistguard.channels import lists
from artistguard.channels.registry import Registry
from artistguard.errors import Kind, Unreadable
from artistguard.models import Answer, Declaration, Subject
from artistguard.proof import Level, Method, ProofRef, Standing

SIGNER = proof.Signer(bytes(range(32)))
OTHER = proof.Signer(bytes(32))
NOW = "2026-11-24T07:00:00Z"
ANA, BEN, AGENCY = "acct-ana", "acct-ben", "acct-agency"

OWNERSHIP = proof.Ownership("own-1", "Ana", Method.DNS_TXT, "ana.example", "TXT seen", NOW)
MANDATE = proof.Mandate(
    "mandate-1", AGENCY, "The agency", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"
)
DISPUTE = proof.Dispute("dispute-1", "a", "Ben", "It is my picture.", NOW)
COUNTER = proof.CounterClaim("counter-1", "dispute-1", "Ana", "Here is the sketch.", NOW)
REVOCATION = proof.Revocation("own-1", NOW)
EVERY_NOTICE = [OWNERSHIP, MANDATE, DISPUTE, COUNTER, REVOCATION]


class Clock:
    """Stands still until it is put forward."""

    def __init__(self):
        self.moment = NOW

    def __call__(self):
        return datetime.fromisoformat(self.moment)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def registry(tmp_path, clock):
    return Registry(tmp_path / "registry", SIGNER, clock)


def copy(ident="a", url=None, **changes):
    url = url or f"https://ana.example/{ident}.jpg"
    made = Declaration(ident, Subject.COPY, "Ana", NOW, wire.RESERVATION, url=url)
    return replace(made, **changes)


def file(registry, *declarations, party=None):
    answers = list(registry.deliver(declarations, party))
    assert all(answer.answer is Answer.FILED for answer in answers), answers


def record(registry, *notices, party=None):
    answers = list(registry.record(notices, party))
    assert all(answer.answer is Answer.FILED for answer in answers), answers


def refusals(answers):
    return [(answer.answer, answer.reason) for answer in answers]


def standings(registry):
    registry.state()
    found = {declaration.id: ref.standing for declaration, ref in registry.standings()}
    assert registry.verify().valid
    return found


# --- notices as entries ---------------------------------------------------------------------------


def test_every_notice_is_an_entry_with_a_receipt_that_says_the_same(tmp_path, registry):
    file(registry, copy(), party=ANA)
    for notice in EVERY_NOTICE:
        (answer,) = registry.record([notice], ANA)
        entry = proof.read_entry(answer.receipt[:-1])
        assert (entry.notice, entry.party, entry.holder) == (notice, ANA, ANA)
        receipt = tmp_path / "receipt"
        receipt.write_bytes(answer.receipt)
        assert proof.check_file(receipt, SIGNER.key).valid
    assert registry.verify().why.startswith("8 entries")


def test_an_ownership_names_its_level_beside_its_method(registry):
    (answer,) = registry.record([OWNERSHIP])
    document = json.loads(answer.receipt)
    assert document["seal"]["format"] == "artistguard-entry/2"
    assert document["notice"]["level"] == "domain-verified"
    assert document["notice"]["method"] == "dns-txt"
    assert proof.read_entry(answer.receipt[:-1]).holder == SIGNER.key.hex()


def test_an_opt_out_of_no_party_keeps_the_first_form_byte_for_byte(registry):
    for party, form in ((None, "artistguard-entry/1"), (ANA, "artistguard-entry/2")):
        (answer,) = registry.deliver([copy(f"of-{party}")], party)
        assert json.loads(answer.receipt)["seal"]["format"] == form


def sealed_entry(kind, ident, parts, form=proof.ENTRY_2):
    entry = {"at": NOW, "id": ident, "kind": kind, "prev": proof.NO_ENTRY, "seq": 1}
    return proof.seal(form, {**parts, "entry": entry}, SIGNER)


def notice_part(notice=OWNERSHIP, **changes):
    return {"notice": proof.notice_parts(notice)["notice"] | changes}


@pytest.mark.parametrize(
    "body",
    [
        sealed_entry("ownership", "own-1", notice_part(), proof.ENTRY),
        sealed_entry("ownership", "own-1", notice_part(level="cryptographically-bound")),
        sealed_entry("ownership", "own-1", notice_part(method="looks-good")),
        sealed_entry("ownership", "own-1", notice_part(more="x")),
        sealed_entry("ownership", "own-1", notice_part(id="own-2")),
        sealed_entry("ownership", "own-1", notice_part(place=1)),
        sealed_entry("ownership", "own-1", notice_part(declarant=None)),
        sealed_entry("ownership", "own-1", notice_part(key="00" * 32)),
        sealed_entry("ownership", "own-1", notice_part(MANDATE)),
        sealed_entry("ownership", "own-1", {}),
        sealed_entry("ownership", "own-1", {**notice_part(), "party": {"id": ""}}),
        sealed_entry("ownership", "own-1", {**notice_part(), "party": {"id": "x", "name": "y"}}),
        sealed_entry("ownership", "own-1", {**notice_part(), "party": {}}),
        sealed_entry("key", SIGNER.key.hex(), {"party": {"id": "x"}}),
        sealed_entry("key", SIGNER.key.hex(), {}),
        sealed_entry("opt-out", "a", wire.declaration_parts(copy())),
        sealed_entry(
            "opt-out", "a", {**wire.declaration_parts(copy()), "party": {"id": "x"}}, proof.ENTRY
        ),
    ],
)
def test_a_rightly_signed_entry_of_another_form_is_refused(body):
    with pytest.raises(Unreadable) as caught:
        proof.read_entry(body)
    assert caught.value.kind is Kind.NOT_A_RECEIPT


@pytest.mark.parametrize(
    "notice, fault",
    [
        (replace(OWNERSHIP, id="two words"), "id"),
        (replace(OWNERSHIP, place="https://ana.example/"), "place"),
        (replace(OWNERSHIP, place="example"), "place"),
        (replace(OWNERSHIP, method=Method.REL_ME), "place"),
        (replace(OWNERSHIP, method=Method.DID_WEB), "key"),
        (replace(OWNERSHIP, key="00" * 32), "key"),
        (replace(OWNERSHIP, checked="x" * 2_001), "checked"),
        (replace(OWNERSHIP, checked="two\nlines"), "checked"),
        (replace(OWNERSHIP, checked_at="yesterday"), "checked_at"),
        (replace(OWNERSHIP, declarant=""), "declarant"),
        (replace(MANDATE, until=MANDATE.since), "until"),
        (replace(MANDATE, since="2026-01-01"), "since"),
        (replace(MANDATE, agency="two words"), "agency"),
        (replace(MANDATE, domain="example"), "domain"),
        (replace(DISPUTE, of="nothing"), "of"),
        (replace(DISPUTE, reason=""), "reason"),
        (COUNTER, "of"),
        (replace(COUNTER, of="a"), "of"),
        (replace(OWNERSHIP, id="a"), "id"),
        (REVOCATION, "unknown_id"),
        (proof.Revocation("a", NOW), "unknown_id"),
    ],
)
def test_a_notice_at_fault_is_refused_by_the_name_of_its_fault(registry, notice, fault):
    file(registry, copy())
    (answer,) = registry.record([notice])
    assert (answer.answer, answer.reason) == (Answer.REFUSED, fault)
    assert registry.verify().valid


def test_sending_a_notice_again_files_nothing_again(registry):
    file(registry, copy(), party=ANA)
    first = list(registry.record(EVERY_NOTICE, ANA))
    again = list(registry.record(EVERY_NOTICE, ANA))
    assert [answer.answer for answer in again] == [Answer.ALREADY_FILED] * 5
    assert [answer.receipt for answer in again] == [answer.receipt for answer in first]
    changed = registry.record([replace(OWNERSHIP, place="other.example")], ANA)
    assert refusals(changed) == [(Answer.REFUSED, "id")]
    assert registry.verify().valid


def test_an_id_is_used_once_for_opt_outs_and_notices_together(registry):
    record(registry, OWNERSHIP)
    assert refusals(registry.deliver([copy("own-1")])) == [(Answer.REFUSED, "id")]


def test_only_its_own_party_takes_something_back(registry):
    file(registry, copy("a"), party=ANA)
    file(registry, copy("plain"))
    record(registry, OWNERSHIP, party=ANA)
    for stranger in (BEN, None):
        assert refusals(registry.withdraw(["a"], NOW, stranger)) == [(Answer.REFUSED, "unknown_id")]
        assert refusals(registry.record([REVOCATION], stranger)) == [(Answer.REFUSED, "unknown_id")]
    assert refusals(registry.withdraw(["plain"], NOW, BEN)) == [(Answer.REFUSED, "unknown_id")]
    assert refusals(registry.deliver([copy("a")], BEN)) == [(Answer.REFUSED, "id")]
    assert refusals(registry.withdraw(["a"], NOW, ANA)) == [(Answer.FILED, None)]
    record(registry, REVOCATION, party=ANA)
    assert registry.verify().valid


def log_of(*steps):
    lines, prev = [], proof.NO_ENTRY
    for seq, (kind, ident, parts) in enumerate(steps, 1):
        body = proof.write_entry(seq, prev, NOW, proof.EntryKind(kind), ident, parts, SIGNER)
        prev = proof.digest(body)
        lines.append(body + b"\n")
    return b"".join(lines)


def step(notice, party=None):
    return proof.kind_of(notice), notice.id, proof.notice_parts(notice, party)


def opt_out(party=None):
    parts = wire.declaration_parts(copy())
    return "opt-out", "a", {**parts, "party": {"id": party}} if party else parts


BEGIN = [
    ("key", SIGNER.key.hex(), {}),
    (
        "terms",
        wire.RESERVATION,
        {
            "terms": {
                "sha256": wire.reservation_sha256(wire.RESERVATION),
                "text": wire.RESERVATIONS[wire.RESERVATION],
            }
        },
    ),
]
TAKEN_BACK = {"withdrawal": {"withdrawn_at": NOW}}


@pytest.mark.parametrize(
    "steps",
    [
        [step(DISPUTE)],
        [step(COUNTER)],
        [step(REVOCATION)],
        [step(OWNERSHIP), step(OWNERSHIP)],
        [step(OWNERSHIP), step(REVOCATION), step(REVOCATION)],
        [step(OWNERSHIP, ANA), step(REVOCATION, BEN)],
        [step(OWNERSHIP, ANA), step(REVOCATION)],
        [opt_out(ANA), ("withdrawal", "a", TAKEN_BACK)],
        [opt_out(), step(replace(OWNERSHIP, id="a"))],
        [step(replace(OWNERSHIP, id="a")), opt_out()],
        [opt_out(), step(DISPUTE), step(replace(DISPUTE, id="d2", of="dispute-1"))],
        [opt_out(), step(replace(COUNTER, of="a"))],
    ],
)
def test_notices_that_do_not_follow_from_what_was_before_break_a_log(steps):
    with pytest.raises(Unreadable) as caught:
        list(proof.read_log(io.BytesIO(log_of(*BEGIN, *steps))))
    assert caught.value.kind is Kind.CHAIN_BROKEN
    assert caught.value.facts["line"] == 2 + len(steps)


values = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9) | st.just({"a": []})


@settings(deadline=None)
@given(
    kind=st.sampled_from(sorted(proof.EntryKind)),
    notice=st.sampled_from(EVERY_NOTICE),
    changes=st.dictionaries(st.text(max_size=5) | st.sampled_from(["level", "of", "key"]), values),
    party=st.none() | st.dictionaries(st.sampled_from(["id", "x"]), values),
)
def test_whatever_a_stranger_signs_is_read_or_refused_without_a_crash(kind, notice, changes, party):
    parts = notice_part(notice, **changes) | ({} if party is None else {"party": party})
    try:
        body = sealed_entry(kind, notice.id, parts)
    except ValueError:
        return  # no JSON
    try:
        entry = proof.read_entry(body)
    except Unreadable:
        return
    assert proof.fault_in(entry.notice) is None


# --- how an opt-out stands ------------------------------------------------------------------------


def test_what_nobody_vouches_for_is_self_declared(registry):
    file(registry, copy())
    assert standings(registry) == {"a": Standing()}


@pytest.mark.parametrize(
    "method, place, below",
    [
        (Method.DNS_TXT, "ana.example", True),
        (Method.META_TAG, "ana.example", False),
        (Method.WELL_KNOWN, "ana.example", False),
    ],
)
def test_a_domain_speaks_for_what_lies_there(registry, method, place, below):
    file(
        registry,
        copy("address"),
        copy("www", "https://www.ana.example/1.jpg"),
        copy("below", "https://shop.ana.example/1.jpg"),
        copy("elsewhere", "https://ben.example/1.jpg", domain="ana.example"),
        copy("alike", "https://notana.example/1.jpg"),
        copy("site", subject=Subject.DOMAIN, domain="ana.example"),
        copy("not-mine", subject=Subject.DOMAIN, domain="ben.example"),
        copy("work", subject=Subject.WORK, sha256="ab" * 32),
        party=ANA,
    )
    file(registry, copy("strangers"), party=BEN)
    record(registry, replace(OWNERSHIP, method=method, place=place), party=ANA)
    held = Standing(Level.DOMAIN_VERIFIED, place)
    expected = dict.fromkeys(("address", "www", "site", "work"), held)
    expected |= dict.fromkeys(("elsewhere", "alike", "not-mine", "strangers"), Standing())
    assert standings(registry) == expected | {"below": held if below else Standing()}


def test_a_profile_speaks_for_the_addresses_below_it(registry):
    profile = "https://portfolio.example/ana"
    file(
        registry,
        copy("itself", profile),
        copy("below", f"{profile}/1.jpg"),
        copy("alike", f"{profile}bel/1.jpg"),
        copy("other", "https://portfolio.example/ben/1.jpg"),
        copy("dotted", f"{profile}/../ben/1.jpg"),
        copy("hidden", f"{profile}/%2e%2E/ben/1.jpg"),
        copy("whole", profile, subject=Subject.DOMAIN, domain="portfolio.example"),
        party=ANA,
    )
    record(registry, replace(OWNERSHIP, method=Method.REL_ME, place=profile), party=ANA)
    held = Standing(Level.PROFILE_LINKED, profile)
    others = ("alike", "other", "dotted", "hidden", "whole")
    assert standings(registry) == {"itself": held, "below": held} | dict.fromkeys(
        others, Standing()
    )


def test_a_bound_key_speaks_for_all_that_it_seals(tmp_path, registry, clock):
    bound = replace(OWNERSHIP, method=Method.DID_WEB, key=SIGNER.key.hex())
    file(registry, copy("elsewhere", "https://stock.example/1.jpg"), copy("here"))
    other = Registry(tmp_path / "registry", OTHER, clock)
    file(other, copy("sealed-otherwise", "https://stock.example/2.jpg"))
    record(registry, bound)
    held = Standing(Level.CRYPTOGRAPHICALLY_BOUND, "ana.example")
    assert standings(registry) == {"elsewhere": held, "here": held, "sealed-otherwise": Standing()}


def test_the_strongest_word_counts_until_it_is_revoked(registry):
    file(registry, copy(), party=ANA)
    bound = replace(OWNERSHIP, id="own-2", method=Method.DID_WEB, key="00" * 32)
    record(registry, OWNERSHIP, bound, party=ANA)
    assert standings(registry)["a"].level is Level.CRYPTOGRAPHICALLY_BOUND
    record(registry, proof.Revocation("own-2", NOW), party=ANA)
    assert standings(registry)["a"].level is Level.DOMAIN_VERIFIED
    record(registry, proof.Revocation("own-1", NOW), party=ANA)
    assert standings(registry)["a"] == Standing()


def test_an_agency_acts_for_an_artist_while_its_mandate_lasts(registry, clock):
    record(registry, OWNERSHIP, replace(MANDATE, domain="ana.example"), party=ANA)
    clock.moment = "2025-12-31T23:59:59Z"
    file(registry, copy("before"), party=AGENCY)
    clock.moment = "2026-06-01T00:00:00Z"
    file(registry, copy("during"), party=AGENCY)
    file(registry, copy("others-site", "https://ben.example/1.jpg"), party=AGENCY)
    file(registry, copy("another-agency"), party=BEN)
    clock.moment = "2027-01-01T00:00:00Z"
    file(registry, copy("after", declared_at="2026-06-01T00:00:00Z"), party=AGENCY)
    held = Standing(Level.DOMAIN_VERIFIED, "ana.example", "mandate-1")
    expected = dict.fromkeys(("before", "others-site", "another-agency", "after"), Standing())
    assert standings(registry) == expected | {"during": held}


def test_a_revoked_mandate_covers_what_was_done_before_and_nothing_after(registry, clock):
    record(registry, OWNERSHIP, MANDATE, party=ANA)
    clock.moment = "2026-06-01T00:00:00Z"
    file(registry, copy("before"), party=AGENCY)
    clock.moment = "2026-07-01T00:00:00Z"
    record(registry, proof.Revocation("mandate-1", clock.moment), party=ANA)
    file(registry, copy("after"), party=AGENCY)
    assert standings(registry) == {
        "before": Standing(Level.DOMAIN_VERIFIED, "ana.example", "mandate-1"),
        "after": Standing(),
    }


def test_a_dispute_marks_and_erases_nothing(registry):
    file(registry, copy("a"), copy("b"), party=ANA)
    record(registry, OWNERSHIP, party=ANA)
    record(registry, DISPUTE, party=BEN)
    record(registry, COUNTER, party=ANA)
    held = Standing(Level.DOMAIN_VERIFIED, "ana.example")
    assert standings(registry) == {"a": replace(held, disputed=True), "b": held}
    record(registry, proof.Revocation("dispute-1", NOW), party=BEN)
    assert standings(registry) == {"a": held, "b": held}


def test_a_disputed_ownership_or_mandate_marks_all_that_rests_on_it(registry):
    record(registry, OWNERSHIP, MANDATE, party=ANA)
    file(registry, copy("a"), party=ANA)
    file(registry, copy("b"), party=AGENCY)
    a = Standing(Level.DOMAIN_VERIFIED, "ana.example")
    b = replace(a, mandate="mandate-1")
    assert standings(registry) == {"a": a, "b": b}
    record(registry, replace(DISPUTE, id="d1", of="mandate-1"), party=BEN)
    assert standings(registry) == {"a": a, "b": replace(b, disputed=True)}
    record(registry, replace(DISPUTE, id="d2", of="own-1"), party=BEN)
    marked = {"a": replace(a, disputed=True), "b": replace(b, disputed=True)}
    assert standings(registry) == marked
    record(registry, replace(OWNERSHIP, id="own-2", method=Method.META_TAG), party=ANA)
    assert standings(registry) == marked | {"a": a, "b": replace(b, disputed=True)}


# --- in the public list ---------------------------------------------------------------------------


def test_the_public_list_says_how_each_row_stands(registry):
    file(registry, copy("a"), copy("b", "https://stock.example/1.jpg"), party=ANA)
    first = lists.publish(registry)
    record(registry, OWNERSHIP, party=ANA)
    record(registry, DISPUTE, party=BEN)
    lists.publish(registry)
    lines = (first.folder / "opt-outs.jsonl").read_bytes().splitlines()
    rows = [*map(json.loads, lines)]
    refs = [ProofRef.parse(row["proof_ref"]) for row in rows]
    assert [str(ref) for ref in refs] == [row["proof_ref"] for row in rows]
    assert [ref.standing for ref in refs] == [
        Standing(Level.DOMAIN_VERIFIED, "ana.example", disputed=True),
        Standing(),
    ]
    assert rows[0]["proof_ref"].endswith(" by:ana.example disputed")


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("by", [None, "ana.example", "https://portfolio.example/ana"])
@pytest.mark.parametrize("mandate", [None, "mandate-1"])
@pytest.mark.parametrize("disputed", [False, True])
def test_a_proof_ref_is_read_as_it_was_written(level, by, mandate, disputed):
    ref = ProofRef(Standing(level, by, mandate, disputed), "ab" * 32)
    assert ProofRef.parse(str(ref)) == ref


@pytest.mark.parametrize(
    "text", ["", "self-declared", f"divine sha256:{'ab' * 32}", f"self-declared sha256:{'AB' * 32}"]
)
def test_what_is_no_proof_ref_is_none(text):
    assert ProofRef.parse(text) is None


def test_the_levels_are_in_order():
    assert [level.rank for level in Level] == [0, 1, 2, 3]
    assert Level("self-declared").rank < Level("domain-verified").rank
