# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Addresses have one spelling, and nothing that is written in one can do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artistguard.wire import host_of, normalise_url

PIECES = [*"abcXYZ09-._~!$&'()*+,;=:@/?#[]%\\ \t\n\0éß日。\ud800", "%2f", "://", "www.", ".com/"]
URLISH = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "http://", "HTTPS://", "//", "http:", " https://a.com"]),
        st.lists(st.sampled_from(PIECES)).map("".join),
    ),
)


@pytest.mark.parametrize(
    "written, one",
    [
        ("HTTP://EXAMPLE.com", "http://example.com/"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("http://example.com:/a", "http://example.com/a"),
        ("http://example.com./a", "http://example.com/a"),
        ("http://me:secret@example.com/a", "http://example.com/a"),
        ("http://example.com/a#part", "http://example.com/a"),
        ("http://example.com/A?b=C&d=%3d#part", "http://example.com/A?b=C&d=%3D"),
        ("http://example.com?b", "http://example.com/?b"),
        ("http://example.com/?", "http://example.com/"),
        ("http://example.com/%7euser/%41", "http://example.com/~user/A"),
        ("http://example.com/a%2fb", "http://example.com/a%2Fb"),
        ("http://example.com/é b", "http://example.com/%C3%A9%20b"),
        ("http://example.com\\a\\b?c\\d", "http://example.com/a/b?c%5Cd"),
        ("http://example.com/100%", "http://example.com/100%25"),
        ("  http://example.com/a\n", "http://example.com/a"),
        ("http://bücher.example/a", "http://xn--bcher-kva.example/a"),
        ("http://日本語。jp/a", "http://xn--wgv71a119e.jp/a"),
        ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
        ("http://under_score.example/a", "http://under_score.example/a"),
    ],
)
def test_all_spellings_of_an_address_become_one(written, one):
    assert normalise_url(written) == one
    assert normalise_url(one) == one


def test_different_addresses_stay_different():
    urls = [
        "http://a.com/x",
        "https://a.com/x",
        "http://a.com/X",
        "http://a.com/x?",
        "http://a.com/x/",
    ]
    urls += ["http://a.com/x?1", "http://a.com/x?1&2", "http://a.com:81/x", "http://www.a.com/x"]
    urls.remove("http://a.com/x?")
    assert len(set(map(normalise_url, urls))) == len(urls)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a",
        "/a",
        "//example.com/a",
        "ftp://example.com/a",
        "data:image/png;base64,",
        "http:///a",
        "http://a..b/",
        "http://-/",
        "http://exa mple.com/",
        "http://example.com:99999/",
        "http://[::1/",
        f"http://{'a' * 64}.com/",
        f"http://a.com/{'a' * 5000}",
        f"http://{'ü' * 200}.com/",
    ],
)
def test_what_is_no_address_is_none(written):
    assert normalise_url(written) is None


@pytest.mark.parametrize(
    "written, host",
    [
        ("https://CDN.Example.com:8080/a", "cdn.example.com"),
        ("Example.com", "example.com"),
        ("example.com/path", "example.com"),
        ("localhost:8000", "localhost"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("http://[::1]/", "[::1]"),
        ("", None),
        ("a b", None),
        ("ftp://example.com", None),
    ],
)
def test_the_host_is_named(written, host):
    assert host_of(written) == host


@given(URLISH | st.text())
def test_any_text_has_an_answer_that_is_its_own_answer(text):
    one = normalise_url(text)
    assert one is None or (normalise_url(one) == one and one.isascii())
    assert one is None or host_of(text) == host_of(one) is not None


@pytest.mark.parametrize(
    "text",
    [
        f"http://{'a@' * 2000}",
        f"http://{('é' * 60 + '.') * 60}",
        f"http://{'[' * 4000}",
        f"http://a/{'%é' * 2000}",
        f"http://{'a.' * 2000}",
        f"http://{':' * 4000}",
        "%" * 4000,
        "h" * 10**7,
    ],
)
def test_no_text_is_too_much(text):
    """These would take minutes with a careless pattern or codec."""
    assert normalise_url(text) is None or len(normalise_url(text)) < 20_000
    assert host_of(text) is None or len(host_of(text)) <= 253
