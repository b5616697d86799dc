# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every published form of data set becomes a pack that answers, whatever is wrong in it."""

import csv
import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard import packing
from artistguard.cli import commands
from artistguard.packs import About, Pack

NOW = "2026-01-02T03:04:05Z"


def run(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def build(sources, out, form="auto", **more):
    return run(
        packing.build(
            [str(one) for one in sources], out, About("set", "1"), form, built_at=NOW, **more
        )
    )


def test_the_command_line_knows_every_format():
    assert tuple(packing.FORMATS) == commands.FORMATS


def test_a_folder_of_pictures_is_found_by_look_and_by_file(paint, tmp_path):
    first = paint("art/a.png", 1)
    paint("art/deeper/b.jpg", 2)
    (tmp_path / "art" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "art" / "empty.jpg").write_bytes(b"")
    (tmp_path / "art" / "notes.md").write_text("not of the set")
    report = build([tmp_path / "art"], tmp_path / "set.pack", "images")
    assert report.rows == 2
    assert report.skipped == {"truncated": 1, "empty_file": 1}
    with Pack.open(tmp_path / "set.pack") as pack:
        found = pack.find_sha256([hashlib.sha256(first.read_bytes()).digest()])
        assert [entry.entry for entry in pack.entries(found.row)] == ["a.png"]
        assert {"dct256/1", "phash64/1"} == set(pack.manifest.algorithms)


COYO = pa.schema(
    {
        "id": pa.int64(),
        "url": pa.string(),
        "text": pa.string(),
        "width": pa.int64(),
        "height": pa.int64(),
        "image_phash": pa.string(),
        "text_length": pa.int64(),
        "watermark_score": pa.float64(),
    }
)


def coyo(path, rows, first=0):
    columns = {
        "id": [first + at for at in range(rows)],
        "url": [f"https://art{at % 3}.example/{first + at}.jpg" for at in range(rows)],
        "text": [f"picture {first + at} by Ada Winter" for at in range(rows)],
        "width": [640] * rows,
        "height": [480] * rows,
        "image_phash": [
            hashlib.sha256(str(first + at).encode()).hexdigest()[:16] for at in range(rows)
        ],
        "text_length": [5] * rows,
        "watermark_score": [0.5] * rows,
    }
    path.parent.mkdir(exist_ok=True, parents=True)
    pq.write_table(pa.table(columns, schema=COYO), path, row_group_size=max(1, rows // 3))


def test_shards_of_coyo_are_found_by_address_site_name_and_published_hash(tmp_path):
    coyo(tmp_path / "coyo" / "part-0.parquet", 30)
    coyo(tmp_path / "coyo" / "part-1.parquet", 30, first=30)
    report = build([tmp_path / "coyo"], tmp_path / "pack", "coyo")
    assert (report.rows, report.distinct, report.skipped) == (60, 60, {})
    with Pack.open(tmp_path / "pack") as pack:
        found = pack.find_urls(["HTTPS://ART1.example:443/31.jpg#x"])
        (entry,) = pack.entries(found.row)
        assert (entry.entry, entry.width, entry.caption) == ("31", 640, "picture 31 by Ada Winter")
        assert len(pack.find_hosts(["art0.example"]).row) == 20
        assert len(pack.find_names(["ada winter"]).row) == 60
        assert pack.manifest.answers["phash64/1"] == 60
        assert pack.manifest.about.licence == "CC-BY-4.0"


def test_a_csv_file_with_columns_in_any_case_becomes_a_pack(tmp_path):
    with (tmp_path / "list.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["URL", "Text", "MD5"])
        writer.writerow(["https://a.example/1.jpg", "one, two", hashlib.md5(b"1").hexdigest()])
        writer.writerow(["not an address", "", "zz"])
        writer.writerow(["too", "many", "fields", "here"])
    report = build([tmp_path / "list.csv"], tmp_path / "pack", "csv")
    assert report.rows == 1
    assert report.skipped == {
        "bad_url": 1,
        "bad_md5": 1,
        "nothing_to_find_it_by": 1,
        "unreadable_row": 1,
    }


@pytest.mark.parametrize("ending", ["jsonl", "ndjson"])
def test_a_file_of_json_lines_becomes_a_pack(tmp_path, ending):
    lines = [
        json.dumps({"uid": "x", "url": "https://a.example/ä.png", "caption": "ä"}),
        "{broken",
        "[1]",
        json.dumps({"later": 1, "sha256": "ab" * 32}),
    ]
    path = tmp_path / f"list.{ending}"
    path.write_text("\n".join(lines), "utf-8")
    report = build([path], tmp_path / "pack")
    assert report.rows == 2
    assert report.skipped == {"unreadable_row": 2}
    with Pack.open(tmp_path / "pack") as pack:
        assert [one.entry for one in pack.entries([0, 1])] == ["x", f"list.{ending}:3"]
