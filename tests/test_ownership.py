# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whose a domain is, with a real name server and a real https server on loopback."""

import base64
import json
import socket
import time
from datetime import date

import pytest

from artistguard import ownership, proof
from artistguard.errors import Kind, Offline, Refused
from artistguard.proof import Level, Method
from fakes import at
from hosts import certificate_for, name_server, web

SIGNER = proof.Signer(bytes(range(32)))
ARTIST = proof.Signer(bytes(32))
NOW = "2026-11-24T07:00:00Z"
LAST = date(2026, 12, 24)
CLOCK = at(NOW)
SIGN = ownership.challenge("ana.example", "acct-1", LAST, SIGNER)
DID = "did:web:ana.example"
PAGE = "https://ana.example/"
# Of did:key's own examples: the same 32 bytes, in both ways to write them.
KEY_AS_MULTIBASE = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
KEY_AS_HEX = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_for(tmp_path_factory.mktemp("tls"), "ana.example", "portfolio.example")


def refusal(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.kind


# --- the token ------------------------------------------------------------------------------------


def test_a_token_fits_one_domain_one_party_one_day_and_one_registry():
    others = [
        ownership.challenge("ana2.example", "acct-1", LAST, SIGNER),
        ownership.challenge("ana.example", "acct-2", LAST, SIGNER),
        ownership.challenge("ana.example", "acct-1", date(2026, 12, 25), SIGNER),
        ownership.challenge("ana.example", "acct-1", LAST, ARTIST),
    ]
    assert len({SIGN.token, *(other.token for other in others)}) == 5
    assert ownership.challenge("ana.example", "acct-1", LAST, SIGNER) == SIGN
    assert len(base64.b32decode(SIGN.token.upper())) * 8 >= 128


def test_the_record_is_written_as_the_draft_has_it():
    assert SIGN.record_name == "_artistguard-challenge.ana.example"
    assert SIGN.record_text == f"token={SIGN.token} expiry=2026-12-24"
    assert SIGN.meta_tag == f'<meta name="artistguard-verify" content="{SIGN.token}">'
    assert SIGN.file_address == "https://ana.example/.well-known/artistguard.txt"


@pytest.mark.parametrize(
    "domain",
    ["example", "com", "co.uk", "github.io", "Ana.example", "https://ana.example", "192.0.2.1", ""],
)
def test_what_nobody_can_hold_alone_gets_no_token(domain):
    kind = refusal(ownership.challenge, domain, "acct-1", LAST, SIGNER)
    assert kind is Kind.NOT_A_DOMAIN


def test_an_expired_token_is_not_looked_for():
    def must_not_be_asked(_):
        raise AssertionError

    late = at("2026-12-25T00:00:00Z")
    for check in (
        lambda: ownership.check_record(SIGN, [must_not_be_asked], late),
        lambda: ownership.check_page(SIGN, must_not_be_asked, late),
        lambda: ownership.check_file(SIGN, must_not_be_asked, late),
        lambda: ownership.check_did(SIGN, ARTIST.key, b"", must_not_be_asked, late),
    ):
        assert refusal(check) is Kind.CHALLENGE_EXPIRED


# --- the name system ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strings",
    [
        [SIGN.record_text],
        [SIGN.record_text[:20], SIGN.record_text[20:]],
        [SIGN.token],
        [f"TOKEN={SIGN.token} expiry=never other"],
    ],
)
def test_a_record_is_found_however_the_draft_lets_it_be_written(strings):
    other = ["token=somebodyelse expiry=never"]
    with name_server({SIGN.record_name: [other, strings]}) as resolve:
        shown = ownership.check_record(SIGN, [resolve], CLOCK)
    assert (shown.method, shown.place, shown.checked_at) == (Method.DNS_TXT, "ana.example", NOW)
    claim = shown.claim("claim-1", "Ana")
    assert proof.fault_in(claim) is None
    assert claim.method.level is Level.DOMAIN_VERIFIED


@pytest.mark.parametrize(
    "name, text",
    [
        (SIGN.record_name, f"token={SIGN.token[:-1]}"),
        (SIGN.record_name, f"expiry=never token={SIGN.token}"),
        (SIGN.record_name, f"token=x token={SIGN.token}"),
        (SIGN.record_name, "\u00e9" * 10),
        ("ana.example", SIGN.record_text),
        ("_artistguard-challenge.example", SIGN.record_text),
    ],
)
def test_any_other_record_shows_nothing(name, text):
    with name_server({name: [[text.encode()]]}) as resolve:
        assert refusal(ownership.check_record, SIGN, [resolve], CLOCK) is Kind.NOT_SHOWN


def test_a_record_that_one_resolver_does_not_see_is_not_shown():
    with (
        name_server({SIGN.record_name: [[SIGN.record_text]]}) as honest,
        name_server({}) as other,
    ):
        assert ownership.check_record(SIGN, [honest, honest], CLOCK)
        assert refusal(ownership.check_record, SIGN, [honest, other], CLOCK) is Kind.NOT_SHOWN
    assert refusal(ownership.check_record, SIGN, [], CLOCK) is Kind.NOT_SHOWN


def test_a_resolver_that_does_not_answer_is_no_answer():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolve = ownership.resolver("127.0.0.1", silent.getsockname()[1], seconds=0.2)
        with pytest.raises(Offline):
            ownership.check_record(SIGN, [resolve], CLOCK)


# --- pages and files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        f"<html><head>{SIGN.meta_tag}</head><body></body></html>",
        f"<META content='{SIGN.token}'\n NAME='artistguard-verify' />",
        f"<meta name=artistguard-verify content={SIGN.token}>",
        f"<!-- a comment --><meta charset=utf-8>\xff{SIGN.meta_tag}",
    ],
)
def test_a_meta_tag_in_the_head_is_found(certificate, page):
    with web(certificate, {PAGE: page.encode("latin-1")}) as fetch:
        shown = ownership.check_page(SIGN, fetch, CLOCK)
    assert (shown.method, shown.place) == (Method.META_TAG, "ana.example")
    assert proof.fault_in(shown.claim("claim-1", "Ana")) is None


@pytest.mark.parametrize(
    "page",
    [
        "",
        f"<body>{SIGN.meta_tag}",
        f"<!-- {SIGN.meta_tag} -->",
        f"<!-- {SIGN.meta_tag}",
        SIGN.meta_tag.replace("artistguard-verify", "description"),
        SIGN.meta_tag.replace(SIGN.token, SIGN.token + "x"),
        f"<p>{SIGN.token}</p>",
        "x" * (1 << 20) + SIGN.meta_tag,
    ],
)
def test_a_tag_where_a_visitor_could_have_put_it_shows_nothing(certificate, page):
    with web(certificate, {PAGE: page.encode()}) as fetch:
        assert refusal(ownership.check_page, SIGN, fetch, CLOCK) is Kind.NOT_SHOWN


@pytest.mark.parametrize("start", ["<", "<!--", "<a ", "<meta a='", "a=", "<meta " + " " * 1_990])
def test_no_page_takes_long_to_search(start):
    page = (start * (1 << 20))[: 1 << 20].encode()
    before = time.process_time()
    assert refusal(ownership.check_page, SIGN, lambda _: page, CLOCK) is Kind.NOT_SHOWN
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "text", [SIGN.token, f"token={SIGN.token}\n", f"# ours\r\n {SIGN.token} \r\n"]
)
def test_the_well_known_file_is_found(certificate, text):
    with web(certificate, {SIGN.file_address: text.encode()}) as fetch:
        shown = ownership.check_file(SIGN, fetch, CLOCK)
        assert (shown.method, shown.place) == (Method.WELL_KNOWN, "ana.example")
        other = ownership.challenge("portfolio.example", "acct-1", LAST, SIGNER)
        assert refusal(ownership.check_file, other, fetch, CLOCK) is Kind.NOT_SHOWN
    assert proof.fault_in(shown.claim("claim-1", "Ana")) is None


def test_a_profile_is_linked_by_what_it_says_of_a_domain_that_was_shown(certificate):
    profile = "https://portfolio.example/ana"
    own = ownership.Shown(Method.DNS_TXT, "ana.example", "TXT", NOW)
    for tag, linked in (
        ('<a href="https://ana.example/" rel="nofollow me">', True),
        ('<link rel=me href="https://www.ana.example/about">', True),
        ('<a href="https://ana.example/">', False),
        ('<a rel="me" href="https://ana.example.evil.example/">', False),
        ('<a rel="me" href="https://evil.example/?https://ana.example/">', False),
        ('<!-- <a rel="me" href="https://ana.example/"> -->', False),
        ('<a rel="home" href="https://ana.example/">', False),
    ):
        with web(certificate, {profile: f"<body>{tag}".encode()}) as fetch:
            if linked:
                shown = ownership.check_profile(profile, own, fetch, CLOCK)
                claim = shown.claim("claim-1", "Ana")
                assert proof.fault_in(claim) is None
                assert claim.method.level is Level.PROFILE_LINKED
            else:
                kind = refusal(ownership.check_profile, profile, own, fetch, CLOCK)
                assert kind is Kind.NOT_SHOWN, tag
    for bad in ("http://portfolio.example/ana", "javascript:1", ""):
        kind = refusal(ownership.check_profile, bad, own, lambda _: b"", CLOCK)
        assert kind is Kind.NOT_A_DOMAIN


# --- did:web --------------------------------------------------------------------------------------


def did_document(method=None, **changes):
    method = {"id": f"{DID}#1", "type": "Multikey", "controller": DID} | (
        method or {"publicKeyMultibase": KEY_AS_MULTIBASE}
    )
    document = {"id": DID, "verificationMethod": [method], "assertionMethod": [f"{DID}#1"]}
    return json.dumps(document | changes).encode()


def check_did(certificate, body, signature=None):
    signature = signature or ARTIST.sign(SIGN.token.encode())
    with web(certificate, {f"https://ana.example{ownership.DOCUMENT}": body}) as fetch:
        return ownership.check_did(SIGN, ARTIST.key, signature, fetch, CLOCK)


AS_JWK = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": base64.urlsafe_b64encode(bytes.fromhex(KEY_AS_HEX)).decode().rstrip("="),
}
INSIDE = {"id": "#2", "publicKeyMultibase": KEY_AS_MULTIBASE}


@pytest.mark.parametrize(
    "body",
    [
        did_document(),
        did_document({"publicKeyJwk": AS_JWK}),
        did_document({"id": "#1", "publicKeyJwk": AS_JWK}),
        did_document(assertionMethod=["#1"]),
        did_document(verificationMethod=[], assertionMethod=[INSIDE]),
    ],
)
def test_a_key_that_the_document_lets_speak_is_bound(certificate, body):
    assert ARTIST.key.hex() == KEY_AS_HEX
    shown = check_did(certificate, body)
    assert (shown.method, shown.place, shown.key) == (Method.DID_WEB, "ana.example", KEY_AS_HEX)
    claim = shown.claim("claim-1", "Ana")
    assert proof.fault_in(claim) is None
    assert claim.method.level is Level.CRYPTOGRAPHICALLY_BOUND


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"\xff",
        did_document(id="did:web:evil.example"),
        did_document(assertionMethod=[]),
        did_document(assertionMethod=[f"{DID}#2"]),
        did_document(assertionMethod=[1, None, {}]),
        did_document(assertionMethod=[{"id": f"{DID}#1"}], verificationMethod=[]),
        did_document(verificationMethod="x"),
        did_document({"publicKeyMultibase": KEY_AS_MULTIBASE[:-1]}),
        did_document({"publicKeyJwk": AS_JWK | {"crv": "X25519"}}),
        did_document({"publicKeyHex": KEY_AS_HEX}),
    ],
)
def test_any_other_document_binds_nothing(certificate, body):
    assert refusal(check_did, certificate, body) is Kind.NOT_SHOWN


def test_whoever_does_not_hold_the_key_cannot_claim_it(certificate):
    for signature in (SIGNER.sign(SIGN.token.encode()), ARTIST.sign(b"another token"), b"x"):
        assert refusal(check_did, certificate, did_document(), signature) is Kind.NOT_SHOWN
