# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The real img2dataset never asks for what was opted out, and packs are made of what it writes."""

import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import fasteners
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard import proof, reading, wire
from artistguard.channels import lists
from artistguard.channels.registry import Registry
from artistguard.channels.site import agents, kit
from artistguard.channels.site.policy import policy
from artistguard.models import Clue, Declaration, Query, Subject, Witness
from artistguard.packs.pack import Pack
from artistguard.search.packs import PackBackend
from fakes import at
from hosts import running
from sites import address, served

WANTED = Path(__file__).parent / "img2dataset" / "requirements.txt"


@pytest.fixture(scope="session")
def img2dataset(tmp_path_factory):
    """The program, in a virtual environment that is made once and kept beside the checkout's."""
    place = Path(
        os.environ.get("ARTISTGUARD_IMG2DATASET_VENV")
        or Path(__file__).parents[1] / ".venv-img2dataset"
    ).absolute()
    wanted = f"{sys.version}\n{place}\n{WANTED.read_text()}"
    note = place / "installed"
    # Beside it, since what is in it is cleared while other workers wait for it.
    with fasteners.InterProcessLock(place.with_name(f"{place.name}.lock")):
        if not note.exists() or note.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
            pip = [*(place / "bin" / "python", "-m", "pip", "--disable-pip-version-check")]
            done = subprocess.run(
                [*pip, "install", "--quiet", "--requirement", WANTED],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                pytest.skip(f"NOT TESTED: img2dataset could not be installed: {done.stderr[-500:]}")
            note.write_text(wanted)
    return place / "bin" / "img2dataset"


@contextmanager
def web(pages):
    """A proxy that has these pages, by their addresses, and counts what it is asked for."""
    asked = Counter()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked[self.path] += 1
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}", asked


def download(program, proxy, table, out, output_format):
    done = subprocess.run(
        [
            *(program, "--url_list", table, "--input_format", "parquet"),
            *("--url_col", "URL", "--caption_col", "TEXT", "--thread_count", "4"),
            *("--output_folder", out, "--output_format", output_format),
            *("--image_size", "192", "--resize_mode", "keep_ratio"),
        ],
        env={
            **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            "http_proxy": proxy,
            "NO_ALBUMENTATIONS_UPDATE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def laion(path, urls, pages):
    """A table as LAION publishes them, in the edition that has file hashes."""
    count = len(urls)
    table = pa.table(
        {
            "SAMPLE_ID": pa.array(range(count), pa.int64()),
            "URL": urls,
            "TEXT": [f"picture {number}" for number in range(count)],
            "HEIGHT": pa.array([240] * count, pa.int32()),
            "WIDTH": pa.array([320] * count, pa.int32()),
            "LICENSE": ["?"] * count,
            "NSFW": ["UNLIKELY"] * count,
            "similarity": pa.array([0.3] * count, pa.float64()),
            "md5": [hashlib.md5(pages.get(url, b"")).hexdigest() for url in urls],
        }
    )
    pq.write_table(table, path)
    return path


def published(folder, *opted_out):
    registry = Registry(folder, proof.Signer(bytes(32)), at("2026-11-24T07:00:00Z"))
    declared = [
        Declaration(
            id=str(number),
            subject=subject,
            declarant="An artist",
            declared_at="2026-11-24T07:00:00Z",
            reservation=wire.RESERVATION,
            **what,
        )
        for number, (subject, what) in enumerate(opted_out)
    ]
    assert all(answer.receipt for answer in registry.deliver(declared))
    return lists.publish(registry).folder


def test_what_is_opted_out_is_never_asked_for(img2dataset, paint, run, tmp_path):
    hosts = ["mira.example", "shop.mira.example", "mirror.example", "other.example"]
    urls = [f"http://{host}/works/{number}.jpg" for host in hosts for number in range(3)]
    pages = {url: paint(f"{at}.jpg", at).read_bytes() for at, url in enumerate(urls)}
    opted_out = published(
        tmp_path / "registry",
        (Subject.DOMAIN, {"domain": "mira.example"}),
        (Subject.COPY, {"url": "https://MIRROR.example/works/1.jpg"}),
        (Subject.WORK, {"md5": hashlib.md5(pages[urls[9]]).hexdigest()}),
    )
    source = laion(tmp_path / "part-00000.parquet", urls, pages)
    clean = tmp_path / "clean.parquet"
    status, (report,), _ = run(
        *("dataset", "filter", source, "--out", clean, "--opt-outs", opted_out)
    )
    assert (status, report["rows_out"]) == (0, 4)
    with web(pages) as (proxy, asked):
        download(img2dataset, proxy, clean, tmp_path / "clean", "files")
        assert asked == dict.fromkeys([urls[6], urls[8], urls[10], urls[11]], 1)
        # And without the filter it would have asked for them all.
        download(img2dataset, proxy, source, tmp_path / "all", "dummy")
        assert asked.keys() == set(urls)


def test_a_site_that_serves_the_lines_of_our_kit_is_skipped(img2dataset, paint, tmp_path):
    pages = {
        f"/works/{number}.jpg": paint(f"{number}.jpg", number).read_bytes() for number in (1, 2)
    }
    made = kit.kit(policy("mira.example", "Mira"), agents.shipped())
    kit.write_kit(made, tmp_path / "kit", policy("mira.example", "Mira"), datetime.now(UTC))
    stored = {}
    for server in ("nginx", "caddy"):
        for name, folder in (("with", tmp_path / "kit"), ("without", None)):
            site, out = address(), tmp_path / f"{server}-{name}"
            table = laion(tmp_path / "part.parquet", [f"{site}{path}" for path in pages], {})
            with served(server, site, pages, folder):
                download(img2dataset, "", table, out, "files")
            stored[server, name] = len([*out.rglob("*.jpg")])
    assert stored == {
        ("nginx", "with"): 0,
        ("nginx", "without"): 2,
        ("caddy", "with"): 0,
        ("caddy", "without"): 2,
    }


# --- packs ---------------------------------------------------------------------------------------


def written(folder, output_format):
    """The pictures that lie in what img2dataset wrote, by their keys."""
    if output_format == "files":
        return {path.stem: path.read_bytes() for path in folder.glob("*/*.jpg")}
    if output_format == "webdataset":
        with tarfile.open(folder / "00000.tar") as tar:
            names = [name for name in tar.getnames() if name.endswith(".jpg")]
            return {Path(name).stem: tar.extractfile(name).read() for name in names}
    rows = pq.read_table(folder / "00000.parquet").to_pylist()
    return {row["key"]: row["jpg"] for row in rows if row["jpg"]}


def check(folder, pack, rows, pictures):
    """Hold a pack against img2dataset's own rows and the pictures that it stored, by their keys."""
    with Pack.open(pack) as opened:
        entries = {one.entry: one for one in opened.entries(range(opened.manifest.rows))}
        assert entries.keys() == rows.keys()
        for key, row in rows.items():
            entry = entries[key]
            size = (row["original_width"], row["original_height"])
            assert (entry.url, entry.caption) == (row["url"], row["caption"])
            assert (entry.width, entry.height) == size
        served = [bytes.fromhex(row["sha256"]) for row in rows.values() if row["sha256"]]
        assert len(opened.find_sha256(served).row) == len(served)
        backend = PackBackend(opened)
        hosts = list(backend.look_up_clue(Clue(hosts=("art1.example",))))
        of_host = {row["url"] for row in rows.values() if "//art1.example/" in row["url"]}
        assert {one.entry.url for one in hosts} == of_host != set()
        for number, (key, body) in enumerate(pictures.items()):
            path = folder / f"{key}.jpg"
            path.write_bytes(body)
            seen = reading.read(str(path))
            query = Query(number, number, 0, 0, seen.sha256, seen.md5, seen.fingerprints)
            found = [one for one in backend.look_up([query]) if one.witness is Witness.DCT256]
            assert {one.entry.entry for one in found if one.distance == 0} == {key}


def source_of(folder, paint):
    urls = [f"http://art{number}.example/{number}.jpg" for number in range(5)]
    pages = {
        url: paint(f"served/{at}.jpg", at).read_bytes() for at, url in enumerate(urls) if at < 4
    }
    return laion(folder / "part-00000.parquet", urls, pages), pages


@pytest.mark.parametrize("output_format", ["files", "webdataset", "parquet"])
def test_a_pack_is_made_of_what_it_writes(img2dataset, output_format, paint, run, tmp_path):
    source, pages = source_of(tmp_path, paint)
    out = tmp_path / "out"
    with web(pages) as (proxy, asked):
        download(img2dataset, proxy, source, out, output_format)
    assert len(asked) == 5
    rows = {row["key"]: row for row in pq.read_table(out / "00000.parquet").to_pylist()}
    pictures = written(out, output_format)
    assert {row["status"] for key, row in rows.items() if key in pictures} == {"success"}
    assert {row["sha256"] for key, row in rows.items() if key in pictures} == {
        hashlib.sha256(body).hexdigest() for body in pages.values()
    }
    pack = tmp_path / "pack"
    status, lines, _ = run("pack", "build", out, "--format", "img2dataset", "--out", pack)
    # Only in this form does the fifth, which was not there any more, have a row at all.
    with_failed = output_format == "parquet"
    assert (status, lines[-1]["rows"], lines[-1]["distinct"]) == (0, 4 + with_failed, 4)
    there = {key: row for key, row in rows.items() if with_failed or key in pictures}
    check(tmp_path, pack, there, pictures)


def test_a_pack_is_made_of_tfrecords_that_it_wrote(run, tmp_path):
    """For these it needs TensorFlow, so what it wrote with that (2.20) is kept; in 00000.parquet
    are the same pictures and rows, as it writes them to Parquet."""
    out = tmp_path / "out"
    shutil.copytree(WANTED.parent, out)
    rows = {row["key"]: row for row in pq.read_table(out / "00000.parquet").to_pylist()}
    pictures = written(out, "parquet")
    assert len(pictures) == 4
    pack = tmp_path / "pack"
    status, lines, _ = run("pack", "build", out, "--format", "img2dataset", "--out", pack)
    assert (status, lines[-1]["rows"], lines[-1]["skipped"]) == (0, 4, {})
    check(tmp_path, pack, {key: rows[key] for key in pictures}, pictures)


def test_where_it_writes_nothing_there_is_no_pack(img2dataset, paint, run, tmp_path):
    source, pages = source_of(tmp_path, paint)
    with web(pages) as (proxy, _):
        download(img2dataset, proxy, source, tmp_path / "out", "dummy")
    status, _, said = run("pack", "build", tmp_path / "out", "--out", tmp_path / "pack")
    assert status == 2
    assert str(tmp_path / "out") in said
    assert not (tmp_path / "pack").exists()
