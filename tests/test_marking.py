# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Folders are marked into copies: what is whose, what is left alone, and what a stop leaves."""

import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

import picture_files
from artistguard import secrets
from artistguard.errors import Kind
from artistguard.guard import Guard
from artistguard.marking import KEPT, MarkedFile, Marking, MarkState, Signing
from artistguard.settings import Marks, Settings
from artistguard.store import Store
from fakes import KNOWN, FakeKeyring
from waiting import wait_until

MARKED, OLD, FAILED = MarkState


def now():
    return datetime.now(UTC)


@pytest.fixture
def art(tmp_path, paint):
    folder = tmp_path / "art"
    paint("one.jpg", 1, folder=folder)
    paint("deep/two.png", 2, folder=folder)
    paint("deep/er/three.webp", 3, folder=folder)
    return folder


@pytest.fixture
def keyring():
    return FakeKeyring()


@pytest.fixture
def marking(tmp_path, keyring):
    store = Store(tmp_path)
    vault = secrets.open_vault(tmp_path, keyring, known=KNOWN)
    yield Marking(store, lambda: Settings(declarant="Mira", workers=2), lambda: vault, now)
    store.close()


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def states(outcomes):
    return sorted(
        (Path(one.path).name, one.state) for one in outcomes if isinstance(one, MarkedFile)
    )


def kinds(outcomes):
    return {one.problem.kind for one in outcomes if isinstance(one, MarkedFile) and one.problem}


def state_of(path, root=None):
    trust = {"trust": {"trust_anchors": root}, "verify": {"verify_trust": True}} if root else {}
    with c2pa.Reader(str(path), context=c2pa.Context.from_dict(trust)) as reader:
        return reader.get_validation_state()


def test_a_folder_is_mirrored_and_its_originals_are_not_touched(art, tmp_path, run):
    before = {path: path.stat() for path in art.rglob("*.*")}
    held = files(art)
    out, root = tmp_path / "out", tmp_path / "root.pem"
    arguments = ("mark", art, "--out", out, "--as", "Mira", "--root", root)
    status, lines, said = run(*arguments, "--rights", "© Mira")
    assert status == 0
    assert files(art) == held
    assert {path: path.stat() for path in before} == before
    assert files(out).keys() == {f"art/{name}" for name in held}
    for line in lines:
        copy = Path(line["out"])
        assert line["state"] == "marked"
        assert (line["channels"], line["creator"], line["error"]) == (["xmp", "c2pa"], "Mira", None)
        assert line["added"] == copy.stat().st_size - Path(line["path"]).stat().st_size < 5_000
        assert line["signer"]["name"] == "Mira"
        assert line["signer"]["self_made"]
        assert state_of(copy, root.read_text()) == "Trusted"
        assert state_of(copy) == "Valid"
        assert copy.stat().st_mtime_ns == Path(line["path"]).stat().st_mtime_ns
        with Image.open(copy) as marked, Image.open(line["path"]) as original:
            assert marked.tobytes() == original.tobytes()
    assert "untrusted" in said
    assert "3 pictures were marked." in said


def test_what_is_marked_is_left_as_it_is(art, tmp_path, run):
    out = tmp_path / "out"
    run("mark", art, "--out", out)
    before = {path: path.stat() for path in out.rglob("*.*")}
    status, lines, _ = run("mark", art, "--out", out)
    assert (status, {line["state"] for line in lines}) == (0, {"known"})
    assert {path: path.stat() for path in out.rglob("*.*")} == before
    os.utime(art / "one.jpg")
    os.utime(out / "art/deep/two.png")
    _, lines, _ = run("mark", art, "--out", out)
    assert {line["state"] for line in lines} == {"known"}  # the same bytes, whatever their dates


def test_what_changed_or_is_to_say_something_else_is_marked_anew(art, tmp_path, paint, marking):
    out = tmp_path / "out"
    list(marking.mark([str(art)], out))
    paint("one.jpg", 7, folder=art)
    assert states(marking.mark([str(art)], out)) == [
        *(("one.jpg", MARKED), ("three.webp", OLD), ("two.png", OLD))
    ]
    outcomes = list(marking.mark([str(art)], out, Marks(rights="All mine")))
    assert [state for _, state in states(outcomes)] == [MARKED] * 3
    assert len(files(out)) == 3
    assert all(b"All mine" in body for body in files(out).values())


@pytest.mark.parametrize("ours", [False, True], ids=["never ours", "ours, changed since"])
def test_no_other_file_is_ever_written_over(ours, art, tmp_path, run):
    out = tmp_path / "out"
    if ours:
        run("mark", art, "--out", out)
    theirs = out / "art/deep/two.png"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_bytes(b"somebody's work of an afternoon")
    status, lines, _ = run("mark", art, "--out", out, "--rights", "new")
    assert status == 1
    (line,) = [line for line in lines if line["state"] == "failed"]
    assert "was left as it is" in line["error"]
    assert theirs.read_bytes() == b"somebody's work of an afternoon"
    assert not [name for name in files(out) if name.endswith(".part")]


def test_two_pictures_for_one_place_do_not_displace_each_other(tmp_path, paint, marking):
    first = paint("a/same.png", 1)
    second = paint("b/same.png", 2)
    out = tmp_path / "out"
    for _ in range(2):
        outcomes = list(marking.mark([str(first), str(second)], out))
        assert kinds(outcomes) == {Kind.OUTPUT_TAKEN}
        with Image.open(out / "same.png") as kept, Image.open(first) as original:
            kept_one = kept.tobytes() == original.tobytes()
        assert kept_one or states(outcomes)[0][1] is not OLD


def test_in_place_the_original_is_kept_beside(art, tmp_path, marking):
    held = files(art)
    assert kinds(marking.mark([str(art)], None)) == set()
    after = files(art)
    assert after.keys() == held.keys() | {name + KEPT for name in held}
    assert {name: after[name + KEPT] for name in held} == held
    assert all(state_of(art / name) == "Valid" for name in held)
    assert {state for _, state in states(marking.mark([str(art)], None))} == {OLD}
    assert files(art) == after
    # What is to be said now is said of the original, and the first one stays what is kept.
    list(marking.mark([str(art)], None, Marks(rights="new")))
    again = files(art)
    assert {name: again[name + KEPT] for name in held} == held
    for name in held:
        assert len(again[name]) - len(held[name]) < 5_000
        assert b"new" in again[name]


def test_in_place_a_kept_original_is_never_replaced(art, paint, marking):
    first = (art / "one.jpg").read_bytes()
    list(marking.mark([str(art)], None))
    paint("one.jpg", 9, folder=art)  # painted over since
    edited = (art / "one.jpg").read_bytes()
    outcomes = list(marking.mark([str(art / "one.jpg")], None))
    assert kinds(outcomes) == {Kind.OUTPUT_TAKEN}
    assert (art / "one.jpg").read_bytes() == edited
    assert (art / f"one.jpg{KEPT}").read_bytes() == first


def test_credentials_can_stand_beside(tmp_path, paint, run):
    folder = tmp_path / "art"
    paint("one.jpg", 1, folder=folder)
    paint("one.png", 2, folder=folder)
    out = tmp_path / "out"
    status, lines, _ = run("mark", folder, "--out", out, "--sidecar", "--as", "Mira")
    assert status == 0
    besides = {Path(line["sidecar"]).name for line in lines}
    assert "one.c2pa" in besides
    assert besides < {"one.c2pa", "one.jpg.c2pa", "one.png.c2pa"}
    for line in lines:
        assert line["channels"] == ["xmp", "sidecar"]
        copy, manifest = Path(line["out"]), Path(line["sidecar"]).read_bytes()
        with copy.open("rb") as file, c2pa.Reader(_type(copy), file, manifest) as reader:
            assert reader.get_validation_state() == "Valid"
    arguments = ("mark", folder, "--out", out, "--sidecar", "--as", "Mira", "--rights", "new")
    status, again, _ = run(*arguments)
    assert (status, {Path(line["sidecar"]).name for line in again}) == (0, besides)


def _type(path):
    return {".jpg": "image/jpeg", ".png": "image/png"}[path.suffix]


def test_xmp_alone_is_not_signed(art, tmp_path, run):
    status, lines, said = run("mark", art, "--out", tmp_path / "out", "--no-credentials")
    assert (status, {tuple(line["channels"]) for line in lines}) == (0, {("xmp",)})
    assert {line["signer"] for line in lines} == {None}
    assert "certificate" not in said


def test_a_creator_who_is_named_already_stays_and_that_is_said(art, tmp_path, run):
    first, second = tmp_path / "first", tmp_path / "second"
    run("mark", art, "--out", first, "--as", "Mira")
    status, lines, said = run("mark", first, "--out", second, "--as", "An agency")
    assert (status, {line["creator"] for line in lines}) == (0, {"Mira"})
    assert "3 pictures name another creator already, and still do." in said
    assert "The copies say: No data mining" in said


def test_broken_pictures_are_named_and_the_others_are_marked(art, tmp_path, run):
    (art / "broken.jpg").write_bytes((art / "one.jpg").read_bytes()[:700])
    (art / "empty.png").touch()
    (art / "text.tif").write_text("no picture")
    (art / "layers.psd").write_bytes(b"8BPS\0\1")
    out = tmp_path / "out"
    status, lines, said = run("mark", art, "--out", out)
    assert status == 1
    failed = {Path(line["path"]).name for line in lines if line["state"] == "failed"}
    assert failed == {"broken.jpg", "empty.png", "text.tif"}
    assert all(line["error"] for line in lines if line["state"] == "failed")
    assert files(out).keys() == {"art/one.jpg", "art/deep/two.png", "art/deep/er/three.webp"}
    assert ".psd" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere", "--out", "out"),
        (".",),
        (),
        (".", "--out", "out", "--statement", "javascript:alert(1)"),
        (".", "--out", "out", "--rights", "two\nlines"),
        (".", "--out", "out", "--certificate", "nowhere.pem"),
        (".", "--out", "out", "--key-file", "key.pem"),
        ("--export-from", "."),
    ],
)
def test_wrong_usage_changes_nothing(arguments, art, run, monkeypatch):
    monkeypatch.chdir(art)
    before = files(art)
    assert run("mark", *arguments)[0] == 2
    assert files(art) == before


def test_the_copies_folder_may_lie_in_the_portfolio(art, run):
    out = art / "marked"
    assert len(run("mark", art, "--out", out)[1]) == 3
    assert len(run("mark", art, "--out", out)[1]) == 3
    assert len(files(out)) == 3


def test_a_copy_in_a_watched_folder_is_the_same_work(art, tmp_path, run):
    out = tmp_path / "out"
    run("mark", art, "--out", out)
    run("scan", art)
    _, lines, _ = run("scan", out)
    guard = Guard(Path(os.environ["ARTISTGUARD_DATA"]))
    with closing(guard):
        assert guard.store.works.count() == 3
        (row, *_) = list(guard.store.marks.all())
        said = json.loads(row.declared)
        assert said["xmp"]["mining"] == "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"
        assert said["credentials"] == ["c2pa.training-mining", "cawg.training-mining"]
        assert guard.store.works.version_with(row.copy_sha256).work
    assert {line["work"] for line in lines} == {1, 2, 3}


def test_a_copy_that_is_seen_before_its_original_is_the_same_work(art, tmp_path, run):
    out = tmp_path / "out"
    run("mark", art, "--out", out)
    run("scan", out)
    _, lines, _ = run("scan", art)
    assert {line["work"] for line in lines} == {1, 2, 3}


# --- who signs ------------------------------------------------------------------------------------


def signing(outcomes):
    (one,) = [one for one in outcomes if isinstance(one, Signing)]
    return one


def test_the_key_lasts_and_each_name_has_its_own(art, tmp_path, marking, keyring):
    first = signing(marking.mark([str(art)], tmp_path / "1"))
    assert first.lasting
    assert signing(marking.mark([str(art)], tmp_path / "2")) == first
    other = signing(marking.mark([str(art)], tmp_path / "3", Marks(creator="猫")))
    assert other.sha256 != first.sha256
    assert other.root != first.root
    keys = [value for (_, name), value in keyring.kept.items() if "credentials" in name]
    assert len(keys) == 2
    assert all(len(key) < 1_024 for key in keys)


def test_the_key_is_in_no_file(art, tmp_path, run, caplog):
    data = tmp_path / "data"
    status, _, said = run("mark", art, "--out", tmp_path / "out", "--data", data)
    assert status == 0
    assert "no keyring" in said
    for name, body in files(data).items() | files(tmp_path / "out").items():
        assert b"PRIVATE KEY" not in body, name
    assert "PRIVATE KEY" not in caplog.text + said


def bought(folder, *, key=None, passphrase=None, days=30):
    """A certificate of a little authority: root, intermediate and leaf, as PEM files."""
    key = key or ec.generate_private_key(ec.SECP384R1())
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)] + [key]
    names = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "An authority"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        for name in ("Root", "Middle", "Mira Example")
    ]
    made = []
    for number, (subject, one) in enumerate(zip(names, keys, strict=True)):
        above = max(0, number - 1)
        is_leaf = number == 2
        draft = x509.CertificateBuilder(
            names[above],
            subject,
            one.public_key(),
            x509.random_serial_number(),
            now() - timedelta(days=60),
            now() + timedelta(days=days),
        )
        usage = dict.fromkeys(
            (
                *("digital_signature", "content_commitment", "key_encipherment"),
                *("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
                *("encipher_only", "decipher_only"),
            ),
            False,
        )
        usage["digital_signature" if is_leaf else "key_cert_sign"] = True
        for extension, critical in (
            (x509.BasicConstraints(not is_leaf, None), True),
            (x509.KeyUsage(**usage), True),
            (x509.SubjectKeyIdentifier.from_public_key(one.public_key()), False),
            (
                x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[above].public_key()),
                False,
            ),
        ):
            draft = draft.add_extension(extension, critical)
        if is_leaf:
            draft = draft.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            )
        made.append(draft.sign(keys[above], hashes.SHA256()))
    root, middle, leaf = (one.public_bytes(serialization.Encoding.PEM) for one in made)
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(leaf + middle + root)
    locked = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, locked))
    return chain, secret, root.decode()


@pytest.mark.parametrize("kind", ["P-384", "RSA, with a passphrase"])
def test_a_bought_certificate_can_be_used(kind, art, tmp_path, run, monkeypatch):
    how = {}
    if kind.startswith("RSA"):
        how = {"key": rsa.generate_private_key(65_537, 2_048), "passphrase": b"sesame"}
        monkeypatch.setenv("ARTISTGUARD_CERTIFICATE_PASSPHRASE", "sesame")
    chain, key, root = bought(tmp_path, **how)
    arguments = ("mark", art, "--out", tmp_path / "out", "--certificate", chain, "--key-file", key)
    status, lines, said = run(*arguments)
    assert status == 0
    assert "untrusted" not in said
    for line in lines:
        assert line["signer"]["self_made"] is False
        assert line["signer"]["name"] == "Mira Example"
        assert state_of(line["out"], root) == "Trusted"


@pytest.mark.parametrize("fault", ["pair", "date", "passphrase", "key", "chain"])
def test_a_certificate_that_cannot_sign_is_said_before_anything(fault, art, tmp_path, run):
    how = {"days": -1} if fault == "date" else {}
    if fault == "passphrase":
        how["passphrase"] = b"sesame"
    chain, key, _ = bought(tmp_path, **how)
    if fault == "pair":
        (tmp_path / "other").mkdir()
        _, key, _ = bought(tmp_path / "other")
    if fault in ("key", "chain"):
        {"key": key, "chain": chain}[fault].write_text("nonsense")
    out = tmp_path / "out"
    arguments = ("mark", art, "--out", out, "--certificate", chain, "--key-file", key)
    status, _, said = run(*arguments)
    assert status == 2
    assert f"({fault})" in said
    assert not out.exists()


# --- stops ----------------------------------------------------------------------------------------


def test_a_stop_leaves_whole_copies_only_and_the_next_run_goes_on(tmp_path, paint, marking):
    folder = tmp_path / "art"
    for seed in range(80):
        paint(f"{seed}.jpg", seed, size=(64, 48), folder=folder)
    out = tmp_path / "out"
    with closing(marking.mark([str(folder)], out)) as outcomes:
        first = list(itertools.islice((o for o in outcomes if isinstance(o, MarkedFile)), 40))
    assert {one.state for one in first} == {MARKED}
    there = files(out)
    assert 40 <= len(there) < 80
    assert all(state_of(path) == "Valid" for path in out.rglob("*.jpg"))
    assert all(name.endswith(".jpg") for name in there)
    rest = list(marking.mark([str(folder)], out))
    assert [state for _, state in states(rest)].count(OLD) == len(there)
    assert len(files(out)) == 80
    assert kinds(rest) == set()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_program_that_is_ended_anywhere_leaves_nothing_half(how, tmp_path, paint, run):
    folder = tmp_path / "art"
    for seed in range(150):
        paint(f"{seed}.jpg", seed, size=(64, 48), folder=folder)
    out, data = tmp_path / "out", tmp_path / "data"
    arguments = ("mark", str(folder), "--out", str(out), "--data", str(data))
    with subprocess.Popen(
        [sys.executable, "-m", "artistguard", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: any(out.rglob("*.jpg")) or process.poll() is not None, seconds=60)
        process.send_signal(how)
        assert process.wait(20) == (130 if how is signal.SIGINT else -how)
    there = list(out.rglob("*.jpg"))
    assert 0 < len(there) < 150
    assert all(state_of(path) == "Valid" for path in there)
    status, lines, _ = run(*arguments)
    assert status == 0
    assert Counter(line["state"] for line in lines)["known"] == len(there)
    assert len(list(out.rglob("*.jpg"))) == 150
    if how is signal.SIGINT:
        assert len(files(out)) == 150


def test_what_a_killed_run_left_is_cleared_a_day_later(art, tmp_path, keyring):
    out = tmp_path / "out/art"
    out.mkdir(parents=True)
    left = out / ".artistguard-draft-1"
    left.touch()
    for later, is_there in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        store = Store(tmp_path)
        vault = secrets.open_vault(tmp_path, keyring, known=KNOWN)
        clock = now() + later
        marking = Marking(store, Settings, lambda vault=vault: vault, lambda clock=clock: clock)
        marks = Marks(rights=str(later))
        assert kinds(marking.mark([str(art)], tmp_path / "out", marks)) == set()
        assert left.exists() is is_there
        store.close()


def test_a_folder_of_malformed_pictures_gives_whole_copies_and_clear_errors(tmp_path, marking):
    dice = random.Random(5)
    made = [make() for form, make in picture_files.FILES.values() if form != "CLIP"]
    folder, out = tmp_path / "art", tmp_path / "out"
    folder.mkdir()
    for number in range(500):
        body = bytearray(dice.choice(made))
        for _ in range(dice.randrange(1, 8)):
            at = dice.randrange(min(len(body), 2_000))
            body[at : at + dice.randrange(9)] = dice.randbytes(dice.randrange(9))
        if dice.random() < 0.3:
            del body[dice.randrange(len(body)) :]
        (folder / f"{number}.png").write_bytes(body)  # what it is is told from the content
    held = files(folder)
    outcomes = [one for one in marking.mark([str(folder)], out) if isinstance(one, MarkedFile)]
    assert len(outcomes) == 500
    assert files(folder) == held
    done = {Path(one.out).relative_to(out).as_posix() for one in outcomes if one.state is MARKED}
    besides = {Path(one.beside).relative_to(out).as_posix() for one in outcomes if one.beside}
    assert files(out).keys() == done | besides
    assert {one.problem.kind for one in outcomes if one.state is FAILED} <= {
        *(Kind.TRUNCATED, Kind.DAMAGED_PICTURE, Kind.NOT_A_PICTURE, Kind.NOT_MARKABLE),
        *(Kind.METADATA_UNREADABLE, Kind.NOT_SIGNED, Kind.EMPTY_FILE, Kind.UNSUPPORTED_PICTURE),
    }
    assert Counter(one.state for one in outcomes)[FAILED] > 100


def test_nobody_is_called_whatever_a_picture_says(tmp_path, marking, paint):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa"
        said = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
            ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
            ' rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/"'
            f' dcterms:provenance="{address}"/>'
            "</rdf:RDF></x:xmpmeta>"
        )
        path = paint("art/one.jpg", 1, xmp=said.encode())
        assert address.encode() in path.read_bytes()
        outcomes = list(marking.mark([str(path)], tmp_path / "out"))
        assert kinds(outcomes) == set()
        assert address.encode() in (tmp_path / "out/one.jpg").read_bytes()
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_copy_that_has_its_row_and_not_its_name_is_made_again(art, tmp_path, marking):
    out = tmp_path / "out"
    list(marking.mark([str(art)], out))
    shutil.rmtree(out)
    assert {state for _, state in states(marking.mark([str(art)], out))} == {MARKED}
    assert len(files(out)) == 3


def test_a_folder_that_cannot_be_written_to_is_said(art, tmp_path, run):
    (tmp_path / "file").write_text("no folder")
    status, _, said = run("mark", art, "--out", tmp_path / "file" / "out")
    assert status == 2
    assert "file" in said
