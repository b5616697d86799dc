# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A client takes no harm from a server that is slow, broken or hostile, and nothing for true."""

import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from artistguard import calls, proof, protocol, wire
from artistguard.calls import Caller, Server
from artistguard.channels.registry import Registry
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import Kind, NotSignedIn, Offline, Problem, Refused, SlowDown
from artistguard.models import (
    Answer,
    Band,
    Clue,
    Declaration,
    Miss,
    Query,
    Source,
    Subject,
    Witness,
)
from artistguard.search import remote
from artistguard.search.private import PrivateBackend
from artistguard.search.remote import RemoteBackend
from artistguard.secrets import Vault
from fakes import at
from servers import certify

WORK = Declaration(
    id="work-1",
    subject=Subject.WORK,
    declarant="An artist",
    declared_at="2026-11-24T07:00:00Z",
    reservation=wire.RESERVATION,
    sha256="ab" * 32,
)
SOURCE = Source("server:x", "web", "1", "r1", 10, (Witness.SHA256, Witness.URL))
QUERY = Query(1, 1, 10, 10, bytes(32), bytes(16), ())


@contextmanager
def answering(*answers, context=None):
    """A server that gives these answers in turn, the last one for ever; a list of what was asked.

    An answer is (status, headers, body).
    """
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.path, dict(self.headers), body))
            status, headers, answer = answers[min(len(asked), len(answers)) - 1]
            if status is None:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815  # the library calls it so

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        web.daemon_threads = True
        if context:
            web.socket = context.wrap_socket(web.socket, server_side=True)
        thread = threading.Thread(target=web.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{web.server_address[1]}", asked
        finally:
            web.shutdown()
            thread.join()


def good(value):
    return 200, {}, json.dumps(value).encode()


def lines(*values):
    return 200, {}, b"".join(json.dumps(value).encode() + b"\n" for value in values)


@contextmanager
def caller(place, key="k", **how):
    slept = []
    how = {"clock": lambda: 0.0, "sleep": slept.append} | how
    with Caller(Server(f"http://{place}", key), **how) as caller:
        caller.slept = slept
        yield caller


@contextmanager
def telling(kind):
    """What is done in the block ends with a problem of this kind."""
    with pytest.raises(Problem) as caught:
        yield
    assert caught.value.kind is kind


@contextmanager
def distrusting(*answers, kind=Kind.BAD_ANSWER):
    """A caller that does not take what the server answers."""
    with answering(*answers) as (place, _), caller(place) as one, telling(kind):
        yield one


SLOW = (429, {"Retry-After": "3"}, b"")
AWAY = (502, {}, b"")
GONE = (None, {}, b"")
CUT_OFF = (200, {"Content-Length": "9", "Connection": "close"}, b"{}")


def test_a_pause_that_is_asked_for_is_kept_and_the_request_sent_again():
    with answering(SLOW, good({"fine": 1})) as (place, asked), caller(place) as one:
        assert one.get("/x") == {"fine": 1}
        assert (len(asked), one.slept) == (2, [3.0])


def test_a_pause_that_is_too_long_is_told_and_not_waited_for():
    with answering((429, {"Retry-After": "600"}, b"")) as (place, asked), caller(place) as one:
        with pytest.raises(SlowDown) as caught:
            one.get("/x")
        assert caught.value.facts["seconds"] == 600
        with pytest.raises(SlowDown):
            one.get("/x")  # not even asked again
        assert (len(asked), one.slept) == (1, [])


@pytest.mark.parametrize("trouble", [AWAY, GONE, (503, {}, b""), CUT_OFF])
def test_a_server_that_is_away_for_a_moment_is_asked_again(trouble):
    with answering(trouble, good(1)) as (place, asked), caller(place) as one:
        assert one.get("/x") == 1
        assert len(asked) == 2


def test_a_server_that_stays_away_is_told_after_a_few_tries():
    with answering(GONE) as (place, asked), caller(place) as one:
        with pytest.raises(Offline) as caught:
            one.get("/x")
        assert caught.value.facts["host"] == place
        assert len(asked) == calls.TRIES


@pytest.mark.parametrize(
    "status, problem, kind",
    [
        (401, NotSignedIn, Kind.NOT_SIGNED_IN),
        (403, NotSignedIn, Kind.NOT_SIGNED_IN),
        (409, Problem, Kind.SOURCE_GONE),
        (413, Problem, Kind.TOO_LARGE),
        (400, Refused, Kind.REFUSED),
        (418, Refused, Kind.REFUSED),
        (204, Problem, Kind.BAD_ANSWER),
        (302, Problem, Kind.BAD_ANSWER),
    ],
)
def test_each_status_has_its_fate_and_none_is_tried_twice(status, problem, kind):
    headers = {"Location": "http://127.0.0.1:1/elsewhere"}
    with answering((status, headers, b"")) as (place, asked), caller(place) as one:
        with pytest.raises(problem) as caught:
            one.get("/x")
        assert caught.value.kind is kind
        assert len(asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"NaN", b"\xff", b"[" * 10_000])
def test_an_answer_that_is_no_json_is_not_trusted(body):
    with distrusting((200, {}, body)) as one:
        one.get("/x")


def test_an_answer_without_end_is_broken_off(monkeypatch):
    monkeypatch.setattr(calls, "MOST_BYTES", 1_000)
    with distrusting((200, {}, b"1" * 2_000)) as one:
        one.get("/x")


def test_an_answer_that_would_unpack_to_anything_is_not_unpacked():
    packed = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b")
    with answering(packed) as (place, asked), caller(place) as one:
        with telling(Kind.BAD_ANSWER):
            one.get("/x")
        assert asked[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "url",
    [
        "http://registry.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "ftp://127.0.0.1",
        "https://",
        "https://user:secret@registry.example.org",
        "https://registry.example.org/?a=b",
        "https://registry.example.org/#a",
        "registry.example.org",
        "https://[",
        "file:///etc/passwd",
    ],
)
def test_only_https_is_spoken_unless_the_server_is_here(url):
    with telling(Kind.NOT_HTTPS):
        Server(url)


def test_a_key_is_not_shown_with_its_server():
    assert "secret" not in repr(Server("https://registry.example.org", "secret"))


def test_a_certificate_that_is_nobodys_is_not_taken(tmp_path):
    chain, key = certify(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with answering(good(1), context=context) as (place, asked):
        stranger = Server(f"https://{place}", "k")
        with Caller(stranger, sleep=lambda _: None) as one, pytest.raises(Offline):
            one.get("/x")
        assert asked == []  # nor was the key shown to it
        known = ssl.create_default_context(cafile=chain)
        with Caller(Server(f"https://{place}", "k"), trusted=known) as one:
            assert one.get("/x") == 1


def test_the_key_for_a_server_lies_in_the_vault(tmp_path):
    vault = Vault(None, "profile", "memory", Kind.NO_KEYRING, 1.0)
    vault.set("key for 127.0.0.1:1", b"ag_1")
    with calls.opened("http://127.0.0.1:1", vault) as one:
        assert one.server.key == "ag_1"
    with calls.opened("http://127.0.0.1:2", vault) as one:
        assert one.server.key is None


# --- bulk answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lines({"a": 1}),
        lines({"a": 1}, {"end": 2}),
        lines({"a": 1}, {"end": 0}),
        lines({"a": 1}, {"problem": "database"}),
        (200, {}, b'{"a": 1}\n{"end": 1}'),
        (200, {}, b""),
    ],
)
def test_a_bulk_answer_that_broke_off_is_asked_for_again(answer):
    with answering(answer, lines({"a": 1}, {"end": 1})) as (place, asked), caller(place) as one:
        assert one.lines("/x", b"{}") == [{"a": 1}]
        assert len(asked) == 2


def test_batches_that_are_too_large_are_cut_and_what_was_answered_is_not_sent_again():
    sizes = []

    def send(batch):
        sizes.append(len(batch))
        if len(batch) > 400:
            raise Problem(Kind.TOO_LARGE, host="x")
        yield from batch

    with answering(AWAY) as (place, _), caller(place) as one:
        assert list(one.in_batches(range(1_000), 1_000, send)) == list(range(1_000))
    assert sizes == [1_000, 700, 489, 342, 342, 316]


def test_a_server_that_finds_everything_too_large_is_given_up_after_five_cuts():
    sizes = []

    def send(batch):
        sizes.append(len(batch))
        raise Problem(Kind.TOO_LARGE, host="x")

    with answering(AWAY) as (place, _), caller(place) as one, pytest.raises(Problem):
        list(one.in_batches(range(1_000), 1_000, send))
    assert len(sizes) == 6


# --- the registry ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def receipts(tmp_path_factory):
    """Receipts by id, as an honest registry gives them."""
    registry = Registry(
        tmp_path_factory.mktemp("registry"), proof.Signer(bytes(32)), at("2026-11-24T07:00:00Z")
    )
    others = [replace(WORK, id="work-2"), replace(WORK, id="work-3", sha256="cd" * 32)]
    return {one.id: one.receipt.decode() for one in registry.deliver([WORK, *others])}


def test_receipts_of_an_honest_registry_are_passed_on(receipts):
    answer = lines({"id": "work-1", "status": 200, "receipt": receipts["work-1"]}, {"end": 1})
    with answering(answer) as (place, asked), caller(place) as one:
        registry = RemoteRegistry(one)
        [answered] = registry.deliver([WORK])
    assert (answered.answer, answered.receipt) == (Answer.FILED, receipts["work-1"].encode())
    assert (registry.name, registry.leaves_machine) == (f"server:{place}", True)
    [(path, headers, body)] = asked
    assert (path, headers["Authorization"]) == (protocol.OPT_OUTS, "Bearer k")
    assert json.loads(body) == {"opt_outs": [json.loads(wire.spell_declaration(WORK))]}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "work-2"},
        {"id": "work-9"},
        {"status": 201},
        {"status": True},
        {"status": "200"},
        {"receipt": None},
        {"receipt": "{}\n"},
        {"receipt": "work-2"},  # another's
        {"receipt": "work-3"},
        {"receipt": "changed"},
        {"receipt": "unended"},
    ],
)
def test_a_receipt_that_does_not_prove_this_very_entry_is_not_taken(receipts, change):
    true = receipts["work-1"]
    forged = receipts | {"changed": true.replace("ab" * 32, "ac" * 32), "unended": true[:-1]}
    line = {"id": "work-1", "status": 200, "receipt": true} | change
    line["receipt"] = forged.get(line["receipt"], line["receipt"])
    with distrusting(lines(line, {"end": 1})) as one:
        list(RemoteRegistry(one).deliver([WORK]))


def test_entries_that_are_not_answered_or_answered_twice_are_told(receipts):
    line = {"id": "work-1", "status": 200, "receipt": receipts["work-1"]}
    with (
        answering(lines(line, {"end": 1})) as (place, _),
        caller(place) as one,
        telling(Kind.ANSWERS_MISSING),
    ):
        list(RemoteRegistry(one).deliver([WORK, replace(WORK, id="work-2")]))
    with distrusting(lines(line, line, {"end": 2})) as one:
        list(RemoteRegistry(one).deliver([WORK]))


def test_an_opt_out_receipt_is_no_receipt_of_a_withdrawal(receipts):
    line = {"id": "work-1", "status": 200, "receipt": receipts["work-1"]}
    with distrusting(lines(line, {"end": 1})) as one:
        list(RemoteRegistry(one).withdraw(["work-1"], "2026-11-24T08:00:00Z"))


# --- search ---------------------------------------------------------------------------------------

SEEN = {
    "key": 1,
    "witness": "sha256",
    "distance": 0,
    "variant": "plain",
    "quality": 100,
    "entry": {"entry": "7", "url": "https://a.test/7.jpg"},
}


def test_what_a_server_saw_is_an_entry_of_its_source():
    with answering(lines(SEEN, {"end": 1})) as (place, _), caller(place) as one:
        [sighting] = RemoteBackend(one, SOURCE).look_up([QUERY])
    assert (sighting.key, sighting.entry.dataset, sighting.entry.entry) == (1, "web", "7")


@pytest.mark.parametrize(
    "change",
    [
        {"key": 2},
        {"key": None},
        {"witness": "md5"},  # the source has none
        {"witness": "rumour"},
        {"distance": -1},
        {"distance": 1.5},
        {"quality": 101},
        {"variant": "x" * 101},
        {"entry": {}},
        {"entry": {"entry": 7}},
        {"entry": {"entry": "7", "sha256": "AB"}},
        {"entry": {"entry": "7", "width": -1}},
        {"entry": []},
    ],
)
def test_a_sighting_that_cannot_be_is_not_taken(change):
    with distrusting(lines(SEEN | change, {"end": 1})) as one:
        list(RemoteBackend(one, SOURCE).look_up([QUERY]))


@pytest.mark.parametrize(
    "line", [5, [], SEEN, {"more": {"witness": "url", "clue": "not asked", "limit": 1}}]
)
def test_what_was_not_asked_for_is_no_answer_to_a_clue(line):
    with distrusting(lines(line, {"end": 1})) as one:
        list(RemoteBackend(one, SOURCE).look_up_clue(Clue(urls=("https://a.test/",))))


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"sources": {}},
        {"sources": [{"dataset": "web"}]},
        {"sources": [protocol.source_parts(SOURCE) | {"rows": -1}]},
        {"sources": [protocol.source_parts(SOURCE) | {"revision": 5}]},
    ],
)
def test_sources_that_make_no_sense_are_not_searched(answer):
    with distrusting(good(answer)) as one:
        remote.sources(one)


def test_what_a_server_leaves_out_is_passed_on_as_far_as_it_makes_sense():
    told = Miss(Witness.DCT256, Band.LIKELY, 0.9, 7)
    source = replace(SOURCE, misses=(told,))
    parts = protocol.source_parts(source)
    assert protocol.read_source(parts, "server:x") == source
    assert protocol.read_source(protocol.source_parts(SOURCE) | {"misses": 5}, "server:x") == SOURCE
    later = {"witness": "new", "band": "likely", "share": 0.5}
    odd = [later, {"witness": "dct256", "band": "likely", "share": 2}, 5, *parts["misses"]]
    assert protocol.read_source(parts | {"misses": odd}, "server:x") == source


ONE = {"rows": [1], "values": "A" * 11 + "=", "qualities": "ZA=="}
SHAPE = {"segment": 0, "algorithm": "dct256/1", "bits": 256, "distinct": 9, "widths": [9, 9]}
LAYOUT = {"shapes": [], "keys": [{"segment": 0, "kind": "sha256", "rows": 10}], "rows": 10}


@pytest.mark.parametrize(
    "answers",
    [
        [good({})],
        [good(LAYOUT | {"keys": [{"segment": 0, "kind": "other", "rows": 1}]})],
        [good(LAYOUT | {"shapes": [{"segment": 0}]})],
        [good(LAYOUT | {"shapes": [SHAPE | {"bits": 64}]})],
        [good(LAYOUT | {"shapes": [SHAPE | {"widths": [200, 200]}]})],
        [good(LAYOUT | {"shapes": [SHAPE | {"widths": [0]}]})],
        [good(LAYOUT), lines({"end": 0})],
        [good(LAYOUT), lines(*[{"rows": [1], "values": "", "qualities": ""}] * 32, {"end": 32})],
        [
            good(LAYOUT),
            lines(
                *[{"rows": [99], "values": "A" * 11 + "=", "qualities": "ZA=="}] * 32, {"end": 32}
            ),
        ],
        [
            good(LAYOUT),
            lines(
                *[{"rows": [1], "values": "A" * 11 + "=", "qualities": "ZA=="}] * 32, {"end": 32}
            ),
            lines({"row": 5, "entry": {"entry": "5"}}, {"end": 1}),
        ],
    ],
)
def test_buckets_that_make_no_sense_are_not_compared_with(answers):
    with distrusting(*answers) as one:
        list(PrivateBackend(one, SOURCE).look_up([QUERY]))


def test_private_questions_carry_no_key_and_are_always_as_many():
    empty = lines(*[{"rows": [], "values": "", "qualities": ""}] * 32, {"end": 32})
    with answering(good(LAYOUT), empty) as (place, asked), caller(place) as one:
        backend = PrivateBackend(one, SOURCE)
        assert list(backend.look_up([QUERY])) == []
    (_, _, _), *questions = asked
    for path, headers, body in questions:
        assert path == protocol.BUCKETS
        assert "Authorization" not in headers
        assert len(json.loads(body)["buckets"]) == 32
    assert (backend.told.buckets, backend.told.dummies) == (1, 31)
