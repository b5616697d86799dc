# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How everything looks: three sets of colours, one typeface, and the rules that use them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from string import Template
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from artistguard.gui import resources
from artistguard.models import Band, Standing


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for, as #rrggbb; text reads well on `window`, `surface`, `raised`.

    `standings` are the colours that say how a work stands; white text reads well on each.
    """

    name: str
    window: str
    surface: str
    raised: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    chosen: str
    warning: str
    standings: dict[Standing, str]
    on_standing: str = "#ffffff"

    def band(self, band: Band) -> str:
        """The colour of a band."""
        return {
            Band.CERTAIN: self.standings[Standing.CONFIRMED],
            Band.LIKELY: self.standings[Standing.POSSIBLE],
            Band.POSSIBLE: self.standings[Standing.UNCHECKED],
        }[band]


LIGHT: Final = Theme(
    name="light",
    window="#f4f4f1",
    surface="#ffffff",
    raised="#ebebe6",
    text="#1c1e21",
    muted="#555b63",
    line="#d3d3cd",
    accent="#3d54c9",
    on_accent="#ffffff",
    chosen="#e0e5fb",
    warning="#8a4b00",
    standings={
        Standing.UNCHECKED: "#666b73",
        Standing.CLEAR: "#35677d",
        Standing.POSSIBLE: "#8f5600",
        Standing.CONFIRMED: "#b3261e",
        Standing.RESERVED: "#1f6f45",
        Standing.DISPUTED: "#7b3fa0",
        Standing.ALLOWED: "#4b5f9e",
    },
)

DARK: Final = Theme(
    name="dark",
    window="#17181b",
    surface="#1f2125",
    raised="#2a2d33",
    text="#eceef1",
    muted="#a9afb8",
    line="#3a3e45",
    accent="#8c9eff",
    on_accent="#10131f",
    chosen="#2f3657",
    warning="#f0b35c",
    standings=LIGHT.standings,
)

CONTRAST: Final = Theme(
    name="contrast",
    window="#000000",
    surface="#000000",
    raised="#1a1a1a",
    text="#ffffff",
    muted="#e6e6e6",
    line="#ffffff",
    accent="#ffe14d",
    on_accent="#000000",
    chosen="#3b3600",
    warning="#ffe14d",
    standings={
        Standing.UNCHECKED: "#c8c8c8",
        Standing.CLEAR: "#8fd3ff",
        Standing.POSSIBLE: "#ffb84d",
        Standing.CONFIRMED: "#ff8a80",
        Standing.RESERVED: "#7ee2a8",
        Standing.DISPUTED: "#e0a8ff",
        Standing.ALLOWED: "#b8c7ff",
    },
    on_standing="#000000",
)

THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}


def choose(wanted: str) -> Theme:
    """The theme of this name; for any other, light or dark as the system has it."""
    if wanted in THEMES:
        return THEMES[wanted]
    dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def apply(application: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    application.setStyle("Fusion")
    application.setPalette(_palette(theme))
    application.setFont(_font(application))
    application.setStyleSheet(_rules(theme))


def _font(application: QApplication) -> QFont:
    """The bundled typeface, at the size the system likes."""
    font = application.font()
    for style in ("Regular", "SemiBold"):
        QFontDatabase.addApplicationFont(str(resources.find(f"fonts/Inter-{style}.otf")))
    font.setFamilies(["Inter", font.family()])
    font.setPointSizeF(max(10.0, font.pointSizeF()))
    return font


def _palette(theme: Theme) -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in (
        (roles.Window, theme.window),
        (roles.Base, theme.surface),
        (roles.AlternateBase, theme.window),
        (roles.Button, theme.surface),
        (roles.ToolTipBase, theme.raised),
        (roles.WindowText, theme.text),
        (roles.Text, theme.text),
        (roles.ButtonText, theme.text),
        (roles.ToolTipText, theme.text),
        (roles.PlaceholderText, theme.muted),
        (roles.Highlight, theme.accent),
        (roles.HighlightedText, theme.on_accent),
        (roles.Accent, theme.accent),
        (roles.Link, theme.accent),
        (roles.LinkVisited, theme.accent),
        (roles.Light, theme.raised),
        (roles.Midlight, theme.raised),
        (roles.Mid, theme.line),
        (roles.Dark, theme.line),
        (roles.Shadow, theme.line),
    ):
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette


def _rules(theme: Theme) -> str:
    rules = Template(resources.find("stylesheet.qss").read_text("utf-8"))
    # A rule can name an icon's file, and not its colour.
    down = "icons/down-dark.svg" if theme is LIGHT else "icons/down-light.svg"
    check = "icons/check-light.svg" if theme is LIGHT else "icons/check-dark.svg"
    return rules.substitute(
        {one.name: getattr(theme, one.name) for one in fields(theme)},
        down=resources.find(down).as_posix(),
        check=resources.find(check).as_posix(),
    )


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
