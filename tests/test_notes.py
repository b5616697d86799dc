# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import json
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from artistguard import proof, wire
from artistguard.channels import lists
from artistguard.channels.registry import Registry
from artistguard.errors import Damaged, Kind, Unreadable
from artistguard.models import Declaration, Subject
from fakes import at

SIGNER = proof.Signer(bytes(range(32)))
OTHER = proof.Signer(bytes(32))
NOW = "2026-11-24T07:00:00Z"
ORIGIN = "example.org/log"
POINT = proof.Checkpoint(ORIGIN, 20_852_163, bytes(range(32)))


def declaration(ident):
    url = f"https://example.org/{ident}.jpg"
    return Declaration(ident, Subject.COPY, "Ana", NOW, wire.RESERVATION, url=url)


def open_registry(tmp_path, signer=SIGNER):
    return Registry(tmp_path / "registry", signer, at(NOW))


def deliver(registry, *idents):
    return [answer.receipt for answer in registry.deliver([*map(declaration, idents)])]


def check(tmp_path, body, key=None):
    path = tmp_path / "proof.file"
    path.write_bytes(body)
    return proof.check_file(path, key)


def log_of(tmp_path):
    return tmp_path / "registry" / "log.jsonl"


# --- checkpoints ----------------------------------------------------------------------------------


def test_a_checkpoint_is_written_as_the_published_form_has_it():
    note = proof.sign_checkpoint(POINT, SIGNER)
    text, _, signature = note.decode().partition("\n\n")
    assert text == f"{ORIGIN}\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert signature.startswith(f"\u2014 {ORIGIN} ")
    assert signature.endswith("\n")
    raw = base64.b64decode(signature.split(" ")[2])
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + SIGNER.key).digest()[:4]
    assert raw[:4] == key_id
    Ed25519PublicKey.from_public_bytes(SIGNER.key).verify(raw[4:], f"{text}\n".encode())


def test_the_example_note_of_the_first_implementation_is_read():
    """The key and signature that the Go library's documentation shows, on a text of its own."""
    key = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key[:1] == b"\x01"
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    signature = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    point = proof.Checkpoint("PeterNeumann", 1, bytes(32))
    note = proof.Note(point, text.encode(), (("PeterNeumann", signature),))
    assert note.signer({key[1:], OTHER.key}) == key[1:]
    changed = proof.Note(point, text.upper().encode(), (("PeterNeumann", signature),))
    with pytest.raises(Unreadable):
        changed.signer({key[1:]})


def test_a_checkpoint_is_read_as_the_value_that_was_signed():
    note = proof.parse_checkpoint(proof.sign_checkpoint(POINT, SIGNER))
    assert note.checkpoint == POINT
    assert note.signer({OTHER.key, SIGNER.key}) == SIGNER.key
    with pytest.raises(Unreadable) as caught:
        note.signer({OTHER.key})
    assert caught.value.kind is Kind.KEY_UNKNOWN


def test_signatures_of_others_stand_beside_and_do_not_count():
    note = proof.sign_checkpoint(POINT, SIGNER)
    line = note.decode().split("\n\n")[1]
    witness = line.replace(ORIGIN, "witness.example")
    for both in (note + witness.encode(), note.replace(line.encode(), f"{witness}{line}".encode())):
        read = proof.parse_checkpoint(both)
        assert len(read.signatures) == 2
        assert read.signer({SIGNER.key}) == SIGNER.key


def test_one_changed_byte_anywhere_in_a_checkpoint_fails(tmp_path):
    note = proof.sign_checkpoint(POINT, SIGNER)
    assert check(tmp_path, note, SIGNER.key).valid
    for position in range(len(note)):
        bad = bytearray(note)
        bad[position] ^= 1
        checked = check(tmp_path, bytes(bad), SIGNER.key)
        assert not checked.valid, position
        assert checked.where


def test_a_checkpoint_alone_says_nothing_without_the_key(tmp_path):
    note = proof.sign_checkpoint(POINT, SIGNER)
    assert not check(tmp_path, note).valid
    assert not check(tmp_path, note, OTHER.key).valid
    assert (
        check(tmp_path, note, SIGNER.key).why
        == "log of 20852163 entries, signed by the key you gave"
    )


@pytest.mark.parametrize(
    "old, new",
    [
        ("20852163", "020852163"),
        ("20852163", "-1"),
        ("20852163", "1e3"),
        ("20852163", "\u0661"),
        ("20852163", "9" * 5_000),
        (f"{ORIGIN}\n2", "\n2"),
        ("Hh8=\n", "Hh9=\n"),
        ("Hh8=\n", "Hh8\n"),
        ("Hh8=\n", "Hh8=\r\n"),
        ("Hh8=\n", "Hh8=\n\n\n"),
        ("AAECAw", "AAEC*w"),
        ("\u2014 ", "- "),
        (f"\u2014 {ORIGIN} ", f"\u2014 {ORIGIN}"),
        (f"\u2014 {ORIGIN} ", "\u2014 a+b "),
    ],
)
def test_what_is_not_a_checkpoint_to_the_letter_is_refused(old, new):
    note = proof.sign_checkpoint(POINT, SIGNER).decode()
    assert old in note
    with pytest.raises(Unreadable) as caught:
        proof.parse_checkpoint(note.replace(old, new).encode())
    assert caught.value.kind is Kind.NOT_A_RECEIPT


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_at_all_are_refused_without_a_crash(body):
    for read in (proof.parse_checkpoint, proof.parse_bundle, proof.read_known):
        with pytest.raises(Unreadable):
            read(body)


# --- receipts with their proof --------------------------------------------------------------------


def test_a_receipt_goes_out_with_the_proof_that_it_stands_in_the_log(tmp_path):
    registry = open_registry(tmp_path)
    receipts = deliver(registry, *"abcdefg")
    bundles = list(registry.bundles(receipts))
    assert len(bundles) == 7
    for seq, (receipt, body) in enumerate(zip(receipts, bundles, strict=True), 3):
        assert body.startswith(receipt), "the receipt itself stays as it was, byte for byte"
        checked = check(tmp_path, body, SIGNER.key)
        assert checked.valid
        assert checked.why == f"entry {seq} of 9, signed by the key you gave"
        assert check(tmp_path, body).valid
        assert not check(tmp_path, body, OTHER.key).valid
        assert check(tmp_path, receipt, SIGNER.key).valid, "and is good without its proof"


def test_the_proof_can_be_checked_by_the_published_rules_alone(tmp_path):
    """Followed with nothing of ours, for the second of three leaves: two hashes to the root."""
    registry = open_registry(tmp_path)
    (receipt,) = deliver(registry, "a")
    (body,) = registry.bundles([receipt])
    line, form, extra, index, *hashes, _, origin, size, root, _, signature, _ = body.decode().split(
        "\n"
    )
    assert (form, index, size) == ("c2sp.org/tlog-proof@v1", "index 2", "3")
    assert base64.b64decode(extra.removeprefix("extra ")) == SIGNER.key
    found = hashlib.sha256(b"\0" + line.encode()).digest()
    (left,) = map(base64.b64decode, hashes)
    assert base64.b64decode(root) == hashlib.sha256(b"\1" + left + found).digest()
    assert signature.startswith(f"\u2014 {origin} ")


def test_one_changed_byte_anywhere_in_a_receipt_with_proof_fails(tmp_path):
    registry = open_registry(tmp_path)
    receipts = deliver(registry, *"abcde")
    (body,) = registry.bundles(receipts[1:2])
    assert check(tmp_path, body).valid
    for position in range(len(receipts[1]) - 2, len(body)):
        for bit in (1, 32):
            bad = bytearray(body)
            bad[position] ^= bit
            checked = check(tmp_path, bytes(bad))
            assert not checked.valid, (position, bit)
            assert checked.where


def test_a_proof_of_another_entry_proves_nothing(tmp_path):
    registry = open_registry(tmp_path)
    first, second = registry.bundles(deliver(registry, "a", "b"))
    mixed = first.partition(b"\n")[0] + b"\n" + second.partition(b"\n")[2]
    checked = check(tmp_path, mixed)
    assert (checked.valid, checked.where) == (False, "inclusion")


def test_a_receipt_of_another_log_goes_out_as_it_is(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    (foreign,) = deliver(open_registry(tmp_path / "other"), "x")
    others = [foreign, b"no receipt", b"{}", b"[]", b'{"entry":{"seq":0}}', b'{"entry":{"seq":3}}']
    assert list(registry.bundles(others)) == others


def test_a_receipt_sealed_by_a_former_key_is_proven_by_the_present_one(tmp_path):
    (receipt,) = deliver(open_registry(tmp_path, OTHER), "a")
    (body,) = open_registry(tmp_path, SIGNER).bundles([receipt])
    checked = check(tmp_path, body)
    assert checked.valid
    assert "2 keys, which you must recognise yourself" in checked.why
    assert not check(tmp_path, body, SIGNER.key).valid


# --- a log against what is known of it ------------------------------------------------------------


def test_a_log_that_lost_its_end_is_found_by_anything_kept_from_it(tmp_path):
    registry = open_registry(tmp_path)
    receipts = deliver(registry, *"abc")
    (bundle,) = registry.bundles(receipts[:1])
    note = registry.checkpoint()
    folder = lists.publish(registry).folder
    manifest = (folder / lists.MANIFEST).read_bytes()
    whole = log_of(tmp_path).read_bytes()
    mirror = tmp_path / "mirror.jsonl"
    mirror.write_bytes(whole)
    for known in (receipts[2], bundle, note, manifest):
        assert proof.check_log(mirror, [known]).valid
        assert proof.check_log(mirror, [known], SIGNER.key).valid
    mirror.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])
    assert proof.check_file(mirror).valid, "cut off cleanly, the log alone shows nothing"
    for known in (receipts[2], bundle, note, manifest):
        kept = tmp_path / "kept"
        kept.write_bytes(known)
        checked = proof.check_consistency(mirror, [kept])
        assert (checked.valid, checked.where) == (False, "line 5")
    assert proof.check_log(mirror, [receipts[1]]).valid


def test_a_registry_finds_by_itself_that_its_log_lost_its_end(tmp_path):
    registry = open_registry(tmp_path)
    receipts = deliver(registry, *"abc")
    short = b"".join(log_of(tmp_path).read_bytes().splitlines(keepends=True)[:-1])
    assert registry.verify(receipts).valid
    log_of(tmp_path).write_bytes(short)
    assert registry.verify().valid
    assert registry.verify(receipts).where == "line 5"
    lists.publish(registry)
    deliver(registry, "d")
    registry.checkpoint()
    log_of(tmp_path).write_bytes(short)
    assert registry.verify().where == "line 5", "the last checkpoint knows"
    (tmp_path / "registry" / "checkpoint").unlink()
    assert registry.verify().valid
    log_of(tmp_path).write_bytes(short[: short.rindex(b"\n", 0, -1) + 1])
    assert registry.verify().where == "line 4", "the published list knows"
    log_of(tmp_path).unlink()
    assert not registry.verify().valid


def test_another_history_of_the_same_length_is_found(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a", "b")
    note = registry.checkpoint()
    receipt = deliver(registry, "c")[0]
    shutil.rmtree(tmp_path / "registry")
    deliver(open_registry(tmp_path), "a", "x", "c")
    assert proof.check_log(log_of(tmp_path)).valid
    checked = proof.check_log(log_of(tmp_path), [note])
    assert (checked.valid, checked.where) == (False, "line 4, checkpoint")
    assert proof.check_log(log_of(tmp_path), [receipt]).where == "line 5, checkpoint"


def test_what_a_stranger_signed_is_no_evidence(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    origin = proof.parse_checkpoint(registry.checkpoint()).checkpoint.origin
    forged = proof.sign_checkpoint(proof.Checkpoint(origin, 3, bytes(32)), OTHER)
    checked = proof.check_log(log_of(tmp_path), [forged])
    assert not checked.valid
    assert checked.why == "signed by another key than the one given"


def test_a_log_that_denies_its_checkpoint_is_signed_for_no_more(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a", "b")
    note = registry.checkpoint()
    shutil.move(log_of(tmp_path), tmp_path / "kept")
    deliver(open_registry(tmp_path), "a", "x", "y")
    for attempt in (
        open_registry(tmp_path).checkpoint,
        lambda: lists.publish(open_registry(tmp_path)),
    ):
        with pytest.raises(Damaged) as caught:
            attempt()
        assert caught.value.facts["part"] == "checkpoint"
    assert (tmp_path / "registry" / "checkpoint").read_bytes() == note
    shutil.move(tmp_path / "kept", log_of(tmp_path))
    assert open_registry(tmp_path).checkpoint() == note


def test_two_checkpoints_are_shown_to_be_of_one_log(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, *"abc")
    notes = [registry.checkpoint()]
    deliver(registry, *"defgh")
    notes.append(registry.checkpoint())
    old, new = (proof.parse_checkpoint(note).checkpoint for note in notes)
    assert proof.check_log(log_of(tmp_path), notes).valid
    assert (old.origin, old.size, new.size) == (new.origin, 5, 10)
    path = registry.consistency(old.size, new.size)
    assert proof.is_consistent(old.size, old.root, new.size, new.root, path)
    assert not proof.is_consistent(old.size, new.root, new.size, old.root, path)
    for sizes in ((0, 10), (11, 11), (5, 11), (6, 5)):
        with pytest.raises(ValueError, match=str(sizes[0])):
            registry.consistency(*sizes)


def test_a_mirror_is_kept_by_copying_files(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, *"abc")
    registry.checkpoint()
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    for name in ("log.jsonl", "checkpoint"):
        shutil.copy(tmp_path / "registry" / name, mirror)
    assert proof.check_consistency(mirror / "log.jsonl", [mirror / "checkpoint"]).valid


# --- the tree on the disk -------------------------------------------------------------------------


def expected_tree(tmp_path):
    frontier, nodes = proof.Frontier(), []
    for line in log_of(tmp_path).read_bytes().splitlines():
        nodes += frontier.append(proof.leaf_hash(line))
    return b"".join(nodes)


@pytest.mark.parametrize("damage", ["missing", "short", "long", "changed", "torn", "empty"])
def test_a_tree_that_is_not_what_the_log_says_is_made_again(tmp_path, damage):
    deliver(open_registry(tmp_path), *"abcde")
    path = tmp_path / "registry" / "tree"
    good = path.read_bytes()
    assert good == expected_tree(tmp_path)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {
                "short": good[:64],
                "long": good + bytes(64),
                "changed": good[:70] + b"!" + good[71:],
                "torn": good[:-5],
                "empty": b"",
            }[damage]
        )
    registry = open_registry(tmp_path)
    (bundle,) = registry.bundles(deliver(registry, "f"))
    assert path.read_bytes() == expected_tree(tmp_path)
    assert check(tmp_path, bundle).valid


def test_a_tree_that_is_cut_off_while_it_is_used_is_told(tmp_path):
    registry = open_registry(tmp_path)
    receipts = deliver(registry, "a", "b")
    registry.checkpoint()
    (tmp_path / "registry" / "tree").write_bytes(b"")
    with pytest.raises(Damaged) as caught:
        list(registry.bundles(receipts))
    assert caught.value.facts["part"] == "tree"
    assert len(list(open_registry(tmp_path).bundles(receipts))) == 2, "and made again when opened"


def test_a_kept_checkpoint_that_is_none_is_told(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    path = tmp_path / "registry" / "checkpoint"
    registry.checkpoint()
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(Damaged) as caught:
        registry.checkpoint()
    assert caught.value.facts["part"] == "checkpoint"
    assert not registry.verify().valid


def test_two_open_registries_keep_one_tree(tmp_path):
    first, second = open_registry(tmp_path), open_registry(tmp_path, OTHER)
    for number in range(6):
        deliver((first, second)[number % 2], f"a{number}", f"b{number}")
    assert (tmp_path / "registry" / "tree").read_bytes() == expected_tree(tmp_path)
    assert first.verify([first.checkpoint(), second.checkpoint()]).valid


def test_a_long_log_is_put_into_the_tree_in_portions(tmp_path, monkeypatch):
    deliver(open_registry(tmp_path), *"abcdefghij")
    path = tmp_path / "registry" / "tree"
    path.unlink()
    monkeypatch.setattr("artistguard.channels.nodes._AT_ONCE", 96)
    open_registry(tmp_path).state()
    assert path.read_bytes() == expected_tree(tmp_path)


def test_what_others_add_while_a_log_is_verified_is_left_for_the_next_time(tmp_path, monkeypatch):
    registry = open_registry(tmp_path)
    deliver(registry, "a", "b")
    check_log = proof.check_log

    def add_first(*arguments, **options):
        with log_of(tmp_path).open("ab") as file:
            file.write(b'{"entry":')  # another process is in the middle of a line
        return check_log(*arguments, **options)

    monkeypatch.setattr(proof, "check_log", add_first)
    assert registry.verify().why.startswith("4 entries")


def test_the_checkpoint_of_a_list_is_the_one_of_the_log(tmp_path):
    registry = open_registry(tmp_path)
    deliver(registry, "a")
    folder = lists.publish(registry).folder
    assert (folder / "checkpoint.txt").read_bytes() == registry.checkpoint()
    assert json.loads((folder / lists.MANIFEST).read_bytes())["files"]["checkpoint.txt"]
