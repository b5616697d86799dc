# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The page of one work: its picture, versions, near-duplicates, copies, opt-outs and receipts."""

import json
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from artistguard.gui.works.page import WorksPage
from artistguard.models import Sought

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"


@pytest.fixture
def art(data, run, paint, tmp_path):
    """Two near-duplicates, of which the first has a replaced version, all opted out."""
    art = tmp_path / "art"
    paint("a.png", 1, folder=art)
    run("scan", art, "--data", data)
    paint("a.png", 2, folder=art)
    run("scan", art, "--data", data)
    with Image.open(art / "a.png") as image:
        image.resize((image.width // 2, image.height // 2)).save(art / "b.png")
    assert run("protect", art, "--data", data, "--yes")[0] == 0
    return art


@pytest.fixture
def page(desk, qtbot):
    made = WorksPage(desk)
    qtbot.addWidget(made)
    desk.bridge.changed.connect(made.update_for)
    made.resize(1100, 800)
    made.show()
    yield made
    made.leave()
    made.hide()


def work_called(desk, name):
    works = list(desk.guard.portfolio.seek(Sought()))
    (card,) = [card for card in desk.guard.store.gallery.cards(works) if card.name == name]
    return card


def test_a_work_is_shown_by_itself_and_left_again(protected, page, desk, qtbot):
    card = work_called(desk, "night-tram.jpg")
    qtbot.waitUntil(lambda: page._model.row_of(card.work) is not None)
    page._grid.setCurrentIndex(page._model.index(page._model.row_of(card.work)))
    qtbot.keyClick(page._grid, Qt.Key.Key_Return)
    detail = page._detail
    qtbot.waitUntil(lambda: detail.name.text() == card.name)
    assert "sample-web" in detail.coverage._said.text()
    assert "Certain: " in detail.matches._said.text()
    assert not detail.requests.isVisible()
    assert not detail.versions.isVisible()
    qtbot.waitUntil(lambda: detail.picture._pixmap.width() > 256)
    with qtbot.waitSignal(page.wants) as wanted:
        detail.review.click()
    assert wanted.args == ["matches", (card.work,)]
    qtbot.keyClick(detail, Qt.Key.Key_Escape)
    assert page._either.currentIndex() == 0


def test_versions_and_near_duplicates_are_named(art, page, desk, qtbot):
    card = work_called(desk, "a.png")
    page.open(card.work)
    detail = page._detail
    qtbot.waitUntil(detail.versions.isVisible)
    now, before = detail.versions._said.text().splitlines()
    assert "replaced since" not in now
    assert "replaced since" in before
    (link,) = [one for one in detail.variants.findChildren(QPushButton) if one.isVisible()]
    assert link.text().startswith("b.png")
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: detail.name.text() == "b.png")
    assert not detail.versions.isVisible()


def test_receipts_of_a_work_are_checked_and_saved(art, page, desk, qtbot, tmp_path):
    page.open(work_called(desk, "a.png").work)
    detail = page._detail
    qtbot.waitUntil(detail.requests.isVisible)
    assert "Registry on this computer" in detail.requests._said.text()
    detail.check()
    qtbot.waitUntil(lambda: "valid" in detail.requests._more.text())
    assert "NOT VALID" not in detail.requests._more.text()
    detail.save(tmp_path / "proof")
    qtbot.waitUntil(lambda: "saved" in detail.requests._more.text())
    listed = json.loads((tmp_path / "proof" / "opt-outs.json").read_text())
    receipts = sorted(path.name for path in (tmp_path / "proof" / "receipts").iterdir())
    assert [one["name"] for one in listed] == ["a.png"] * len(listed)
    assert len(receipts) == len(listed) > 0


def test_a_changed_receipt_is_not_taken_for_proof(art, page, desk, qtbot):
    with desk.guard.store.writing():
        desk.guard.store._database.say(
            "UPDATE receipts SET body = CAST(replace(body, 'work', 'wort') AS BLOB)"
        )
    page.open(work_called(desk, "a.png").work)
    qtbot.waitUntil(page._detail.requests.isVisible)
    page._detail.check()
    qtbot.waitUntil(lambda: "NOT VALID" in page._detail.requests._more.text())


def test_a_work_whose_file_went_says_so_while_it_is_looked_at(art, page, desk, qtbot):
    page.open(work_called(desk, "b.png").work)
    qtbot.waitUntil(lambda: page._detail.name.text() == "b.png")
    (art / "b.png").unlink()
    desk.bridge.wake()
    qtbot.waitUntil(lambda: "file is gone" in page._detail.said.text())
    assert not page._detail._reveal.isEnabled()


def test_a_work_whose_file_is_gone_still_shows_its_small_picture(art, page, desk, qtbot):
    card = work_called(desk, "b.png")
    (art / "b.png").unlink()
    page.open(card.work)
    qtbot.waitUntil(lambda: not page._detail.picture._pixmap.isNull())
