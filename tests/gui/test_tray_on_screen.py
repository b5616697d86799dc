# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The real program on a real screen: its icon in the tray, its menu, and where the window goes."""

from contextlib import closing

import pytest

from artistguard.guard import Guard
from gui import screen as screens
from gui.screen import TITLE, choose, running
from waiting import wait_until

pytestmark = pytest.mark.skipif(
    bool(screens.MISSING), reason=f"NOT TESTED: not installed here: {', '.join(screens.MISSING)}"
)


@pytest.fixture
def data(tmp_path):
    """The data of somebody who was told where the window goes: no balloon lies over the icon."""
    with closing(Guard(tmp_path / "data")) as guard:
        guard.choices.arrange(knows_tray=True)
    return tmp_path / "data"


def test_closing_hides_in_the_tray_and_its_menu_opens_and_quits(data):
    with screens.shown() as screen, running(screen, "--data", data) as process:
        wait_until(lambda: screen.windows(*TITLE))
        wait_until(lambda: screen.icons("ArtistGuard"))
        (window,) = screen.windows(*TITLE)
        screen.do("windowactivate", "--sync", window)
        screen.do("key", "alt+F4")
        wait_until(lambda: not screen.windows(*TITLE))
        assert process.poll() is None

        choose(screen, "Down")
        wait_until(lambda: screen.windows(*TITLE))
        choose(screen, "Up")
        assert process.wait(20) == 0


def test_in_the_background_only_the_icon_is_seen(data):
    with screens.shown() as screen, running(screen, "--background", "--data", data):
        wait_until(lambda: screen.icons("ArtistGuard"))
        assert screen.windows(*TITLE) == []


def test_a_tray_that_comes_later_is_waited_for(tmp_path):
    with (
        screens.shown(tray=False) as screen,
        running(screen, "--background", "--data", tmp_path / "data"),
    ):
        wait_until((tmp_path / "data" / "artistguard.sqlite").exists)
        with screens.with_tray(screen):
            wait_until(lambda: screen.icons("ArtistGuard"))
