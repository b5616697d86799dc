# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Settings bring a backup back, and go on with a folder that lies elsewhere now."""

import subprocess
import sys
from contextlib import closing

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from artistguard import backups
from artistguard.guard import Guard
from artistguard.gui.page import RESTART
from artistguard.gui.settings.page import SettingsPage


@pytest.fixture
def art(data, run, paint, tmp_path):
    art = tmp_path / "art"
    paint("a.png", 1, folder=art)
    run("scan", art, "--data", data)
    run("backup", "save", tmp_path / "all.zip", "--data", data)
    paint("b.png", 2, folder=art)
    run("scan", art, "--data", data)
    return art


@pytest.fixture
def page(art, desk, qtbot):
    made = SettingsPage(desk)
    qtbot.addWidget(made)
    desk.bridge.changed.connect(made.update_for)
    made.show()
    made.arrive()
    return made


def asked(page, qtbot):
    qtbot.waitUntil(lambda: page.findChildren(QMessageBox) != [])
    (box,) = page.findChildren(QMessageBox)
    return box, {button.text(): button for button in box.buttons()}


def test_a_backup_is_brought_back_once_it_was_said_what_it_replaces(page, desk, qtbot, tmp_path):
    page._cards[-1].restore(str(tmp_path / "all.zip"))
    box, buttons = asked(page, qtbot)
    assert "It holds: 1 work" in box.informativeText()
    assert "there are now: 2 works" in box.informativeText()
    with qtbot.waitSignal(page.wants) as wanted:
        qtbot.mouseClick(buttons["Replace and start again"], Qt.MouseButton.LeftButton)
    assert wanted.args == [RESTART, ()]
    assert desk.guard.store.works.count() == 2
    desk.bridge.close()
    desk.guard.close()
    aside = backups.settle(desk.data)
    with closing(Guard(desk.data)) as here, closing(Guard(aside)) as before:
        assert (here.store.works.count(), before.store.works.count()) == (1, 2)


def test_a_backup_that_is_not_wanted_after_all_is_forgotten(page, desk, qtbot, tmp_path):
    page._cards[-1].restore(str(tmp_path / "all.zip"))
    _box, buttons = asked(page, qtbot)
    qtbot.mouseClick(buttons["Leave as it is"], Qt.MouseButton.LeftButton)
    assert not (desk.data / "restore").exists()


def test_what_is_no_backup_is_refused_in_words(page, qtbot, tmp_path):
    (tmp_path / "all.zip").write_bytes(b"no zip")
    page._cards[-1].restore(str(tmp_path / "all.zip"))
    qtbot.waitUntil(lambda: "no whole backup" in page._cards[-1]._said.text())
    assert page.findChildren(QMessageBox) == []


def test_a_folder_that_moved_is_found_again_with_its_works(page, art, desk, qtbot, tmp_path):
    card = page._cards[1]
    assert not card._moved.isEnabled()
    art.rename(tmp_path / "elsewhere")
    card.load()
    assert card._moved.isEnabled()
    card.relocate(str(art), str(tmp_path / "data"))
    qtbot.waitUntil(lambda: "nothing was changed" in card._said.text())
    card.relocate(str(art), str(tmp_path / "elsewhere"))
    qtbot.waitUntil(lambda: "with 2 files" in card._said.text())
    assert desk.guard.portfolio.folders() == [str(tmp_path / "elsewhere")]
    assert not card._moved.isEnabled()


RESTARTED = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from artistguard import backups
from artistguard.gui import app
from artistguard.guard import now

class Twice(app.App):
    runs = 0

    def start(self, paths, *, hidden=False):
        super().start(paths, hidden=hidden)
        Twice.runs += 1
        if Twice.runs == 1:
            list(backups.stage(Path(sys.argv[2]), self._data))
            backups.accept(self._data, now)
        QTimer.singleShot(0, self.restart if Twice.runs == 1 else self.quit)

app.App = Twice
status = app.run(Path(sys.argv[1]), [])
print(status, Twice.runs)
"""


def test_the_app_begins_anew_over_the_backup(art, data, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", RESTARTED, data, tmp_path / "all.zip"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.stdout.split() == ["0", "2"], ran.stderr
    with closing(Guard(data)) as guard:
        assert guard.store.works.count() > 0
    (aside,) = data.glob("before-restore-*")
    with closing(Guard(aside)) as before:
        assert before.store.works.count() == 2
