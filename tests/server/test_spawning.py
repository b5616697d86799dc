# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Those who already know how to ask by address are answered as they expect: the real client too."""

import datadiligence
import httpx
import pytest
from datadiligence.rules.spawning import SpawningAPI

from artistguard import wire
from artistguard.channels.remote import RemoteRegistry
from artistguard.models import Declaration, Subject
from servers import serving

PATH = "/api/v2/query/urls"


def copy(number, url):
    return Declaration(
        id=f"copy-{number}",
        subject=Subject.COPY,
        declarant="An artist",
        declared_at="2026-11-24T07:00:00Z",
        reservation=wire.RESERVATION,
        url=url,
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("data")) as running:
        with running.caller() as caller:
            urls = [
                "https://a.test/1.jpg",
                "https://B.test:443/p%61th?q=1#x",
                "http://ü.test/ü.png",
            ]
            list(RemoteRegistry(caller).deliver([copy(*each) for each in enumerate(urls)]))
        yield running


def ask(running, body, path=PATH, key=None, **headers):
    headers = {"Authorization": f"API {key or running.key}", "Content-Type": "text/plain"} | headers
    return httpx.post(running.url + path, content=body, headers=headers, trust_env=False)


def opted_out(answer):
    assert answer.status_code == 200, answer.text
    assert all(one["optIn"] is False for one in answer.json()["urls"])
    return [one["optOut"] for one in answer.json()["urls"]]


def test_every_line_is_answered_in_order_repeated_and_empty_ones_too(running):
    lines = ["https://a.test/1.jpg", "", "https://a.test/2.jpg", "https://a.test/1.jpg", ""]
    answer = ask(running, "\n".join(lines))
    assert [one["url"] for one in answer.json()["urls"]] == lines
    assert opted_out(answer) == [True, False, False, True, False]


@pytest.mark.parametrize("path", [PATH, PATH + "/"])
@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=utf-8"])
def test_both_spellings_of_the_path_are_answered_without_a_redirect(running, path, kind):
    answer = ask(running, "https://a.test/1.jpg", path, **{"Content-Type": kind})
    assert opted_out(answer) == [True]


@pytest.mark.parametrize(
    "url",
    [
        "https://b.test/path?q=1",
        "HTTPS://b.test/path?q=1#other",
        "https://user@b.test:443/%70ath?q=1",
        "http://xn--tda.test/%c3%bc.png",
    ],
)
def test_one_address_is_known_in_every_spelling_and_echoed_as_it_came(running, url):
    answer = ask(running, url)
    assert opted_out(answer) == [True]
    assert answer.json()["urls"][0]["url"] == url


@pytest.mark.parametrize(
    "line",
    ['"quote\\', "\x00\x1f", "ünicode", "http://[", "https://a..b/", "x" * 9_000, "https://a.test"],
)
def test_lines_that_are_no_address_are_echoed_and_not_opted_out(running, line):
    answer = ask(running, line.encode())
    assert answer.json()["urls"] == [{"url": line, "optOut": False, "optIn": False}]


@pytest.mark.parametrize("key", ["k1", "ag_000000000000_" + "x" * 43, "' OR 1=1 --", "ü"])
def test_a_wrong_key_is_told_so(running, key):
    answer = ask(running, "https://a.test/1.jpg", Authorization=f"API {key}".encode())
    assert answer.status_code == 401


def test_the_real_client_filters_by_our_list(running, monkeypatch):
    monkeypatch.setenv("SPAWNING_OPTS_KEY", running.key)
    monkeypatch.setattr(SpawningAPI, "SPAWNING_AI_API_URL", running.url + PATH + "/")
    datadiligence.load_defaults()
    urls = [f"https://host.test/{number}.jpg" for number in range(25_000)]
    urls.insert(12_345, "https://a.test/1.jpg")
    allowed = datadiligence.is_allowed(urls=urls)
    assert [url for url, fine in zip(urls, allowed, strict=True) if not fine] == [urls[12_345]]
    assert datadiligence.filter_allowed(urls=urls) == [u for u in urls if u != urls[12_345]]


def test_a_scan_in_small_batches_with_a_pad_line_is_answered_by_position(running):
    """As a data-set viewer asks: 1,000 a batch, at least two lines, no slash at the end."""
    urls = [f"https://host.test/{number}.jpg" for number in range(2_001)]
    urls[2_000] = "https://a.test/1.jpg"
    found = []
    for start in range(0, len(urls), 1_000):
        batch = urls[start : start + 1_000]
        padded = batch if len(batch) > 1 else [*batch, ""]
        answers = ask(running, "\n".join(padded)).json()["urls"]
        found += [start + at for at in range(len(batch)) if answers[at]["optOut"]]
    assert found == [2_000]
