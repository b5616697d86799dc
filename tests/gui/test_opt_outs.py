# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opt-outs in the window: planned to the last byte, filed by one button, followed, taken back."""

import json
import re
from contextlib import closing

import pytest

from artistguard import proof
from artistguard.gui.opt_outs.page import OptOutsPage
from artistguard.models import OptOutState, Scope
from artistguard.store import Store


@pytest.fixture
def page(protected, desk, qtbot):
    made = OptOutsPage(desk)
    desk.bridge.changed.connect(made.update_for)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    made.arrive()
    yield made
    made.hide()


def planned(page, qtbot):
    qtbot.waitUntil(page._planning._file.isEnabled, timeout=20_000)
    return page._planning


def choose(box, data, qtbot):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def counts(data):
    with closing(Store(data)) as store:
        return store.outbox.counts()


def test_nothing_is_filed_by_looking_at_a_plan(page, qtbot, data):
    page.open([])
    plan = planned(page, qtbot)
    lines = [json.loads(line) for line in plan._lines.toPlainText().splitlines()]
    number = int(re.search(r"\d+", plan._file.text())[0])
    assert number == len(lines) > 14
    assert "Nothing leaves this computer" in plan._said.text()
    assert {line["wish"]["declarant"] for line in lines} == {"The artist (name withheld)"}
    assert sum(counts(data).values()) == 0
    plan.left.emit()
    assert sum(counts(data).values()) == 0


def test_what_was_planned_is_what_is_filed_and_it_can_be_taken_back(page, qtbot, data, desk):
    page.open([])
    plan = planned(page, qtbot)
    ids = {json.loads(line)["id"] for line in plan._lines.toPlainText().splitlines()}
    plan.file()
    qtbot.waitUntil(lambda: counts(data)[OptOutState.ACKNOWLEDGED] == len(ids), timeout=30_000)
    with closing(Store(data)) as store:
        assert {opt_out.id for opt_out in store.outbox.opt_outs()} == ids
    listing = page._listing
    page.arrive()
    qtbot.waitUntil(lambda: listing._model.rowCount() == len(ids))
    listing._table.selectRow(0)
    (one,) = listing.chosen()
    assert json.loads(listing._body.toPlainText())["id"] == one.id
    qtbot.waitUntil(lambda: "stands in the registry" in listing._about.text())
    listing.withdraw()
    qtbot.waitUntil(lambda: counts(data)[OptOutState.WITHDRAWN] == 1, timeout=30_000)


def test_some_works_are_planned_with_all_their_copies(page, qtbot, data):
    with closing(Store(data)) as store:
        work = next(store.matches.counted()).work
        group = set(store.works.group(work))
        copies = sum(match.work in group for match in store.matches.counted())
    page.open([work])
    plan = planned(page, qtbot)
    lines = [json.loads(line) for line in plan._lines.toPlainText().splitlines()]
    assert plan._scope.currentData() == Scope.WORK
    assert sum(line["wish"]["subject"] == "copy" for line in lines) <= copies
    assert sum(line["wish"]["subject"] == "work" for line in lines) >= 1
    assert len(lines) > 1


def test_a_name_and_a_domain_show_in_every_line(page, qtbot):
    page.open([])
    plan = planned(page, qtbot)
    choose(plan._scope, Scope.DOMAIN, qtbot)
    plan._domain.setText("mira.example")
    plan._name.setText("Mira")
    plan._name.textEdited.emit("Mira")
    qtbot.waitUntil(lambda: "mira.example" in plan._lines.toPlainText(), timeout=20_000)
    (line,) = plan._lines.toPlainText().splitlines()
    assert json.loads(line)["wish"]["declarant"] == "Mira"
    assert json.loads(line)["place"] == {"domain": "mira.example"}


def test_what_is_no_domain_is_said_and_cannot_be_filed(page, qtbot):
    page.open([])
    plan = planned(page, qtbot)
    plan._domain.setText("no domain at all")
    choose(plan._scope, Scope.DOMAIN, qtbot)
    qtbot.waitUntil(lambda: "domain" in plan._said.text(), timeout=20_000)
    assert not plan._file.isEnabled()
    assert plan._lines.toPlainText() == ""


def test_receipts_are_saved_and_can_be_checked_by_anyone(page, qtbot, tmp_path, data):
    page.open([])
    planned(page, qtbot).file()
    qtbot.waitUntil(lambda: counts(data)[OptOutState.ACKNOWLEDGED] > 0, timeout=30_000)
    page._listing.export(tmp_path / "proof")
    qtbot.waitUntil(lambda: "written" in page._listing._told.text(), timeout=30_000)
    files = sorted((tmp_path / "proof").iterdir())
    assert len(files) == counts(data)[OptOutState.ACKNOWLEDGED]
    assert proof.check_file(files[0], None).valid
