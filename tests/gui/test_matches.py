# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist looks at the sample's matches, says whose they are, and takes it back."""

from contextlib import closing

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QMessageBox

from artistguard import wording
from artistguard.errors import Kind
from artistguard.fingerprints import placing
from artistguard.guard import Guard
from artistguard.gui.bridge import Topic, Update
from artistguard.gui.matches.canvas import Canvas, Mode
from artistguard.gui.matches.page import MatchesPage
from artistguard.gui.theme import LIGHT
from artistguard.models import Band, Verdict
from artistguard.review import Review
from artistguard.store import SoughtMatches
from looking import FETCHER, showing


class Open(Guard):
    """A guard that may ask loopback for pictures."""

    def __init__(self, data):
        super().__init__(data)
        self.review = Review(self.store, self.clock, FETCHER())


@pytest.fixture
def page(protected, desk, qtbot):
    made = MatchesPage(desk, Open)
    qtbot.addWidget(made)
    desk.bridge.changed.connect(made.update_for)
    made.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made._listing.current() is not None)
    yield made
    made.leave()


def said(page, match):
    return page.desk.guard.store.matches.chosen([match])[0].verdict


def key(page, qtbot, pressed):
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.begin()
    qtbot.keyClick(page._listing._table, pressed)


def test_bands_are_counted_and_shown_one_by_one(page, qtbot):
    found = page.desk.guard.store.judgements.counts(SoughtMatches())
    for at, band in enumerate(Band):
        assert page._listing._bands.button(at).text().endswith(f" {found.get((band, None), 0):,}")
    page._listing._bands.button(1).click()
    likely = found.get((Band.LIKELY, None), 0)
    qtbot.waitUntil(lambda: page._listing._model.rowCount() == likely)


def test_keys_decide_and_undo(page, qtbot):
    first = page._listing.current().id
    key(page, qtbot, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: page._listing.current().id != first)
    assert said(page, first) is Verdict.NOT_MINE
    qtbot.waitUntil(lambda: page._done.text() == "1 match: not mine.")
    key(page, qtbot, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: said(page, first) is None)
    qtbot.waitUntil(lambda: page._done.text() == "Nothing is decided yet.")


def agree(page, qtbot, button):
    """Press a button that asks, and say yes; what was asked."""
    qtbot.waitUntil(button.isEnabled)
    button.click()
    (box,) = page.findChildren(QMessageBox)
    said = f"{box.text()} {box.informativeText()}"
    box.button(QMessageBox.StandardButton.Yes).click()
    qtbot.waitUntil(lambda: page.findChildren(QMessageBox) == [])
    return said


def test_a_whole_band_takes_one_question_that_names_the_count(page, qtbot):
    count = len(page.desk.guard.store.judgements.seek(SoughtMatches(band=Band.CERTAIN)))
    asked = agree(page, qtbot, page._accept)
    mine = SoughtMatches(band=Band.CERTAIN, verdict=Verdict.MINE)
    qtbot.waitUntil(lambda: len(page.desk.guard.store.judgements.seek(mine)) == count)
    assert str(count) in asked
    assert "filters" not in asked
    qtbot.waitUntil(page._opt_out.isEnabled)
    with qtbot.waitSignal(page.wants) as wanted:
        page._opt_out.click()
    assert wanted.args[0] == "opt_outs"
    assert wanted.args[1][0] == page.desk.guard.store.judgements.works(mine)
    page.undo()
    qtbot.waitUntil(lambda: len(page.desk.guard.store.judgements.seek(mine)) == 0)


def test_filters_narrow_what_a_button_for_all_means_and_it_says_how_many(page, qtbot):
    judgements = page.desk.guard.store.judgements
    everything = judgements.seek(SoughtMatches(band=Band.CERTAIN))
    match = page._listing.current()
    qtbot.keyClicks(page._listing._text, match.entry.url)
    wanted = SoughtMatches(band=Band.CERTAIN, text=match.entry.url)
    named = list(judgements.seek(wanted))
    assert 0 < len(named) < len(everything)
    qtbot.waitUntil(lambda: page._reject.text() == f"Reject these {len(named)}…")
    assert "filters" in agree(page, qtbot, page._reject)
    qtbot.waitUntil(lambda: said(page, match.id) is Verdict.NOT_MINE)
    decided = judgements.seek(SoughtMatches(band=Band.CERTAIN, decided=True))
    assert list(decided) == named
    page.open(match.work)
    qtbot.waitUntil(lambda: page._listing._text.text() == "")


def test_what_was_decided_or_found_while_the_question_stood_is_not_meant(page, qtbot):
    judgements = page.desk.guard.store.judgements
    qtbot.waitUntil(page._accept.isEnabled)
    asked = judgements.seek(SoughtMatches(band=Band.CERTAIN))
    page._accept.click()
    page.desk.guard.review.decide(asked[:1], Verdict.NOT_MINE)
    (box,) = page.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton.Yes).click()
    mine = SoughtMatches(verdict=Verdict.MINE)
    qtbot.waitUntil(lambda: len(judgements.seek(mine)) > 0)
    assert list(judgements.seek(mine)) == list(asked[1:])


def test_after_a_band_what_is_left_in_the_next_one_is_looked_at(page, qtbot):
    judgements = page.desk.guard.store.judgements
    left = judgements.seek(SoughtMatches(band=Band.LIKELY, decided=False))
    assert left
    agree(page, qtbot, page._accept)
    qtbot.waitUntil(lambda: page._listing.band is Band.LIKELY)
    qtbot.waitUntil(lambda: page._listing.current().id == left[0])


def test_a_site_is_allowed_and_forgotten(page, qtbot):
    host = page._listing.current().entry.host
    page.allow_site()
    store = page.desk.guard.store.judgements
    qtbot.waitUntil(lambda: store.allowed_hosts() == [host])
    assert len(store.seek(SoughtMatches(host=host, decided=False))) == 0
    page.forget_site(host)
    qtbot.waitUntil(lambda: store.allowed_hosts() == [])


def test_a_work_is_shown_alone(page, qtbot):
    work = page._listing.current().work
    page.open(work)
    qtbot.waitUntil(lambda: page._listing.sought().work == work)
    band = page._listing.band
    count = len(page.desk.guard.store.judgements.seek(SoughtMatches(band=band, work=work)))
    qtbot.waitUntil(lambda: page._listing._model.rowCount() == count)


def serve(page, base, name):
    """Let the current match lie on a site of ours, as if the data set said so."""
    match = page._listing.current()
    store = page.desk.guard.store
    with store.writing():
        store._database.say(
            "UPDATE matches SET url = ?, host = '127.0.0.1' WHERE id = ?",
            (f"{base}/{name}", match.id),
        )
    page._viewer.show_match(None)
    page.update_for(Update(frozenset([Topic.MATCHES])))
    return f"{base}/{name}"


def test_the_picture_is_asked_for_only_by_a_click_and_confirmed(page, qtbot):
    asked = []
    with closing(Guard(page.desk.data)) as guard:
        jpeg = guard.portfolio.preview(page._listing.current().path)
    with showing({"/copy.jpg": jpeg}, asked) as base:
        url = serve(page, base, "copy.jpg")
        qtbot.waitUntil(lambda: url in page._viewer._known.text())
        qtbot.waitUntil(lambda: not page._viewer._canvas._mine.isNull())
        assert "127.0.0.1" in page._viewer._asking.text()
        assert asked == []
        page._viewer._ask.click()
        qtbot.waitUntil(lambda: not page._viewer._canvas._theirs.isNull(), timeout=20_000)
    assert asked == ["/robots.txt", "/copy.jpg"]
    assert page._viewer._shown.text().startswith("Confirmed by keypoints:")
    assert page._listing.current().verdict is None
    for mode in range(4):
        page._viewer.use(mode)
        page._viewer.zoom(1)
        page.grab()


WAYS = {
    "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
    "turn90": Image.Transpose.ROTATE_90,
    "turn270": Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("variant", WAYS)
@pytest.mark.parametrize("mode", [Mode.OVER, Mode.WIPE, Mode.TURNS])
def test_a_turned_copy_is_laid_the_right_way_round_onto_the_work(qtbot, paint, variant, mode):
    path = paint("mine.png", 1, (300, 200))
    with Image.open(path) as picture:
        picture.transpose(WAYS[variant]).save(path.with_name("theirs.png"))
    canvas = Canvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    canvas.show_mine(QPixmap(str(path)))
    alone = seen(canvas)
    canvas.show_theirs(QPixmap(str(path.with_name("theirs.png"))), placing(variant))
    canvas.use(mode)
    canvas.set_share(100)
    canvas._turn = True
    assert np.abs(seen(canvas) - alone).mean() < 3
    canvas.show_theirs(QPixmap(str(path.with_name("theirs.png"))))
    assert np.abs(seen(canvas) - alone).mean() > 10


def seen(canvas):
    """What a canvas shows, less a line at its edges, as grey values."""
    grey = canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), -1)
    return rows[4:-4, 4 : grey.width() - 4].astype(float)


def test_a_picture_that_is_gone_is_said_to_be(page, qtbot):
    with showing({}) as base:
        url = serve(page, base, "gone.jpg")
        qtbot.waitUntil(lambda: url in page._viewer._known.text())
        page._viewer.fetch()
        gone = wording.explain(Kind.PICTURE_GONE, {"status": 404})
        qtbot.waitUntil(lambda: page._viewer._asking.text() == gone, timeout=10_000)
    assert page._viewer._ask.isEnabled()
