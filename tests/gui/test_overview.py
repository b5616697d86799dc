# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The overview sums up what really is in the database, draws it, and saves it."""

import csv
from contextlib import closing

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QPushButton

from artistguard.gui.overview.page import OverviewPage, PlotCard
from artistguard.gui.overview.plots import draw_bars, draw_growth
from artistguard.gui.theme import THEMES
from artistguard.models import Band, Verdict
from artistguard.store import SoughtMatches, Store


@pytest.fixture
def page(protected, run, desk, qtbot):
    assert run("opt-out", "--future", "--yes", "--as", "Mira", "--data", protected)[0] == 0
    made = OverviewPage(desk)
    qtbot.addWidget(made)
    made.show()
    made.arrive()
    qtbot.waitUntil(lambda: made._numbers[0].text() != "")
    return made


def test_the_sums_are_those_of_the_database(page, protected):
    with closing(Store(protected)) as store:
        summing = store.overview.sum_up()
        matches = sum(store.matches.counts().values())
        works = store.works.count()
    assert page._numbers[0].text() == f"{works} / {works}"
    assert page._numbers[1].text() == str(matches)
    assert [total for _, total in summing.protected] == [works]
    assert sum(number for _, number in summing.by_set) == matches
    assert sum(number for _, number in summing.by_year) == matches
    (answering,) = summing.answering
    assert answering.sent == answering.answered > works
    (covered,) = summing.covered
    assert covered.works == works
    assert "within a day" in page._lists.text()


def test_what_can_be_done_leads_to_where_it_is_done(page, qtbot):
    (button,) = [one for one in page.findChildren(QPushButton) if "not certain" in one.text()]
    with qtbot.waitSignal(page.wants) as wanted:
        button.click()
    assert wanted.args == ["matches", ()]


def test_what_the_artist_has_judged_is_no_longer_to_be_looked_at(page, qtbot):
    judgements = page.desk.guard.store.judgements
    bands = (SoughtMatches(band=Band.LIKELY), SoughtMatches(band=Band.POSSIBLE))
    unsure = [match for band in bands for match in judgements.seek(band)]
    page.desk.guard.review.decide(unsure, Verdict.MINE)
    page.arrive()
    qtbot.waitUntil(lambda: not any("not certain" in said for said in said_on_buttons(page)))


def said_on_buttons(page):
    return [one.text() for one in page.findChildren(QPushButton)]


def test_what_was_sent_and_searched_is_drawn_too(page):
    answering = page._plots["answering"]._plot
    here = "Registry on this computer"
    assert [name for name, _ in answering._values] == [f"{here}: sent", f"{here}: answered"]
    ((name, works),) = page._plots["covered"]._plot._values
    assert name == "sample-web-2026 1"
    assert works == page.desk.guard.store.works.count()


def test_a_plot_that_cannot_be_saved_says_why(page, qtbot, tmp_path, monkeypatch):
    card = page._plots["by_set"]
    wanted = [str(tmp_path / "gone" / "plot"), str(tmp_path / "plot")]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_how: (wanted.pop(0), ""))
    card._save_image()
    assert card._failed.isVisible()
    assert card._failed.text()
    card._save_image()
    assert not card._failed.isVisible()
    with Image.open(tmp_path / "plot.png") as image:
        assert image.format == "PNG"


VALUES = [("2026-01-01", 3), ("2026-02-01", 40), ("=cmd", 7)]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_a_plot_is_saved_as_image_and_numbers(desk, qtbot, tmp_path, theme):
    card = PlotCard(desk, "Plot", draw_bars)
    card._plot._theme = theme
    qtbot.addWidget(card)
    card.show_values(VALUES)
    card.resize(500, 400)
    card.show()
    for name in ("plot.png", "plot.svg", "plot.csv"):
        card.save(tmp_path / name)
    with Image.open(tmp_path / "plot.png") as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    assert tuple(bytes.fromhex(theme.accent[1:])) in colours
    assert "<svg" in (tmp_path / "plot.svg").read_text()
    rows = list(csv.reader((tmp_path / "plot.csv").read_text().splitlines()))
    assert rows[1:] == [["2026-01-01", "3"], ["2026-02-01", "40"], ["'=cmd", "7"]]


def test_a_plot_says_its_numbers_to_those_who_cannot_see_it(desk, qtbot):
    card = PlotCard(desk, "Plot", draw_growth)
    qtbot.addWidget(card)
    card.show_values(VALUES[:2])
    assert "2026-02-01: 40" in card._plot.accessibleDescription()
    card._turn.click()
    assert card._either.currentWidget() is card._table
    assert card._table.rowCount() == 2
