# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The directory says of the log what the log says, whatever was filed, withdrawn or restarted."""

import json
from dataclasses import replace

import pytest

from artistguard import proof, wire
from artistguard.channels.registry import Registry
from artistguard.models import Declaration, Subject
from artistguard.server import directory as directories
from artistguard.server import spawning
from artistguard.server.directory import Directory, key, url_key
from fakes import at

COPY = Declaration(
    id="",
    subject=Subject.COPY,
    declarant="An artist",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
)
AT = "2026-11-24T08:00:00Z"


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "registry", proof.Signer(bytes(32)), at("2026-11-24T07:00:00Z"))


@pytest.fixture
def opened(registry, tmp_path):
    """Opens the directory of the registry's log."""
    return lambda: Directory(registry.storage, tmp_path / "directory")


def copies(numbers):
    return [
        replace(COPY, id=f"c{n}", url=f"https://a.test/{n}.jpg", md5=f"{n:032x}") for n in numbers
    ]


def file(registry, declarations, party=None):
    answers = list(registry.deliver(declarations, party))
    assert all(answer.receipt for answer in answers)


def urls(numbers):
    return [url_key(b"https://a.test/%d.jpg" % n) for n in numbers]


def told(directory, numbers, least=1):
    return directory.ranks(urls(numbers), least).tolist()


@pytest.mark.parametrize("held", [1, 7, 1_000])
def test_what_is_filed_is_found_and_what_is_withdrawn_is_not(registry, opened, monkeypatch, held):
    monkeypatch.setattr(directories, "HELD", held)
    directory = opened()
    file(registry, copies(range(100)))
    directory.catch_up()
    list(registry.withdraw(["c7", "c50", "c99"], AT))
    directory.catch_up()
    expected = [int(n < 100 and n not in (7, 50, 99)) for n in range(110)]
    assert told(directory, range(110)) == expected
    assert told(opened(), range(110)) == expected  # after a restart
    file(registry, copies(range(100, 105)))
    again = opened()
    assert told(again, range(106)) == expected[:100] + [1] * 5 + [0]
    assert again.ranks([key("md5", f"{3:032x}"), key("md5", f"{7:032x}")], 1).tolist() == [1, 0]
    assert json.loads(again.line(key("id", "c3")))["entry"]["id"] == "c3"
    assert json.loads(again.line(key("withdrawal", "c7")))["entry"]["kind"] == "withdrawal"
    assert again.line(key("id", "nobody")) is None


def test_an_address_stays_opted_out_while_anyone_asks_for_it(registry, opened):
    file(registry, [*copies([1]), replace(copies([1])[0], id="other")])
    list(registry.withdraw(["c1"], AT))
    assert told(opened(), [1]) == [1]
    list(registry.withdraw(["other"], AT))
    assert told(opened(), [1]) == [0]


@pytest.mark.parametrize("harm", ["manifest", "table", "gone", "newer"])
def test_files_that_are_damaged_or_gone_are_made_again_from_the_log(
    registry, opened, monkeypatch, tmp_path, harm
):
    monkeypatch.setattr(directories, "HELD", 5)
    file(registry, copies(range(20)))
    opened()
    manifest = tmp_path / "directory" / "directory.json"
    tables = sorted((tmp_path / "directory").glob("*.keys"))
    match harm:
        case "manifest":
            manifest.write_text("{")
        case "table":
            tables[0].write_bytes(b"")
        case "gone":
            tables[0].unlink()
        case "newer":
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    assert told(opened(), range(21)) == [1] * 20 + [0]


def test_another_log_in_its_place_is_read_from_the_start(registry, opened):
    file(registry, copies(range(20)))
    directory = opened()
    log = registry.folder / "log.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:5]))
    directory.catch_up()
    assert told(directory, range(5)) == [1, 1, 1, 0, 0]


def test_levels_follow_what_was_found_about_the_party(registry, opened):
    domain = replace(COPY, id="d", subject=Subject.DOMAIN, domain="a.test")
    file(registry, [*copies([1]), domain], "artist")
    directory = opened()
    assert told(directory, [1], 3) == [1]
    assert directory.host_rank("www.a.test", 3) == 1
    asked = b"https://a.test/1.jpg\nhttps://www.a.test/2.jpg\nhttps://aa.test/"
    assert opted_out(directory, asked, 1) == [True, False, False]  # anyone can name a domain
    assert opted_out(directory, asked, 3) == [False, False, False]
    owner = proof.Ownership("o", "An artist", proof.Method.DNS_TXT, "a.test", "seen", AT)
    [answer] = registry.record([owner], "artist")
    assert answer.receipt
    directory.catch_up()
    assert told(directory, [1], 3) == [3]
    assert opted_out(directory, asked, 3) == [True, True, False]
    assert opted_out(directory, asked, 4) == [False, False, False]
    assert opted_out(opened(), asked, 3) == [True, True, False]
    list(registry.record([proof.Revocation("o", AT)], "artist"))
    directory.catch_up()
    assert opted_out(directory, asked, 3) == [False, False, False]


def opted_out(directory, body, least):
    return [one["optOut"] for one in json.loads(spawning.answer(directory, body, least))["urls"]]
