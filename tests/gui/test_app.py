# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The app's life: where a closed window goes, rest, notices, what is asked first, and news."""

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QMessageBox,
    QPushButton,
    QSystemTrayIcon,
)

from artistguard.background import Changed, State, Waits
from artistguard.choices import has_agreed
from artistguard.errors import Damaged, Kind, NotSignedIn, Problem
from artistguard.guard import Guard
from artistguard.gui import autostart, badges, notices, theme
from artistguard.gui.app import App
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.machine import Power
from artistguard.gui.notices import Notice, Notices
from artistguard.gui.pages import PAGES
from artistguard.gui.settings.background import BackgroundCard
from artistguard.gui.tables import Table
from artistguard.models import OptOut, OptOutState, Scope, Subject
from artistguard.settings import NEVER_ON_BATTERY, Settings

TRAY = "isSystemTrayAvailable"


@pytest.fixture
def tray(monkeypatch):
    """A tray that keeps what it is told; `tray.there` says whether there is one."""

    one = SimpleNamespace(there=True, said=[])
    monkeypatch.setattr(QSystemTrayIcon, TRAY, staticmethod(lambda: one.there))
    monkeypatch.setattr(
        QSystemTrayIcon, "showMessage", lambda _icon, _title, said, *_how: one.said.append(said)
    )
    return one


def button(inside, said):
    (found,) = [one for one in inside.findChildren(QPushButton) if one.text() == said]
    return found


def press(qtbot, inside, said):
    qtbot.mouseClick(button(inside, said), Qt.MouseButton.LeftButton)


def actions(app):
    return {action.text(): action for action in app.tray._menu.actions() if action.isVisible()}


def said_in(window):
    return [
        label.text()
        for frame in window.findChildren(QFrame, "notice")
        if not frame.isHidden()
        for label in frame.findChildren(QLabel, "text")
    ]


# --- closing --------------------------------------------------------------------------------------


def test_a_closed_window_goes_into_the_tray_which_is_said_once(open_app, data, tray):
    app = open_app(data)
    app.window.close()
    assert not app.window.isVisible()
    assert len(tray.said) == 1
    actions(app)["Open ArtistGuard"].trigger()
    assert app.window.isVisible()
    app.window.close()
    assert len(tray.said) == 1
    assert app.guard.choices.settings.knows_tray


def test_without_a_tray_closing_asks_and_can_keep_it_running(open_app, data, tray, qtbot):
    app = open_app(data)
    tray.there = False
    app.window.close()
    assert app.window.isVisible()
    (box,) = app.window.findChildren(QMessageBox)
    press(qtbot, box, "Keep running minimised")
    assert app.window.isMinimized()


def test_a_session_that_ends_is_not_held_up_by_a_question(open_app, data, tray):
    app = open_app(data)
    tray.there = False
    app._let_session_end(None)
    assert app.window.close()


def test_in_the_background_no_window_is_seen_while_there_is_a_tray(data, tray, qtbot):
    app = App(data)
    app.start([], hidden=True)
    assert not app.window.isVisible()
    assert app.tray.is_there()
    app.end()


def test_without_a_tray_it_starts_minimised_once_none_has_come(data, tray, monkeypatch, qtbot):
    monkeypatch.setattr("artistguard.gui.tray.LOOK_MS", 1)
    tray.there = False
    app = App(data)
    app.start([], hidden=True)
    assert not app.window.isVisible()
    qtbot.waitUntil(app.window.isMinimized)
    app.end()


# --- rest -----------------------------------------------------------------------------------------


def test_pause_and_resume_from_the_tray(open_app, data, tray, qtbot):
    app = open_app(data)
    actions(app)["Pause"].trigger()
    qtbot.waitUntil(lambda: app.bridge.state.state is State.PAUSED)
    assert "Pause" not in actions(app)
    assert "Paused." in actions(app)
    actions(app)["Resume"].trigger()
    qtbot.waitUntil(lambda: app.bridge.state.state is State.IDLE)


def test_a_snooze_survives_a_restart_and_ends_on_time(open_app, data, tray, qtbot):
    first = App(data)
    first.rest.snooze(60)
    first.end()
    app = open_app(data)
    qtbot.waitUntil(lambda: app.bridge.state.state is State.PAUSED)
    app.rest.look()
    assert app.rest.is_on()
    assert "until" in app.rest.describe()
    app.guard.clock = lambda: datetime.now(UTC) + timedelta(minutes=61)
    app.rest.look()
    assert not app.rest.is_on()
    qtbot.waitUntil(lambda: app.bridge.state.state is State.IDLE)
    assert app.guard.choices.settings.paused_until == ""


def test_a_snooze_that_is_over_at_the_start_is_none(open_app, data, tray):
    with closing(Guard(data)) as guard:
        guard.choices.arrange(paused_until="2020-01-01T00:00:00Z")
    assert not open_app(data).rest.is_on()


# --- power, network, and the artist's yes ---------------------------------------------------------


def test_pictures_wait_for_power_which_the_sidebar_says(data, paint, tray, qtbot, tmp_path):
    paint("0.png", 1, folder=tmp_path / "art")
    app = App(data, lambda: Power(on_battery=True, percent=10))
    app.start([str(tmp_path / "art")])
    qtbot.waitUntil(lambda: app.bridge.state.waits == (Waits.POWER,), timeout=20_000)
    qtbot.waitUntil(lambda: "Reading pictures waits for power." in actions(app))
    shown = [label.text() for label in app.window.findChildren(QLabel)]
    assert "Reading pictures waits for power." in shown
    assert app.guard.summary().works == 0
    app.end()


def test_a_metered_network_is_not_used_unless_it_may_be(open_app, data, tray, qtbot):
    app = open_app(data)
    app.network.become(metered=True)
    assert not app.network.may_call(Settings())
    assert app.network.may_call(Settings(wait_for_unmetered=False))
    with qtbot.waitSignal(app.network.returned):
        app.network.become(metered=False)
    assert app.network.may_call(Settings())


@pytest.mark.parametrize("answer", ["Search there", "Search in buckets instead"])
def test_no_server_is_searched_before_the_artist_has_said_yes(
    answer, open_app, protected, tray, qtbot
):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with closing(Guard(protected)) as guard:
            guard.choices.add_server(url, None, private=False)
        app = open_app(protected)
        (said,) = said_in(app.window)
        assert "127.0.0.1" in said
        assert "rough outline" in said
        qtbot.waitUntil(lambda: app.bridge.state.waits == (Waits.CONSENT,), timeout=20_000)
        with pytest.raises(BlockingIOError):
            server.accept()
        press(qtbot, app.window, answer)
        assert said_in(app.window) == []
        server.settimeout(20)
        server.accept()[0].close()
        assert app.guard.choices.settings.private is (answer != "Search there")
        assert len(app.guard.choices.settings.agreed) == 1


def test_a_yes_to_buckets_is_none_to_whole_hashes(data):
    url = "https://example.org"
    with closing(Guard(data)) as guard:
        guard.choices.add_server(url, None, private=True)
        guard.choices.agree(url, private=True)
        assert has_agreed(guard.choices.settings, url)
        guard.choices.add_server(url, None, private=False)
        assert not has_agreed(guard.choices.settings, url)
        guard.choices.agree(url, private=False)
        guard.choices.add_server(url, None, private=True)
        assert has_agreed(guard.choices.settings, url)
        guard.choices.remove_server(url)
        assert guard.choices.settings.agreed == ()


def test_the_settings_say_when_it_starts_and_what_it_waits_for(open_app, data, tray, qtbot):
    app = open_app(data)
    app.window.go("settings")
    (card,) = app.window.findChildren(BackgroundCard)
    starts, waits = card.findChildren(QCheckBox)
    (battery,) = card.findChildren(QComboBox)
    assert (starts.isChecked(), waits.isChecked(), battery.currentData()) == (False, True, 30)
    starts.click()
    assert autostart.is_enabled()
    starts.click()
    assert not autostart.is_enabled()
    waits.click()
    battery.setCurrentIndex(battery.findData(NEVER_ON_BATTERY))
    battery.activated.emit(battery.currentIndex())
    settings = app.guard.choices.settings
    assert (settings.wait_for_unmetered, settings.battery_least) == (False, NEVER_ON_BATTERY)


# --- notices --------------------------------------------------------------------------------------


def test_at_most_three_notices_are_shown_and_the_newest_first(qtbot):
    strip = Notices(theme.LIGHT)
    qtbot.addWidget(strip)
    for number in range(5):
        strip.show_notice(Notice(f"problem {number}", f"Notice {number}."))
    strip.show_notice(Notice("problem 4", "Notice 4."))
    qtbot.waitUntil(lambda: said_in(strip) == ["Notice 4.", "Notice 3.", "Notice 2."])


def test_a_problem_stays_until_it_is_dismissed_and_is_then_not_told_again(
    open_app, data, tray, qtbot
):
    app = open_app(data)
    problem = Problem(Kind.NO_KEYRING)
    app.bridge.problem.emit(problem)
    (said,) = said_in(app.window)
    assert "keyring" in said
    press(qtbot, app.window, "Dismiss")
    assert said_in(app.window) == []
    app.bridge.problem.emit(problem)
    assert said_in(app.window) == []


def stand(app, state, problem=None):
    app.bridge.state = Changed(state, problem)
    app.bridge.changed.emit(Update(frozenset({Topic.STATE})))


def test_what_needs_the_artist_leads_to_its_page_and_goes_when_it_is_mended(
    open_app, data, tray, qtbot
):
    app = open_app(data)
    qtbot.waitUntil(lambda: app.bridge.state.state is State.IDLE)
    stand(app, State.NEEDS_YOU, NotSignedIn(Kind.NOT_SIGNED_IN, host="example.org"))
    assert len(said_in(app.window)) == 1
    press(qtbot, app.window, "Go there")
    assert app.window.page == "sources"
    stand(app, State.IDLE)
    assert said_in(app.window) == []


def test_a_drive_in_a_drawer_is_named_everywhere_until_it_is_back(
    open_app, data, paint, tray, qtbot, tmp_path
):
    drive = tmp_path / "drive"
    paint("drive/a.png", 1, size=(160, 120))
    app = open_app(data, str(drive))
    app.window.go("settings")
    (table,) = [one for one in app.window.findChildren(Table) if one.columnCount() == 2]
    qtbot.waitUntil(lambda: app.guard.summary().works == 1, timeout=20_000)
    qtbot.waitUntil(lambda: table.item(0, 1) and table.item(0, 1).text() == "Watched")
    drive.rename(tmp_path / "drawer")
    app.bridge.wake()
    said = "1 folder is out of reach, and its works are kept: drive."
    qtbot.waitUntil(lambda: said in actions(app), timeout=20_000)
    assert said in app.tray._tip
    assert any(said in label.text() for label in app.window.findChildren(QLabel))
    assert any(str(drive) in notice for notice in said_in(app.window))
    assert "waited for" in table.item(0, 1).text()
    actions(app)[said].trigger()
    assert app.window.page == "settings"
    (tmp_path / "drawer").rename(drive)
    app.bridge.wake()
    qtbot.waitUntil(lambda: said not in actions(app), timeout=20_000)
    assert said_in(app.window) == []
    assert table.item(0, 1).text() == "Watched"
    assert app.guard.summary().works == 1


def test_every_page_for_a_problem_is_one_of_the_window():
    assert {notices.page_for(Problem(kind)) for kind in Kind} <= PAGES.keys()


# --- news -----------------------------------------------------------------------------------------


def refused(number):
    return OptOut(
        str(number), "w", Scope.ALL, Subject.WORK, 1, None, "registry", OptOutState.REFUSED,
        "secret title", 1, "2026-05-01T12:00:00Z", None,
    )  # fmt: skip


def test_news_is_gathered_into_one_message_without_names(open_app, data, tray, qtbot):
    app = open_app(data)
    qtbot.waitUntil(lambda: app.bridge.state.state is State.IDLE)
    for number in range(3):
        app.bridge.changed.emit(Update(frozenset({Topic.OPT_OUTS}), (refused(number),)))
    stand(app, State.ERROR, Damaged(Kind.DATABASE_DAMAGED, path="/art/secret"))
    assert tray.said == []
    app.tray.speak()
    assert tray.said == ["3 opt-outs were refused.\nStopped by an error."]
    assert "3 opt-outs were refused." in actions(app)
    app.tray.speak()
    assert len(tray.said) == 1


def test_trouble_that_is_over_within_the_minute_is_no_news(open_app, data, tray, qtbot):
    app = open_app(data)
    qtbot.waitUntil(lambda: app.bridge.state.state is State.IDLE)
    stand(app, State.NEEDS_YOU, NotSignedIn(Kind.NOT_SIGNED_IN, host="example.org"))
    stand(app, State.IDLE)
    app.tray.speak()
    assert tray.said == []


def test_each_state_has_an_icon_that_differs_without_colour(qtbot):
    for size in badges.SIZES:
        seen = set()
        for state in State:
            picture = badges.icon(state).pixmap(size, size).toImage()
            grey = picture.convertToFormat(picture.Format.Format_Grayscale8)
            seen.add(bytes(grey.constBits()))
        assert len(seen) == len(State)


# --- looks ----------------------------------------------------------------------------------------


def test_the_window_follows_the_system_from_light_to_dark(open_app, data, tray, monkeypatch):
    app = open_app(data)
    app.window.go("settings")
    monkeypatch.setattr(theme, "choose", lambda _wanted: theme.DARK)
    before = app.window
    app.dress()
    assert app.window is not before
    assert (app.window.theme, app.window.page) == (theme.DARK, "settings")
    assert app.window.isVisible()
    assert not before.isVisible()
    app.dress()
    before.deleteLater()
