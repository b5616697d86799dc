# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a data set looks like after the opted-out rows have gone."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artistguard import cli
from artistguard.datasets import FilterReport, OptOutList, Reason, filter_dataset
from artistguard.datasets.columns import Meaning
from artistguard.datasets.opt_out_list import Looks
from artistguard.datasets.sieve import Sieve
from artistguard.errors import Kind, Problem, Stopped, Unreadable
from artistguard.wire import host_of, normalise_url

ART = "https://art.example/works/north.jpg"
OTHER = "https://other.example/cat.jpg"
SHA = "ab" * 32
MD5 = "cd" * 16
PHASH = "e7a1c39d5b08f264"


def run(source, out, opt_outs) -> FilterReport:
    steps = filter_dataset(source, out, opt_outs)
    done = 0
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value
        assert done <= progress.done <= progress.total
        done = progress.done


def listing(tmp_path, *lines) -> OptOutList:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(lines))
    return OptOutList.load(path)


def table_list(tmp_path, **columns) -> OptOutList:
    path = tmp_path / "opt-outs.parquet"
    pq.write_table(pa.table(columns), path)
    return OptOutList.load(path)


def drops(report) -> dict[str, int]:
    return {str(reason): count for reason, count in report.dropped.items() if count}


def flipped(hash_hex, *bits) -> str:
    number = int(hash_hex, 16)
    for bit in bits:
        number ^= 1 << bit
    return f"{number:0{len(hash_hex)}x}"


# --- published schemas ----------------------------------------------------------------------------

LAION_400M = pa.schema(
    [
        ("SAMPLE_ID", pa.int64()),
        ("URL", pa.string()),
        ("TEXT", pa.string()),
        ("HEIGHT", pa.int64()),
        ("WIDTH", pa.int64()),
        ("LICENSE", pa.string()),
        ("NSFW", pa.string()),
        ("similarity", pa.float64()),
    ]
)
LAION_2B_JOINED = pa.schema(
    [
        ("URL", pa.string()),
        ("TEXT", pa.string()),
        ("WIDTH", pa.int64()),
        ("HEIGHT", pa.int64()),
        ("similarity", pa.float64()),
        ("hash", pa.int64()),
        ("punsafe", pa.float32()),
        ("pwatermark", pa.float32()),
        ("__index_level_0__", pa.int64()),
    ]
)
COYO_700M = pa.schema(
    [
        ("id", pa.int64()),
        ("url", pa.string()),
        ("text", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("image_phash", pa.string()),
        ("text_length", pa.int32()),
        ("word_count", pa.int32()),
        ("num_faces", pa.int32()),
        ("clip_similarity_vitb32", pa.float32()),
        ("watermark_score", pa.float32()),
    ]
)
DATACOMP = pa.schema(
    [
        ("uid", pa.string()),
        ("url", pa.string()),
        ("text", pa.string()),
        ("original_width", pa.int64()),
        ("original_height", pa.int64()),
        ("clip_b32_similarity_score", pa.float32()),
        ("face_bboxes", pa.list_(pa.list_(pa.float32()))),
        ("sha256", pa.string()),
    ]
)
IMG2DATASET = pa.schema(
    [
        ("caption", pa.string()),
        ("url", pa.string()),
        ("key", pa.string()),
        ("status", pa.string()),
        ("error_message", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("original_width", pa.int32()),
        ("original_height", pa.int32()),
        ("exif", pa.string()),
        ("sha256", pa.string()),
        ("jpg", pa.binary()),
    ]
)
PD12M = pa.schema(
    [
        ("id", pa.string()),
        ("url", pa.string()),
        ("caption", pa.string()),
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("mime_type", pa.string()),
        ("hash", pa.string()),
        ("license", pa.string()),
        ("source", pa.string()),
    ]
)


def filled(schema, rows, **known) -> pa.Table:
    """A table of `rows` rows with plausible values, and the given ones in the given columns."""
    columns = []
    for field in schema:
        if field.name in known:
            values = known[field.name]
        elif pa.types.is_integer(field.type):
            values = [7 * n + 300 for n in range(rows)]
        elif pa.types.is_floating(field.type):
            values = [n / 10 for n in range(rows)]
        elif pa.types.is_list(field.type):
            values = [[[0.1, 0.2, 0.3, 0.4]], []] * (rows // 2) + [None] * (rows % 2)
        elif pa.types.is_binary(field.type):
            values = [bytes([n]) * 9 for n in range(rows)]
        else:
            values = [None if n == 1 else f"{field.name} {n}" for n in range(rows)]
        columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


@pytest.mark.parametrize(
    "schema,column,values,reason",
    [
        (LAION_400M, "URL", [OTHER, ART, None, OTHER], "url"),
        (LAION_2B_JOINED, "URL", [OTHER, ART, None, OTHER], "url"),
        (COYO_700M, "image_phash", ["1b" * 8, flipped(PHASH, 3), None, ""], "fingerprint"),
        (DATACOMP, "sha256", ["00" * 32, SHA, None, "not a hash"], "sha256"),
        (IMG2DATASET, "sha256", ["00" * 32, SHA.upper(), None, SHA[:-2]], "sha256"),
        (PD12M, "hash", ["00" * 16, MD5, None, "zz" * 16], "md5"),
    ],
    ids=["laion400m", "laion2b-joined", "coyo", "datacomp", "img2dataset", "pd12m"],
)  # fmt: skip
def test_each_published_schema_loses_only_the_opted_out_row(
    tmp_path, schema, column, values, reason
):
    table = filled(schema, 4, **{column: values})
    pq.write_table(table, tmp_path / "in.parquet", compression="zstd")
    opt_outs = table_list(tmp_path, url=[ART], sha256=[SHA], md5=[MD5], phash=[PHASH])
    report = run(tmp_path / "in.parquet", tmp_path / "out.parquet", opt_outs)
    assert (report.rows_in, report.rows_out, drops(report)) == (4, 3, {reason: 1})
    before, after = pq.read_table(tmp_path / "in.parquet"), pq.read_table(tmp_path / "out.parquet")
    assert after.equals(before.take([0, 2, 3]), check_metadata=True)


def test_the_64_bit_join_key_of_laion_is_no_file_hash(tmp_path):
    written_out = "1234567890123456789"
    table = filled(LAION_2B_JOINED, 1, URL=[OTHER], hash=[int(written_out)])
    pq.write_table(table, tmp_path / "in.parquet")
    (tmp_path / "in.csv").write_text(f"url,hash\n{OTHER},{written_out}\n")
    opt_outs = table_list(tmp_path, phash=[f"{int(written_out):016x}"], md5=[MD5])
    for name in ("in.parquet", "in.csv"):
        assert run(tmp_path / name, tmp_path / f"out-{name}", opt_outs).rows_out == 1


# --- why a row goes -------------------------------------------------------------------------------


def judge(tmp_path, opt_outs, **columns):
    """The positions of the kept rows, and the counts, of a small Parquet table."""
    size = len(next(iter(columns.values())))
    pq.write_table(pa.table(columns | {"row": range(size)}), tmp_path / "in.parquet")
    report = run(tmp_path / "in.parquet", tmp_path / "out.parquet", opt_outs)
    return pq.read_table(tmp_path / "out.parquet")["row"].to_pylist(), drops(report)


def test_an_address_goes_however_it_is_spelt(tmp_path):
    opt_outs = listing(tmp_path, "https://art.example/a%20b.jpg?size=2", "ftp://old.example/x.gif")
    urls = [
        "https://art.example/a%20b.jpg?size=2",
        "HTTPS://ART.example:443/a b.jpg?size=2#top",
        "https://art.example/a%20b.jpg?size=3",
        "https://art.example/A%20b.jpg?size=2",
        "https://art.example/",
        "ftp://old.example/x.gif",
        "ftp://old.example/y.gif",
        "",
        None,
    ]
    assert judge(tmp_path, opt_outs, url=urls) == ([2, 3, 4, 6, 7, 8], {"url": 3})


def test_an_address_goes_by_http_as_by_https(tmp_path):
    opt_outs = listing(tmp_path, "https://a.example/1.jpg", "http://b.example:80/2 3.jpg")
    urls = [
        "http://a.example/1.jpg",
        "HTTP://A.example:80/%31.jpg",
        "https://b.example/2%203.jpg",
        "https://b.example:443/2 3.jpg",
        "http://a.example:443/1.jpg",  # another port is another place
        "ftp://a.example/1.jpg",
        "http://a.example/1.jpeg",
    ]
    assert judge(tmp_path, opt_outs, url=urls) == ([4, 5, 6], {"url": 4})


@settings(max_examples=200)
@given(st.data())
def test_addresses_are_judged_by_their_one_spelling(data):
    """The short cuts for hosts and tidy addresses change no answer."""
    part = st.text("abA0-_.~%2f/:@?#&= \\é\t", max_size=6)
    address = st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["http://", "HTTPS://", "https://", " https://", "//", "ftp://", ""]),
        st.sampled_from(
            ["a.example", "A.example.", "u@a.example:443", "é.example", "[::1]:80", ""]
        ),
        st.sampled_from(["/", "", "?", "/a?b", "/%41", "/a%2fb?%zz", "/a b", "\n"]),
        part,
    )
    urls = data.draw(st.lists(address, min_size=1, max_size=6))
    listed = data.draw(st.lists(st.one_of(st.sampled_from(urls), address), max_size=3))
    known = frozenset(filter(None, map(normalise_url, listed)))
    hosts = frozenset(filter(None, map(host_of, listed)))
    none = Looks(np.empty((0, 8), np.uint8), np.empty(0, np.int16))
    opt_outs = OptOutList(
        frozenset(listed), known, hosts, frozenset(), frozenset(), frozenset(), none, none
    )
    reasons = Sieve(opt_outs).judge({Meaning.URL: [pa.array(urls)]}, len(urls))
    places = {normal.partition(":")[2] for normal in known}
    normal = [normalise_url(url) for url in urls]
    expected = [
        url in listed or (form is not None and form.partition(":")[2] in places)
        for url, form in zip(urls, normal, strict=True)
    ]
    assert (reasons == 0).tolist() == expected


def test_a_domain_takes_its_subdomains_along_but_not_its_neighbours(tmp_path):
    opt_outs = listing(tmp_path, "# mine", "art.example", "*.Bücher.example", "")
    urls = [
        "https://art.example",
        "http://cdn.img.ART.example.:8080/x.jpg",
        "https://user@art.example?x=/y",
        "https://smart.example/x.jpg",
        "https://art.example.evil.example/x.jpg",
        "https://evil.example/art.example/x.jpg",
        "https://xn--bcher-kva.example/x.png",
        " \thttps://www.bücher.example/x.png",
        "//art.example/x.jpg",
        "art.example/x.jpg",
    ]
    assert judge(tmp_path, opt_outs, URL=urls) == ([3, 4, 5], {"domain": 7})


def test_the_first_reason_in_the_fixed_order_is_the_one_that_counts(tmp_path):
    hosts = tmp_path / "hosts.jsonl"
    rows = [{"domain": "art.example"}, {"url": ART}, {"sha256": SHA}, {"md5": MD5}]
    hosts.write_text("\n".join(map(json.dumps, [*rows, {"phash": PHASH}])))
    kept, counts = judge(
        tmp_path,
        OptOutList.load(hosts),
        url=[ART, "https://art.example/x", OTHER, OTHER, OTHER, OTHER],
        sha256=[SHA, SHA, SHA, None, None, None],
        md5=[MD5, MD5, MD5, MD5, None, None],
        phash=[PHASH, PHASH, PHASH, PHASH, PHASH, None],
    )
    assert kept == [5]
    assert counts == {str(reason): 1 for reason in Reason}
    assert list(counts) == ["url", "domain", "sha256", "md5", "fingerprint"]


def test_hashes_are_understood_in_every_form_they_are_published_in(tmp_path):
    opt_outs = table_list(tmp_path, sha256=[SHA], phash=[PHASH])
    number = int(PHASH, 16)
    forms = {
        "phash": pa.array([PHASH, "0x" + PHASH.upper(), "0y" + PHASH, PHASH[1:]]),
        "image_phash": pa.array([number, 1, 0, None], pa.uint64()),
        "phash64": pa.array([number - (1 << 64), -1, 0, None], pa.int64()),
        "dct256": pa.array([None] * 4, pa.string()),
    }
    assert judge(tmp_path, opt_outs, phash=forms["phash"])[0] == [2, 3]
    assert judge(tmp_path, opt_outs, image_phash=forms["image_phash"])[0] == [1, 2, 3]
    assert judge(tmp_path, opt_outs, phash64=forms["phash64"])[0] == [1, 2, 3]
    assert judge(tmp_path, opt_outs, phash64=forms["phash"].dictionary_encode())[0] == [2, 3]
    raw = [bytes.fromhex(SHA), b"\0" * 32, None]
    for kind in (pa.binary(), pa.large_binary(), pa.binary(32)):
        assert judge(tmp_path, opt_outs, sha256=pa.array(raw, kind))[0] == [1, 2]
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())):
        assert judge(tmp_path, opt_outs, sha256=pa.array([SHA, "", None], kind))[0] == [1, 2]


def test_a_fingerprint_reaches_further_in_pictures_of_the_same_shape(tmp_path):
    opt_outs = table_list(tmp_path, phash=[PHASH], width=[1200], height=[900])
    phash = [flipped(PHASH, *range(bits)) for bits in (2, 3, 4, 4, 4, 4, 5)]
    width = [64, 400, 400, 900, None, 401, 400]
    height = [64, 300, 300, 1200, 300, 300, 300]
    kept, _ = judge(tmp_path, opt_outs, phash=phash, width=width, height=height)
    assert kept == [3, 4, 6]
    # The stored picture may be squeezed to a square: the published one's shape decides.
    squeezed = {"width": [256, 256], "height": [256, 256]}
    published = {"original_width": [400, 900], "original_height": [300, 900]}
    kept, _ = judge(tmp_path, opt_outs, phash=[phash[2]] * 2, **squeezed, **published)
    assert kept == [1]
    # Without a size on either side, the narrow radius holds.
    assert judge(tmp_path, opt_outs, phash=phash[:3])[0] == [1, 2]


def test_a_list_may_tell_how_its_pictures_look_mirrored_and_turned(tmp_path):
    random = np.random.default_rng(8)
    forms = [random.bytes(8).hex() for _ in range(8)]
    whole = {"phash": [forms[0]], "phash_forms": ["".join(forms[1:])]}
    far = [flipped(form, 5, 6, 7) for form in forms]
    # Mirror, flip and half turn keep the shape; the other four stand on their side.
    opt_outs = table_list(tmp_path, **whole, width=[400], height=[300])
    kept, _ = judge(tmp_path, opt_outs, phash=far, width=[800] * 8, height=[600] * 8)
    assert kept == [4, 5, 6, 7]
    kept, _ = judge(tmp_path, opt_outs, phash=far, width=[600] * 8, height=[800] * 8)
    assert kept == [0, 1, 2, 3]
    opt_outs = table_list(tmp_path, **whole)
    assert judge(tmp_path, opt_outs, phash=[*forms, *far])[0] == list(range(8, 16))


def test_every_hash_within_the_radius_is_found_among_many(tmp_path):
    random = np.random.default_rng(5)
    ours = random.integers(0, 2**63, 3000, dtype=np.uint64)
    opt_outs = table_list(tmp_path, phash=[f"{value:016x}" for value in ours])
    near = []
    for distance in (0, 1, 2, 3):
        for value in ours[:200].tolist():
            bits = random.choice(64, distance, replace=False).tolist()
            near.append(flipped(f"{value:016x}", *bits))
    kept, _ = judge(tmp_path, opt_outs, phash=near)
    assert kept == list(range(600, 800))


def test_a_near_blank_fingerprint_drops_nothing(tmp_path):
    blank = ["8000000000000000", "ffffffff00000000", "aaaaaaaaaaaaaaaa"]
    opt_outs = table_list(tmp_path, phash=blank, dct256=["0f" * 32] * 3)
    kept, _ = judge(tmp_path, opt_outs, phash=blank, dct256=["0f" * 32] * 3)
    assert kept == [0, 1, 2]


def test_256_bit_fingerprints_are_compared_within_31_bits(tmp_path):
    ours = np.random.default_rng(2).bytes(32).hex()
    opt_outs = table_list(tmp_path, dct256=[ours])
    rows = [flipped(ours, *range(0, 8 * bits, 8)) for bits in (0, 31, 32)]
    assert judge(tmp_path, opt_outs, dct256=rows) == ([2], {"fingerprint": 2})


# --- opt-out lists --------------------------------------------------------------------------------

ROWS = [
    {"url": ART, "domain": "art.example", "sha256": SHA, "opt_out_train": True},
    {"url": None, "domain": "studio.example", "opt_out_train": True},
    {"url": OTHER, "domain": "other.example", "opt_out_train": False},
    {"url": None, "phash": PHASH, "width": 40, "height": 30, "opt_out_train": None},
]


def as_parquet(path):
    schema = pa.schema(
        [(name, pa.string()) for name in ("url", "domain", "sha256", "phash")]
        + [("width", pa.int32()), ("height", pa.int32()), ("opt_out_train", pa.bool_())]
    )
    pq.write_table(pa.Table.from_pylist(ROWS, schema=schema), path)


def as_jsonl(path):
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))


def as_csv(path):
    names = ["url", "domain", "sha256", "phash", "width", "height", "opt_out_train"]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(ROWS)


@pytest.mark.parametrize(
    "name,write",
    [("opt-outs.parquet", as_parquet), ("opt-outs.jsonl", as_jsonl), ("opt-outs.csv", as_csv)],
)
def test_every_form_of_a_list_says_the_same(tmp_path, name, write):
    write(tmp_path / name)
    for source in (tmp_path / name, tmp_path):
        opt_outs = OptOutList.load(source)
        assert opt_outs.urls == {ART}
        assert opt_outs.domains == {"studio.example"}
        assert opt_outs.sha256 == {bytes.fromhex(SHA)}
        assert opt_outs.phash64.values.tobytes().hex() == PHASH
        assert opt_outs.phash64.shapes.tolist() == [29]


def test_the_data_folder_of_an_artistguard_is_read_by_its_public_list(tmp_path):
    public = tmp_path / "registry" / "public"
    public.mkdir(parents=True)
    (public / "urls.txt").write_text(f"# addresses\n{ART}\n")
    (public / "domains.txt").write_text("studio.example\n")
    opt_outs = OptOutList.load(tmp_path)
    assert (opt_outs.urls, opt_outs.domains) == ({ART}, {"studio.example"})


def test_a_list_that_is_not_what_its_manifest_says_is_refused(tmp_path):
    (tmp_path / "urls.txt").write_text(ART)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(Problem) as caught:
        OptOutList.load(tmp_path)
    assert caught.value.kind is Kind.LIST_UNREADABLE


@pytest.mark.parametrize(
    "name,content",
    [
        ("list.txt", b"com"),
        ("list.txt", b"art.example/north.jpg"),
        ("list.txt", b"\xff\xfe\0"),
        ("list.jsonl", b'{"url": "https://art.example/x"}\n{"url": '),
        ("list.csv", b"url,domain\nhttps://art.example/x\n"),
        ("list.csv", b"name\nx\n"),
        ("list.parquet", b"PAR1"),
        ("list.doc", b""),
        ("missing.txt", None),
        ("empty folder", None),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_whole(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    elif not name.endswith(".txt"):
        (tmp_path / name).mkdir()
    with pytest.raises(Unreadable) as caught:
        OptOutList.load(tmp_path / name)
    assert caught.value.kind is Kind.LIST_UNREADABLE


# --- text tables ----------------------------------------------------------------------------------


def filter_text(tmp_path, name, content, *lines):
    (tmp_path / name).write_bytes(content)
    report = run(tmp_path / name, tmp_path / f"out-{name}", listing(tmp_path, *lines))
    return (tmp_path / f"out-{name}").read_bytes(), report


def test_a_kept_csv_record_keeps_its_bytes(tmp_path):
    kept = [
        b"\xef\xbb\xbfID;x,Url,caption\r\n",
        b'1,"https://other.example/""1"".jpg","says ""hi"",\nthen\r\n\r\nleaves"\r\n',
        b"\n",
        b'2,https://other.example/2.jpg, "half quoted" text \n',
        b"3,https://other.example/3.jpg,\xff\xfe\0 bytes\n",
        b"5,https://other.example/5.jpg,no line end",
    ]
    gone = b'4,"https://art.example/works/north.jpg","over\ntwo lines"\n'
    out, report = filter_text(tmp_path, "in.csv", b"".join([*kept[:5], gone, kept[5]]), ART)
    assert out == b"".join(kept)
    assert (report.rows_in, report.rows_out, report.unreadable) == (5, 4, 0)
    assert drops(report) == {"url": 1}


def test_malformed_csv_rows_hide_no_others_and_are_counted_where_they_tell_nothing(tmp_path):
    bad = [b"1,too,many\n", b"few\n", b'2,"never closed\n']
    good = b"3,https://other.example/3.jpg\n"
    gone = b"4,https://art.example/works/north.jpg\n"
    content = b"id,url\n" + b"".join([bad[0], gone, bad[1], gone, bad[2], good, gone, gone])
    out, report = filter_text(tmp_path, "in.csv", content, ART)
    assert out == b"id,url\n" + bad[0] + bad[1] + bad[2] + good
    assert (report.rows_in, report.rows_out, report.unreadable) == (8, 4, 2)


@pytest.mark.parametrize("header", ["url,text,sha256", "text,url,sha256", "sha256,text,url"])
@pytest.mark.parametrize("what", ["url", "sha256"])
def test_a_csv_row_with_too_few_or_too_many_fields_is_judged_by_what_is_there(
    tmp_path, header, what
):
    names = header.split(",")
    opt_outs = table_list(tmp_path, url=[ART], sha256=[SHA])
    fields = ["x" if name != what else {"url": ART, "sha256": SHA}[name] for name in names]
    mine = names.index(what)
    ragged = [
        [*fields, "end"],
        ["start", "another", *fields],
        *([*fields[:at], "more", *fields[at:]] for at in range(len(fields))),
        *(fields[:at] + fields[at + 1 :] for at in range(len(fields)) if at != mine),
    ]
    kept = "x,https://other.example/\n"
    content = header + "\n" + "".join(",".join(row) + "\n" for row in ragged) + kept
    (tmp_path / "in.csv").write_text(content)
    report = run(tmp_path / "in.csv", tmp_path / "out.csv", opt_outs)
    assert drops(report) == {what: len(ragged)}
    assert (tmp_path / "out.csv").read_text() == f"{header}\n{kept}"


def test_an_open_quotation_mark_does_not_save_an_opted_out_row(tmp_path):
    gone = b'https://art.example/works/north.jpg,"open\n'
    out, report = filter_text(tmp_path, "in.csv", b"url,text\n" + gone, ART)
    assert (out, report.rows_out, report.unreadable) == (b"url,text\n", 0, 0)


def test_a_row_that_cannot_be_read_is_said_and_fails_the_command(tmp_path, capsys):
    (tmp_path / "urls.txt").write_text(ART)
    command = ["dataset", "filter", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "o.jsonl")]
    row = f'{{"url": "{OTHER}"}}\n'
    for bad, status, said in (
        (0, 0, "Left out: none.\n"),
        (1, 1, "1 row could not be read and was kept."),
        (1200, 1, "1,200 rows could not be read and were kept."),
    ):
        (tmp_path / "in.jsonl").write_text(row + "{broken\n" * bad)
        assert cli.main([*command, "--opt-outs", str(tmp_path / "urls.txt")]) == status
        assert said in capsys.readouterr().out


def test_a_quote_that_never_closes_does_not_hide_a_whole_file(tmp_path):
    gone = b"https://art.example/works/north.jpg,x\n"
    content = b'url,caption\nhttps://other.example/,"open\n' + gone * 20_000
    out, report = filter_text(tmp_path, "in.csv", content, ART)
    assert (report.rows_out, report.unreadable) == (1, 1)
    assert out == content[: -len(gone) * 20_000]


def test_tabs_separate_a_tsv(tmp_path):
    content = (
        b"caption\tURL\na, b\thttps://art.example/works/north.jpg\nc\thttps://other.example/\n"
    )
    out, _ = filter_text(tmp_path, "in.tsv", content, ART)
    assert out == b"caption\tURL\nc\thttps://other.example/\n"


def test_a_kept_json_line_keeps_its_bytes(tmp_path):
    kept = [
        b'\xef\xbb\xbf{ "URL" : "https:\\/\\/other.example\\/1", "n":1.0 ,"n":2}\r\n',
        b"  \n",
        b'{"caption": "no address", "url": null}\n',
        b'{"url": "\\ud800 half", "ok": [1, {"url": "https://art.example/works/north.jpg"}]}\n',
        b'{"url": 7, "phash": true}\n',
        b'["https://art.example/works/north.jpg"]\n',
        b"{broken\n",
        b"\xff\xfe\n",
        b"[" * 200_000 + b"\n",
        b'{"n": ' + b"1" * 6000 + b"}\n",
        b'{"image_url": "https://other.example/2"}',
    ]
    gone = [
        b'{"url": "https://art.example/works/north.jpg"}\n',
        b'{"Image_URL": "https:\\/\\/art.example\\/works\\/north.jpg", "caption": "\\u00e9"}\n',
    ]
    out, report = filter_text(tmp_path, "in.jsonl", b"".join([*gone, *kept]), ART)
    assert out == b"".join(kept)
    assert (report.rows_in, report.rows_out, report.unreadable) == (12, 10, 5)


def test_a_number_in_json_can_be_a_fingerprint(tmp_path):
    opt_outs = table_list(tmp_path, phash=[PHASH], width=[40], height=[30])
    number = int(flipped(PHASH, 1, 2, 3), 16)
    rows = [
        {"phash": number, "width": 400, "height": 300.0},
        {"phash": number - (1 << 64), "width": "400", "height": "300"},
        {"phash": number, "width": 300, "height": "unknown"},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run(tmp_path / "in.jsonl", tmp_path / "out.jsonl", opt_outs).rows_out == 1


def test_a_line_too_long_to_read_passes_through_as_one_unreadable_row(tmp_path):
    long = b'{"url": "' + b"x" * (40 << 20) + b'"}\n'
    gone = b'{"url": "https://art.example/works/north.jpg"}\n'
    out, report = filter_text(tmp_path, "in.jsonl", gone + long + gone, ART)
    assert out == long
    assert (report.rows_in, report.rows_out, report.unreadable) == (3, 1, 1)
    long = b"x" * (20 << 20) + b"\n"
    gone = b"https://art.example/works/north.jpg\n"
    out, report = filter_text(tmp_path, "in.csv", b"url\n" + gone + long + gone, ART)
    assert out == b"url\n" + long
    assert (report.rows_in, report.rows_out, report.unreadable) == (3, 1, 1)


def test_gzipped_tables_stay_gzipped_and_the_same_rows_give_the_same_bytes(tmp_path):
    rows = b'{"url": "https://other.example/1"}\n'
    content = gzip.compress(rows + b'{"url": "https://art.example/works/north.jpg"}\n')
    first, _ = filter_text(tmp_path, "in.jsonl.gz", content, ART)
    assert gzip.decompress(first) == rows
    second, _ = filter_text(tmp_path, "again.jsonl.gz", content, ART)
    assert second == first


# --- Parquet --------------------------------------------------------------------------------------


def test_parquet_keeps_schema_metadata_compression_and_order(tmp_path):
    schema = DATACOMP.with_metadata({"huggingface": '{"info": 1}', "pandas": "{}"})
    table = filled(schema, 1000, url=[ART if n % 10 == 0 else OTHER for n in range(1000)])
    codecs = dict.fromkeys(table.column_names, "zstd") | {"url": "gzip", "text": "none"}
    codecs["face_bboxes.list.element.list.element"] = "brotli"
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=64, compression=codecs)
    run(tmp_path / "in.parquet", tmp_path / "out.parquet", listing(tmp_path, ART))
    out = pq.ParquetFile(tmp_path / "out.parquet")
    source = pq.ParquetFile(tmp_path / "in.parquet")
    assert out.schema_arrow.equals(source.schema_arrow, check_metadata=True)
    kept = source.read().take([n for n in range(1000) if n % 10])
    assert out.read().equals(kept, check_metadata=True)
    before = source.metadata.row_group(0)
    after = out.metadata.row_group(0)
    for at in range(before.num_columns):
        assert after.column(at).compression == before.column(at).compression
        assert after.column(at).path_in_schema == before.column(at).path_in_schema


def test_every_type_of_column_passes_through(tmp_path):
    rows = 300
    columns = {
        "url": pa.array([ART if n % 3 == 0 else OTHER for n in range(rows)]).dictionary_encode(),
        "view": pa.array([f"text {n}" for n in range(rows)], pa.string_view()),
        "bytes": pa.array([bytes([n % 256]) for n in range(rows)], pa.binary_view()),
        "when": pa.array(range(0, 1000 * rows, 1000), pa.timestamp("ns", "UTC")),
        "exact": pa.array(range(rows), pa.decimal128(9, 2)),
        "half": pa.array(np.arange(rows, dtype=np.float16)),
        "nothing": pa.nulls(rows),
        "tags": pa.array([[("a", n)] for n in range(rows)], pa.map_(pa.string(), pa.int16())),
        "image": pa.array([{"bytes": b"x" * n, "path": None} for n in range(rows)]),
        "label": pa.array([f"label {n // 100}" for n in range(rows)]).dictionary_encode(),
    }
    table = pa.table(columns)
    # A pandas index and a second column of the same name do occur.
    table = table.append_column("url", pa.array([OTHER] * rows))
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=100)
    run(tmp_path / "in.parquet", tmp_path / "out.parquet", listing(tmp_path, ART))
    source = pq.ParquetFile(tmp_path / "in.parquet").read()
    out = pq.ParquetFile(tmp_path / "out.parquet").read()
    assert out.schema.equals(source.schema, check_metadata=True)
    wanted = [n for n in range(rows) if n % 3]
    for at in range(table.num_columns):
        values = source.column(at).to_pylist()
        assert out.column(at).to_pylist() == [values[n] for n in wanted]


def test_a_table_may_lose_every_row_or_have_none(tmp_path):
    table = filled(PD12M, 3, url=[ART] * 3)
    for rows in (table, table.slice(0, 0)):
        pq.write_table(rows, tmp_path / "in.parquet")
        report = run(tmp_path / "in.parquet", tmp_path / "out.parquet", listing(tmp_path, ART))
        assert report.rows_out == 0
        assert pq.read_table(tmp_path / "out.parquet").schema == PD12M
    out, _ = filter_text(tmp_path, "in.csv", b"url\n", ART)
    assert out == b"url\n"
    out, _ = filter_text(tmp_path, "in.jsonl", b"", ART)
    assert out == b""


def test_text_that_is_no_utf8_is_no_obstacle_in_parquet(tmp_path):
    raw = pa.array([b"https://art.example/\xff", b"https://other.example/\xff"], pa.binary())
    broken = pa.StringArray.from_buffers(2, raw.buffers()[1], raw.buffers()[2])
    pq.write_table(pa.table({"url": broken}), tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet", listing(tmp_path, "art.example"))
    kept = pq.read_table(tmp_path / "out.parquet")["url"].cast(pa.binary()).to_pylist()
    assert kept == [b"https://other.example/\xff"]


# --- what can go wrong ----------------------------------------------------------------------------


def leftovers(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "name,spoil",
    [
        ("in.parquet", lambda whole: whole[: len(whole) // 2]),
        ("in.parquet", lambda whole: whole[:4000] + b"\xaa" * 4000 + whole[8000:]),
        ("in.parquet", lambda whole: b""),
        ("in.parquet", lambda whole: b"PAR1" * 5),
        ("in.jsonl.gz", lambda whole: whole[:-9]),
        ("in.jsonl.gz", lambda whole: whole[:40] + b"\xaa" * 9 + whole[49:]),
        ("in.csv.gz", lambda whole: b"url,text"),
    ],
)
def test_a_damaged_table_gives_no_output(tmp_path, name, spoil):
    urls = [f"https://other.example/{n * n}.jpg" for n in range(20_000)]
    if name.endswith(".parquet"):
        whole = io.BytesIO()
        pq.write_table(pa.table({"url": urls}), whole, row_group_size=2000)
        content = whole.getvalue()
    else:
        content = gzip.compress("".join(f'{{"url": "{url}"}}\n' for url in urls).encode())
    (tmp_path / name).write_bytes(spoil(content))
    opt_outs = listing(tmp_path, ART)
    before = leftovers(tmp_path)
    with pytest.raises(Unreadable) as caught:
        run(tmp_path / name, tmp_path / f"out-{name}", opt_outs)
    assert caught.value.kind is Kind.TABLE_UNREADABLE
    assert leftovers(tmp_path) == before


@pytest.mark.parametrize("name", ["in.parquet", "in.csv", "in.tsv", "in.jsonl"])
def test_a_table_with_nothing_to_go_by_is_refused_by_its_columns(tmp_path, name):
    if name == "in.parquet":
        pq.write_table(pa.table({"caption": ["x"], "hash": [3], "width": [4]}), tmp_path / name)
    else:
        (tmp_path / name).write_text('{"caption": 1}' if name == "in.jsonl" else "caption\nx\n")
    opt_outs = listing(tmp_path, ART)
    with pytest.raises(Unreadable) as caught:
        run(tmp_path / name, tmp_path / f"out-{name}", opt_outs)
    assert caught.value.kind is Kind.TABLE_WITHOUT_COLUMNS
    assert "caption" in caught.value.facts["columns"] or name == "in.jsonl"
    assert not (tmp_path / f"out-{name}").exists()


def test_the_input_is_never_overwritten(tmp_path):
    source = tmp_path / "set" / "in.csv"
    source.parent.mkdir()
    source.write_text(f"url\n{ART}\n")
    (tmp_path / "link.csv").symlink_to(source)
    opt_outs = listing(tmp_path, ART)
    for out in (source, source.parent, tmp_path / "link.csv"):
        with pytest.raises(Problem) as caught:
            run(source, out, opt_outs)
        assert caught.value.kind is Kind.OUTPUT_IS_INPUT
    for out in (source.parent, source.parent / "filtered"):
        with pytest.raises(Problem) as caught:
            run(source.parent, out, opt_outs)
        assert caught.value.kind is Kind.OUTPUT_IS_INPUT
    with pytest.raises(Problem) as caught:
        run(source, tmp_path / "out.parquet", opt_outs)
    assert caught.value.kind is Kind.OUTPUT_OF_OTHER_KIND
    assert source.read_text() == f"url\n{ART}\n"


def test_an_old_output_stays_until_the_new_one_is_whole(tmp_path):
    (tmp_path / "out.csv").write_text("old")
    (tmp_path / "in.csv").write_text(f"url\n{OTHER}\n")
    steps = filter_dataset(tmp_path / "in.csv", tmp_path / "out.csv", listing(tmp_path, ART))
    next(steps)
    assert (tmp_path / "out.csv").read_text() == "old"
    steps.close()
    assert (tmp_path / "out.csv").read_text() == "old"
    assert leftovers(tmp_path) == ["in.csv", "list.txt", "out.csv"]


def test_a_folder_is_filtered_shard_by_shard_and_a_bad_shard_is_named(tmp_path):
    source = tmp_path / "set"
    (source / "part").mkdir(parents=True)
    pq.write_table(pa.table({"url": [ART, OTHER]}), source / "part" / "00000.parquet")
    pq.write_table(pa.table({"url": [OTHER]}), source / "part" / "00001.parquet")
    (source / "part" / "00002.parquet").write_bytes(b"half")
    (source / "part" / "00000.tar").write_bytes(b"pictures")
    (source / "extra.CSV").write_text(f"url\n{ART}\n")
    report = run(source, tmp_path / "out", listing(tmp_path, ART))
    assert (report.tables, report.rows_in, report.rows_out) == (3, 4, 2)
    assert [(path.name, problem.kind) for path, problem in report.failed] == [
        ("00002.parquet", Kind.TABLE_UNREADABLE)
    ]
    assert leftovers(tmp_path / "out" / "part") == ["00000.parquet", "00001.parquet"]
    assert pq.read_table(tmp_path / "out" / "part" / "00000.parquet")["url"].to_pylist() == [OTHER]
    assert (tmp_path / "out" / "extra.CSV").read_text() == "url\n"


def test_a_place_that_cannot_be_written_to_is_said_so(tmp_path):
    (tmp_path / "in.csv").write_text(f"url\n{OTHER}\n")
    (tmp_path / "file").write_text("")
    with pytest.raises(Stopped) as caught:
        run(tmp_path / "in.csv", tmp_path / "file" / "out.csv", listing(tmp_path, ART))
    assert caught.value.kind is Kind.DATA_NOT_WRITABLE


@pytest.mark.parametrize("name", ["missing.parquet", "empty"])
def test_nothing_to_read_is_said_so(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Unreadable) as caught:
        run(tmp_path / name, tmp_path / "out.parquet", listing(tmp_path, ART))
    assert caught.value.kind is Kind.TABLE_UNREADABLE


# --- memory ---------------------------------------------------------------------------------------

_PEAK = """
import sys
from pathlib import Path
from artistguard.datasets import OptOutList, filter_dataset, parquet, text
# Smaller pieces show in a smaller table whether it is read in pieces at all.
parquet._BATCH_BYTES = text._BATCH_BYTES = 1 << 18
parquet._GROUP_BYTES = 1 << 20
for _ in filter_dataset(Path(sys.argv[1]), Path(sys.argv[2]), OptOutList.load(Path(sys.argv[3]))):
    pass
# The rusage of a process counts what its parent held; this counts its own memory alone.
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def peak(source: Path, opt_outs: Path) -> int:
    """The most memory in MB that a process of its own needs to filter `source`."""
    command = [sys.executable, "-c", _PEAK, source, source.with_stem("out"), opt_outs]
    # Freed memory is to go back at once: otherwise the allocator's own habits are measured.
    settings = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | settings
    )
    return int(done.stdout) // 1000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_memory_does_not_grow_with_the_table(tmp_path, kind):
    (tmp_path / "urls.txt").write_text(ART)
    blob = np.random.default_rng(1).bytes(20_000)
    needed = []
    for rows in (3_000, 5_000):  # 60 and 100 MB, the Parquet rows all in one row group
        path = tmp_path / f"{rows}.{kind}"
        if kind == "parquet":
            data = pa.table({"url": [OTHER] * rows, "jpg": [blob] * rows})
            pq.write_table(data, path, rows, use_dictionary=False, compression="none")
        else:
            path.write_text(f'{{"url": "{OTHER}", "more": "{"x" * 20_000}"}}\n' * rows)
        needed.append(peak(path, tmp_path / "urls.txt"))
    assert needed[1] < needed[0] + 15, needed
