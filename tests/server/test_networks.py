# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Those who show no key are counted by network, and what is remembered of them stays small."""

import pytest

from artistguard.server import networks
from artistguard.server.networks import Networks
from artistguard.server.refusals import Denied
from fakes import at


@pytest.fixture
def three():
    """Three entries a day for each network."""
    return Networks(3, at("2026-11-24T12:00:00+00:00"))


def refused(counted, address, entries=1):
    """Whether so many are too many, which is then said with when there are new ones."""
    answers = []
    try:
        counted.spend(address, entries)
    except Denied as denied:
        answers.append((denied.status, denied.reason, denied.retry_after))
    assert answers in ([], [(429, "quota", 43_201)])
    return bool(answers)


@pytest.mark.parametrize(
    "one, other",
    [
        ("192.0.2.1", "192.0.2.254"),
        ("192.0.2.1", "::ffff:192.0.2.9"),
        ("2001:db8:1::1", "2001:db8:1:ffff::2"),
        ("fe80::1%eth0", "fe80::2"),
        ("", "unix:"),
        ("not an address", ""),
    ],
)
def test_neighbours_share_a_quota(three, one, other):
    assert not refused(three, one, 3)
    assert refused(three, other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("192.0.2.1", "192.0.3.1"),
        ("2001:db8:1::1", "2001:db8:2::1"),
        ("0.0.0.1", "::1"),
        ("::1", "?"),
    ],
)
def test_strangers_have_one_each(three, one, other):
    assert not refused(three, one, 3)
    assert not refused(three, other, 3)


def test_what_is_refused_is_not_counted(three):
    assert refused(three, "::1", 4)
    assert not refused(three, "::1", 3)


def test_when_there_are_too_many_networks_the_rest_share_one_quota(three, monkeypatch):
    monkeypatch.setattr(networks, "MOST", 2)
    for address in ("192.0.2.1", "192.0.3.1"):
        assert not refused(three, address)
    assert not refused(three, "192.0.4.1", 3)
    assert refused(three, "192.0.5.1")
    assert not refused(three, "192.0.2.1")
