# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A site's wish is read as RFC 9309 says, and no robots.txt takes long to read."""

import time

import pytest

from artistguard import robots

SITE = "https://a.example"


def allowed(text, path, agent="ArtistGuard"):
    return robots.read(text.encode(), agent).allow(SITE + path)


@pytest.mark.parametrize(
    "text, path, may",
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /art", "/art/x.jpg", False),
        ("User-agent: *\nDisallow: /art/\nAllow: /art/free", "/art/free/x", True),
        ("User-agent: *\nDisallow: /p\nAllow: /p", "/p", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: artistguard\nDisallow: /no", "/x", True),
        ("User-agent: artistguard\nDisallow: /no\n\nUser-agent: *\nAllow: /", "/no", False),
        ("User-agent: other\nDisallow: /", "/x", True),
        ("User-agent: other\nUser-agent: ArtistGuard/1.0\nDisallow: /", "/x", False),
        (
            "User-agent: artistguard\nDisallow: /a\nUser-agent: artistguard\nDisallow: /b",
            "/a",
            False,
        ),
        ("user-AGENT:*#all\n disallow : /x # why\n", "/x", False),
        ("User-agent: *\nDisallow: /*.jpg$", "/art/x.jpg", False),
        ("User-agent: *\nDisallow: /*.jpg$", "/art/x.jpg?big", True),
        ("User-agent: *\nDisallow: /x$", "/x", False),
        ("User-agent: *\nDisallow: /x$", "/xy", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a-b-c-d", False),
        ("User-agent: *\nDisallow: /a*b*c", "/a-c-b", True),
        ("User-agent: *\nDisallow: *q=", "/x?q=1", False),
        ("User-agent: *\nDisallow: /a%3cd.html", "/a%3Cd.html", False),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe/x", False),
        ("User-agent: *\nDisallow: /ä", "/%C3%A4", False),
        ("\ufeffUser-agent: *\r\nDisallow: /x\r\n", "/x", False),
        ("Disallow: /", "/x", True),
        ("\0\xff garbage\n:::\nUser-agent", "/x", True),
    ],
)
def test_the_longest_rule_of_our_group_decides(text, path, may):
    assert allowed(text, path) is may


def test_a_hostile_file_takes_no_time():
    text = "User-agent: *\n" + f"Disallow: /{'a*' * 2000}b\n" * 100
    began = time.monotonic()
    assert allowed(text, "/" + "a" * 4000)
    assert time.monotonic() - began < 5
