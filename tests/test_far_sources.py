# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Data sets on a web server and on the Hugging Face Hub become packs, whatever breaks off."""

import hashlib
import http.server
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard.packs.pack import Pack
from hosts import certificate_for, running

SHARDS = ("part-0.parquet", "part-1.parquet", "part-2.parquet")

# With a process of its own the libraries take their settings from the environment, as they do.
CHILD = """
import sys
from pathlib import Path
from artistguard import packing
from artistguard.errors import Unreadable
from artistguard.packs import About
out, *sources = sys.argv[1:]
about = About("set", "1")
try:
    list(packing.build(sources, Path(out), about, "coyo", built_at="x", segment_rows=250))
except Unreadable as problem:
    sys.exit(f"{problem.kind}: {problem.facts['path']}")
"""


@dataclass
class Web:
    """A server of the files of `folder`, with ranges, and as the Hub has them in data sets.

    `asked` are the files whose bytes were asked for. It stops in the middle of the file `breaks`:
    lets go of the connection, or with `waits` says that it is `there` and keeps it until `go_on`.
    """

    folder: Path
    asked: list = field(default_factory=list)
    breaks: str = ""
    waits: bool = False
    there: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def serving(self, certificate=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Handler(self, *a))
        scheme = "http"
        if certificate:
            scheme = "https"
            secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            secure.load_cert_chain(certificate)
            server.socket = secure.wrap_socket(server.socket, server_side=True)
        with running(server):
            yield f"{scheme}://localhost:{server.server_port}"
            self.go_on.set()

    def about(self, path):
        name = path.relative_to(self.folder).as_posix()
        if path.is_dir():
            return {"type": "directory", "oid": "d" * 40, "size": 0, "path": name}
        body = path.read_bytes()
        oid = hashlib.sha1(body).hexdigest()
        return {"type": "file", "oid": oid, "size": len(body), "path": name}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, web, *rest):
        self.web = web
        super().__init__(*rest)

    def do_GET(self):
        path, _, question = self.path.partition("?")
        if path == "/api/datasets/mira/web":
            self.answer(200, {"id": "mira/web", "sha": "a" * 40, "private": False, "tags": []})
        elif path.startswith("/api/datasets/mira/web/tree/main"):
            top = self.web.folder / path.removeprefix("/api/datasets/mira/web/tree/main").lstrip(
                "/"
            )
            found = top.rglob("*") if "recursive=true" in question else top.iterdir()
            self.answer(200, [self.web.about(one) for one in sorted(found)])
        else:
            self.file(path.removeprefix("/datasets/mira/web/resolve/main"))

    do_HEAD = do_GET  # noqa: N815  # the library's name

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def file(self, path):
        name = path.lstrip("/")
        if not (self.web.folder / name).is_file():
            self.answer(404, {})
            return
        body = (self.web.folder / name).read_bytes()
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        part = body[int(first) : int(last or len(body)) + 1]
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Accept-Ranges", "bytes")
        if "Range" in self.headers:
            end = int(first) + len(part) - 1
            self.send_header("Content-Range", f"bytes {first}-{end}/{len(body)}")
        self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')
        self.end_headers()
        if self.command == "HEAD":
            return
        self.web.asked.append(name)
        if not name.endswith(self.web.breaks or "/"):
            self.wfile.write(part)
            return
        self.wfile.write(part[: len(part) // 2])
        self.wfile.flush()
        self.web.there.set()
        if self.web.waits:
            self.web.go_on.wait(60)
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def web(tmp_path):
    folder = tmp_path / "site"
    (folder / "data").mkdir(parents=True)
    for shard, name in enumerate(SHARDS):
        rows = range(1_000)
        table = pa.table(
            {
                "url": [f"https://art{shard}.example/{at}.jpg" for at in rows],
                "image_phash": [f"{(at * 7919 + shard) << 24:016x}" for at in rows],
            }
        )
        pq.write_table(table, folder / "data" / name, row_group_size=250, compression="none")
    return Web(folder)


def child(out, sources, **settings):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(out), *map(str, sources)],
        env=os.environ | settings,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(*given, **settings):
    with child(*given, **settings) as process:
        _, said = process.communicate(timeout=60)
    return process.returncode, said


def content(out):
    with Pack.open(out) as pack:
        return [(one.entry, one.url) for one in pack.entries(range(pack.manifest.rows))]


@contextmanager
def https(web, tmp_path):
    certificate = certificate_for(tmp_path, "localhost")
    with web.serving(certificate) as address:
        yield [f"{address}/data/{name}" for name in SHARDS], {"SSL_CERT_FILE": str(certificate)}


@contextmanager
def hub(web, tmp_path):
    with web.serving() as address:
        yield (
            ["hf://datasets/mira/web/data"],
            {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hub")},
        )


@pytest.mark.parametrize("kind", [https, hub])
def test_a_build_that_was_killed_goes_on_where_it_was(kind, web, tmp_path):
    out = tmp_path / "pack"
    with kind(web, tmp_path) as (sources, settings):
        web.breaks, web.waits = SHARDS[2], True
        with child(out, sources, **settings) as process:
            assert web.there.wait(60)
            os.kill(process.pid, signal.SIGKILL)
        web.breaks = ""
        web.go_on.set()
        assert not out.exists()
        web.asked.clear()
        assert finished(out, sources, **settings) == (0, "")
    # The second is asked whether there is more of it; the first is not needed any more.
    assert {Path(name).name for name in web.asked} == {*SHARDS[1:]}
    assert finished(tmp_path / "local", [web.folder / "data"]) == (0, "")
    assert content(out) == content(tmp_path / "local")


def test_a_connection_that_breaks_off_is_named_and_gone_on_from(web, tmp_path):
    out = tmp_path / "pack"
    with https(web, tmp_path) as (sources, settings):
        web.breaks = SHARDS[2]
        assert finished(out, sources, **settings) == (1, f"table_unreadable: {SHARDS[2]}\n")
        web.breaks = ""
        web.asked.clear()
        assert finished(out, sources, **settings) == (0, "")
    assert {Path(name).name for name in web.asked} == {*SHARDS[1:]}
    assert len(content(out)) == 3_000


@pytest.mark.parametrize("kind", [https, hub])
def test_a_file_that_was_changed_meanwhile_is_not_gone_on_from(kind, web, tmp_path):
    out = tmp_path / "pack"
    with kind(web, tmp_path) as (sources, settings):
        web.breaks, web.waits = SHARDS[1], True
        with child(out, sources, **settings) as process:
            assert web.there.wait(60)
            process.kill()
        web.breaks = ""
        web.go_on.set()
        changed = web.folder / "data" / SHARDS[0]
        before = changed.read_bytes()
        changed.write_bytes(before.replace(b"art0.example/1.jpg", b"art0.example/2.jpg"))
        assert before != changed.read_bytes()
        assert finished(out, sources, **settings) == (0, "")
    urls = [url for _, url in content(out)]
    assert "https://art0.example/1.jpg" not in urls
    assert len(urls) == 3_000


@pytest.mark.parametrize(
    "source", ["hf://datasets/mira/web", "hf://datasets/mira/web/*/part-*.parquet"]
)
def test_a_data_set_of_the_hub_is_found_by_its_name_or_a_pattern(source, web, tmp_path):
    with hub(web, tmp_path) as (_, settings):
        assert finished(tmp_path / "pack", [source], **settings) == (0, "")
        code, said = finished(tmp_path / "none", ["hf://datasets/mira/web/none"], **settings)
    assert len(content(tmp_path / "pack")) == 3_000
    assert (code, said) == (1, "table_unreadable: hf://datasets/mira/web/none\n")
