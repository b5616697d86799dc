# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import errno
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from artistguard import proof, wire
from artistguard.channels import Channel, locks, storage
from artistguard.channels.registry import Registry
from artistguard.errors import Damaged, Kind, Stopped
from artistguard.models import Answer, Declaration, Subject
from fakes import at

SIGNER = proof.Signer(bytes(range(32)))
OTHER = proof.Signer(bytes(32))
NOW = "2026-11-24T07:00:00Z"


def declaration(ident="a", **changes):
    values = {
        "id": ident,
        "subject": Subject.COPY,
        "declarant": "Ana",
        "declared_at": NOW,
        "reservation": wire.RESERVATION,
        "url": f"https://example.org/{ident}.jpg",
    }
    return Declaration(**values | changes)


def open_registry(tmp_path, signer=SIGNER):
    return Registry(tmp_path / "registry", signer, at(NOW))


def deliver(registry, *idents):
    return list(registry.deliver([declaration(ident) for ident in idents]))


def log_lines(tmp_path):
    return (tmp_path / "registry" / "log.jsonl").read_bytes().splitlines(keepends=True)


def kinds(tmp_path):
    return [json.loads(line)["entry"]["kind"] for line in log_lines(tmp_path)]


def ids(tmp_path, kind="opt-out"):
    entries = [json.loads(line)["entry"] for line in log_lines(tmp_path)]
    return [entry["id"] for entry in entries if entry["kind"] == kind]


def test_a_registry_is_a_channel_that_keeps_everything_here(tmp_path):
    registry: Channel = open_registry(tmp_path)
    assert (registry.name, registry.leaves_machine) == ("registry", False)
    assert list(registry.deliver([])) == []
    assert not (tmp_path / "registry").exists()


def test_what_is_filed_gets_a_receipt_that_stands_by_itself(tmp_path):
    (answer,) = deliver(open_registry(tmp_path), "a")
    assert (answer.id, answer.answer, answer.reason) == ("a", Answer.FILED, None)
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(answer.receipt)
    assert proof.check_file(receipt, SIGNER.key).valid
    assert proof.read_entry(answer.receipt.rstrip(b"\n")).declaration == declaration("a")
    assert answer.receipt == log_lines(tmp_path)[-1]


def test_the_key_and_the_text_are_in_the_log_before_the_first_opt_out(tmp_path):
    deliver(open_registry(tmp_path), "a", "b")
    assert kinds(tmp_path) == ["key", "terms", "opt-out", "opt-out"]
    terms = json.loads(log_lines(tmp_path)[1])["terms"]
    assert terms["text"] == wire.RESERVATIONS[wire.RESERVATION]


def test_sending_again_files_nothing_again_and_brings_the_same_receipt(tmp_path):
    first = deliver(open_registry(tmp_path), "a", "b")
    before = log_lines(tmp_path)
    registry = open_registry(tmp_path)
    for again in (deliver(registry, "a", "b"), deliver(registry, "b", "a")[::-1]):
        assert [answer.answer for answer in again] == [Answer.ALREADY_FILED] * 2
        assert [answer.receipt for answer in again] == [answer.receipt for answer in first]
    assert log_lines(tmp_path) == before


def test_one_id_twice_in_a_batch_is_filed_once(tmp_path):
    first, second = deliver(open_registry(tmp_path), "a", "a")
    assert (first.answer, second.answer) == (Answer.FILED, Answer.ALREADY_FILED)
    assert first.receipt == second.receipt
    assert ids(tmp_path) == ["a"]


def test_more_than_a_batch_is_filed_batch_by_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(Registry, "batch", 3)
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), fsync(file)))
    answers = deliver(open_registry(tmp_path), *"abcdefg")
    assert [answer.id for answer in answers] == list("abcdefg")
    assert ids(tmp_path) == list("abcdefg")
    assert len(synced) == 3 + 1  # one for each batch, and one for the new file's name


def test_no_answer_is_given_before_the_batch_is_on_the_disk(tmp_path, monkeypatch):
    def fail(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    registry = open_registry(tmp_path)
    deliver(registry, "a")
    before = log_lines(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        answers = registry.deliver([declaration("b")])
        with pytest.raises(Stopped) as caught:
            next(answers)
    assert caught.value.kind is Kind.DISK_FULL
    assert log_lines(tmp_path) == before
    assert [answer.answer for answer in deliver(registry, "a", "b")] == [
        Answer.ALREADY_FILED,
        Answer.FILED,
    ]
    assert registry.verify().valid


def test_a_folder_that_cannot_be_written_stops_the_delivery(tmp_path):
    (tmp_path / "registry").write_bytes(b"a file where the folder should be")
    with pytest.raises(Stopped) as caught:
        deliver(open_registry(tmp_path), "a")
    assert caught.value.kind is Kind.DATA_NOT_WRITABLE


def test_a_withdrawal_is_added_and_erases_nothing(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a", "b")
    (answer,) = registry.withdraw(["a"], NOW)
    assert answer.answer is Answer.FILED
    entry = proof.read_entry(answer.receipt.rstrip(b"\n"))
    assert (entry.kind, entry.id, entry.withdrawn_at) == (proof.EntryKind.WITHDRAWAL, "a", NOW)
    assert ids(tmp_path) == ["a", "b"]
    (again,) = open_registry(tmp_path).withdraw(["a"], "2027-01-01T00:00:00Z")
    assert (again.answer, again.receipt) == (Answer.ALREADY_FILED, answer.receipt)
    assert ids(tmp_path, "withdrawal") == ["a"]
    assert registry.verify().valid


def test_what_was_never_filed_cannot_be_withdrawn(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    (unknown,) = registry.withdraw(["nobody"], NOW)
    assert (unknown.answer, unknown.reason) == (Answer.REFUSED, "unknown_id")
    (undated,) = registry.withdraw(["a"], "yesterday")
    assert (undated.answer, undated.reason) == (Answer.REFUSED, "withdrawn_at")


@pytest.mark.parametrize(
    "field, value",
    [
        ("id", ""),
        ("id", "a" * 65),
        ("id", 'a","kind":"key'),
        ("id", "a\nb"),
        ("declarant", ""),
        ("declarant", " "),
        ("declarant", "x" * 301),
        ("declarant", "two\nlines"),
        ("declarant", "\ud800"),
        ("declarant", "\u202egnp.exe"),
        ("declared_at", "2026-11-24"),
        ("declared_at", "2026-11-24T07:00:00"),
        ("declared_at", "2026-13-24T07:00:00Z"),
        ("declared_at", "now"),
        ("reservation", "reservation/999"),
        ("reservation", "consent"),
        ("url", ""),
        ("url", "ftp://example.org/a.jpg"),
        ("url", "javascript:alert(1)"),
        ("url", "file:///etc/passwd"),
        ("url", "https://"),
        ("url", "https://[::1"),
        ("url", " https://example.org/"),
        ("url", "https://example.org/\nhttps://example.com/"),
        ("url", "https://example.org/\u2028"),
        ("url", "https://example.org/" + "a" * 4_096),
        ("domain", ""),
        ("domain", "Example.org"),
        ("domain", "example.org/path"),
        ("domain", "a" * 64 + ".org"),
        ("domain", "example..org"),
        ("sha256", "ab" * 31),
        ("sha256", "AB" * 32),
        ("sha256", "zz" * 32),
        ("md5", "ab" * 32),
        ("width", 0),
        ("height", -1),
        ("width", 10**9),
        ("fingerprints", {"dct256": "00"}),
        ("fingerprints", {"dct256/1": "0"}),
        ("fingerprints", {"dct256/1": "00" * 1_025}),
        ("fingerprints", {f"x/{n}": "00" for n in range(1, 10)}),
        ("dataset", "x" * 301),
        ("dataset_version", "\0"),
        ("entry", ""),
    ],
)
def test_a_malformed_declaration_is_refused_by_the_name_of_its_fault(tmp_path, field, value):
    bad = declaration(**{"ident" if field == "id" else field: value})
    if field == "id":
        bad = declaration(value, url="https://example.org/")
    registry = open_registry(tmp_path)
    refused, filed = registry.deliver([bad, declaration("good")])
    assert (refused.answer, refused.reason, refused.receipt) == (Answer.REFUSED, field, None)
    assert filed.answer is Answer.FILED
    assert registry.verify().valid


@pytest.mark.parametrize(
    "bare",
    [
        declaration(subject=Subject.WORK),
        declaration(url=None, dataset="laion"),
        declaration(subject=Subject.DOMAIN),
        declaration(subject=Subject.DOMAIN, domain="localhost"),
        declaration(subject=Subject.DOMAIN, domain="192.0.2.1"),
    ],
)
def test_a_declaration_that_names_nothing_is_refused(tmp_path, bare):
    (answer,) = open_registry(tmp_path).deliver([bare])
    assert (answer.answer, answer.reason) == (Answer.REFUSED, "subject")


@pytest.mark.parametrize(
    "fine",
    [
        declaration(subject=Subject.WORK, url=None, sha256="ab" * 32),
        declaration(subject=Subject.WORK, url=None, fingerprints={"dct256/1": "00" * 32}),
        declaration(url=None, dataset="laion", entry="7"),
        declaration(url="http://192.0.2.1:8080/ä b.jpg", domain="192.0.2.1"),
        declaration(subject=Subject.DOMAIN, url=None, domain="xn--bcher-kva.example"),
        declaration(declared_at="2026-11-24T07:00:00.123456+01:00"),
    ],
)
def test_a_declaration_that_names_its_subject_is_filed(tmp_path, fine):
    (answer,) = open_registry(tmp_path).deliver([fine])
    assert answer.answer is Answer.FILED


def test_each_session_without_a_keyring_introduces_its_new_key(tmp_path):
    deliver(open_registry(tmp_path, SIGNER), "a")
    deliver(open_registry(tmp_path, OTHER), "b")
    deliver(open_registry(tmp_path, SIGNER), "c")
    registry = open_registry(tmp_path, OTHER)
    deliver(registry, "d")
    assert kinds(tmp_path) == ["key", "terms", "opt-out", "key", "opt-out", "opt-out", "opt-out"]
    assert "signed by 2 keys" in registry.verify().why


def test_a_log_is_held_against_what_was_kept_of_it(tmp_path):
    registry = open_registry(tmp_path)
    assert registry.compared().entries == 0
    receipts = [answer.receipt for answer in deliver(registry, "a", "b", "c")]
    assert registry.compared(receipts) == registry.state()
    path = tmp_path / "registry" / "log.jsonl"
    whole = path.read_bytes()

    def fault(*kept):
        with pytest.raises(Damaged) as caught:
            open_registry(tmp_path).compared(kept)
        return caught.value.facts["line"], caught.value.facts["part"]

    path.write_bytes(b"".join(log_lines(tmp_path)[:-1]))
    assert open_registry(tmp_path).compared(receipts[:2]).entries == 4
    assert fault(*receipts) == (5, "receipt")
    path.write_bytes(whole)
    registry.checkpoint()
    path.write_bytes(b"".join(log_lines(tmp_path)[:-1]))
    assert fault() == (5, "checkpoint")
    path.unlink()
    assert fault() == (1, "checkpoint")
    (tmp_path / "registry" / "checkpoint").unlink()
    assert fault(receipts[0]) == (3, "receipt")
    deliver(open_registry(tmp_path), "z", "y", "x")
    assert fault(receipts[0]) == (3, "receipt"), "of another log"
    assert fault(b"no receipt") == (1, "receipt")


def test_a_line_torn_by_a_power_cut_is_moved_aside_and_filed_anew(tmp_path):
    deliver(open_registry(tmp_path), "a", "b")
    path = tmp_path / "registry" / "log.jsonl"
    lines = log_lines(tmp_path)
    for torn in (lines[-1][:-1], lines[-1][: len(lines[-1]) // 2], b"{", bytes(100_000)):
        path.write_bytes(b"".join(lines[:-1]) + torn)
        registry = open_registry(tmp_path)
        assert not registry.verify().valid
        answers = deliver(registry, "a", "b")
        assert [answer.answer for answer in answers] == [Answer.ALREADY_FILED, Answer.FILED]
        assert registry.verify().valid
        assert torn + b"\n" in path.with_suffix(".torn").read_bytes()


def test_cut_off_anywhere_the_log_is_completed_by_sending_again(tmp_path):
    deliver(open_registry(tmp_path), *"abc")
    path = tmp_path / "registry" / "log.jsonl"
    whole = path.read_bytes()
    for size in range(0, len(whole), 89):
        path.write_bytes(whole[:size])
        registry = open_registry(tmp_path)
        assert len(deliver(registry, *"abc")) == 3
        assert path.read_bytes() == whole  # the same clock and key
    assert registry.verify().valid


def test_a_disk_that_fills_in_the_middle_of_a_line_leaves_the_log_whole(tmp_path):
    resource = pytest.importorskip("resource", reason="NOT TESTED here: no limit on file sizes")
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    path = tmp_path / "registry" / "log.jsonl"
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 2_000, hard))
    try:
        with pytest.raises(Stopped):
            deliver(registry, *"bcdefgh")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert all(answer.answer is Answer.FILED for answer in deliver(registry, *"bcdefgh"))
    assert registry.verify().valid


def test_a_torn_line_is_found_while_the_registry_is_open_too(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    with (tmp_path / "registry" / "log.jsonl").open("ab") as file:
        file.write(b'{"entry":')
    assert deliver(registry, "b")[0].answer is Answer.FILED
    assert registry.verify().valid


def test_any_other_damage_is_refused_with_its_place_and_nothing_is_added(tmp_path):
    deliver(open_registry(tmp_path), *"abc")
    path = tmp_path / "registry" / "log.jsonl"
    lines = log_lines(tmp_path)
    whole = b"".join(lines)

    def spoil(number, old, new):
        changed = lines[number - 1].replace(old, new)
        assert changed != lines[number - 1]
        return b"".join([*lines[: number - 1], changed, *lines[number:]])

    for body, line, part in (
        (spoil(2, b"Silence", b"Consent"), 2, "terms"),
        (spoil(3, b"a.jpg", b"x.jpg"), 3, "place"),
        (spoil(5, b"Ana", b"Eve"), 5, "wish"),
        (spoil(1, b'"seq":1', b'"seq":9'), 1, "entry"),
        (spoil(4, b'"kind":"opt-out"', b'"kind":"opt-in!"'), 4, "entry"),
        (whole.replace(lines[3], b""), 4, "link"),
        (whole.replace(lines[0], b""), 1, "link"),
        (whole + b"\n", 6, "byte 0"),
        (whole + lines[2], 6, "link"),
        (lines[0] + b"x" * 100_000 + whole, 2, "end"),
    ):
        path.write_bytes(body)
        registry = open_registry(tmp_path)
        for attempt in (lambda r=registry: deliver(r, "d"), registry.state):
            with pytest.raises(Damaged) as caught:
                attempt()
            assert caught.value.kind is Kind.REGISTRY_DAMAGED
            assert (caught.value.facts["line"], caught.value.facts["part"]) == (line, part)
        assert path.read_bytes() == body


def test_every_changed_byte_is_found_when_the_log_is_opened(tmp_path):
    deliver(open_registry(tmp_path), "a")
    path = tmp_path / "registry" / "log.jsonl"
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for position in range(last % 5, len(whole) - 1, 5):
        bad = bytearray(whole)
        bad[position] ^= 1
        path.write_bytes(bad)
        with pytest.raises(Damaged):
            open_registry(tmp_path).state()


def test_a_log_put_back_from_a_backup_is_read_anew(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    path = tmp_path / "registry" / "log.jsonl"
    backup = path.read_bytes()
    deliver(registry, "b")
    path.write_bytes(backup)
    assert deliver(registry, "b")[0].answer is Answer.FILED
    path.unlink()
    assert deliver(registry, "a")[0].answer is Answer.FILED
    assert registry.verify().valid


def test_what_another_process_adds_meanwhile_is_not_mixed_into_what_is_read(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a", "b")
    registry.state()
    in_force = registry.in_force()
    assert next(in_force)[0].id == "a"
    deliver(open_registry(tmp_path, OTHER), "c")
    assert [declared.id for declared, _ in in_force] == ["b"]
    registry.state()
    assert [declared.id for declared, _ in registry.in_force()] == ["a", "b", "c"]


def test_damage_done_while_the_registry_is_open_is_told_when_it_is_read(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    path = tmp_path / "registry" / "log.jsonl"
    path.write_bytes(bytes(path.stat().st_size - 1) + b"\n")
    with pytest.raises(Damaged):
        list(registry.in_force())


def test_a_byte_changed_while_the_registry_is_open_is_told_when_it_is_listed(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    path = tmp_path / "registry" / "log.jsonl"
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for old, new in (
        (b'"picture":{', b'"picture":['),
        (b'"url":', b'"uri":'),
        (b"https:", b"tttps:"),
    ):
        path.write_bytes(whole[:start] + whole[start:].replace(old, new))
        with pytest.raises(Damaged) as caught:
            list(registry.standings())
        assert caught.value.facts["line"] == 3


def test_an_empty_registry_is_valid(tmp_path):
    assert open_registry(tmp_path).verify().valid
    assert open_registry(tmp_path).state().entries == 0


def test_whoever_waits_too_long_for_another_writer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "PATIENCE", 0)
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    with (
        locks.held(tmp_path / "registry" / "log.lock", 0),
        pytest.raises(Stopped) as caught,
    ):
        deliver(registry, "b")
    assert caught.value.kind is Kind.REGISTRY_BUSY
    assert deliver(registry, "b")[0].answer is Answer.FILED


# --- several processes ----------------------------------------------------------------------------

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from artistguard import proof, wire
from artistguard.channels.registry import Registry
from artistguard.models import Declaration, Subject

folder, seed, name, count, batch = Path(sys.argv[1]), *sys.argv[2:6]
signer = proof.Signer(bytes.fromhex(seed))
registry = Registry(folder, signer, lambda: datetime.now(UTC))
wanted = [
    Declaration(f"{name}{n}", Subject.COPY, "Ana", "2026-11-24T07:00:00Z", wire.RESERVATION,
                url=f"https://example.org/{n}.jpg")
    for n in range(int(count))
]
for start in range(0, len(wanted), int(batch)):
    for answer in registry.deliver(wanted[start : start + int(batch)]):
        print(answer.id, answer.answer, flush=True)
"""


def start_writer(tmp_path, seed, name, count, batch):
    script = tmp_path / "writer.py"
    script.write_text(WRITER)
    values = [tmp_path / "registry", seed.hex(), name, count, batch]
    return subprocess.Popen(
        [sys.executable, str(script), *map(str, values)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )


def test_two_processes_that_append_at_once_never_mix(tmp_path):
    writers = [start_writer(tmp_path, bytes([n]) * 32, name, 60, 3) for n, name in enumerate("ab")]
    shared = start_writer(tmp_path, bytes(32), "a", 60, 7)  # the same ids as the first
    answers = [writer.communicate(timeout=60)[0] for writer in (*writers, shared)]
    assert all(writer.returncode == 0 for writer in (*writers, shared))
    assert sum(answer.count(" filed") for answer in answers) == 120
    assert sorted(ids(tmp_path)) == sorted(f"{name}{n}" for name in "ab" for n in range(60))
    assert open_registry(tmp_path).verify().valid


@pytest.mark.skipif(os.name == "nt", reason="NOT TESTED here: this system has no SIGKILL")
def test_killed_at_any_moment_it_loses_and_repeats_nothing(tmp_path):
    dice = random.Random(20)
    count = 400
    answered = set()
    for _ in range(8):
        writer = start_writer(tmp_path, bytes(32), "k", count, dice.choice((1, 5, 50)))
        for _ in range(len(answered) + dice.randrange(1, 40)):  # some way into what is new
            line = writer.stdout.readline()
            answered.add(line.split()[0])
        writer.send_signal(signal.SIGKILL)
        writer.stdout.close()
        writer.wait(timeout=60)
        assert answered <= set(ids(tmp_path)), "an answer was given that was not kept"
    last = start_writer(tmp_path, bytes(32), "k", count, 1_000)
    output, _ = last.communicate(timeout=60)
    assert len(output.splitlines()) == count
    assert sorted(ids(tmp_path)) == sorted(f"k{n}" for n in range(count))
    registry = open_registry(tmp_path)
    (body,) = registry.bundles([deliver(registry, "k7")[0].receipt])
    bundle = tmp_path / "bundle"
    bundle.write_bytes(body)
    assert proof.check_file(bundle, SIGNER.key).valid is False, "filed by the writers' key"
    assert proof.check_file(bundle).valid
    assert registry.verify([body]).valid
