# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The few kinds of labels and buttons that all pages are made of, named as the theme's rules do."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton


def title(text: str) -> QLabel:
    """What a page is about."""
    return _label(text, "title")


def heading(text: str) -> QLabel:
    """What a part of a page is about."""
    return _label(text, "heading")


def text(said: str = "") -> QLabel:
    """A sentence, which wraps."""
    return _label(said, "text", wraps=True)


def muted(said: str = "") -> QLabel:
    """A sentence beside what matters, which wraps."""
    return _label(said, "muted", wraps=True)


def warning(said: str = "") -> QLabel:
    """A sentence that must not be missed, which wraps."""
    return _label(said, "warning", wraps=True)


def primary(said: str) -> QPushButton:
    """The button for what a page is there to do; one to a page."""
    button = QPushButton(said)
    button.setObjectName("primary")
    return button


def _label(said: str, name: str, *, wraps: bool = False) -> QLabel:
    label = QLabel(said, wordWrap=wraps)
    label.setObjectName(name)
    return label
