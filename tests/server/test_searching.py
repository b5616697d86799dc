# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A pack searched over HTTP says what it says at home."""

import hashlib
import random
from contextlib import ExitStack
from dataclasses import replace

import httpx
import numpy as np
import pytest
from PIL import Image

from artistguard import protocol, wording
from artistguard.errors import Kind, NotSignedIn, Problem
from artistguard.fingerprints import hashing
from artistguard.models import Clue, Fingerprint, More, Query, Witness
from artistguard.search import packs, remote
from artistguard.search.private import PrivateBackend
from artistguard.server import Limits, desk
from artistguard.server.holdings import Holdings, look_up
from artistguard.server.refusals import Denied
from baking import Row, bake
from servers import serving


def query(path, key):
    body = path.read_bytes()
    with Image.open(path) as picture:
        size = picture.size
        prints = hashing.fingerprint(picture.convert("RGB"), *size)
    return Query(key, key, *size, hashlib.sha256(body).digest(), hashlib.md5(body).digest(), prints)


@pytest.fixture
def pack(tmp_path, paint):
    rows = [
        Row(f"{seed}", paint(f"{seed}.png", seed=seed), caption=f"A picture by Ana Löwe, {seed}")
        for seed in range(6)
    ]
    return bake(tmp_path / "pack", rows)


@pytest.fixture
def running(tmp_path, pack):
    with serving(tmp_path / "data", packs=[pack]) as running:
        yield running


def test_a_server_finds_what_its_pack_finds(running, pack, paint):
    queries = [query(paint(f"{seed}.png", seed=seed), seed) for seed in (1, 3, 99)]
    clue = Clue(("https://host2.example/2.jpg",), ("host4.example",), ("Ana Löwe", "nobody"))
    with ExitStack() as stack:
        [here] = stack.enter_context(packs.opened([pack]))
        caller = stack.enter_context(running.caller())
        [there] = remote.opened(caller)
        assert there.source == replace(here.source, backend=remote.backend_name(caller))
        found, expected = list(there.look_up(queries)), list(here.look_up(queries))
        assert {one.key for one in expected} == {1, 3}
        assert sorted(found, key=repr) == sorted(expected, key=repr)
        assert list(there.look_up_clue(clue)) == list(here.look_up_clue(clue))
        assert list(there.look_up_clue(Clue())) == []


def test_that_there_is_more_is_passed_on(running, monkeypatch):
    monkeypatch.setattr(packs, "_NAMES_LISTED", 2)
    with running.caller() as caller:
        [there] = remote.opened(caller)
        told = list(there.look_up_clue(Clue(names=("Löwe",))))
    assert told[-1] == More(Witness.NAME, "Löwe", "web", 2)


def test_searching_needs_a_key_unless_anyone_may(running, tmp_path, pack):
    with running.caller(running.key_of("a", "declare")) as caller, pytest.raises(NotSignedIn):
        remote.sources(caller)
    answer = httpx.get(running.url + protocol.SOURCES, trust_env=False)
    assert (answer.status_code, answer.json()) == (401, {"reason": "no_key"})
    with serving(tmp_path / "open", packs=[pack], anonymous=True) as anyones:
        answer = httpx.get(anyones.url + protocol.SOURCES, trust_env=False)
        assert answer.status_code == 200
        answer = httpx.post(anyones.url + protocol.OPT_OUTS, json={}, trust_env=False)
        assert answer.status_code == 401


def test_a_collection_that_changed_is_not_searched_under_its_old_name(running):
    with running.caller() as caller:
        [there] = remote.opened(caller)
        there.source = replace(there.source, revision="old")
        with pytest.raises(Problem) as caught:
            list(there.look_up([query_of_nothing()]))
    assert caught.value.kind is Kind.SOURCE_GONE


def query_of_nothing(**change):
    return replace(Query(1, 1, 10, 10, bytes(32), bytes(16), ()), **change)


@pytest.mark.parametrize(
    "change, field",
    [
        ({"width": -1}, "width"),
        ({"key": True}, "key"),
        ({"sha256": b""}, "sha256"),
        ({"fingerprints": (Fingerprint("dct256/1", bytes(32), bytes(1)),)}, "fingerprints"),
        ({"fingerprints": (Fingerprint("dct256/1", bytes(8), bytes([101])),)}, "fingerprints"),
        ({"fingerprints": (Fingerprint("../1", bytes(8), bytes(1)),)}, "fingerprints"),
    ],
)
def test_a_query_at_fault_has_a_status_of_its_own(running, change, field):
    with running.caller() as caller:
        [there] = remote.opened(caller)
        faulty, fine = query_of_nothing(**change), query_of_nothing(key=2)
        parts = {"queries": [protocol.query_parts(each) for each in (faulty, fine)]}
        body = protocol.spell({"revision": there.source.revision, **parts})
        line, end = caller.lines(protocol.SEARCH, body)
    assert (line["status"], line["reason"]) == (400, field)
    assert end == {"searched": 1}


def test_fingerprints_of_algorithms_to_come_are_left_aside(running):
    unknown = Fingerprint("other/9", bytes(12), bytes(1))
    with running.caller() as caller:
        [there] = remote.opened(caller)
        assert list(there.look_up([query_of_nothing(fingerprints=(unknown,))])) == []


def test_a_search_that_takes_too_long_is_cut_into_smaller_ones(tmp_path, pack, paint, monkeypatch):
    monkeypatch.setattr(desk, "_PATIENCE", 0.0)
    one = query(paint("1.png", seed=1), 0)
    queries = [replace(one, key=key) for key in range(500)]
    limits = Limits(seconds_to_answer=0.0)
    with serving(tmp_path / "slow", packs=[pack], limits=limits) as slow, slow.caller() as caller:
        [there] = remote.opened(caller)
        with pytest.raises(Problem) as caught:
            list(there.look_up(queries))
    assert caught.value.kind is Kind.TOO_LARGE
    assert there.told.requests == 6  # smaller and smaller ones


def test_an_engine_is_asked_as_a_pack_is_but_has_no_buckets(pack, paint):
    with packs.opened([pack]) as [backend]:
        held = Holdings([], [backend])
        collection = held.named(backend.source.revision)
        asked = [protocol.query_parts(query(paint("1.png", seed=1), 5))]
        seen = [line["entry"]["entry"] for line in look_up(collection, asked) if "entry" in line]
        assert set(seen) == {"1"}
        with pytest.raises(Denied):
            held.pack(backend.source.revision)


@pytest.fixture
def open_server(tmp_path, paint):
    rows = [Row(f"{seed}", paint(f"{seed}.png", seed=seed)) for seed in range(5)]
    rng = np.random.default_rng(1)
    folder = bake(tmp_path / "many", rows, strangers=rng.integers(0, 256, (20_000, 32), np.uint8))
    with serving(tmp_path / "data", packs=[folder], anonymous=True) as running:
        yield running


def test_a_private_search_finds_the_same_without_saying_what_it_looks_for(open_server, paint):
    queries = [query(paint(f"{seed}.png", seed=seed), seed) for seed in (1, 3, 99)]
    chance = random.Random(7)
    with open_server.caller() as caller:
        [there] = remote.opened(caller)
        private = PrivateBackend(caller, there.source, chance)
        found = {(one.key, one.witness, one.entry) for one in private.look_up(queries)}
        plain = {(one.key, one.witness, one.entry) for one in there.look_up(queries)}
        url = Clue(urls=("https://HOST2.example/2.jpg",), hosts=("host4.example",))
        [by_url] = private.look_up_clue(url)
    assert {key for key, _, _ in plain} == {1, 3}
    assert {one for one in plain if one[1] is not Witness.PHASH64} == found
    assert (by_url.entry.entry, by_url.witness) == ("2", Witness.URL)
    said = wording.describe_disclosure(private.told)
    assert f"{private.told.buckets:,} buckets" in said
    assert private.told.buckets > 100
    assert private.told.dummies * 3 >= private.told.buckets
