# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Each published form of data set becomes a pack that answers, by its published schema."""

import base64
import csv
import gzip
import hashlib
import io
import json
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard import packing, reading
from artistguard.cli import commands
from artistguard.errors import Kind, Unreadable
from artistguard.models import Clue, Query, Witness
from artistguard.packs import About
from artistguard.packs.pack import Pack
from artistguard.search.packs import PackBackend

NOW = "2026-01-02T03:04:05Z"


def build(source, out, form="auto", **more):
    steps = packing.build([str(source)], out, About("", "1"), form, built_at=NOW, **more)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def entries(pack, found):
    return [entry.entry for entry in pack.entries(found.row)]


def query(path, key=1):
    seen = reading.read(str(path))
    return Query(key, key, seen.width, seen.height, seen.sha256, seen.md5, seen.fingerprints)


def sightings(pack, queries=(), **clue):
    backend = PackBackend(pack)
    seen = list(backend.look_up(list(queries))) + list(backend.look_up_clue(Clue(**clue)))
    return {(one.witness, one.entry.entry) for one in seen}


def test_the_command_line_knows_every_format():
    assert tuple(packing.FORMATS) == commands.FORMATS


# --- tables of addresses and hashes ---------------------------------------------------------------

SHA = [hashlib.sha256(bytes([at])).digest() for at in range(3)]
MD5 = [hashlib.md5(bytes([at])).digest() for at in range(3)]
URLS = [f"https://art{at}.example/p/{at}.jpg" for at in range(3)]


def test_coyo_is_found_by_its_published_hash(paint, tmp_path):
    work = paint("mine.png", 7)
    phash = next(one for one in query(work).fingerprints if one.algorithm == "phash64/1").plain
    table = pa.table(
        {
            "id": pa.array([841814333321, 841814333322, 841814333323], pa.int64()),
            "url": URLS,
            "text": ["a fox", "a heron", "tram"],
            "width": pa.array([320, 1, 2], pa.int64()),
            "height": pa.array([240, 1, 2], pa.int64()),
            "image_phash": [phash.hex(), "not hex at all!!", None],
            "text_length": [5, 7, 4],
            "word_count": [2, 2, 1],
            "num_tokens_bert": [3, 3, 3],
            "num_tokens_gpt": [3, 3, 3],
            "num_faces": [0, 0, 0],
            "clip_similarity_vitb32": pa.array([0.3, 0.3, 0.3], pa.float64()),
            "clip_similarity_vitl14": pa.array([0.3, 0.3, 0.3], pa.float64()),
            "nsfw_score_opennsfw2": pa.array([0.1, 0.1, 0.1], pa.float32()),
            "nsfw_score_gantman": pa.array([0.1, 0.1, 0.1], pa.float32()),
            "watermark_score": pa.array([0.1, 0.1, 0.1], pa.float64()),
            "aesthetic_score_laion_v2": pa.array([5.0, 5.0, 5.0], pa.float32()),
        }
    )
    pq.write_table(table, tmp_path / "part-00000.parquet")
    report = build(tmp_path / "part-00000.parquet", tmp_path / "pack", "coyo")
    assert (report.rows, report.distinct, report.skipped) == (3, 1, {"bad_phash64": 1})
    with Pack.open(tmp_path / "pack") as pack:
        assert (Witness.PHASH64, "841814333321") in sightings(pack, [query(work)])
        about = pack.manifest.about
        assert (about.dataset, about.licence) == ("COYO-700M", "CC-BY-4.0")
        assert pack.manifest.answers == {
            "sha256": 0,
            "md5": 0,
            "url": 3,
            "host": 3,
            "name": 3,
            "phash64/1": 1,
        }


def test_datacomp_is_found_by_file_hash(tmp_path):
    table = pa.table(
        {
            "uid": [f"{at:032x}" for at in range(3)],
            "url": URLS,
            "text": ["x", None, ""],
            "original_width": pa.array([640, 0, 1], pa.int64()),
            "original_height": pa.array([480, 0, 1], pa.int64()),
            "clip_b32_similarity_score": pa.array([0.1] * 3, pa.float32()),
            "clip_l14_similarity_score": pa.array([0.1] * 3, pa.float32()),
            "face_bboxes": pa.array([[[0.1, 0.2]], [], None], pa.list_(pa.list_(pa.float32()))),
            "sha256": [one.hex() for one in SHA],
        }
    )
    pq.write_table(table, tmp_path / "meta.parquet")
    assert build(tmp_path / "meta.parquet", tmp_path / "pack", "datacomp").rows == 3
    with Pack.open(tmp_path / "pack") as pack:
        assert entries(pack, pack.find_sha256([SHA[1]])) == [f"{1:032x}"]
        (first,) = pack.entries([0])
        assert (first.width, first.height, first.caption) == (640, 480, "x")
        (second,) = pack.entries([1])
        assert (second.width, second.caption) == (None, None)


LAION_400M = {
    "SAMPLE_ID": pa.array([10, 11, 12], pa.int64()),
    "URL": URLS,
    "TEXT": ["one", "two", "three"],
    "HEIGHT": pa.array([1, 2, 3], pa.int32()),
    "WIDTH": pa.array([4, 5, 6], pa.int32()),
    "LICENSE": ["?", None, None],
    "NSFW": ["UNLIKELY", "UNSURE", None],
    "similarity": [0.3, 0.3, 0.3],
}
LAION_2B = {
    "URL": URLS,
    "TEXT": ["one", "two", "three"],
    "WIDTH": pa.array([4.0, 5.0, float("nan")], pa.float64()),
    "HEIGHT": pa.array([1.0, 2.0, 3.0], pa.float64()),
    "similarity": [0.3, 0.3, 0.3],
    "hash": pa.array([-1, 2**62, 3], pa.int64()),
    "punsafe": pa.array([0.1] * 3, pa.float32()),
    "pwatermark": pa.array([0.1] * 3, pa.float32()),
    "LANGUAGE": ["en", "de", "fr"],
    "__index_level_0__": pa.array([0, 1, 2], pa.int64()),
}
RE_LAION = {
    "url": URLS,
    "caption": ["one", "two", "three"],
    "key": ["000000001", "000000002", "000000003"],
    "status": ["success", "success", "failed_to_download"],
    "error_message": [None, None, "HTTP Error 404: Not Found"],
    "width": pa.array([384, 384, None], pa.int32()),
    "height": pa.array([384, 384, None], pa.int32()),
    "original_width": pa.array([4, 5, None], pa.int32()),
    "original_height": pa.array([1, 2, None], pa.int32()),
    "exif": ["{}", "{}", None],
    "md5": [MD5[0].hex(), MD5[1].hex().upper(), None],
}


@pytest.mark.parametrize(
    "columns, form",
    [(LAION_400M, "laion"), (LAION_2B, "laion"), (RE_LAION, "laion"), (LAION_2B, "auto")],
)
def test_laion_is_found_by_address_and_its_join_key_is_no_file_hash(tmp_path, columns, form):
    pq.write_table(pa.table(columns), tmp_path / "part.parquet")
    report = build(tmp_path / "part.parquet", tmp_path / "pack", form)
    assert (report.rows, report.skipped) == (3, {})
    with Pack.open(tmp_path / "pack") as pack:
        (found,) = pack.entries(pack.find_urls([URLS[1].upper().replace("P/1.JPG", "p/1.jpg")]).row)
        assert (found.caption, found.width, found.height) == ("two", 5, 2)
        assert pack.manifest.answers["md5"] == 2 * ("md5" in columns)
        if "md5" in columns:
            assert entries(pack, pack.find_md5([MD5[1]])) == ["000000002"]


def test_pd12m_is_found_by_md5(tmp_path):
    table = pa.table(
        {
            "id": ["a", "b", "c"],
            "url": URLS,
            "s3_key": ["k"] * 3,
            "caption": ["x"] * 3,
            "hash": [one.hex() for one in MD5],
            "width": [1, 2, 3],
            "height": [1, 2, 3],
            "mime_type": ["image/jpeg"] * 3,
            "license": ["CC0"] * 3,
            "source": ["Wikimedia"] * 3,
        }
    )
    pq.write_table(table, tmp_path / "pd.parquet")
    build(tmp_path / "pd.parquet", tmp_path / "pack", "pd12m")
    with Pack.open(tmp_path / "pack") as pack:
        assert entries(pack, pack.find_md5([MD5[2]])) == ["c"]
        assert pack.entries([0])[0].url == URLS[0]


OPEN_IMAGES = [
    *("ImageID", "Subset", "OriginalURL", "OriginalLandingURL", "License", "AuthorProfileURL"),
    *("Author", "Title", "OriginalSize", "OriginalMD5", "Thumbnail300KURL", "Rotation"),
]


def test_open_images_is_found_by_author_and_md5_in_base64(tmp_path):
    with gzip.open(tmp_path / "train.csv.gz", "wt", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(OPEN_IMAGES)
        for at, title in enumerate(["Sea, at night", 'The "old" tram\nin rain', ""]):
            md5 = base64.b64encode(MD5[at]).decode()
            author = ("Mira Solvang", "Jo", "Jo")[at]
            row = [f"{at:016x}", "train", URLS[at], "https://flickr.example/1", "by", "u", author]
            writer.writerow([*row, title, "12345", md5, "", "0.0"])
    report = build(tmp_path / "train.csv.gz", tmp_path / "pack", "openimages")
    assert (report.rows, report.skipped) == (3, {})
    with Pack.open(tmp_path / "pack") as pack:
        assert entries(pack, pack.find_md5([MD5[1]])) == [f"{1:016x}"]
        assert entries(pack, pack.find_names(["mira solvang"])) == [f"{0:016x}"]
        assert pack.entries([1])[0].caption == 'Jo, The "old" tram\nin rain'


def test_danbooru_is_found_by_artist_tag_md5_and_source(tmp_path):
    posts = [
        {
            "id": at,
            "md5": MD5[at].hex(),
            "source": ("https://www.pixiv.example/art/1", "Some magazine", "")[at],
            "file_url": f"https://cdn.booru.example/{at}.png",
            "tag_string": "1girl sky",
            "tag_string_artist": ("mira_solvang", "", "two_words other")[at],
            "image_width": 100,
            "image_height": 200,
        }
        for at in range(3)
    ]
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(map(json.dumps, posts)), "utf-8")
    report = build(path, tmp_path / "pack", "danbooru")
    assert (report.rows, report.skipped) == (3, {})
    with Pack.open(tmp_path / "pack") as pack:
        assert entries(pack, pack.find_names(["Mira Solvang"])) == ["0"]
        assert entries(pack, pack.find_names(["Two Words"])) == ["2"]
        assert entries(pack, pack.find_urls(["https://www.pixiv.example/art/1"])) == ["0"]
        assert entries(pack, pack.find_hosts(["cdn.booru.example"])) == ["1", "2"]
        assert entries(pack, pack.find_md5([MD5[1]])) == ["1"]


def test_danbooru_tags_may_be_a_list_of_objects(tmp_path):
    tags = [{"id": "1", "name": "sky", "category": "0"}, {"name": "mira_solvang", "category": "1"}]
    post = {"id": "7", "md5": MD5[0].hex(), "source": "", "tags": tags}
    (tmp_path / "posts.jsonl").write_text(json.dumps(post))
    build(tmp_path / "posts.jsonl", tmp_path / "pack", "danbooru")
    with Pack.open(tmp_path / "pack") as pack:
        assert entries(pack, pack.find_names(["Mira Solvang"])) == ["7"]


# --- pictures ------------------------------------------------------------------------------------


@pytest.fixture
def pictures(paint, tmp_path):
    return [paint(f"raw/{at}.jpg", at, quality=90) for at in range(4)]


def told(at, path, **more):
    return {
        "url": f"https://art.example/{at}.jpg",
        "caption": f"picture {at}",
        "key": f"00000000{at}",
        "status": "success",
        "error_message": None,
        "width": 256,
        "height": 192,
        "original_width": 320,
        "original_height": 240,
        "exif": "{}",
        "sha256": hashlib.sha256(b"as it was served" + bytes([at])).hexdigest(),
        **more,
    }


def write_webdataset(folder, pictures):
    """What img2dataset writes: a tar file, a table that also has the failures, and numbers."""
    folder.mkdir()
    with tarfile.open(folder / "00000.tar", "w") as tar:
        for at, path in enumerate(pictures):
            about = told(at, path)
            for ending, body in (
                ("jpg", path.read_bytes()),
                ("txt", about["caption"].encode()),
                ("json", json.dumps(about).encode()),
            ):
                member = tarfile.TarInfo(f"{about['key']}.{ending}")
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
    rows = [told(at, path) for at, path in enumerate(pictures)]
    rows.append(told(9, None, status="failed_to_download", sha256=None))
    pq.write_table(pa.Table.from_pylist(rows), folder / "00000.parquet")
    (folder / "00000_stats.json").write_text('{"count": 5}')


def write_files(folder, pictures):
    (folder / "00000").mkdir(parents=True)
    for at, path in enumerate(pictures):
        about = told(at, path)
        stem = folder / "00000" / about["key"]
        stem.with_suffix(".jpg").write_bytes(path.read_bytes())
        stem.with_suffix(".txt").write_text(about["caption"])
        stem.with_suffix(".json").write_text(json.dumps(about))
    pq.write_table(
        pa.Table.from_pylist([told(at, path) for at, path in enumerate(pictures)]),
        folder / "00000.parquet",
    )


def write_parquet(folder, pictures):
    folder.mkdir()
    rows = [told(at, path, jpg=path.read_bytes()) for at, path in enumerate(pictures)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "00000.parquet")


@pytest.mark.parametrize("write", [write_webdataset, write_files, write_parquet])
def test_what_img2dataset_wrote_is_looked_at_and_keeps_what_was_told(tmp_path, pictures, write):
    write(tmp_path / "out", pictures)
    report = build(tmp_path / "out", tmp_path / "pack", "img2dataset")
    assert (report.rows, report.skipped) == (4, {})
    with Pack.open(tmp_path / "pack") as pack:
        seen = sightings(pack, [query(pictures[2])], urls=("https://art.example/3.jpg",))
        assert (Witness.DCT256, "000000002") in seen
        assert (Witness.URL, "000000003") in seen
        served = hashlib.sha256(b"as it was served\1").digest()
        assert entries(pack, pack.find_sha256([served])) == ["000000001"]
        (entry,) = pack.entries([1])
        assert (entry.caption, entry.width, entry.height) == ("picture 1", 320, 240)


@pytest.mark.parametrize("write", [write_webdataset, write_files, write_parquet])
def test_looking_at_pictures_goes_on_where_it_was_stopped(monkeypatch, tmp_path, pictures, write):
    write(tmp_path / "out", pictures)
    monkeypatch.setattr("artistguard.packing.PICTURES_AT_ONCE", 2)
    monkeypatch.setattr("artistguard.packing.steps._TOGETHER", 2)
    about = About("", "1")
    source, out = [str(tmp_path / "out")], tmp_path / "pack"
    stopped = packing.build(source, out, about, "img2dataset", built_at=NOW)
    next(stopped)
    stopped.close()
    looked = []
    monkeypatch.setattr(
        "artistguard.packing.steps.sandbox.run",
        lambda look, pictures, **more: (
            looked.append(one.number) or (one, look(one)) for one in pictures
        ),
    )
    assert build(source[0], out, "img2dataset").rows == 4
    assert looked == [2, 3]
    with Pack.open(out) as pack:
        assert [one.entry for one in pack.entries(range(4))] == [f"00000000{at}" for at in range(4)]


def test_the_metadata_of_img2dataset_alone_is_a_table(tmp_path, pictures):
    write_webdataset(tmp_path / "out", pictures)
    report = build(tmp_path / "out" / "00000.parquet", tmp_path / "pack", "img2dataset")
    assert (report.rows, report.distinct) == (5, 0)


def test_a_hugging_face_data_set_with_pictures_is_looked_at(tmp_path, pictures):
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    rows = [{"bytes": path.read_bytes(), "path": path.name} for path in pictures]
    rows[1]["bytes"] = rows[1]["bytes"][:500]
    features = {"info": {"features": {"image": {"_type": "Image"}}}}
    table = pa.table(
        {"image": pa.array([*rows, None], kind), "artist": [f"painter {at}" for at in range(5)]}
    ).replace_schema_metadata({"huggingface": json.dumps(features)})
    pq.write_table(table, tmp_path / "train-00000-of-00001.parquet", row_group_size=2)
    report = build(tmp_path / "train-00000-of-00001.parquet", tmp_path / "pack", "hf")
    assert (report.rows, report.skipped) == (3, {"truncated": 1, "empty_file": 1})
    with Pack.open(tmp_path / "pack") as pack:
        found = pack.find_sha256([hashlib.sha256(pictures[3].read_bytes()).digest()])
        assert entries(pack, found) == ["train-00000-of-00001.parquet:3"]
        assert entries(pack, pack.find_names(["painter 3"])) == ["train-00000-of-00001.parquet:3"]


def test_a_folder_of_pictures_is_found_by_look_and_by_file(pictures, tmp_path):
    (tmp_path / "raw" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "raw" / "empty.jpg").write_bytes(b"")
    (tmp_path / "raw" / "text.png").write_text("not a picture")
    (tmp_path / "raw" / "list.csv").write_text("url\nhttps://a.example/\n")
    (tmp_path / "raw" / ".hidden.jpg").write_bytes(b"x")
    report = build(tmp_path / "raw", tmp_path / "set.pack", "images")
    assert report.rows == 4
    assert report.skipped == {"truncated": 1, "empty_file": 1, "not_a_picture": 1}
    with Pack.open(tmp_path / "set.pack") as pack:
        assert (Witness.DCT256, "2.jpg") in sightings(pack, [query(pictures[2])])
        assert (Witness.SHA256, "2.jpg") in sightings(pack, [query(pictures[2])])
        assert pack.manifest.about.dataset == "set"


# --- what is wrong in them ------------------------------------------------------------------------


def test_a_csv_file_with_wrong_rows_gives_the_right_ones(tmp_path):
    lines = [
        "\ufeffURL,Text,MD5",
        f'https://a.example/1.jpg,"one, two",{MD5[0].hex()}',
        "not an address,,zz",
        "too,many,fields,here",
        "",
        "https://a.example/\0.jpg,nul\0,",
        f"https://a.example/{'x' * 5000},long,",
        '"unclosed',
    ]
    (tmp_path / "list.csv").write_text("\n".join(lines), "utf-8")
    report = build(tmp_path / "list.csv", tmp_path / "pack", "csv")
    assert report.rows == 3
    assert report.skipped == {
        "bad_url": 2,
        "bad_md5": 1,
        "nothing_to_find_it_by": 1,
        "unreadable_row": 2,
    }
    with Pack.open(tmp_path / "pack") as pack:
        assert all(check.whole for check in pack.verify())
        assert "\0" not in repr(pack.entries([0, 1, 2]))


@pytest.mark.parametrize("ending", ["jsonl", "ndjson", "jsonl.gz"])
def test_a_file_of_json_lines_with_wrong_lines_gives_the_right_ones(tmp_path, ending):
    lines = [
        json.dumps({"uid": "x", "url": "https://a.example/ä.png", "caption": "ä"}),
        "{broken",
        "[1]",
        "[" * 100_000,
        json.dumps({"later": 1, "sha256": SHA[0].hex()}),
        json.dumps({"url": {"a": [1]}, "text": ["b", "c"], "width": "wide"}),
        '{"url": "https://a.example/\\ud800.png"}',
    ]
    body = "\n".join(lines).encode()
    path = tmp_path / f"list.{ending}"
    path.write_bytes(gzip.compress(body) if ending.endswith("gz") else body)
    report = build(path, tmp_path / "pack")
    assert report.rows == 4
    assert report.skipped == {"unreadable_row": 3, "bad_url": 1}
    with Pack.open(tmp_path / "pack") as pack:
        assert [one.entry for one in pack.entries([0, 1])] == ["x", f"list.{ending}:4"]


def test_values_of_wrong_types_and_broken_text_are_left_out_or_mended(tmp_path):
    broken = pa.array([b"caf\xe9", b"fine", None]).cast(pa.binary())
    table = pa.table(
        {
            "url": pa.array(URLS, pa.large_string()).dictionary_encode(),
            "caption": pa.Array.from_buffers(pa.string(), 3, broken.buffers()),
            "sha256": pa.array([SHA[0], b"short", None], pa.binary()),
            "md5": pa.array([1, 2, 3], pa.int64()),
            "width": pa.array(["640", "-1", "9" * 400]),
            "height": pa.array([2**40, -5, 480], pa.int64()),
            "phash": pa.array([-1, 0, None], pa.int64()),
            "image": ["https://not.bytes/", None, None],
        }
    )
    pq.write_table(table, tmp_path / "odd.parquet")
    report = build(tmp_path / "odd.parquet", tmp_path / "pack")
    assert (report.rows, report.skipped) == (3, {"bad_sha256": 1})
    with Pack.open(tmp_path / "pack") as pack:
        first, second, third = pack.entries([0, 1, 2])
        assert (first.caption, first.sha256, first.width) == ("caf\ufffd", SHA[0], 640)
        assert (second.width, second.height, third.width, third.height) == (None, None, None, 480)
        assert pack.manifest.answers["phash64/1"] == 2


@pytest.mark.parametrize(
    "name, body, kind",
    [
        ("a.parquet", b"PAR1 nothing of it PAR1", Kind.TABLE_UNREADABLE),
        ("a.parquet", b"", Kind.TABLE_UNREADABLE),
        ("a.csv.gz", b"\x1f\x8b\x08 nothing", Kind.TABLE_UNREADABLE),
        ("a.csv", b"colour,size\nred,1\n", Kind.TABLE_WITHOUT_COLUMNS),
        ("a.jsonl", b'{"colour": 1}\n', Kind.TABLE_WITHOUT_COLUMNS),
        ("a.tar", b"nothing of a tar file at all" * 100, Kind.TABLE_UNREADABLE),
        ("a.docx", b"what is this", Kind.TABLE_UNREADABLE),
    ],
)
def test_a_source_that_is_no_data_set_is_named(tmp_path, name, body, kind):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(Unreadable) as raised:
        build(tmp_path / name, tmp_path / "pack")
    assert raised.value.kind is kind
    assert not (tmp_path / "pack").exists()


def test_an_archive_cannot_make_us_read_more_than_there_is(tmp_path, pictures):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for name, body in (("../../a.jpg", pictures[0].read_bytes()), ("b.jpg", b"short")):
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
        link = tarfile.TarInfo("c.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    report = build(path, tmp_path / "pack")
    assert (report.rows, report.skipped) == (1, {"not_a_picture": 1})


def test_an_archive_whose_header_claims_gigabytes_is_named(tmp_path):
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    (tmp_path / "a.tar").write_bytes(header.tobuf() + b"12 path=a.jpg\n" * 1000)
    with pytest.raises(Unreadable):
        build(tmp_path / "a.tar", tmp_path / "pack")
