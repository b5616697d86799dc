# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The window says whose it is, and opens those of other profiles."""

from PySide6.QtWidgets import QMessageBox

from artistguard import profiles
from artistguard.guard import now
from artistguard.gui.profiles import ProfileButton


def button_of(app):
    (button,) = app.window.findChildren(ProfileButton)
    return button


def test_the_window_and_its_notices_carry_the_name_of_the_profile(open_app, data):
    made = profiles.create(data, "Tom & Co", now)
    app = open_app(made.data)
    assert app.window.windowTitle() == "ArtistGuard – Tom & Co"
    assert app.tray._tip.startswith("ArtistGuard – Tom & Co\n")
    assert button_of(app).text() == "Tom && Co"
    button_of(app).rename("Thomas")
    assert app.window.windowTitle() == app.tray._title == "ArtistGuard – Thomas"
    assert profiles.find(data, "thomas").data == made.data


def test_the_menu_names_every_profile_and_marks_this_one(open_app, data):
    profiles.create(data, "Tom", now)
    button = button_of(open_app(data))
    button._fill()
    listed = [(one.text(), one.isChecked(), one.isEnabled()) for one in button.menu().actions()]
    assert listed[:2] == [("Main profile", True, False), ("Tom", False, True)]
    assert [text for text, *_ in listed[3:]] == ["New profile…", "Rename this profile…"]


def test_a_name_that_is_taken_is_refused_in_words(open_app, data, qtbot):
    profiles.create(data, "Tom", now)
    app = open_app(data)
    button_of(app).rename("tom")
    (box,) = app.window.findChildren(QMessageBox)
    assert "already" in box.text()
    assert app.window.windowTitle() == "ArtistGuard"
    box.reject()


def test_another_profile_is_a_program_of_its_own(open_app, data, qtbot):
    """What is started comes to the window of that profile, as its folder is handed over there."""
    made = profiles.create(data, "Tom", now)
    here, there = open_app(data), open_app(made.data)
    there.window.hide()
    button = button_of(here)
    button._fill()
    button.menu().actions()[1].trigger()
    qtbot.waitUntil(there.window.isVisible)
