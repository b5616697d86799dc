# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is published is handed out as it lies there, and nothing beside it."""

import json
import socket
import threading
from dataclasses import replace
from uuid import uuid4

import httpx
import pyarrow.parquet as pq
import pytest

import logs
from artistguard import cli, proof, protocol, server, wire
from artistguard.channels import lists, salted
from artistguard.channels.remote import RemoteRegistry
from artistguard.models import Declaration, Subject
from artistguard.server import published
from servers import now, serving

SEED = bytes(range(32)).hex()
KEPT = ("files", "postgresql")
COPY = Declaration(
    id="copy",
    subject=Subject.COPY,
    declarant="An artist",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
    url="https://example.org/drawing.png",
    domain="example.org",
    dataset="a set",
    dataset_version="1",
    entry="1",
)


def new_database(request):
    """What a server keeps its log in: None for files."""
    return request.getfixturevalue("cluster").fresh() if request.param == "postgresql" else None


def file_copies(running, *names):
    copies = [replace(COPY, id=name, url=f"https://example.org/{name}.png") for name in names]
    with running.caller() as caller:
        assert len(list(RemoteRegistry(caller).deliver(copies))) == len(names)


def publish(running, **how):
    return server.publish(running.options, now, **how)


def get(running, path, key=None, method="GET", **headers):
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, running.url + path, headers=named, trust_env=False, timeout=20)


def fetch(running, prefix, names, folder):
    """Fetches a whole list, as anyone can."""
    folder.mkdir()
    for name in names:
        answer = get(running, f"{prefix}/{name}")
        assert answer.status_code == 200
        (folder / name).write_bytes(answer.content)
    return folder


@pytest.fixture(scope="module", params=KEPT)
def running(request, tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    database = new_database(request)
    with serving(data, signing_key=SEED, public_log=True, database=database) as running:
        file_copies(running, "one", "two", "three")
        publish(running)
        publish(running, as_salted=True)
        yield running


def test_the_list_is_fetched_whole_checked_with_nothing_else_and_read(running, tmp_path):
    folder = fetch(running, published.LIST, published.OPEN, tmp_path / "list")
    assert proof.check_file(folder / "manifest.json", proof.Signer(bytes.fromhex(SEED)).key).valid
    rows = pq.read_table(folder / "opt-outs.parquet").to_pylist()
    urls = [f"https://example.org/{name}.png" for name in ("one", "two", "three")]
    assert [row["url"] for row in rows] == urls
    assert (folder / "urls.txt").read_text().split() == urls
    (folder / "urls.txt").write_bytes(b"")
    assert not proof.check_file(folder / "manifest.json").valid


def test_the_salted_list_is_fetched_and_tested_and_cannot_be_read(running, tmp_path):
    folder = fetch(running, published.SALTED_LIST, published.SALTED, tmp_path / "list")
    test = salted.load(folder)
    assert test.url("https://EXAMPLE.org/two.png") is not None
    assert test.url("https://example.org/four.png") is None
    assert not any(b"example" in file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize(
    "name, kind",
    [
        ("urls.txt", "text/plain; charset=utf-8"),
        ("opt-outs.csv", "text/csv; charset=utf-8"),
        ("opt-outs.jsonl", protocol.LINES),
        ("opt-outs.parquet", "application/vnd.apache.parquet"),
        ("manifest.json", "application/json"),
    ],
)
def test_each_file_says_what_it_is_how_long_it_is_and_when_it_was_written(running, name, kind):
    whole, head = (get(running, f"{published.LIST}/{name}", method=one) for one in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    for answer in (whole, head):
        assert answer.headers["Content-Type"] == kind
        assert int(answer.headers["Content-Length"]) == len(whole.content) > 0
        assert answer.headers["Last-Modified"].endswith(" GMT")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["ETag"] == head.headers["ETag"]


def test_who_has_a_file_already_is_not_sent_it_again_until_it_is_another(tmp_path):
    path = f"{published.LIST}/urls.txt"
    with serving(tmp_path, signing_key=SEED) as running:
        file_copies(running, "one")
        publish(running)
        first = get(running, path)
        tag, moment = first.headers["ETag"], first.headers["Last-Modified"]
        publish(running)  # nothing new, so nothing is written
        for asked in (
            {"If_None_Match": tag},
            {"If_None_Match": f'"x", W/{tag}'},
            {"If_None_Match": "*"},
            {"If_Modified_Since": moment},
        ):
            answer = get(running, path, **asked)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["ETag"] == tag
        for asked in (
            {"If_None_Match": '"x"', "If_Modified_Since": moment},
            {"If_None_Match": ","},
        ):
            assert get(running, path, **asked).status_code == 200
        file_copies(running, "two")
        publish(running)
        second = get(running, path, If_None_Match=tag)
    assert second.status_code == 200
    assert second.headers["ETag"] != tag
    assert second.text == f"{first.text}https://example.org/two.png\n"


@pytest.mark.parametrize(
    "asked, status, part",
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=5-999999999999", 206, slice(5, None)),
        ("bytes=-999999999999", 206, slice(0, None)),
        ("bytes=999999999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-5", 200, slice(0, None)),
        ("bytes=-", 200, slice(0, None)),
        ("bytes=0-1,3-4", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
        ("bytes=" + "9" * 400 + "-", 200, slice(0, None)),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(running, asked, status, part):
    path = f"{published.LIST}/opt-outs.jsonl"
    whole = get(running, path).content
    answer = get(running, path, Range=asked)
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
        assert answer.json() == {"reason": "range"}
        return
    assert answer.content == whole[part]
    if status == 206:
        first, last = range(len(whole))[part][0], range(len(whole))[part][-1]
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"


def test_a_part_of_what_is_another_file_by_now_is_not_given(running):
    path = f"{published.LIST}/urls.txt"
    whole = get(running, path)
    for fits in (whole.headers["ETag"], whole.headers["Last-Modified"]):
        assert get(running, path, Range="bytes=0-3", If_Range=fits).status_code == 206
    assert get(running, path, Range="bytes=0-3", If_Range='"other"').content == whole.content


@pytest.mark.parametrize(
    "path",
    [
        "/list",
        "/list/",
        "/list/.",
        "/list/..%2flog.jsonl",
        "/list/..%2f..%2faccounts.sqlite",
        "/list/%2e%2e",
        "/list/public.lock",
        "/list/salted.txt",
        "/list/urls.txt/",
        "/list/urls.txt%00",
        "/salted-list/urls.txt",
        "/salted-list/..%2fpublic%2furls.txt",
        "/salted-list/",
        "/log/",
        "/log.jsonl",
    ],
)
def test_nothing_else_is_handed_out(running, path):
    for method in ("GET", "HEAD"):
        assert get(running, path, method=method).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_list_cannot_be_written_to(running, method):
    assert get(running, f"{published.LIST}/urls.txt", method=method).status_code == 405


def test_what_was_not_published_is_not_there(tmp_path):
    with serving(tmp_path, signing_key=SEED) as running:
        file_copies(running, "one")
        answer = get(running, f"{published.LIST}/urls.txt")
        assert (answer.status_code, answer.json()) == (404, {"reason": "unpublished"})


def test_a_server_of_the_salted_list_hands_out_no_other(tmp_path):
    with serving(tmp_path, signing_key=SEED, salted_only=True) as running:
        file_copies(running, "one")
        publish(running)
        publish(running, as_salted=True)
        assert {get(running, f"{published.LIST}/{name}").status_code for name in lists.FILES} == {
            404
        }
        assert get(running, f"{published.SALTED_LIST}/salted.txt").status_code == 200


@pytest.fixture(params=KEPT)
def database(request):
    return new_database(request)


def log_of(running, folder):
    """The server's log as it lies, byte for byte."""
    if running.options.database:
        return logs.copied(running.options.database, folder / "table.jsonl").read_bytes()
    return (running.options.folder / "registry" / "log.jsonl").read_bytes()


def mirror(running, folder, key=None):
    """Brings a mirror up to date: the checkpoint, then the log from where it ended."""
    log = folder / "log.jsonl"
    had = log.stat().st_size if log.exists() else 0
    checkpoint = get(running, protocol.CHECKPOINT, key).content
    tail = get(running, published.LOG, key, Range=f"bytes={had}-")
    if tail.status_code == 206:
        with log.open("ab") as file:
            file.write(tail.content)
    note = folder / f"{uuid4()}.txt"
    note.write_bytes(checkpoint)
    return tail.status_code, proof.check_consistency(log, sorted(folder.glob("*.txt"))).valid


def test_a_mirror_is_kept_by_copying_what_is_new_and_notices_a_changed_log(tmp_path, database):
    folder = tmp_path / "mirror"
    folder.mkdir()
    how = {"signing_key": SEED, "public_log": True, "database": database}
    with serving(tmp_path / "data", **how) as running:
        file_copies(running, "one")
        assert mirror(running, folder) == (206, True)
        assert mirror(running, folder) == (416, True)
        file_copies(running, "two", "three")
        assert mirror(running, folder) == (206, True)
        log = log_of(running, tmp_path)
    mirrored = folder / "log.jsonl"
    assert mirrored.read_bytes() == log
    mirrored.write_bytes(mirrored.read_bytes().replace(b"one.png", b"two.png"))
    assert not proof.check_consistency(mirrored, sorted(folder.glob("*.txt"))).valid


def test_a_mirror_that_is_made_while_others_file_has_whole_entries_only(tmp_path, database):
    folder = tmp_path / "mirror"
    folder.mkdir()
    how = {"signing_key": SEED, "public_log": True, "database": database}
    with serving(tmp_path / "data", **how) as running:
        names = iter([f"{start}-{n}" for n in range(200)] for start in range(10))
        filing = threading.Thread(target=lambda: [file_copies(running, *one) for one in names])
        filing.start()
        rounds = 0
        while filing.is_alive() or rounds < 3:
            assert mirror(running, folder)[1]
            rounds += 1
        filing.join()
        mirror(running, folder)
        log = log_of(running, tmp_path)
    assert (folder / "log.jsonl").read_bytes() == log
    assert log.count(b"\n") > 2_000


def test_the_log_is_for_auditors_unless_it_is_public(tmp_path):
    with serving(tmp_path, signing_key=SEED) as running:
        file_copies(running, "one")
        assert get(running, published.LOG).status_code == 401
        assert get(running, published.LOG, running.key).status_code == 403
        assert get(running, protocol.CHECKPOINT).status_code == 401
        answer = get(running, published.LOG, running.key_of("auditor", "admin"))
        log = running.options.folder / "registry" / "log.jsonl"
        assert (answer.status_code, answer.content) == (200, log.read_bytes())


def test_who_goes_away_in_the_middle_of_a_file_leaves_a_turn_for_others(tmp_path):
    limits = server.Limits(files_at_once=1)
    with serving(tmp_path, signing_key=SEED, public_log=True, limits=limits) as running:
        file_copies(running, "one")
        log = running.options.folder / "registry" / "log.jsonl"
        public = log.parent / "public"
        public.mkdir()
        (public / "urls.txt").write_bytes(b"x" * (64 << 20))
        host, port = running.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(b"GET /list/urls.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200 ")
        assert get(running, published.LOG).status_code == 200


def test_the_command_publishes_and_says_how_much(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ARTISTGUARD_SIGNING_KEY", SEED)
    with serving(tmp_path, signing_key=SEED) as running:
        file_copies(running, "one", "two")
        for arguments, folder in ([[], "public"], [["--salted"], "public-salted"]):
            command = ["serve", "publish", *arguments, "--json", "--data", str(tmp_path)]
            assert cli.main(command) == 0
            said = json.loads(capsys.readouterr().out)
            assert said["opt_outs"] == 2
            assert said["folder"] == str(running.options.folder / "registry" / folder)
        assert get(running, f"{published.LIST}/manifest.json").status_code == 200
        assert get(running, f"{published.SALTED_LIST}/manifest.json").status_code == 200


def test_a_salted_list_with_a_log_that_anyone_reads_makes_no_sense(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["serve", "--salted-only", "--public-log"])
    assert left.value.code == 2
    assert "--public-log" in capsys.readouterr().err
