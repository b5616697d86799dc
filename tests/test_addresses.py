# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whole columns of addresses are taken apart as each address by itself would be."""

import random
import string

import pyarrow as pa
import pytest

from artistguard.packs import addresses, keys
from artistguard.wire import host_of, normalise_url

PARTS = [
    *("http://", "https://", "HTTP://", "//", "", "ftp://", "a.com", "A.com", "a.com.", "a..b"),
    *("-a.com", "a-.com", "_x.y", "xn--a", "ü.de", "[::1]", "[::g]", "u@h.com", "1.2.3.4"),
    *(":80", ":443", ":8080", ":99999", ":", "/", "/a b", "/%41", "/%7e", "/%20", "/%2f", "/%zz"),
    *("/ä", "?", "?a=b", "?a?b", "#f", "/%C3%b6", "/%", "\\", " ", "\n", "'\"<>", "😀"),
    *("www." + "x" * 30 + ".com/", "x" * 64 + ".com", "x." * 130 + "com", "/" + "y" * 4_100),
]


KEYS = [
    "0000000000000000",
    "d93876397c914384",
    "b0c12fa604659854",
    "9159e03b0ef3f3c7",
    "afcfc603fe2edfea",
    "cb546ba4c77a1b39",
    "43968573937aaf80",
]


@pytest.fixture(scope="module")
def urls():
    dice = random.Random(3)
    mixed = ["".join(dice.choices(PARTS, k=dice.randint(0, 6))) for _ in range(20_000)]
    path = string.ascii_letters + string.digits + "/%?=&-._~ "
    usual = ["https://a.example/" + "".join(dice.choices(path, k=20)) for _ in range(5_000)]
    return mixed + usual


def test_keys_are_those_of_each_address_by_itself(urls):
    found = addresses.read(pa.array(urls)).keys
    assert (found == keys.url_keys(urls)).all()
    assert (found[100:200] == addresses.read(pa.array(urls).slice(100, 100)).keys).all()


def test_spellings_of_one_address_share_a_key_and_no_others_do(urls):
    forms = {}
    for key, url in zip(addresses.read(pa.array(urls)).keys.tolist(), urls, strict=True):
        assert forms.setdefault(key, normalise_url(url) or url) == (normalise_url(url) or url)
    assert len(forms) == len({normalise_url(url) or url for url in urls})


def test_hosts_are_those_of_each_address_by_itself(urls):
    found = addresses.read(pa.array(urls))
    for number, url in zip(found.host.tolist(), urls, strict=True):
        host = found.hosts[number] if number >= 0 else None
        assert host == host_of(url) or (host_of(url) is None and host_of(host) != host)


def test_a_key_never_changes():
    texts = ["", "a", "12345678", "123456789", "https://a.example/b.jpg", "é" * 50, "x" * 20_000]
    assert [f"{key:016x}" for key in addresses.keys(pa.array(texts)).tolist()] == KEYS


@pytest.mark.parametrize("texts", [[], [""], ["", "", "x"], ["x", ""]])
def test_empty_texts_have_keys_too(texts):
    assert len(addresses.keys(pa.array(texts, pa.string()))) == len(texts)


def test_texts_that_differ_in_one_place_have_other_keys():
    text = "https://a.example/" + "0" * 40
    near = {text[:at] + other + text[at + 1 :] for at in range(len(text)) for other in "1xyz\x7f"}
    assert len(set(addresses.keys(pa.array(sorted(near))).tolist())) == len(near)
