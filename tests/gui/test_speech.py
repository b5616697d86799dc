# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The language of the window, in a process of its own, since a process speaks only one."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication
from artistguard.gui import speech
application = QApplication([])
speech.language.speak = lambda wanted: wanted[0]  # as if there were a catalogue for each
speech.speak(application, sys.argv[1])
cancel = QCoreApplication.translate("QPlatformTheme", "Cancel")
print(json.dumps([cancel, QLocale().decimalPoint(), application.layoutDirection().name]))
"""


@pytest.mark.parametrize(
    "spoken, said",
    [
        ("en", ["Cancel", ".", "LeftToRight"]),
        ("de", ["Abbrechen", ",", "LeftToRight"]),
        ("ar", ["ألغِ", "\u066b", "RightToLeft"]),
    ],
)
def test_qt_its_numbers_and_its_lines_follow_the_language_that_we_speak(spoken, said):
    assert speak(spoken) == said


def speak(chosen):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, chosen], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)
