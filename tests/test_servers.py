# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A server that the artist has chosen is searched and filed with like any other place."""

import shutil

import pytest

from baking import Row, bake
from servers import serving


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
