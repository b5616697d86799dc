# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A server that the artist has chosen is searched and filed with like any other place."""

import shutil

import pytest

from artistguard import proof, wire
from artistguard.channels.remote import RemoteRegistry
from artistguard.models import Declaration, Subject
from artistguard.search import packs
from baking import Row, bake
from servers import serving

AT = "2026-11-24T07:00:00Z"


@pytest.fixture
def art(paint, tmp_path):
    for seed in range(3):
        paint(f"art/{seed}.png", seed)
    return tmp_path / "art"


@pytest.fixture
def web(art, tmp_path):
    """A pack that somebody serves, with a copy of one work in it."""
    copy = shutil.copy(art / "0.png", tmp_path / "copy.png")
    return bake(tmp_path / "pack", [Row("copy", copy), Row("other")])


@pytest.fixture
def server(web, tmp_path):
    with serving(tmp_path / "server", packs=(web,)) as running:
        yield running


def events(lines, name):
    return [line for line in lines if line["event"] == name]


def test_the_main_job_goes_to_a_chosen_server_as_well(run, art, server, monkeypatch):
    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", server.key)
    assert run("server", "add", server.url)[0] == 0
    status, lines, said = run("protect", art, "--yes")
    assert status == 0, said
    assert "rough outline" in said
    (match,) = events(lines, "match")
    assert (match["entry"], match["band"]) == ("copy", "certain")
    (told,) = events(lines, "disclosure")
    assert told["works"] == 3
    assert told["sent"] > 0
    assert {plan["leaves_machine"] for plan in events(lines, "plan")} == {False, True}
    filed = events(lines, "opt_out")
    assert {line["state"] for line in filed} == {"acknowledged"}
    assert len({line["channel"] for line in filed}) == 2
    assert events(lines, "summary")[0]["receipts"] == len(filed) == 2 * 4
    assert run("protect", art, "--yes")[1][-1]["receipts"] == 2 * 4


def test_a_server_that_is_away_keeps_nothing_from_being_done_here(run, art, server, monkeypatch):
    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", "wrong")
    run("server", "add", server.url)
    status, lines, said = run("protect", art, "--yes")
    assert status == 3
    assert "does not know you" in said
    filed = events(lines, "opt_out")
    assert {line["channel"] for line in filed} == {"registry"}
    assert run("status")[1][-1]["opt_outs"]["queued"] == 3

    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", server.key)
    status, lines, _ = run("deliver")
    assert (status, {line["state"] for line in lines}) == (0, {"acknowledged"})
    assert run("status")[1][-1]["opt_outs"]["queued"] == 0


def test_a_server_without_https_is_refused_unless_it_is_here(run):
    status, _, said = run("server", "add", "http://registry.example")
    assert status == 2
    assert "https" in said
    assert run("server", "list") == (0, [], "")


def test_a_choice_for_privacy_stays_until_it_is_taken_back(run):
    for url in ("https://a.example", "https://b.example"):
        run("server", "add", url, *(["--private"] if "a." in url else []))
    assert [line["private"] for line in run("server", "list")[1]] == [True, True]
    run("server", "add", "https://b.example", "--whole-hashes")
    assert [line["private"] for line in run("server", "list")[1]] == [False, False]


def test_what_a_search_leaves_out_is_said_here_and_by_a_server(
    run, art, web, tmp_path, monkeypatch
):
    monkeypatch.setattr(packs, "_LARGE", 1)
    with serving(tmp_path / "large", packs=(web,)) as server:
        monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", server.key)
        for place in (("--pack", web), ("--backend", server.url)):
            status, lines, said = run("search", art / "0.png", *place)
            assert status == 0
            (miss,) = [line for line in lines if line.get("event") == "miss"]
            assert (miss["witness"], miss["band"], miss["share"]) == ("dct256", "likely", 1.0)
            assert "only copies that are likely or better" in said


def test_a_search_that_leaves_nothing_out_says_nothing_of_it(run, art, web):
    _, lines, said = run("search", art / "0.png", "--pack", web)
    assert not [line for line in lines if line.get("event") == "miss"]
    assert "Not all of" not in said


@pytest.fixture
def elsewhere(run, art, server, monkeypatch):
    """The channel of a server where another artist has an opt-out and disputes one of ours."""
    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", server.key)
    run("server", "add", server.url)
    _, lines, _ = run("protect", art, "--yes")
    ours = next(line for line in events(lines, "opt_out") if line["channel"] != "registry")
    theirs = Declaration("theirs", Subject.DOMAIN, "Bo", AT, wire.RESERVATION, domain="bo.example")
    dispute = proof.Dispute("dispute-1", ours["opt_out"], "Bo", "It is mine.", AT)
    with server.caller(server.key_of("bo", "declare")) as caller:
        registry = RemoteRegistry(caller)
        assert all(one.receipt for one in registry.deliver([theirs]))
        assert registry.record(dispute).receipt == registry.record(dispute).receipt
    return ours["channel"]


def test_disputes_and_mandates_are_filed_at_a_server_and_kept_with_their_receipts(
    run, elsewhere, server, tmp_path
):
    there = ("--channel", elsewhere)
    status, (dispute,), said = run("dispute", "theirs", "--why", "Painted by me.", *there)
    assert (status, dispute["kind"], dispute["channel"]) == (0, "dispute", elsewhere)
    assert f"This goes to {elsewhere}" in said
    status, (answer,), _ = run("dispute", "dispute-1", "--why", "I have the sketches.", *there)
    assert (status, answer["kind"], answer["of"]) == (0, "counter-claim", "dispute-1")
    status, (mandate,), _ = run("mandate", "--for", "an.agency", "--until", "2999-01-01", *there)
    assert status == 0
    assert run("own", "revoke", mandate["id"], *there)[0] == 0

    out = tmp_path / "proof"
    status, files, _ = run("receipts", "--export", out)
    assert (status, {line["valid"] for line in files}) == (0, {True})
    kinds = ("dispute", "counter-claim", "mandate", "revocation")
    for one, kind in zip((dispute, answer, mandate, mandate), kinds, strict=True):
        assert proof.check_file(out / f"{one['id']}.{kind}.receipt").valid
    _, listed, _ = run("own", "list")
    states = [(line["kind"], line["state"]) for line in listed]
    # What is a dispute itself was first taken for an entry; that it was refused is not hidden.
    assert states == [
        ("dispute", "acknowledged"),
        ("dispute", "refused"),
        *((kind, "acknowledged") for kind in kinds[1:]),
    ]
    log = server.options.folder / "registry" / "log.jsonl"
    assert proof.check_file(log).valid


def test_what_a_server_refuses_is_said_and_nothing_without_sense_is_sent(run, elsewhere):
    there = ("--channel", elsewhere)
    status, lines, said = run("dispute", "nothing", "--why", "It is mine.", *there)
    assert (status, lines) == (2, [])
    assert "nothing by the id nothing" in said
    assert run("own", "revoke", "dispute-1", *there)[0] == 1
    before = run("own", "list")[1]
    status, _, said = run("mandate", "--for", "an.agency", "--until", "2000-01-01", *there)
    assert (status, "refused: until" in said) == (2, True)
    assert run("own", "list")[1] == before
    assert {line["state"] for line in before} == {"refused"}
    status, _, said = run("dispute", "x", "--why", "y", "--channel", "server:nowhere.example")
    assert (status, "There is no channel" in said) == (2, True)


def test_a_notice_for_a_server_that_is_away_is_kept_and_sent_once(
    run, elsewhere, server, monkeypatch
):
    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", "wrong")
    arguments = ("dispute", "theirs", "--why", "Mine.", "--channel", elsewhere)
    assert run(*arguments)[:2] == (3, [])
    (kept,) = run("own", "list")[1]
    assert kept["state"] == "queued"
    assert run("deliver")[0] == 3
    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", server.key)
    for _ in range(2):
        assert run("deliver")[0] == 0
    assert run("own", "list")[1] == [{**kept, "state": "acknowledged"}]
    log = (server.options.folder / "registry" / "log.jsonl").read_text()
    assert log.count('"kind":"dispute"') == 2  # theirs of ours, and this one
