# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The real program beside a tray of KDE's and GNOME's kind: what its icon and menu say there."""

from contextlib import closing

import pytest

from artistguard.guard import Guard
from gui import screen as screens
from gui import status_notifier
from gui.screen import TITLE, running
from waiting import wait_until

MISSING = [*screens.MISSING, *status_notifier.MISSING]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"NOT TESTED: not installed here: {', '.join(MISSING)}"
)

IDLE = "All is done; watching."


@pytest.fixture
def screen():
    """A screen with no tray of the old kind, in a session with a bus."""
    with (
        status_notifier.bus() as address,
        screens.shown(tray=False, session={"DBUS_SESSION_BUS_ADDRESS": address}) as shown,
    ):
        yield shown


@pytest.fixture
def data(tmp_path):
    """The data of somebody who was told where the window goes."""
    with closing(Guard(tmp_path / "data")) as guard:
        guard.choices.arrange(knows_tray=True)
    return tmp_path / "data"


def hosting(screen):
    return status_notifier.hosting(screen.session["DBUS_SESSION_BUS_ADDRESS"])


def meet(host):
    """The icon that registers."""
    wait_until(lambda: host.items)
    return host.items[0]


def tip(host, item):
    return host.properties(item)["ToolTip"][2]


def test_the_icon_and_its_menu_say_how_things_stand_and_obey(screen, data):
    with hosting(screen) as host, running(screen, "--background", "--data", data) as process:
        item = meet(host)
        wait_until(lambda: tip(host, item) == f"ArtistGuard\n{IDLE}")
        idle = host.properties(item)
        assert (idle["Title"], idle["Status"]) == ("ArtistGuard", "Active")
        menu = host.menu(item)
        assert menu[IDLE][1] is False  # it is said, and nothing to choose
        assert {"Open ArtistGuard", "Look now", "Pause", "Snooze", "Quit"} <= menu.keys()
        assert "Resume" not in menu

        host.choose(item, menu["Pause"][0])
        wait_until(lambda: tip(host, item) == "ArtistGuard\nPaused.")
        assert host.properties(item)["IconPixmap"] != idle["IconPixmap"]
        paused = host.menu(item)
        assert "Pause" not in paused
        host.choose(item, paused["Resume"][0])
        wait_until(lambda: tip(host, item) == f"ArtistGuard\n{IDLE}")

        assert screen.windows(*TITLE) == []
        host.choose(item, menu["Open ArtistGuard"][0])
        wait_until(lambda: screen.windows(*TITLE))
        host.choose(item, menu["Quit"][0])
        assert process.wait(20) == 0


def test_a_drive_that_is_unplugged_is_named_there(screen, data, paint, tmp_path):
    drive = tmp_path / "drive"
    paint("drive/a.png", 1, size=(160, 120))
    with closing(Guard(data)) as guard:
        list(guard.scan([str(drive)]))
    drive.rename(tmp_path / "elsewhere")
    with hosting(screen) as host, running(screen, "--background", "--data", data):
        item = meet(host)
        wait_until(lambda: "drive" in tip(host, item))
        assert any("drive" in said for said in host.menu(item))


def test_a_host_that_comes_later_is_found_and_one_that_goes_is_missed(screen, data):
    with running(screen, "--data", data) as process:
        wait_until(lambda: screen.windows(*TITLE))
        with hosting(screen) as host:
            meet(host)
            (window,) = screen.windows(*TITLE)
            screen.do("windowactivate", "--sync", window)
            screen.do("key", "alt+F4")
            wait_until(lambda: not screen.windows(*TITLE))
            host.choose(host.items[0], host.menu(host.items[0])["Open ArtistGuard"][0])
            wait_until(lambda: screen.windows(*TITLE))
        screen.do("windowactivate", "--sync", screen.windows(*TITLE)[0])
        screen.do("key", "alt+F4")
        # Nowhere to hide: it asks, and stays until it is answered.
        wait_until(lambda: len(screen.windows("--class", "^artistguard$")) > 1)
        assert screen.windows(*TITLE)
        assert process.poll() is None
