# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every control has a name and can be reached by key, and every text can be translated."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QTableWidget,
    QWidget,
)

import languages
from artistguard.gui.pages import PAGES, make
from artistguard.gui.sidebar import Sidebar
from artistguard.gui.welcome import Welcome
from artistguard.wording import language

SCREENS = [*PAGES, "welcome", "sidebar"]

# What is shown as it is: the name of the program, addresses, what Qt itself has inside.
NO_WORDS = {"ArtistGuard", "https://"}


def screen(name, desk, qtbot):
    """One screen, shown, with the sample behind it."""
    if name == "welcome":
        made = Welcome(desk.theme)
    elif name == "sidebar":
        made = Sidebar(desk.theme, [(page, language.translate(PAGES[page][0])) for page in PAGES])
    else:
        made = make(name, desk)
        made.arrive()
    made.resize(1100, 800)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def leave(made):
    if hasattr(made, "leave"):
        made.leave()


def controls(made):
    """All that a person can do something with; the parts inside of Qt's own controls are theirs."""
    for widget in made.findChildren(QWidget):
        inside = isinstance(widget.parent(), QComboBox | QLineEdit)
        if (
            widget.isVisibleTo(made)
            and not inside
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ):
            yield widget


@pytest.mark.parametrize("name", SCREENS)
def test_every_control_has_a_name(protected, name, desk, qtbot):
    made = screen(name, desk, qtbot)
    nameless = [
        widget
        for widget in controls(made)
        if not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]
    leave(made)
    assert nameless == []


@pytest.mark.parametrize("name", SCREENS)
def test_every_control_is_reached_by_the_tab_key(protected, name, desk, qtbot):
    made = screen(name, desk, qtbot)
    made.activateWindow()
    wanted = {widget for widget in controls(made) if widget.isEnabled()}
    met, widget = set(), made
    for _ in range(500):
        widget = widget.nextInFocusChain()
        met.add(widget)
    leave(made)
    assert wanted - met == set()


def texts(made):
    """Everything that is said on a screen by itself, and is not the artist's or a data set's."""
    for widget in [made, *made.findChildren(QWidget)]:
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(at) for at in range(widget.count()))
        elif isinstance(widget, QLineEdit | QPlainTextEdit):
            yield widget.placeholderText()
        elif isinstance(widget, QTableWidget):
            heads = (widget.horizontalHeaderItem(at) for at in range(widget.columnCount()))
            yield from (head.text() for head in heads if head)
        elif isinstance(widget, QListWidget):
            yield from (widget.item(at).text() for at in range(widget.count()))
        yield widget.accessibleName()
        yield widget.toolTip()


@pytest.mark.parametrize("name", SCREENS)
def test_every_text_can_be_translated(protected, name, desk, qtbot):
    language._spoken.words = languages.Marked()
    made = screen(name, desk, qtbot)
    said = {text.strip() for text in texts(made)} - NO_WORDS
    leave(made)
    plain = {
        text
        for text in said
        if any(char.isalpha() for char in text.replace("[!!", "")) and "[!!" not in text
    }
    assert plain - set(language.LANGUAGES.values()) == set()  # which name themselves
