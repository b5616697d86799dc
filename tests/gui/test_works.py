# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The grid of works: filtered, sorted, selected by key, and quick with very many of them."""

from array import array
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from artistguard.errors import Kind, Stopped
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.works.model import CARD, PAGE, WorksModel
from artistguard.gui.works.page import WorksPage
from artistguard.gui.works.unreadable import UnreadableDialog
from artistguard.models import Card, Order, Standing
from artistguard.portfolio import path_of

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"


def shown(desk, qtbot):
    """The page as a window shows it, kept up to date."""
    made = WorksPage(desk)
    qtbot.addWidget(made)
    desk.bridge.changed.connect(made.update_for)
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def page(protected, desk, qtbot):
    made = shown(desk, qtbot)
    qtbot.waitUntil(lambda: made._model.rowCount() == 14, timeout=20_000)
    yield made
    made.leave()
    made.hide()


def names(page):
    return [page._model.card(row).name for row in range(page._model.rowCount())]


def test_typing_finds_works_by_name_and_folder(page, qtbot):
    qtbot.keyClicks(page._filters.text, "light")
    qtbot.waitUntil(lambda: page._model.rowCount() < 14)
    assert {name for name in names(page) if "light" in name} == set(names(page)) != set()
    page._filters.text.clear()
    qtbot.waitUntil(lambda: page._model.rowCount() == 14)


def test_works_are_sorted_and_filtered_by_how_they_stand(page, qtbot):
    page._filters.order.setCurrentIndex(page._filters.order.findData(Order.NAME))
    qtbot.waitUntil(lambda: names(page) == sorted(names(page)))
    page._filters.standing.setCurrentIndex(page._filters.standing.findData(Standing.CONFIRMED))
    qtbot.waitUntil(lambda: page._model.rowCount() < 14)
    cards = [page._model.card(row) for row in range(page._model.rowCount())]
    assert {card.standing for card in cards} == {Standing.CONFIRMED}
    assert all(card.copies for card in cards)


def test_what_is_selected_by_key_is_what_is_opted_out(page, qtbot):
    page._grid.setFocus()
    qtbot.keyClick(page._grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(page.chosen()) == 14
    page._grid.clearSelection()
    page._grid.setCurrentIndex(page._model.index(0))
    qtbot.keyClick(page._grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert page.chosen() == [page._model.work(0), page._model.work(1)]
    with qtbot.waitSignal(page.wants) as wanted:
        page._protect.click()
    assert wanted.args == ["opt_outs", (page.chosen(),)]


def test_a_tile_says_its_work_to_those_who_cannot_see_it(page):
    said = page._model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    card = page._model.index(0).data(CARD)
    assert card.name in said
    assert "copies" in said or "Clear" in said


def test_tiles_get_their_pictures(page, qtbot):
    card = page._model.card(0)
    qtbot.waitUntil(lambda: page._tiles.get(card) is not None, timeout=20_000)
    assert not page._tiles.get(card).isNull()


def test_columns_fill_the_width(page):
    rows = [page._grid.visualRect(page._model.index(at)) for at in range(14)]
    first = [rect for rect in rows if rect.top() == rows[0].top()]
    assert len(first) == page._grid.viewport().width() // page._grid._delegate.size.width()


def test_only_the_pages_that_are_looked_at_are_read(qtbot):
    asked = []

    def load(works):
        asked.append(list(works))
        return [
            Card(work, "/", f"{work}", b"", 1, 1, Standing.CLEAR, 0, False, "2026")
            for work in works
        ]

    model = WorksModel(load)
    model.show(array("q", range(100_000)))
    assert model.card(70_000).work == 70_000
    assert model.card(70_001).work == 70_001
    assert [len(works) for works in asked] == [PAGE]


def test_works_stand_in_sections_by_folder(page, qtbot):
    sections = dict(page._grid._named)
    assert [Path(folder).name for folder in sections] == sorted(
        Path(folder).name for folder in sections
    )
    assert sum(sections.values()) == 14
    first = next(iter(sections.values()))
    before, after = (page._grid.visualRect(page._model.index(row)) for row in (first - 1, first))
    assert after.top() >= before.bottom() + page._grid._laid.heading
    page._filters.order.setCurrentIndex(page._filters.order.findData(Order.NAME))
    qtbot.waitUntil(lambda: not page._grid._named)
    assert page._grid._laid.heading == 0


def test_arrows_go_through_sections_and_what_is_current_is_in_sight(page, qtbot):
    page._grid.setFocus()
    page._grid.setCurrentIndex(page._model.index(0))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_End):
        before = page._grid.currentIndex().row()
        qtbot.keyClick(page._grid, key)
        assert page._grid.currentIndex().row() > before
        box = page._grid.visualRect(page._grid.currentIndex())
        assert page._grid.viewport().rect().contains(box.adjusted(1, 1, -1, -1))
        assert page._grid.indexAt(box.center()) == page._grid.currentIndex()
    qtbot.keyClick(page._grid, Qt.Key.Key_Home)
    assert (page._grid.currentIndex().row(), page._grid.verticalOffset()) == (0, 0)


def test_the_folder_chosen_shows_what_is_in_it_and_further_down(page, qtbot):
    box = page._filters.folder
    qtbot.waitUntil(lambda: box.count() == 7)
    assert [box.itemText(row).strip("\N{EM SPACE}") for row in range(3)] == [
        "All folders",
        "portfolio (14)",
        "illustrations (4)",
    ]
    box.setCurrentIndex(2)
    qtbot.waitUntil(lambda: page._model.rowCount() == 4)
    assert "night-tram.jpg" in names(page)
    qtbot.waitUntil(lambda: page._filters.standing.itemText(0) == "All works (4)")
    box.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page._model.rowCount() == 14)


def test_each_state_says_how_many_works_are_in_it(page, qtbot):
    box = page._filters.standing
    qtbot.waitUntil(lambda: box.itemText(0) == "All works (14)")
    said = {box.itemData(row): box.itemText(row) for row in range(1, box.count())}
    assert said[Standing.CONFIRMED] == "Copy found (11)"
    assert said[Standing.CLEAR] == "Clear so far (3)"


def test_a_filter_that_nothing_matches_says_so_and_can_be_cleared(page, qtbot):
    qtbot.keyClicks(page._filters.text, "no such work")
    qtbot.waitUntil(lambda: page._shown.currentWidget() is page._empty)
    assert page._empty._said.text() == "No work matches this filter."
    qtbot.mouseClick(page._empty.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page._shown.currentWidget() is page._grid)
    assert page._model.rowCount() == 14


def menu_of(page, qtbot):
    qtbot.waitUntil(lambda: page.findChildren(QMenu) != [])
    (menu,) = page.findChildren(QMenu)
    return menu, {action.text(): action for action in menu.actions() if action.text()}


def test_the_menu_key_offers_what_can_be_done_with_a_work(page, qtbot):
    row = next(row for row in range(14) if page._model.card(row).copies)
    card = page._model.card(row)
    page._grid.setCurrentIndex(page._model.index(row))
    at = page._grid.visualRect(page._model.index(row)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(page._grid.viewport(), event)
    menu, actions = menu_of(page, qtbot)
    assert menu.pos().y() >= page._grid.viewport().mapToGlobal(at).y()
    with qtbot.waitSignal(page.wants) as wanted:
        actions["Look at its copies…"].trigger()
    assert wanted.args == ["matches", (card.work,)]
    with qtbot.waitSignal(page.wants) as wanted:
        actions["Opt out this work with all its copies…"].trigger()
    assert wanted.args == ["opt_outs", ([card.work],)]
    actions["Copy path"].trigger()
    assert QApplication.clipboard().text() == path_of(card)
    actions["Open"].trigger()
    assert page._either.currentWidget() is page._detail


def test_the_paths_of_all_selected_works_are_copied_by_key(page, qtbot):
    page._grid.setFocus()
    qtbot.keyClick(page._grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(page._grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QApplication.clipboard().text().splitlines()
    assert len(copied) == 14
    assert all(Path(path).is_file() for path in copied)


@pytest.fixture
def painted(data, paint, run, tmp_path):
    """Two works taken in, one of which has gone since, and a file that is no picture."""
    art = tmp_path / "art"
    paths = [paint(f"{seed}.png", seed, folder=art) for seed in (1, 2)]
    (art / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nand then nothing of the kind")
    run("scan", art, "--data", data)
    paths[1].unlink()
    run("scan", art, "--data", data)
    return art


def test_a_work_without_a_file_stays_and_is_said_to_be_gone(painted, desk, qtbot):
    page = shown(desk, qtbot)
    qtbot.waitUntil(lambda: page._model.rowCount() == 2, timeout=20_000)
    said = page._model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.endswith("File is gone")
    pictures = [page._grid.visualRect(page._model.index(row)) for row in range(2)]
    page.grab()  # draws both
    assert pictures[0].size() == pictures[1].size()
    page.leave()
    page.hide()


def test_files_that_cannot_be_read_are_named_with_the_reason(painted, desk, qtbot):
    page = shown(desk, qtbot)
    qtbot.waitUntil(page._unreadable.isVisible, timeout=20_000)
    assert page._unreadable._said.text().startswith("1 file could not be read")
    qtbot.mouseClick(page._unreadable.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.findChildren(UnreadableDialog) != [])
    (dialog,) = page.findChildren(UnreadableDialog)
    cells = [dialog.model.index(0, column).data() for column in range(2)]
    assert cells[0] == str(painted / "broken.png")
    assert "picture" in cells[1]
    dialog.reject()
    page.leave()
    page.hide()


def test_with_nowhere_to_look_the_way_to_data_sets_is_shown(painted, desk, qtbot):
    page = shown(desk, qtbot)
    qtbot.waitUntil(page._nowhere.isVisible, timeout=20_000)
    with qtbot.waitSignal(page.wants) as wanted:
        page._nowhere.button.click()
    assert wanted.args == ["sources", ()]
    desk.guard.choices.add_packs([str(SAMPLE / "pack")])
    desk.bridge.wake(Topic.SETTINGS)
    qtbot.waitUntil(lambda: not page._nowhere.isVisible())
    page.leave()
    page.hide()


def test_f5_takes_in_what_is_new(page, paint, qtbot, desk, tmp_path):
    paint("new.png", 5, folder=tmp_path / "more")
    desk.guard.portfolio.add([str(tmp_path / "more")])
    qtbot.keyClick(page, Qt.Key.Key_F5)
    assert page._counted.text() == "Looking through your folders…"
    qtbot.waitUntil(lambda: page._model.rowCount() == 15, timeout=20_000)


def test_after_a_question_that_failed_what_changes_next_is_shown(page, qtbot):
    qtbot.waitUntil(lambda: page._answered == page._asked)
    page._asked += 1  # a question is under way, and its answer never comes
    told = []
    page.desk.bridge.problem.connect(told.append)
    page._miss(page._asked, Stopped(Kind.DATABASE_BUSY))
    assert [problem.kind for problem in told] == [Kind.DATABASE_BUSY]
    asked = page._asked
    page.update_for(Update(frozenset({Topic.WORKS})))
    assert page._asked == asked + 1
    qtbot.waitUntil(lambda: page._answered == page._asked)
