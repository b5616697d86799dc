# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Domains are shown, mandates given and disputes raised, against real servers on loopback."""

import json
import socket
from datetime import date

import pyarrow.parquet as pq
import pytest

from artistguard import claims, cli, ownership, proof, secrets, wire
from artistguard.channels.registry import Registry
from artistguard.claims import Claims, Filed, Outside, Way
from artistguard.errors import Kind, Offline, Refused, Stopped
from artistguard.models import Declaration, Subject
from artistguard.proof import Level, Method, ProofRef
from fakes import KNOWN, FakeKeyring, at
from hosts import certificate_for, name_server, web

SIGNER = proof.Signer(bytes(range(32)))
NOW = "2026-11-24T07:00:00Z"
HOME = "https://ana.example/"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_for(tmp_path_factory.mktemp("tls"), "ana.example", "portfolio.example")


@pytest.fixture
def registry(tmp_path):
    registry = Registry(tmp_path / "registry", SIGNER, at(NOW))
    site = Declaration("site", Subject.DOMAIN, "Ana", NOW, wire.RESERVATION, domain="ana.example")
    assert all(answer.receipt for answer in registry.deliver([site]))
    return registry


@pytest.fixture
def ours(registry):
    return Claims(registry, "Ana", at(NOW))


def nowhere(_):
    raise AssertionError


def standing(registry):
    """How the site's opt-out stands in the public list."""
    (row,) = pq.read_table(registry.folder / "public" / "opt-outs.parquet").to_pylist()
    return ProofRef.parse(row["proof_ref"]).standing


# --- signs ----------------------------------------------------------------------------------------


def test_a_sign_is_good_until_the_end_of_the_next_month(ours):
    sign = ours.challenge("ana.example")
    assert sign.expires == date(2026, 12, 31)
    assert ours.challenge("HTTPS://Ana.Example/about") == sign


@pytest.mark.parametrize(
    "today, newest, oldest",
    [
        (date(2026, 12, 31), date(2027, 1, 31), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 2, 28), date(2027, 1, 31)),
        (date(2028, 1, 30), date(2028, 2, 29), date(2028, 1, 31)),
    ],
)
def test_two_signs_are_open_on_any_day(today, newest, oldest):
    assert ownership.last_days(today) == (newest, oldest)


def test_where_the_key_does_not_last_there_is_no_sign(registry):
    fleeting = Claims(registry, "Ana", at(NOW), lasting=False)
    with pytest.raises(Stopped) as raised:
        fleeting.challenge("ana.example")
    assert raised.value.kind is Kind.SIGN_NOT_KEPT


def test_a_domain_shown_by_dns_raises_the_level_in_the_public_list(registry, ours):
    sign = ours.challenge("ana.example")
    with name_server({sign.record_name: [[sign.record_text]]}) as resolve:
        (own,) = ours.check("ana.example", [Way.DNS], outside=Outside(nowhere, [resolve]))
    assert (own.method, own.place, own.declarant) == (Method.DNS_TXT, "ana.example", "Ana")
    assert standing(registry) == proof.Standing(Level.DOMAIN_VERIFIED, "ana.example")
    assert list(ours.all()) == [Filed(own, NOW, None, disputed=False)]


def test_last_months_sign_is_still_seen_and_the_one_before_is_not(registry, ours):
    sign = ours.challenge("ana.example")
    with name_server({sign.record_name: [[sign.record_text]]}) as resolve:
        outside = Outside(nowhere, [resolve])
        for day, seen in (("2026-12-31T23:59:59Z", True), ("2027-01-01T00:00:00Z", False)):
            later = Claims(registry, "Ana", at(day))
            (news,) = later.check("ana.example", [Way.DNS], outside=outside)
            assert isinstance(news, proof.Ownership) is seen


def test_without_a_way_named_each_is_tried_until_the_sign_is_seen(ours, certificate):
    sign = ours.challenge("ana.example")
    pages = {HOME: sign.meta_tag.encode(), sign.file_address: "https://elsewhere.example/"}
    with name_server({}) as resolve, web(certificate, pages) as fetch:
        outside = Outside(fetch, [resolve])
        *missed, own = ours.check("ana.example", outside=outside)
        assert [problem.kind for problem in missed] == [Kind.NOT_SHOWN, Kind.LEADS_ELSEWHERE]
        assert own.method is Method.META_TAG
        pages.clear()
        assert [news.kind for news in ours.check("ana.example", outside=outside)] == [
            Kind.NOT_SHOWN
        ] * 3
    assert [filed.notice for filed in ours.all()] == [own]


def test_a_domain_whose_document_names_the_key_is_bound_to_it(registry, ours, certificate):
    document = json.dumps(ownership.did_document("ana.example", SIGNER.key)).encode()
    pages = {f"https://ana.example{ownership.DOCUMENT}": document}
    with web(certificate, pages) as fetch:
        (own,) = ours.check("ana.example", [Way.DID], outside=Outside(fetch, []))
    assert own.key == SIGNER.key.hex()
    assert standing(registry).level is Level.CRYPTOGRAPHICALLY_BOUND


def test_a_profile_says_something_once_its_domain_was_shown(ours, certificate):
    profile = "https://portfolio.example/ana"
    sign = ours.challenge("ana.example")
    pages = {profile: b'<a rel="me" href="https://ana.example/">', HOME: sign.meta_tag.encode()}
    with web(certificate, pages) as fetch:
        outside = Outside(fetch, [])
        check = lambda way: list(ours.check("ana.example", [way], profile, outside))  # noqa: E731  # short
        (problem,) = check(Way.PROFILE)
        assert problem.kind is Kind.DOMAIN_NOT_SHOWN
        (own,) = check(Way.PAGE)
        (linked,) = check(Way.PROFILE)
        assert (linked.method.level, linked.place) == (Level.PROFILE_LINKED, profile)
        ours.revoke(own.id)
        assert [news.kind for news in check(Way.PROFILE)] == [Kind.DOMAIN_NOT_SHOWN]


def test_who_cannot_be_reached_has_not_shown_anything_and_nothing_is_filed(ours):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolve = ownership.resolver("127.0.0.1", silent.getsockname()[1], seconds=0.1)
        (news,) = ours.check("ana.example", [Way.DNS], outside=Outside(nowhere, [resolve]))
    assert isinstance(news, Offline)
    assert list(ours.all()) == []


# --- disputes and mandates ------------------------------------------------------------------------


def test_a_dispute_marks_and_is_answered_and_taken_back(registry, ours):
    dispute = ours.dispute("site", "It is mine.")
    assert isinstance(dispute, proof.Dispute)
    assert standing(registry).disputed
    answer = ours.dispute(dispute.id, "It is not.")
    assert isinstance(answer, proof.CounterClaim)
    assert isinstance(ours.dispute(answer.id, "It is."), proof.CounterClaim)
    ours.revoke(dispute.id)
    assert not standing(registry).disputed
    assert [filed.revoked_at for filed in ours.all()] == [NOW, None, None]


def test_what_is_not_there_can_be_neither_disputed_nor_taken_back(ours):
    for call in (lambda: ours.dispute("nothing", "Why"), lambda: ours.revoke("nothing")):
        with pytest.raises(Refused) as raised:
            call()
        assert (raised.value.kind, raised.value.facts) == (Kind.UNKNOWN_ID, {"id": "nothing"})


def test_what_the_registry_does_not_take_is_refused_by_its_field(ours):
    for field, call in (
        ("reason", lambda: ours.dispute("site", "x" * 2_001)),
        ("reason", lambda: ours.dispute("site", "two\nlines")),
        ("agency", lambda: ours.mandate("An agency", "An agency", date(2027, 1, 1))),
        ("until", lambda: ours.mandate("agency", "An agency", date(2026, 11, 23))),
        ("domain", lambda: ours.mandate("agency", "An agency", date(2027, 1, 1), "nowhere")),
    ):
        with pytest.raises(Refused) as raised:
            call()
        assert raised.value.facts["reason"] == field
    assert list(ours.all()) == []


def test_a_mandate_lasts_until_the_end_of_its_day(ours):
    mandate = ours.mandate("agency", "The Agency", date(2026, 11, 24), "ana.example")
    assert (mandate.since, mandate.until) == (NOW, "2026-11-25T00:00:00Z")
    disputed = ours.dispute(mandate.id, "Never agreed.")
    assert next(ours.all()) == Filed(mandate, NOW, None, disputed=True)
    assert disputed.of == mandate.id


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command on a machine with a keyring: exit status, lines, what was said beside them."""
    keyring = FakeKeyring()
    opened = secrets.open_vault
    monkeypatch.setattr(secrets, "open_vault", lambda data: opened(data, keyring, known=KNOWN))

    def call(*arguments, as_json=True):
        status = cli.main([*arguments, *(["--json"] if as_json else [])])
        said = capsys.readouterr()
        lines = [json.loads(line) for line in said.out.splitlines()] if as_json else said.out
        return status, lines, said.err

    return call


def test_the_sign_is_said_in_every_way_to_put_it_up(run):
    status, (sign,), _ = run("own", "challenge", "ana.example")
    assert status == 0
    status, prose, _ = run("own", "challenge", "ana.example", as_json=False)
    assert status == 0
    for name in ("record_name", "record_text", "meta_tag", "file_address", "did_address"):
        assert sign[name] in prose
    assert sign["did_document"]["verificationMethod"][0]["publicKeyMultibase"] in prose
    assert sign["expires"] in prose


def test_a_sign_that_is_seen_is_filed_and_listed(run, monkeypatch):
    _, (sign,), _ = run("own", "challenge", "ana.example")
    with name_server({sign["record_name"]: [[sign["record_text"]]]}) as resolve:
        monkeypatch.setattr(claims, "internet", lambda: Outside(nowhere, [resolve]))
        status, (own,), _ = run("own", "check", "ana.example", "--by", "dns")
        assert (status, own["level"], own["place"]) == (0, "domain-verified", "ana.example")
    assert run("own", "list")[1] == [own]
    assert run("own", "revoke", own["id"])[:1] == (0,)
    _, (listed,), _ = run("own", "list")
    assert listed["revoked_at"]
    assert run("own", "revoke", own["id"], "nothing")[0] == 1


def test_a_sign_that_is_not_seen_is_a_failure_with_the_sentence(run, monkeypatch, certificate):
    with name_server({}) as resolve, web(certificate, {}) as fetch:
        monkeypatch.setattr(claims, "internet", lambda: Outside(fetch, [resolve]))
        status, lines, said = run("own", "check", "ana.example")
        assert (status, lines) == (1, [])
        assert said.count("does not show the sign") == 3
        assert run("own", "check", "ana.example", "--profile", HOME)[0] == 1


def test_nobody_reached_is_status_three(run, monkeypatch):
    def away(_):
        raise Offline(Kind.NOBODY_ANSWERED, host="ana.example")

    monkeypatch.setattr(claims, "internet", lambda: Outside(away, [away]))
    status, lines, said = run("own", "check", "ana.example")
    assert (status, lines) == (3, [])
    assert "ana.example" in said


def test_what_makes_no_sense_is_unusable(run):
    for arguments in (
        ("own", "challenge", "com"),
        ("own", "check", "ana.example", "--by", "profile"),
        ("dispute", "nothing", "--why", "It is mine."),
        ("mandate", "--for", "The Agency", "--until", "2999-01-01"),
    ):
        status, lines, said = run(*arguments)
        assert (status, lines) == (2, [])
        assert len(said) > 20


def test_a_mandate_and_a_dispute_of_it_are_filed_and_listed(run):
    status, (mandate,), _ = run("mandate", "--for", "an.agency", "--until", "2999-01-01")
    assert (status, mandate["agency"], mandate["until"]) == (0, "an.agency", "2999-01-02T00:00:00Z")
    status, (dispute,), _ = run("dispute", mandate["id"], "--why", "Never agreed.")
    assert (status, dispute["kind"], dispute["of"]) == (0, "dispute", mandate["id"])
    status, listed, _ = run("own", "list")
    assert [each["disputed"] for each in listed] == [True, False]
    status, prose, _ = run("own", "list", as_json=False)
    assert "an.agency acts for you" in prose
    assert "disputed" in prose.splitlines()[0]


def test_a_machine_without_a_keyring_gives_no_sign(capsys):
    assert cli.main(["own", "challenge", "ana.example"]) == 2
    assert "keyring" in capsys.readouterr().err


def test_every_way_has_its_word_on_the_command_line():
    assert set(cli.commands.WAYS) == set(Way)
