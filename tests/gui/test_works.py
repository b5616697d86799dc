# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The grid of works: filtered, sorted, selected by key, and quick with very many of them."""

from array import array

import pytest
from PySide6.QtCore import Qt

from artistguard.gui.works.model import CARD, PAGE, WorksModel
from artistguard.gui.works.page import WorksPage
from artistguard.models import Card, Order, Standing


@pytest.fixture
def page(protected, desk, qtbot):
    made = WorksPage(desk)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: made._model.rowCount() == 14, timeout=20_000)
    yield made
    made.leave()
    made.hide()


def names(page):
    return [page._model.card(row).name for row in range(page._model.rowCount())]


def test_typing_finds_works_by_name_and_folder(page, qtbot):
    qtbot.keyClicks(page._text, "light")
    qtbot.waitUntil(lambda: page._model.rowCount() < 14)
    assert {name for name in names(page) if "light" in name} == set(names(page)) != set()
    page._text.clear()
    qtbot.waitUntil(lambda: page._model.rowCount() == 14)


def test_works_are_sorted_and_filtered_by_how_they_stand(page, qtbot):
    page._order.setCurrentIndex(page._order.findData(Order.NAME))
    qtbot.waitUntil(lambda: names(page) == sorted(names(page)))
    page._standing.setCurrentIndex(page._standing.findData(Standing.CONFIRMED))
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
    assert len(first) == page._grid.viewport().width() // page._grid._tile.width()


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


def test_a_work_is_shown_by_itself_and_left_again(page, qtbot):
    row = next(row for row in range(14) if page._model.card(row).copies)
    card = page._model.card(row)
    page._grid.setCurrentIndex(page._model.index(row))
    qtbot.keyClick(page._grid, Qt.Key.Key_Return)
    detail = page._detail
    qtbot.waitUntil(lambda: detail._name.text() == card.name)
    assert "Looked for in sample-web" in detail._said.text()
    qtbot.waitUntil(lambda: not detail._picture._pixmap.isNull(), timeout=20_000)
    with qtbot.waitSignal(page.wants) as wanted:
        detail._review.click()
    assert wanted.args == ["matches", (card.work,)]
    qtbot.keyClick(detail, Qt.Key.Key_Escape)
    assert page._either.currentIndex() == 0
