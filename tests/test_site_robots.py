# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A reservation in robots.txt: read alike by three readers, and nothing of the owner's changed."""

import urllib.robotparser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from artistguard import robots
from artistguard.channels.site import agents, crawling
from artistguard.channels.site.policy import policy
from artistguard.errors import Kind, Refused, Unreadable

SITE = policy("artist.example", "A. Painter")
WORKS = policy("artist.example", "A. Painter", paths=("/works/",))
KNOWN = agents.shipped()
STOPPED = KNOWN.of(*crawling.stopped_purposes(SITE))
FREE = ("Googlebot", "bingbot", "OAI-SearchBot", "PerplexityBot", "Somebody")


def readers(body):
    """Whether each reader lets a program fetch an address of the site."""
    text = body.decode("utf-8-sig", "replace")
    lines = urllib.robotparser.RobotFileParser()
    lines.parse(text.splitlines())
    protego = Protego.parse(text)
    yield lambda agent, path: robots.read(body, agent).allow(f"https://artist.example{path}")
    yield lambda agent, path: lines.can_fetch(agent, f"https://artist.example{path}")
    yield lambda agent, path: protego.can_fetch(f"https://artist.example{path}", agent)


EXISTING = {
    "nothing": b"",
    "everyone": b"User-agent: *\nDisallow: /private/\nAllow: /\n",
    "no end of line": b"User-agent: *\nDisallow: /private/",
    "windows": b"User-agent: *\r\nDisallow: /private/\r\n\r\nSitemap: https://artist.example/s.xml\r\n",
    "marked": b"\xef\xbb\xbfUser-agent: *\nDisallow:\n",
    "named and welcome": b"User-agent: GPTBot\nAllow: /\n\nUser-agent: *\nDisallow: /private/\n",
    "named with a search engine": b"User-agent: GPTBot\nUser-agent: Googlebot\nDisallow: /a/\n",
    "in other letters": b"user-AGENT : gptbot/1.0 # them\nAllow: /\n",
    "rules of nobody": b"Allow: /\n\nUser-agent: Googlebot\nDisallow: /b/\n",
    "a name in a name": b"User-agent: GPT\nAllow: /\n\nUser-agent: Google\nDisallow: /c/\n",
    "signals": b"User-agent: *\nContent-Signal: ai-train=yes\nContent-Usage: train-ai=y\n",
    "a letter of another alphabet": "# äöü\nUser-agent: *\nDisallow: /ö/\n".encode("latin-1"),
}


@pytest.mark.parametrize("name", EXISTING)
def test_those_who_train_are_stopped_and_all_others_may_what_they_might(name):
    before, after = EXISTING[name], crawling.merge(EXISTING[name], SITE, KNOWN)
    for allows, allowed in zip(readers(after), readers(before), strict=True):
        for agent in STOPPED:
            assert not allows(agent, "/works/1.png"), agent
        for agent in FREE:
            for path in ("/", "/private/x", "/a/x", "/b/x", "/c/x", "/works/1.png"):
                assert allows(agent, path) == allowed(agent, path), (agent, path)


@pytest.mark.parametrize("name", EXISTING)
def test_merging_again_changes_nothing_and_taking_out_brings_back_what_was(name):
    once = crawling.merge(EXISTING[name], SITE, KNOWN)
    assert crawling.merge(once, SITE, KNOWN) == once
    assert crawling.take_out(once).rstrip() == EXISTING[name].rstrip()


def test_only_the_works_are_closed_and_what_was_closed_stays_closed():
    before = (
        b"User-agent: GPTBot\nAllow: /works/open/\nDisallow: /drafts/\n\n"
        b"User-agent: *\nDisallow: /private/\n"
    )
    for allows in readers(crawling.merge(before, WORKS, KNOWN)):
        assert not allows("GPTBot", "/works/1.png")
        assert not allows("GPTBot", "/works/open/1.png")
        assert not allows("GPTBot", "/drafts/1.png")
        assert allows("GPTBot", "/about")
        assert not allows("CCBot", "/private/1.png")
        assert not allows("CCBot", "/works/1.png")
        assert allows("CCBot", "/about")
        assert allows("Googlebot", "/works/1.png")


def test_the_owners_own_licence_is_kept_and_no_second_one_named():
    text = crawling.merge(b"License: https://artist.example/own.xml\n", SITE, KNOWN).decode()
    assert text.count("License:") == 1
    assert "own.xml" in text


def test_an_older_signal_is_put_out_of_force():
    text = crawling.merge(EXISTING["signals"], SITE, KNOWN).decode()
    live = [line for line in text.splitlines() if not line.startswith("#")]
    assert "Content-Signal: search=yes, ai-input=no, ai-train=no" in live
    assert "Content-Usage: train-ai=n" in live
    assert not any("ai-train=yes" in line or "train-ai=y" in line for line in live)


def test_answers_and_search_can_be_chosen():
    may_answer = policy("artist.example", "A", answers=True)
    body = crawling.merge(b"", may_answer, KNOWN)
    assert robots.read(body, "ChatGPT-User").allow("https://artist.example/")
    assert b"ai-input=yes" in body
    unfound = crawling.merge(b"", policy("artist.example", "A", search=False), KNOWN)
    assert not robots.read(unfound, "OAI-SearchBot").allow("https://artist.example/")
    assert robots.read(unfound, "Googlebot").allow("https://artist.example/")


def test_a_web_page_and_a_file_that_would_not_be_read_to_its_end_are_refused():
    with pytest.raises(Refused) as page:
        crawling.merge(b"<!doctype html><title>Not found</title>", SITE, KNOWN)
    assert page.value.kind is Kind.NOT_A_ROBOTS_TXT
    with pytest.raises(Refused) as long:
        crawling.merge(b"# \n" * 200_000, SITE, KNOWN)
    assert long.value.kind is Kind.ROBOTS_TOO_LONG


def test_a_block_that_somebody_cut_is_left_alone():
    cut = crawling.merge(b"", SITE, KNOWN).replace(crawling.END.encode(), b"")
    assert crawling.take_out(cut) == cut


NAMES = st.sampled_from(
    ["GPTBot", "gptbot", "CCBot", "*", "Googlebot", "Somebody", "Google-Extended"]
)
LINES = st.one_of(
    NAMES.map("User-agent: {}".format),
    st.sampled_from(["/", "/a/", "/works/", "/b/*.png$", ""]).map("Disallow: {}".format),
    st.sampled_from(["/", "/works/1.png", "/a/x"]).map("Allow: {}".format),
    st.sampled_from(["", "# words", "Sitemap: /s.xml", "Crawl-delay: 5", "nonsense", ": x", "\t"]),
)


@given(st.lists(LINES, max_size=14), st.sampled_from(["\n", "\r\n", "\r"]))
def test_whatever_is_there(lines, ending):
    before = ending.join(lines).encode()
    after = crawling.merge(before, SITE, KNOWN)
    assert crawling.merge(after, SITE, KNOWN) == after
    owned = [line for line in before.splitlines() if line.strip()]
    left = [line for line in crawling.take_out(after).splitlines() if line.strip()]
    assert left == owned
    for agent in ("GPTBot", "CCBot", "Google-Extended"):
        for allows in readers(after):
            assert not allows(agent, "/works/1.png")
    for agent in ("Googlebot", "Somebody"):
        for path in ("/", "/a/x", "/a/y", "/works/1.png", "/b/1.png"):
            address = f"https://artist.example{path}"
            assert robots.read(after, agent).allow(address) == robots.read(before, agent).allow(
                address
            )


@given(st.binary(max_size=400).filter(lambda body: b"<" not in body))
def test_bytes_of_any_kind(body):
    after = crawling.merge(body, SITE, KNOWN)
    assert not robots.read(after, "GPTBot").allow("https://artist.example/works/1.png")


def test_the_list_of_programs_is_dated_and_holds_no_name_twice():
    names = [agent.name.lower() for agent in KNOWN.agents]
    assert len(set(names)) == len(names) > 50
    assert KNOWN.dated.year >= 2026
    assert {"gptbot", "ccbot", "google-extended", "img2dataset"} <= set(names)


def test_a_newer_list_of_the_users_is_taken_and_an_older_or_damaged_one_is_not(tmp_path):
    own = tmp_path / "agents.json"
    assert agents.newest(own) == KNOWN
    row = '{"name": "NewBot", "operator": "", "purpose": "training", "obeys": "no", "source": ""}'
    own.write_text(f'{{"version": 1, "dated": "2099-01-01", "agents": [{row}]}}')
    assert agents.newest(own).of(agents.Purpose.TRAINING) == ("NewBot",)
    own.write_text(f'{{"version": 1, "dated": "2001-01-01", "agents": [{row}]}}')
    assert agents.newest(own) == KNOWN
    for bad in (
        "[]",
        "{",
        "[" * 9000,
        '{"version": 2, "agents": []}',
        own.read_text().replace("New", "a\\n"),
    ):
        own.write_text(bad)
        with pytest.raises(Unreadable) as problem:
            agents.newest(own)
        assert problem.value.kind is Kind.AGENTS_DAMAGED
