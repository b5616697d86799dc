# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The language of the window: our words, Qt's own, numbers and dates, and where a line begins."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from artistguard.wording import language


def speak(application: QApplication, chosen: str) -> str:
    """Speak the language that was chosen, or else the first of the system's that is known."""
    spoken = language.speak([chosen] if chosen else QLocale.system().uiLanguages())
    locale = QLocale.system() if not chosen else QLocale(spoken)
    QLocale.setDefault(locale)
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale(spoken), "qtbase", "_", folder):
        application.installTranslator(translator)
    application.setLayoutDirection(QLocale(spoken).textDirection())
    return spoken
