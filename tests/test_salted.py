# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import hashlib
import hmac
import json
import time

import pytest

from artistguard import proof, wire
from artistguard.channels import lists, salted
from artistguard.channels.registry import Registry
from artistguard.errors import Kind, Stopped, Unreadable
from artistguard.models import Declaration, Subject
from artistguard.proof import Level, SaltedWhat, Standing
from fakes import at

SIGNER = proof.Signer(bytes(range(32)))
NOW = "2026-11-24T07:00:00Z"
SALT = bytes(range(32))
HELD = Standing()


def declaration(ident, subject=Subject.COPY, **changes):
    return Declaration(ident, subject, "Zoë Secret", NOW, wire.RESERVATION, **changes)


EVERYTHING = [
    declaration(
        "work",
        Subject.WORK,
        sha256="ab" * 32,
        md5="cd" * 16,
        fingerprints={"dct256/1": "0f" * 32, "phash64/1": "f0" * 8},
    ),
    declaration("copy", url="HTTPS://Example.org:443/ä.jpg", domain="example.org", dataset="laion"),
    declaration("again", url="https://example.org/%C3%A4.jpg"),
    declaration("site", Subject.DOMAIN, domain="ana.example"),
]


@pytest.fixture
def registry(tmp_path):
    registry = Registry(tmp_path / "registry", SIGNER, at(NOW))
    assert all(answer.receipt for answer in registry.deliver(EVERYTHING))
    return registry


def about(published):
    return json.loads((published.folder / lists.MANIFEST).read_bytes())["list"]


def test_what_is_opted_out_is_found_and_nothing_else(registry):
    published = salted.publish(registry)
    assert (published.opt_outs, published.hashes) == (4, 4)
    test = salted.load(published.folder, SIGNER.key)
    for found in (
        test.url("https://example.org/%c3%a4.jpg"),
        test.url("HTTPS://Example.org:443/ä.jpg"),
        test.url("https://ana.example/any.jpg"),
        test.url("http://deep.shop.ana.example:8080/any.jpg"),
        test.host("ana.example"),
        test.host("Shop.Ana.Example"),
        test.sha256("AB" * 32),
        test.md5("cd" * 16),
    ):
        assert found == HELD
    for missed in (
        test.url("https://example.org/b.jpg"),
        test.url("http://example.org/%C3%A4.jpg"),
        test.url("https://notana.example/"),
        test.url("no address"),
        test.host("example.org"),
        test.host("example"),
        test.host(""),
        test.sha256("cd" * 32),
        test.sha256("cd" * 16),
        test.md5("ab" * 16),
        test.md5("no hash"),
    ):
        assert missed is None


def test_nothing_of_what_is_opted_out_can_be_read(registry):
    published = salted.publish(registry)
    everything = b"".join(path.read_bytes() for path in published.folder.iterdir()).lower()
    for secret in ("example", "zoë", "laion", "ab" * 16, "cd" * 16, "0f" * 16, "f0" * 8):
        assert secret.encode() not in everything
    plain_hash = hashlib.sha256(b"ana.example").hexdigest()
    assert plain_hash[:32].encode() not in everything
    for line in (registry.folder / "log.jsonl").read_bytes().splitlines()[:-1]:
        assert proof.digest(line).encode() not in everything, "a receipt's hash would lead to it"


def test_the_order_of_the_lines_says_nothing(registry):
    lines = (salted.publish(registry).folder / salted.SALTED).read_bytes().splitlines()
    assert lines == sorted(lines)
    assert all(line.endswith(b" self-declared") for line in lines)


def test_the_hashes_can_be_made_by_the_written_rules_alone():
    """What the specification says, followed with nothing of ours."""
    for what, text in (
        (SaltedWhat.URL, "https://example.org/%C3%A4.jpg"),
        (SaltedWhat.SHA256, "ab" * 32),
        (SaltedWhat.MD5, "cd" * 16),
    ):
        message = what.value.encode() + b"\0" + text.encode()
        expected = hmac.new(SALT, message, hashlib.sha256).digest()[:16]
        assert proof.salted_hash(SALT, what, text) == expected
    expected = hashlib.pbkdf2_hmac("sha256", b"ana.example", SALT + b"domain", 1_000)[:16]
    assert proof.salted_hash(SALT, SaltedWhat.DOMAIN, "Ana.example.") == expected


def test_a_new_edition_has_a_new_salt_and_no_hash_of_the_old_one(registry):
    first = salted.publish(registry)
    before = about(first)["salt"], {*(first.folder / salted.SALTED).read_text().split()}
    assert salted.publish(registry) == first
    assert about(first)["salt"] == before[0], "as long as the log says the same, nothing changes"
    list(registry.withdraw(["copy"], NOW))
    second = salted.publish(registry)
    after = about(second)["salt"], {*(second.folder / salted.SALTED).read_text().split()}
    assert before[0] != after[0]
    assert before[1] & after[1] == {"self-declared"}
    assert second.opt_outs == 3


def test_each_hash_says_how_its_opt_out_stands(registry):
    own = proof.Ownership("own", "Zoë", proof.Method.DNS_TXT, "ana.example", "TXT seen", NOW)
    dispute = proof.Dispute("dispute", "copy", "Ben", "Not theirs.", NOW)
    assert all(answer.receipt for answer in registry.record([own, dispute]))
    folder = salted.publish(registry).folder
    test = salted.load(folder)
    assert test.host("ana.example") == Standing(Level.DOMAIN_VERIFIED)
    assert test.md5("cd" * 16) == Standing()
    assert test.url("https://example.org/ä.jpg") == Standing(), "the other of the two is undisputed"
    list(registry.withdraw(["again"], NOW))
    test = salted.load(salted.publish(registry).folder)
    assert test.url("https://example.org/ä.jpg") == Standing(disputed=True)


def test_a_spoilt_list_is_refused_and_written_again(registry):
    published = salted.publish(registry)
    for name in (salted.SALTED, lists.MANIFEST):
        path = published.folder / name
        good = path.read_bytes()
        path.write_bytes(good + b"x\n")
        with pytest.raises(Unreadable) as caught:
            salted.load(published.folder)
        assert caught.value.kind is Kind.LIST_UNREADABLE
        salted.publish(registry)
        assert salted.load(published.folder).host("ana.example") == HELD
    with pytest.raises(Unreadable):
        salted.load(published.folder, bytes(32))


def test_an_open_list_is_not_taken_for_a_salted_one(registry, tmp_path):
    for folder in (lists.publish(registry).folder, tmp_path):
        with pytest.raises(Unreadable) as caught:
            salted.load(folder)
        assert caught.value.kind is Kind.LIST_UNREADABLE


@pytest.mark.parametrize(
    "line", ["", "00", f"{'00' * 16}", f"{'00' * 16} divine", f"{'00' * 16} self-declared x"]
)
def test_what_is_no_line_of_a_salted_list_is_none(line):
    assert proof.parse_salted(line) is None


def test_a_place_that_cannot_be_written_is_told(registry):
    (registry.folder / "public-salted").write_bytes(b"a file where the folder should be")
    with pytest.raises(Stopped):
        salted.publish(registry)


def test_a_data_set_can_be_tested_at_the_pace_it_needs(registry):
    test = salted.load(salted.publish(registry).folder)
    before = time.process_time()
    for number in range(20_000):
        test.md5(f"{number:032x}")
    assert (time.process_time() - before) / 20_000 < 50e-6
