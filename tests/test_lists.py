# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import csv
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard import proof, wire
from artistguard.channels import lists
from artistguard.channels.registry import Registry
from artistguard.errors import Damaged, Kind, Stopped
from artistguard.models import Declaration, Subject
from fakes import at

SIGNER = proof.Signer(bytes(range(32)))
NOW = "2026-11-24T07:00:00Z"
COLUMNS = [
    *("url", "url_normalized", "domain", "sha256", "md5", "phash", "pdq", "iscc"),
    *("width", "height", "opt_out_train", "opt_out_mining", "declared_at", "declarant"),
    *("proof_ref", "dct256", "phash_forms", "dct256_forms"),
]


def declaration(ident, subject=Subject.COPY, **changes):
    values = {
        "id": ident,
        "subject": subject,
        "declarant": 'Zoë, "Ink" & Co',
        "declared_at": NOW,
        "reservation": wire.RESERVATION,
    }
    return Declaration(**values | changes)


EVERYTHING = [
    declaration(
        "work",
        Subject.WORK,
        sha256="ab" * 32,
        md5="cd" * 16,
        width=640,
        height=480,
        fingerprints={
            "dct256/1": "0f" * 32 + "1e" * 32 * 7,
            "phash64/1": "f0" * 8 + "e1" * 8 * 7,
            "phash64/2": "00" * 8,
        },
        standing=True,
    ),
    declaration(
        "copy",
        url="HTTPS://Example.org:443/ä.jpg",
        domain="example.org",
        dataset="laion",
        dataset_version="2",
        entry="42",
    ),
    declaration("twice", url="HTTPS://Example.org:443/ä.jpg"),
    declaration("site", Subject.DOMAIN, domain="ana.example"),
    declaration("site-twice", Subject.DOMAIN, domain="ana.example"),
]


def filed(tmp_path, *declarations):
    registry = Registry(tmp_path / "registry", SIGNER, at(NOW))
    answers = list(registry.deliver(declarations))
    assert all(answer.receipt for answer in answers), answers
    return registry, {answer.id: answer.receipt for answer in answers}


def read_json(published):
    lines = (published.folder / "opt-outs.jsonl").read_bytes().removesuffix(b"\n").split(b"\n")
    return [json.loads(line) for line in lines]


def read_csv(published):
    with (published.folder / "opt-outs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_forms_of_the_list_say_the_same(tmp_path):
    registry, receipts = filed(tmp_path, *EVERYTHING)
    published = lists.publish(registry)
    rows = read_json(published)
    table = pq.read_table(published.folder / "opt-outs.parquet")
    assert table.column_names == COLUMNS
    assert table.to_pylist() == rows
    as_text = {None: "", True: "true"}
    assert read_csv(published) == [
        {name: as_text.get(value, str(value)) for name, value in row.items()} for row in rows
    ]
    assert [row["proof_ref"] for row in rows] == [
        f"self-declared sha256:{proof.digest(receipt[:-1])}" for receipt in receipts.values()
    ]
    assert (published.opt_outs, published.urls, published.domains) == (5, 1, 1)


def test_each_row_has_what_was_declared_and_nothing_more(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    work, copy, _, site, _ = read_json(lists.publish(registry))
    for row in (work, copy, site):
        assert (row["opt_out_train"], row["opt_out_mining"]) == (True, True)
        assert (row["declarant"], row["declared_at"]) == (EVERYTHING[0].declarant, NOW)
        assert (row["pdq"], row["iscc"]) == (None, None)
    assert (work["sha256"], work["md5"]) == ("ab" * 32, "cd" * 16)
    assert (work["phash"], work["dct256"]) == ("f0" * 8, "0f" * 32)
    assert (work["phash_forms"], work["dct256_forms"]) == ("e1" * 8 * 7, "1e" * 32 * 7)
    assert (work["width"], work["height"]) == (640, 480)
    assert copy["url"] == "HTTPS://Example.org:443/ä.jpg"
    assert copy["url_normalized"] == "https://example.org/%C3%A4.jpg"
    assert copy["domain"] is None, "one copy does not opt out the whole of somebody's site"
    assert (site["domain"], site["url"]) == ("ana.example", None)


def test_the_plain_lists_have_each_line_once(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    folder = lists.publish(registry).folder
    assert (folder / "urls.txt").read_bytes() == "HTTPS://Example.org:443/ä.jpg\n".encode()
    assert (folder / "domains.txt").read_bytes() == b"ana.example\n"
    assert (folder / "reservation.txt").read_text("utf-8") == wire.RESERVATIONS[wire.RESERVATION]


def test_the_columns_have_the_types_that_readers_expect(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    schema = pq.read_schema(lists.publish(registry).folder / "opt-outs.parquet")
    expected = {"width": pa.int32(), "height": pa.int32()}
    expected |= dict.fromkeys(("opt_out_train", "opt_out_mining"), pa.bool_())
    assert schema == pa.schema([(name, expected.get(name, pa.string())) for name in COLUMNS])


def test_what_is_withdrawn_leaves_the_list_and_stays_in_the_log(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    lists.publish(registry)
    list(registry.withdraw(["copy", "site", "site-twice"], NOW))
    published = lists.publish(registry)
    assert [row["url"] for row in read_json(published)] == [None, "HTTPS://Example.org:443/ä.jpg"]
    assert (published.folder / "domains.txt").read_bytes() == b""
    assert registry.state().entries == 2 + 5 + 3
    assert registry.verify().valid


def test_the_same_log_gives_the_same_bytes(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)

    def all_bytes():
        folder = lists.publish(registry).folder
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    first = all_bytes()
    assert first.keys() == {*lists.FILES, lists.MANIFEST}
    shutil.rmtree(tmp_path / "registry" / "public")
    registry = Registry(tmp_path / "registry", SIGNER, at("2030-01-01T00:00:00Z"))
    assert all_bytes() == first


def test_a_whole_list_of_the_same_log_and_key_is_left_alone(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    published = lists.publish(registry)

    def places():
        return {path.name: path.stat().st_ino for path in published.folder.iterdir()}

    before = places()
    assert lists.publish(registry) == published
    assert places() == before
    other = Registry(tmp_path / "registry", proof.Signer(bytes(32)), at(NOW))
    assert lists.publish(other) == published
    assert not (places().items() & before.items()), "a list is signed by who writes it"


def test_a_list_that_was_left_half_written_or_spoilt_is_written_again(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    folder = lists.publish(registry).folder
    good = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in good:
        for spoil in (lambda path: path.unlink(), lambda path: path.write_bytes(b"\n")):
            spoil(folder / name)
            lists.publish(registry)
            assert {path.name: path.read_bytes() for path in folder.iterdir()} == good


def test_the_manifest_vouches_for_every_file_and_for_the_log(tmp_path):
    registry, receipts = filed(tmp_path, *EVERYTHING)
    folder = lists.publish(registry).folder
    manifest = folder / lists.MANIFEST
    assert proof.check_file(manifest, SIGNER.key).valid
    about = json.loads(manifest.read_bytes())["list"]
    assert about == {
        "at": NOW,
        "log_entries": 7,
        "log_head": proof.digest(receipts["site-twice"][:-1]),
        "opt_outs": 5,
        "urls": 1,
        "domains": 1,
    }
    for name in lists.FILES:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole + b"\n")
        checked = proof.check_file(manifest)
        assert (checked.valid, checked.where) == (False, name)
        (folder / name).write_bytes(whole)
    assert proof.check_file(manifest).valid


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d", "\uff20"])
def test_no_cell_is_a_formula_to_a_spreadsheet(tmp_path, start):
    name = f'{start}HYPERLINK("https://example.org")'
    registry, _ = filed(tmp_path, declaration("a", url="https://example.org/", declarant=name))
    published = lists.publish(registry)
    assert read_csv(published)[0]["declarant"] == f"'{name}"
    assert read_json(published)[0]["declarant"] == name


def test_rows_come_in_bounded_portions_and_all_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "_ROWS_AT_ONCE", 2)
    registry, _ = filed(tmp_path, *EVERYTHING)
    published = lists.publish(registry)
    parquet = pq.ParquetFile(published.folder / "opt-outs.parquet")
    assert parquet.num_row_groups == 3
    assert parquet.read().to_pylist() == read_json(published)
    assert len(read_csv(published)) == 5
    assert (published.folder / "urls.txt").read_bytes().count(b"\n") == published.urls == 1
    assert (published.folder / "domains.txt").read_bytes() == b"ana.example\n"


def test_an_empty_list_is_a_list(tmp_path):
    registry = Registry(tmp_path / "registry", SIGNER, at(NOW))
    published = lists.publish(registry)
    assert published.opt_outs == 0
    assert read_csv(published) == []
    assert pq.read_table(published.folder / "opt-outs.parquet").column_names == COLUMNS
    assert proof.check_file(published.folder / lists.MANIFEST).valid


def test_a_damaged_log_leaves_the_published_list_as_it_was(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    folder = lists.publish(registry).folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    path = tmp_path / "registry" / "log.jsonl"
    path.write_bytes(path.read_bytes().replace(b"laion", b"lai0n"))
    with pytest.raises(Damaged):
        lists.publish(Registry(tmp_path / "registry", SIGNER, at(NOW)))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    registry, _ = filed(tmp_path, *EVERYTHING)
    (tmp_path / "registry" / "public").write_bytes(b"a file where the folder should be")
    with pytest.raises(Stopped) as caught:
        lists.publish(registry)
    assert caught.value.kind is Kind.DATA_NOT_WRITABLE
