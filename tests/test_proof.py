# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import hashlib
import io
import json

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from artistguard import proof, wire
from artistguard.errors import Kind, Unreadable
from artistguard.models import Declaration, Subject
from artistguard.proof.sealed import canonical

SIGNER = proof.Signer(bytes(range(32)))
OTHER = proof.Signer(bytes(32))
AT = "2026-11-24T07:00:00Z"


def declaration(number=1, **changes):
    values = {
        "id": f"opt-out-{number}",
        "subject": Subject.COPY,
        "declarant": "Zoë 'Ink' Ártó 🎨",
        "declared_at": AT,
        "reservation": wire.RESERVATION,
        "url": f"https://example.org/ä/{number}.jpg?a=1&b=2",
        "domain": "example.org",
        "sha256": "ab" * 32,
        "md5": "cd" * 16,
        "width": 640,
        "height": 480,
        "fingerprints": {"dct256/1": "0f" * 32, "phash64/1": "f0" * 8},
        "dataset": "laion",
        "dataset_version": "2",
        "entry": "42",
        "standing": True,
    }
    return Declaration(**values | changes)


def log_of(*steps):
    """A log of (kind, id, parts, signer), each linked to the one before."""
    lines, prev = [], proof.NO_ENTRY
    for seq, (kind, ident, parts, signer) in enumerate(steps, 1):
        body = proof.write_entry(seq, prev, AT, kind, ident, parts, signer)
        prev = proof.digest(body)
        lines.append(body + b"\n")
    return lines


def introduce(signer=SIGNER):
    return proof.EntryKind.KEY, signer.key.hex(), {}, signer


def terms(ident=wire.RESERVATION, text=wire.RESERVATIONS[wire.RESERVATION]):
    part = {"sha256": proof.digest(text.encode()), "text": text}
    return proof.EntryKind.TERMS, ident, {"terms": part}, SIGNER


def opt_out(number=1, signer=SIGNER, **changes):
    wanted = declaration(number, **changes)
    return proof.EntryKind.OPT_OUT, wanted.id, wire.declaration_parts(wanted), signer


def withdrawal(number=1):
    parts = {"withdrawal": {"withdrawn_at": AT}}
    return proof.EntryKind.WITHDRAWAL, f"opt-out-{number}", parts, SIGNER


def short_log():
    return log_of(introduce(), terms(), opt_out(1), withdrawal(1))


def receipt():
    return short_log()[2]


def check(tmp_path, body, key=None):
    path = tmp_path / "proof.json"
    path.write_bytes(body)
    return proof.check_file(path, key)


def failure(body):
    with pytest.raises(Unreadable) as caught:
        proof.unseal(body)
    return caught.value.kind, caught.value.facts


def test_a_receipt_is_valid_by_itself_and_says_whose_key_it_trusts(tmp_path):
    checked = check(tmp_path, receipt())
    assert checked.valid
    assert checked.where is None
    assert (
        checked.why == f"signed by key {proof.short(SIGNER.key)}, which you must recognise yourself"
    )
    assert check(tmp_path, receipt(), SIGNER.key).why == "signed by the key you gave"


def test_a_receipt_of_another_key_is_not_valid_for_the_key_given(tmp_path):
    checked = check(tmp_path, receipt(), OTHER.key)
    assert (checked.valid, checked.where) == (False, "key")


def test_a_receipt_can_be_checked_by_the_written_rules_alone():
    """What the specification says, followed with nothing of ours."""
    document = json.loads(receipt())
    assert receipt() == rfc8785.dumps(document) + b"\n"
    parts = {name: document[name] for name in document.keys() - {"seal", "signature"}}
    assert document["seal"]["digests"] == {
        name: hashlib.sha256(rfc8785.dumps(part)).hexdigest() for name, part in parts.items()
    }
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["seal"]["key"]))
    key.verify(bytes.fromhex(document["signature"]), rfc8785.dumps(document["seal"]))
    assert document["entry"]["prev"] == hashlib.sha256(short_log()[1].rstrip(b"\n")).hexdigest()


def test_an_entry_is_read_as_the_value_that_was_written():
    entry = proof.read_entry(receipt().rstrip(b"\n"))
    assert entry.declaration == declaration()
    assert (entry.seq, entry.kind, entry.id) == (3, proof.EntryKind.OPT_OUT, "opt-out-1")
    assert entry.key == SIGNER.key


def part_at(body, position):
    """The top-level member that a byte of a canonical document belongs to."""
    document = json.loads(body)
    start = 1
    for name in sorted(document):
        end = start + len(rfc8785.dumps({name: document[name]})) - 2
        if start <= position < end:
            return name
        start = end + 1
    return None  # a brace or comma between members


def spoilt(body, position):
    """The body with one byte changed, in a way that goes round with the position."""
    byte = body[position]
    new = (byte ^ 1, byte ^ 0x20, 0x0A, (byte + 1) % 256)[position % 4]
    return body[:position] + bytes([new if new != byte else byte ^ 2]) + body[position + 1 :]


def test_one_changed_byte_anywhere_in_a_receipt_fails_and_says_where(tmp_path):
    good = receipt()
    told_apart = 0
    for position in range(len(good)):
        bad = spoilt(good, position)
        checked = check(tmp_path, bad)
        assert not checked.valid, position
        assert checked.where, position
        part = part_at(good, position)
        named = checked.where.removeprefix("line 1, ").split(",")[0]
        if part is None or named == "end" or named.startswith("byte"):
            continue  # no JSON any more
        told_apart += 1
        fits = {part} | (json.loads(bad).keys() - json.loads(good).keys())  # if renamed
        if part in {"seal", "signature"}:
            fits |= {"key", "key or signature"}
        assert named in fits, position
    assert told_apart > len(good) / 2


def test_a_byte_that_is_no_json_any_more_is_named(tmp_path):
    good = receipt()
    position = good.index(b'"height":480') + len('"height":')
    bad = good[:position] + b"x" + good[position + 1 :]
    assert check(tmp_path, bad).where == f"byte {position}"
    bad = good[:position] + b"\xff" + good[position + 1 :]
    assert check(tmp_path, bad).where == f"byte {position}"


def test_each_part_that_was_changed_is_named(tmp_path):
    good = receipt()
    for old, new, where in (
        (b'"height":480', b'"height":481', "picture"),
        (b"/1.jpg", b"/2.jpg", "place"),
        (b'"standing":true', b'"standing":null', "wish"),
        (b'"seq":3', b'"seq":4', "entry"),
        (b'"format":"artistguard-entry/1"', b'"format":"artistguard-entry/9"', "seal"),
    ):
        checked = check(tmp_path, good.replace(old, new))
        assert (checked.valid, checked.where) == (False, where)


def test_one_changed_byte_anywhere_in_a_log_fails_in_its_own_line():
    lines = short_log()
    whole = b"".join(lines)
    start = 0
    for number, line in enumerate(lines, 1):
        for position in range(start, start + len(line)):
            with pytest.raises(Unreadable) as caught:
                list(proof.read_log(io.BytesIO(spoilt(whole, position))))
            assert caught.value.facts["line"] == number, position
        start += len(line)


def test_a_log_says_how_many_keys_signed_it(tmp_path):
    lines = log_of(introduce(), terms(), opt_out(1), introduce(OTHER), opt_out(2, OTHER))
    checked = check(tmp_path, b"".join(lines))
    assert checked.valid
    assert checked.why.startswith("5 entries linked without a gap, signed by 2 keys")
    with_key = check(tmp_path, b"".join(lines), SIGNER.key)
    assert (with_key.valid, with_key.where) == (False, "line 4, key")


@pytest.mark.parametrize(
    "steps, where",
    [
        ([terms()], "line 1, key"),
        ([introduce(), introduce()], "line 2, key"),
        ([introduce(), opt_out(1)], "line 2, wish"),
        ([introduce(), terms(), terms()], "line 3, entry"),
        ([introduce(), terms(), opt_out(1), opt_out(1)], "line 4, entry"),
        ([introduce(), terms(), withdrawal(1)], "line 3, entry"),
        ([introduce(), terms(), opt_out(1), withdrawal(1), withdrawal(1)], "line 5, entry"),
        ([introduce(), terms(), opt_out(1, OTHER)], "line 3, key"),
    ],
)
def test_entries_that_do_not_follow_from_those_before_break_a_log(steps, where):
    with pytest.raises(Unreadable) as caught:
        list(proof.read_log(io.BytesIO(b"".join(log_of(*steps)))))
    assert caught.value.kind is Kind.CHAIN_BROKEN
    facts = caught.value.facts
    assert f"line {facts['line']}, {facts['part']}" == where


def test_a_line_taken_out_or_put_elsewhere_breaks_the_link(tmp_path):
    lines = log_of(introduce(), terms(), opt_out(1), opt_out(2), opt_out(3))
    without = b"".join(lines[:2] + lines[3:])
    assert check(tmp_path, without).where == "line 3, link"
    turned = b"".join([*lines[:2], lines[3], lines[2], lines[4]])
    assert check(tmp_path, turned).where == "line 3, link"


def test_a_line_put_in_the_place_of_another_breaks_the_link_after_it(tmp_path):
    lines = log_of(introduce(), terms(), opt_out(1), opt_out(2))
    other = log_of(introduce(), terms(), opt_out(9), opt_out(2))
    mixed = b"".join([*lines[:2], other[2], lines[3]])
    assert check(tmp_path, mixed).where == "line 4, link"


def test_a_log_without_its_last_line_end_is_torn(tmp_path):
    assert check(tmp_path, b"".join(short_log())[:-1]).where == "line 4, end"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"[]\n",
        b"null\n",
        b'"text"\n',
        b"{}\n",
        b"[" * 60_000 + b"\n",
        b'{"seal":' + b"[" * 900 + b"]" * 900 + b',"signature":""}\n',
        b'{"seal":{},"signature":""}\n',
        b'{"seal":1e999,"signature":NaN}\n',
        b'{"seal":' + b"9" * 5_000 + b',"signature":""}\n',
        b'{"seal":"\\ud800","signature":""}\n',
        b'{"seal":{"\\ud800":1},"signature":""}\n',
        b'{"\\ud800":1}\n',
        b'{"entry":1,"entry":1,"seal":{},"signature":""}\n',
        b"\xff\xfe\n",
        b"a" * 100_000,
        b"\0" * 1_000,
        b"\x89PNG\r\n\x1a\n" + bytes(100),
    ],
)
def test_what_was_never_a_proof_is_refused_with_a_place(tmp_path, body):
    checked = check(tmp_path, body)
    assert not checked.valid
    assert checked.where


def test_a_rightly_signed_document_with_the_wrong_content_is_refused():
    entry = {"at": AT, "id": "x", "kind": "opt-out", "prev": proof.NO_ENTRY, "seq": 1}
    parts = wire.declaration_parts(declaration())
    for spoilt, part in (
        ({**parts, "entry": entry | {"seq": 0}}, "entry"),
        ({**parts, "entry": entry | {"seq": True}}, "entry"),
        ({**parts, "entry": entry | {"more": 1}}, "entry"),
        ({**parts, "entry": entry | {"kind": "praise"}}, "entry"),
        ({**parts, "entry": entry | {"kind": "key"}}, "entry"),
        ({**parts, "entry": entry | {"id": "two\nlines"}}, "entry"),
        ({**parts, "entry": entry, "picture": {"md5": "AB" * 16}}, "picture"),
        ({**parts, "entry": entry, "picture": {"fingerprints": {"dct256/1": 1}}}, "picture"),
        ({**parts, "entry": entry, "picture": {"width": 1.5}}, "picture"),
        ({**parts, "entry": entry, "place": {"url": "file:///etc/passwd"}}, "place"),
        ({**parts, "entry": entry, "place": {"path": "/home"}}, "place"),
        ({**parts, "entry": entry, "wish": {}}, "wish"),
        ({**parts, "entry": entry, "wish": parts["wish"] | {"subject": "all"}}, "wish"),
        (
            {**parts, "entry": entry, "wish": parts["wish"] | {"reservation_sha256": "00" * 32}},
            "wish",
        ),
    ):
        with pytest.raises(Unreadable) as caught:
            proof.read_entry(proof.seal(proof.ENTRY, spoilt, SIGNER))
        assert caught.value.kind is Kind.NOT_A_RECEIPT
        assert caught.value.facts["part"] == part


def test_a_text_that_was_ever_used_is_never_changed():
    """Whoever wants other words writes another text with the next number."""
    assert {ident: wire.reservation_sha256(ident) for ident in wire.RESERVATIONS} == {
        "reservation/1": "62e8f99ada947a3496520336de1f0e889277dca346072b1757a5f5e1462c6ac5",
    }


def test_a_known_text_cannot_be_given_other_words(tmp_path):
    lines = log_of(introduce(), terms(text="Take it all."))
    assert check(tmp_path, b"".join(lines)).where == "line 2, terms"


def test_a_text_of_a_later_version_is_taken_by_its_hash(tmp_path):
    later = terms("reservation/9", "Nor the sketches.")
    parts = wire.declaration_parts(declaration())
    wish = parts["wish"] | {
        "reservation": "reservation/9",
        "reservation_sha256": later[2]["terms"]["sha256"],
    }
    step = (proof.EntryKind.OPT_OUT, "opt-out-1", {**parts, "wish": wish}, SIGNER)
    assert check(tmp_path, b"".join(log_of(introduce(), later, step))).valid


def test_a_part_that_is_no_object_is_refused_however_well_it_is_signed():
    raw = {"entry": b"[1]"}
    seal = {"digests": {"entry": proof.digest(b"[1]")}, "format": proof.ENTRY}
    raw["seal"] = rfc8785.dumps(seal | {"key": SIGNER.key.hex()})
    raw["signature"] = b'"%s"' % SIGNER.sign(raw["seal"]).hex().encode()
    body = b"{" + b",".join(b'"%s":%s' % (name.encode(), raw[name]) for name in raw) + b"}"
    assert failure(body) == (Kind.NOT_A_RECEIPT, {"part": "entry"})


def test_no_byte_may_stand_around_a_document():
    body = receipt()[:-1]
    assert failure(body + b" ") == (Kind.NOT_A_RECEIPT, {"part": "end", "byte": len(body) - 1})
    assert failure(b" " + body) == (Kind.CONTENT_CHANGED, {"part": "entry", "byte": 0})
    assert failure(body.ljust(70_000)) == (Kind.NOT_A_RECEIPT, {"byte": proof.MAX_DOCUMENT})


def test_a_part_moved_into_another_signed_document_fails():
    first, second = (json.loads(line) for line in log_of(opt_out(1), opt_out(2, width=9)))
    mixed = rfc8785.dumps(first | {"picture": second["picture"]})
    kind, facts = failure(mixed)
    assert (kind, facts["part"]) == (Kind.CONTENT_CHANGED, "picture")


def test_a_file_that_is_not_there_is_a_problem_and_not_an_answer(tmp_path):
    with pytest.raises(Unreadable) as caught:
        proof.check_file(tmp_path / "nothing.json")
    assert caught.value.kind is Kind.READ_FAILED


def sealed_list(tmp_path, **files):
    for name, body in files.items():
        (tmp_path / f"{name}.txt").write_bytes(body)
    facts = {
        f"{name}.txt": {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
        for name, body in files.items()
    }
    return proof.seal(proof.LIST, {"files": facts, "list": {"urls": 1}}, SIGNER) + b"\n"


def test_a_list_is_valid_as_long_as_every_listed_file_is(tmp_path):
    manifest = sealed_list(tmp_path, urls=b"https://example.org/\n", domains=b"")
    assert check(tmp_path, manifest).why.startswith("2 files as listed, signed by key")
    (tmp_path / "urls.txt").write_bytes(b"https://example.com/\n")
    checked = check(tmp_path, manifest)
    assert (checked.valid, checked.where) == (False, "urls.txt")
    (tmp_path / "urls.txt").unlink()
    assert check(tmp_path, manifest).where == "urls.txt"


def test_a_list_cannot_name_files_elsewhere(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_bytes(b"x")
    for name in ("../secret.txt", str(tmp_path / "secret.txt"), "..", ""):
        facts = {name: {"sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}}
        body = proof.seal(proof.LIST, {"files": facts, "list": {}}, SIGNER) + b"\n"
        assert not check(tmp_path / "in", body).valid


texts = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]),
    min_size=1,
    max_size=60,
)
hexes = st.sampled_from([None, "00" * 32, "5a" * 32])


@settings(deadline=None)  # the machine may be busy with other things
@given(
    declarant=texts.filter(str.strip),
    dataset=st.none() | texts,
    path=texts,
    sha256=hexes,
    width=st.none() | st.integers(1, 100_000),
    standing=st.booleans(),
)
def test_whatever_is_declared_is_read_back_the_same(**values):
    url = f"https://example.org/{values.pop('path')}x"
    wanted = declaration(1, url=url, **values)
    assert wire.fault_in(wanted) is None
    body = log_of(opt_out(1, url=url, **values))[0].rstrip(b"\n")
    assert proof.read_entry(body).declaration == wanted
    assert wire.parse_declaration(wire.spell_declaration(wanted)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        "[]",
        '{"id":"a"}',
        '{"id":1,"picture":{},"place":{},"wish":{}}',
        '{"id":"a","picture":{},"place":{},"wish":{}}',
        '{"id":"a","picture":{},"place":{},"wish":{"subject":"copy"}}',
        '{"id":"a","picture":{},"place":{},"wish":{},"more":{}}',
        '{"id":"a","picture":[],"place":{},"wish":{}}',
        '{"id":"a","picture":{"md5":1},"place":{},"wish":{}}',
        '{"id":"a","picture":{"fingerprints":{"dct256/1":1}},"place":{},"wish":{}}',
        '{"id":"a","picture":{},"place":{"wish":"x"},"wish":{}}',
    ],
)
def test_a_line_that_is_no_declaration_is_refused(text):
    with pytest.raises(Unreadable) as caught:
        wire.parse_declaration(text)
    assert caught.value.kind is Kind.NOT_A_RECEIPT


def test_a_faulty_declaration_can_still_be_read_from_the_outbox():
    faulty = declaration(url="gopher://\ud800", declarant="")
    assert wire.parse_declaration(wire.spell_declaration(faulty)) == faulty


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_refused_without_a_crash(body):
    with pytest.raises(Unreadable):
        proof.unseal(body)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**53 - 1) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
GOOD = json.loads(receipt())


@settings(deadline=None)
@given(values | st.text(st.characters(max_codepoint=0x2FFF), max_size=20))
def test_the_quick_way_to_the_canonical_form_is_the_slow_one(value):
    def outcome(write):
        try:
            return write(value)
        except ValueError:
            return "none"

    assert outcome(canonical) == outcome(rfc8785.dumps)


@settings(deadline=None)
@given(
    part=st.sampled_from(["entry", "picture", "place", "wish", "terms", "withdrawal", "files"]),
    name=st.sampled_from(sorted(wire.declaration_parts(declaration())["wish"]))
    | st.text(max_size=9),
    value=values,
    whole=st.booleans(),
)
def test_whatever_a_stranger_signs_is_read_or_refused_without_a_crash(part, name, value, whole):
    parts = {key: GOOD[key] for key in ("entry", "picture", "place", "wish")}
    if whole:
        name = next(iter(parts.get(part, {})), name)
    parts[part] = parts.get(part, {}) | {name: value}
    try:
        body = proof.seal(proof.ENTRY, parts, SIGNER)
    except ValueError:
        return  # no JSON
    try:
        entry = proof.read_entry(body)
    except Unreadable:
        return  # refused
    assert entry.declaration is not None
    assert wire.fault_in(entry.declaration) is None


def test_a_name_made_to_do_harm_on_a_screen_is_spelt_out(tmp_path):
    checked = check(tmp_path, b'{"\\u001b[2J":1}\n')
    assert not checked.valid
    assert checked.where.isprintable()
    manifest = proof.seal(proof.LIST, {"files": {"\x1b[2J": {}}, "list": {}}, SIGNER) + b"\n"
    assert check(tmp_path, manifest).where.isprintable()


def test_a_list_without_its_parts_is_no_list(tmp_path):
    for parts in ({}, {"list": {}}, {"files": {}}, {"entry": GOOD["entry"]}):
        checked = check(tmp_path, proof.seal(proof.LIST, parts, SIGNER) + b"\n")
        assert (checked.valid, checked.where) == (False, "list")
