# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What every test lives in: a home of its own, no network but loopback, no unread warnings."""

import inspect
import ipaddress
import json
import logging
import random
import signal
import socket

import pytest
from keyring.backends import fail
from PIL import Image, ImageDraw

from artistguard import cli

# A shell starts what it puts into the background deaf to Ctrl+C, and so would our children be.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _home_of_its_own(monkeypatch, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("ARTISTGUARD_DATA", str(home / "ArtistGuard"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    # The library chooses once in a process, and may have done so for another test.
    monkeypatch.setattr("keyring.core._keyring_backend", fail.Keyring())
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch):
    def guarded(ask):
        def connect(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                assert _is_here(address[0]), f"a test tried to reach {address}"
            return ask(self, address)

        return connect

    def look_up(host, *rest, **more):
        assert host is None or _is_here(host), f"a test tried to look up {host}"
        return getaddrinfo(host, *rest, **more)

    getaddrinfo = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))


def _is_here(host):
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_stray_warnings(request, caplog):
    """A warning in the log is an outcome: a test that means it asks for `caplog` and looks."""
    yield
    if "caplog" not in inspect.signature(request.function).parameters:
        stray = [r for r in caplog.get_records("call") if r.levelno >= logging.WARNING]
        assert not stray, [record.getMessage() for record in stray]


@pytest.fixture
def paint(tmp_path):
    """Draw a small picture of its own for each seed: `paint("a.png", seed=1)` gives its path.

    Soft colours from a coarse grid and a few shapes: enough structure for every fingerprint to be
    sure of itself, and unlike the picture of any other seed. `how` goes to Pillow's `save`.
    """

    def draw(name, seed=0, size=(320, 240), folder=tmp_path, **how):
        dice = random.Random(seed)
        coarse = Image.frombytes("RGB", (8, 6), dice.randbytes(8 * 6 * 3))
        picture = coarse.resize(size, Image.Resampling.BICUBIC)
        pen = ImageDraw.Draw(picture)
        for _ in range(6):
            x, y = dice.randrange(size[0]), dice.randrange(size[1])
            width, height = (dice.randrange(8, max(9, edge // 3)) for edge in size)
            colour = tuple(dice.randbytes(3))
            dice.choice((pen.ellipse, pen.rectangle))((x, y, x + width, y + height), fill=colour)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, **how)
        return path

    return draw


@pytest.fixture
def run(capsys):
    """Run a command with ``--json``: exit status, lines, what was said beside them."""

    def call(*arguments):
        status = cli.main([str(argument) for argument in arguments] + ["--json"])
        said = capsys.readouterr()
        return status, [json.loads(line) for line in said.out.splitlines()], said.err

    return call
