# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Opt-outs in the window: planned to the last byte, filed by one button, followed, taken back."""

import json
import re
from contextlib import closing
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from artistguard import proof
from artistguard.channels.remote import RemoteRegistry
from artistguard.errors import Kind, Problem
from artistguard.gui.opt_outs.page import OptOutsPage
from artistguard.models import Band, OptOutState, RequestState, Scope, SoughtRequests, Verdict
from artistguard.store import Store
from servers import serving


@pytest.fixture
def page(protected, desk, qtbot):
    made = OptOutsPage(desk)
    desk.bridge.changed.connect(made.update_for)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    made.arrive()
    yield made
    made.leave()
    made.hide()


def planned(page, qtbot):
    qtbot.waitUntil(page._planning._file.isEnabled, timeout=20_000)
    return page._planning


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def lines_of(plan):
    return [json.loads(line) for line in plan._lines.toPlainText().splitlines()]


def counts(data):
    with closing(Store(data)) as store:
        return store.outbox.counts()


def file_everything(page, qtbot, data):
    page.open([])
    plan = planned(page, qtbot)
    ids = {line["id"] for line in lines_of(plan)}
    plan.file()
    qtbot.waitUntil(lambda: counts(data)[OptOutState.ACKNOWLEDGED] == len(ids), timeout=30_000)
    page.arrive()
    listing = page._listing
    waiting = listing._state.findData(RequestState.QUEUED)
    qtbot.waitUntil(lambda: listing._model.rowCount() == len(ids))
    qtbot.waitUntil(lambda: "(0)" in listing._state.itemText(waiting))
    return ids


def question(qtbot):
    """The box that asks, when it is there."""
    found = []

    def is_there():
        found[:] = [
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, QMessageBox) and one.isVisible()
        ]
        return bool(found)

    qtbot.waitUntil(is_there)
    return found[0]


def press(box, words):
    next(button for button in box.buttons() if words in button.text()).click()


# --- the plan -------------------------------------------------------------------------------------


def test_nothing_is_filed_by_looking_at_a_plan(page, qtbot, data):
    page.open([])
    plan = planned(page, qtbot)
    lines = lines_of(plan)
    number = int(re.search(r"\d+", plan._file.text())[0])
    assert number == len(lines) > 14
    assert "Nothing leaves this computer" in plan._said.text()
    assert {line["wish"]["declarant"] for line in lines} == {"The artist (name withheld)"}
    assert sum(counts(data).values()) == 0
    plan.go_back()
    assert sum(counts(data).values()) == 0


def test_who_goes_back_has_stopped_the_plan(page, qtbot, data):
    page.open([])
    plan = page._planning
    plan.go_back()
    assert page._stack.currentIndex() == 0
    assert not plan._file.isEnabled()
    plan.file()
    page.open([])
    planned(page, qtbot)
    assert sum(counts(data).values()) == 0


def test_what_was_planned_is_what_is_filed_once_and_it_can_be_taken_back(page, qtbot, data):
    page.open([])
    plan = planned(page, qtbot)
    ids = {line["id"] for line in lines_of(plan)}
    plan._file.click()
    plan.file()  # a second click that was on its way
    qtbot.waitUntil(lambda: counts(data)[OptOutState.ACKNOWLEDGED] == len(ids), timeout=30_000)
    with closing(Store(data)) as store:
        assert {opt_out.id for opt_out in store.outbox.opt_outs()} == ids
    listing = page._listing
    page.arrive()
    qtbot.waitUntil(lambda: listing._model.rowCount() == len(ids))
    listing._table.selectRow(0)
    qtbot.waitUntil(lambda: "stands in the registry" in listing._detail._said.text())
    ident = listing._current().id
    qtbot.waitUntil(lambda: ident in listing._detail._body.toPlainText())
    listing._withdraw.click()
    press(question(qtbot), "Withdraw")
    qtbot.waitUntil(lambda: counts(data)[OptOutState.WITHDRAWN] == 1, timeout=30_000)
    with closing(Store(data)) as store:
        (gone,) = store.outbox.opt_outs(ident)
    assert gone.state is OptOutState.WITHDRAWN


def test_a_filing_that_fails_keeps_the_plan_and_the_name(page, qtbot, data, desk, monkeypatch):
    page.open([])
    plan = planned(page, qtbot)
    plan._choosing._name.setText("Mira")
    plan._choosing._name.textEdited.emit("Mira")
    planned(page, qtbot)
    ask = desk.bridge.ask

    def full(_question, _answer, failed=None):
        failed(Problem(Kind.DISK_FULL))

    monkeypatch.setattr(desk.bridge, "ask", full)
    plan.file()
    monkeypatch.setattr(desk.bridge, "ask", ask)
    assert "disk is full" in plan._said.text()
    assert desk.guard.choices.settings.declarant == "Mira"
    assert plan._file.isEnabled()
    plan.file()
    qtbot.waitUntil(lambda: counts(data)[OptOutState.ACKNOWLEDGED] > 14, timeout=30_000)


def test_some_works_are_planned_with_all_their_copies(page, qtbot, data):
    with closing(Store(data)) as store:
        work = next(store.matches.counted()).work
        group = set(store.works.group(work))
        copies = sum(match.work in group for match in store.matches.counted())
    page.open([work])
    plan = planned(page, qtbot)
    lines = lines_of(plan)
    assert plan._choosing.chosen().scope == Scope.WORK
    assert sum(line["wish"]["subject"] == "copy" for line in lines) <= copies
    assert sum(line["wish"]["subject"] == "work" for line in lines) >= 1
    assert len(lines) > 1


def test_bands_are_chosen_freely_and_what_is_confirmed_always_counts(page, qtbot, data):
    with closing(Store(data)) as store:
        confirmed = next(store.matches.counted((Band.LIKELY,)))
        with store.writing():
            store.judgements.decide([confirmed.id], Verdict.MINE, "2026-05-01T12:00:00Z")
        certain = {match.entry.entry for match in store.matches.counted((Band.CERTAIN,))}
    page.open([])
    plan = planned(page, qtbot)
    choose(plan._choosing._scope, Scope.MATCHES)
    bands = plan._choosing._bands
    bands[Band.LIKELY].click()
    planned(page, qtbot)
    found = {line["place"]["entry"] for line in lines_of(plan)}
    assert found <= certain
    assert confirmed.entry.entry in found
    bands[Band.CERTAIN].click()
    assert "Only copies that you have confirmed" in plan._choosing._bands_said.text()
    planned(page, qtbot)
    (line,) = lines_of(plan)
    assert line["place"]["entry"] == confirmed.entry.entry


def test_a_folder_is_one_wish_that_can_stand_or_not(page, qtbot, data):
    page.open([])
    plan = planned(page, qtbot)
    choose(plan._choosing._scope, Scope.FOLDER)
    planned(page, qtbot)
    assert "what is found or made later" in plan._said.text()
    plan._choosing._standing.click()
    planned(page, qtbot)
    assert {line["wish"]["standing"] for line in lines_of(plan)} == {False}
    plan._choosing._standing.click()
    planned(page, qtbot).file()
    wishes = page._wishes
    qtbot.waitUntil(lambda: wishes._table.rowCount() == 1, timeout=30_000)
    folder = plan._choosing.chosen().folder
    assert folder in wishes._table.item(0, 0).text()


def test_a_name_and_a_domain_show_in_every_line_and_its_entries_are_counted(page, qtbot, data):
    with closing(Store(data)) as store:
        host = next(match.entry.host for match in store.matches.counted() if match.entry.host)
    page.open([])
    plan = planned(page, qtbot)
    choose(plan._choosing._scope, Scope.DOMAIN)
    plan._choosing._domain.setText(host)
    plan._choosing._name.setText("Mira")
    plan._choosing._name.textEdited.emit("Mira")
    qtbot.waitUntil(lambda: f"At {host}" in plan._said.text(), timeout=20_000)
    (line,) = lines_of(plan)
    assert line["wish"]["declarant"] == "Mira"
    assert line["place"] == {"domain": host}
    assert re.search(r"have [1-9]\d* entr(y|ies) in 1 data set", plan._said.text())


def test_what_is_no_domain_is_said_and_cannot_be_filed(page, qtbot):
    page.open([])
    plan = planned(page, qtbot)
    plan._choosing._domain.setText("no domain at all")
    choose(plan._choosing._scope, Scope.DOMAIN)
    qtbot.waitUntil(lambda: "domain" in plan._said.text(), timeout=20_000)
    assert not plan._file.isEnabled()
    assert plan._lines.toPlainText() == ""


# --- the list -------------------------------------------------------------------------------------


def test_the_list_is_filtered_by_state_channel_and_words(page, qtbot, data):
    ids = file_everything(page, qtbot, data)
    listing = page._listing
    with closing(Store(data)) as store:
        copies = [one for one in store.outbox.opt_outs() if one.subject == "copy"]
    listing._state.setCurrentIndex(listing._state.findData(RequestState.IN_PROGRESS))
    qtbot.waitUntil(lambda: listing._model.rowCount() == len(copies))
    listing._state.setCurrentIndex(0)
    listing._channel.setCurrentIndex(listing._channel.findData("registry"))
    qtbot.waitUntil(lambda: listing._model.rowCount() == len(ids))
    listing._text.setText("no such thing anywhere")
    qtbot.waitUntil(lambda: listing._model.rowCount() == 0)
    assert not listing._export.isEnabled()


def test_a_receipt_is_checked_and_can_be_taken_along(page, qtbot, data, tmp_path):
    file_everything(page, qtbot, data)
    listing = page._listing
    listing._table.selectRow(0)
    detail = listing._detail
    qtbot.waitUntil(lambda: "valid (entry" in detail._proof.text(), timeout=20_000)
    detail._copy.click()
    body = QApplication.clipboard().text().encode()
    assert proof.check_receipt(body).valid
    detail.save_receipt(tmp_path / "one.receipt")
    qtbot.waitUntil((tmp_path / "one.receipt").exists)
    assert proof.check_file(tmp_path / "one.receipt").valid


def test_a_receipt_that_was_tampered_with_is_not_called_valid(page, qtbot, data):
    file_everything(page, qtbot, data)
    listing = page._listing
    listing._table.selectRow(0)
    ident = listing._current().id
    with closing(Store(data)) as store, store.writing():
        (receipt,) = store.requests.receipts(ident)
        harmed = receipt.body.replace(b'"subject":"copy"', b'"subject":"work"')
        assert harmed != receipt.body
        store._database.say("UPDATE receipts SET body = ? WHERE opt_out = ?", (harmed, ident))
    listing.load()
    qtbot.waitUntil(lambda: "NOT VALID" in listing._detail._proof.text(), timeout=20_000)


def test_all_or_the_selected_are_saved_as_lists_with_receipts(page, qtbot, tmp_path, data):
    ids = file_everything(page, qtbot, data)
    listing = page._listing
    listing.export(tmp_path / "all")
    qtbot.waitUntil(lambda: "saved" in listing._told.text(), timeout=30_000)
    receipts = sorted((tmp_path / "all" / "receipts").iterdir())
    assert {path.name.partition(".")[0] for path in receipts} == ids
    assert proof.check_file(receipts[0], None).valid
    rows = json.loads((tmp_path / "all" / "opt-outs.json").read_text("utf-8"))
    assert {row["id"] for row in rows} == ids
    table = (tmp_path / "all" / "opt-outs.csv").read_text("utf-8-sig").splitlines()
    assert len(table) == len(ids) + 1
    listing._table.selectRow(1)
    listing._told.clear()
    listing.export(tmp_path / "one")
    qtbot.waitUntil(lambda: "saved" in listing._told.text(), timeout=30_000)
    assert len(list((tmp_path / "one" / "receipts").iterdir())) == 1


def test_what_was_withdrawn_can_be_asked_for_again(page, qtbot, data):
    ids = file_everything(page, qtbot, data)
    listing = page._listing
    listing._table.selectRow(0)
    ident = listing._current().id
    listing.withdraw(listing.chosen())
    qtbot.waitUntil(lambda: counts(data)[OptOutState.WITHDRAWN] == 1, timeout=30_000)
    listing._state.setCurrentIndex(listing._state.findData(RequestState.WITHDRAWN))
    qtbot.waitUntil(lambda: listing._model.rowCount() == 1)
    listing._table.selectRow(0)
    qtbot.waitUntil(listing._detail._anew.isVisible)
    listing._detail._anew.click()
    plan = planned(page, qtbot)
    (line,) = lines_of(plan)
    assert line["id"] not in ids
    plan.file()
    qtbot.waitUntil(lambda: counts(data)[OptOutState.ACKNOWLEDGED] == len(ids), timeout=30_000)
    with closing(Store(data)) as store:
        assert store.requests.body(line["id"])
        (old,) = store.outbox.opt_outs(ident)
    assert old.state is OptOutState.WITHDRAWN


def test_many_that_were_withdrawn_are_asked_for_again_together(page, qtbot, data):
    ids = file_everything(page, qtbot, data)
    listing = page._listing
    listing._table.selectAll()
    assert not listing._detail._anew.isVisible()
    listing.withdraw(listing.chosen())
    qtbot.waitUntil(lambda: counts(data)[OptOutState.WITHDRAWN] == len(ids), timeout=30_000)
    listing._state.setCurrentIndex(listing._state.findData(RequestState.WITHDRAWN))
    qtbot.waitUntil(lambda: listing._model.rowCount() == len(ids))

    def is_asked():
        listing._table.selectAll()  # a list that is renewed has nothing selected
        listing._detail._anew.click()
        return page._stack.currentIndex() == 1

    qtbot.waitUntil(is_asked)
    plan = planned(page, qtbot)
    assert len(lines_of(plan)) == len(ids)


def test_a_wish_is_ended_with_or_without_what_it_asked_for(page, qtbot, data):
    ids = file_everything(page, qtbot, data)
    wishes = page._wishes
    qtbot.waitUntil(lambda: wishes._table.rowCount() == 1)
    assert "All works, later ones, too" in wishes._table.item(0, 0).text()
    assert "(1)" in page._tabs.button(1).text()
    page._tabs.button(1).click()
    wishes._end.click()
    press(question(qtbot), "keep")
    qtbot.waitUntil(lambda: wishes._table.rowCount() == 0)
    assert counts(data)[OptOutState.ACKNOWLEDGED] == len(ids)
    page.open([])
    planned(page, qtbot).file()
    qtbot.waitUntil(lambda: wishes._table.rowCount() == 1, timeout=20_000)
    with closing(Store(data)) as store:
        first = next(store.outbox.opt_outs()).wish
    wishes.end(first, withdraw=True)
    qtbot.waitUntil(lambda: counts(data)[OptOutState.WITHDRAWN] == len(ids), timeout=30_000)


# --- a server -------------------------------------------------------------------------------------


@pytest.fixture
def served(page, tmp_path, monkeypatch, desk):
    """A running server that is also filed with, and its channel."""
    with serving(tmp_path / "served") as running:
        monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", running.key)
        desk.guard.choices.add_server(running.url, None, private=True)
        yield running, desk.guard.choices.channels()[1]


def file_one(page, qtbot, channel):
    """Opt one domain out at a channel; the id of the opt-out."""
    page.open([])
    plan = page._planning
    choose(plan._choosing._scope, Scope.DOMAIN)
    plan._choosing._domain.setText("mira.example")
    choose(plan._choosing._channel, channel)
    qtbot.waitUntil(lambda: "mira.example" in plan._lines.toPlainText(), timeout=20_000)
    qtbot.waitUntil(plan._file.isEnabled, timeout=20_000)
    assert f"It goes to {channel.partition(':')[2]}" in plan._said.text()
    (line,) = lines_of(plan)
    plan.file()
    return line["id"]


def shown(page, qtbot, state):
    """The one opt-out that stands so, selected."""
    listing = page._listing

    def stands():
        page.arrive()
        number = listing._state.findData(state)
        return "(1)" in listing._state.itemText(number)

    qtbot.waitUntil(stands, timeout=40_000)
    qtbot.waitUntil(lambda: listing._model.rowCount() == 1)
    listing._table.selectRow(0)
    qtbot.waitUntil(lambda: listing._current().state is state, timeout=20_000)
    return listing


def test_a_server_acknowledges_is_disputed_and_answered(page, qtbot, data, served, desk):
    running, channel = served
    ident = file_one(page, qtbot, channel)
    listing = shown(page, qtbot, RequestState.ACKNOWLEDGED)
    assert listing._current().id == ident
    qtbot.waitUntil(lambda: "Receipt of" in listing._detail._proof.text(), timeout=20_000)
    assert ": valid (" in listing._detail._proof.text()
    said = proof.Dispute("d-1", ident, "Another", "It is mine.", "2026-11-24T08:00:00Z")
    with running.caller(running.key_of("other", "declare")) as caller:
        RemoteRegistry(caller).record(said)
    desk.bridge.wake()
    listing = shown(page, qtbot, RequestState.DISPUTED)
    detail = listing._detail
    qtbot.waitUntil(lambda: "It is mine." in detail._against.text(), timeout=20_000)
    detail.answer("It never was.")
    qtbot.waitUntil(lambda: "filed" in detail._told.text(), timeout=20_000)
    with closing(Store(data)) as store:
        kept = {one.kind: one.state for one in store.notices.all(channel)}
    assert kept["counter-claim"] is OptOutState.ACKNOWLEDGED


def test_what_a_server_cannot_take_now_is_kept_and_sent_when_it_is_back(
    page, qtbot, data, tmp_path, monkeypatch, desk, run
):
    with serving(tmp_path / "served") as running:
        monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", running.key)
    desk.guard.choices.add_server(running.url, None, private=True)
    channel = desk.guard.choices.channels()[1]
    ident = file_one(page, qtbot, channel)

    def is_away():
        with closing(Store(data)) as store:
            found = store.requests.requests(store.requests.seek(SoughtRequests("")), "")
        return [one.trouble for one in found] == [Kind.OFFLINE]

    qtbot.waitUntil(is_away, timeout=60_000)
    listing = shown(page, qtbot, RequestState.QUEUED)
    said = listing._detail._said
    qtbot.waitUntil(lambda: "Everything is kept and sent later" in said.text(), timeout=20_000)
    port = int(running.url.rpartition(":")[2])
    with serving(tmp_path / "served", port=port):
        # The background tries again by itself, after a pause that test_background.py follows.
        assert run("deliver", "--data", data)[0] == 0
        listing = shown(page, qtbot, RequestState.ACKNOWLEDGED)
        assert listing._current().id == ident


def test_a_server_that_does_not_know_the_artist_needs_something_done(
    page, qtbot, served, monkeypatch, desk
):
    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", "nobody's")
    file_one(page, qtbot, served[1])
    listing = shown(page, qtbot, RequestState.ACTION_NEEDED)
    assert listing._detail._steps.text().startswith("1. Get a key from those who run")
    assert listing._detail._steps.isVisible()


def test_a_week_without_an_answer_is_overdue_by_the_clock(page, qtbot, served, monkeypatch, desk):
    monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", "nobody's")
    file_one(page, qtbot, served[1])
    shown(page, qtbot, RequestState.ACTION_NEEDED)
    with desk.guard.store.writing():
        desk.guard.store.aftermath.keep_trouble(served[1], Kind.OFFLINE, "2026-05-01T12:00:00Z")
    today = desk.guard.clock()
    monkeypatch.setattr(desk.guard, "clock", lambda: today + timedelta(days=9))
    monkeypatch.setattr(desk.guard.acts, "_clock", desk.guard.clock)
    listing = shown(page, qtbot, RequestState.OVERDUE)
    assert "first tried 9 days ago" in listing._detail._said.text()
    assert "Ask those who run" in listing._detail._steps.text()
