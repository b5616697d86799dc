# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Many wishes planned and filed as one act: each target once, all rows or none."""

import csv
import json
from contextlib import closing
from pathlib import Path

import pytest

from artistguard.errors import Problem
from artistguard.guard import REGISTRY, Guard
from artistguard.models import OptOutState, Plan, Progress, Scope, SoughtRequests, Subject

SAMPLE = Path(__file__).parent.parent / "resources" / "sample"


@pytest.fixture
def guard(tmp_path, run):
    data = tmp_path / "data"
    assert run("pack", "add", SAMPLE / "pack", "--data", data)[0] == 0
    assert run("scan", SAMPLE / "portfolio", "--data", data)[0] == 0
    assert run("search", "--data", data)[0] == 0
    with closing(Guard(data)) as opened:
        yield opened


def plans(guard, works):
    return [news for news in guard.acts.plan(works, REGISTRY) if isinstance(news, Plan)]


def test_a_work_named_twice_is_planned_once(guard):
    works = [work.id for work in guard.store.works.all()]
    planned = plans(guard, [*works, *works])
    targets = [draft.target for plan in planned for draft in plan.drafts]
    assert len(planned) == len(works)
    assert len(targets) == len(set(targets))
    subjects = {draft.declaration.subject for plan in planned for draft in plan.drafts}
    assert subjects == {Subject.WORK, Subject.COPY}


def test_what_was_planned_together_is_filed_together_and_not_again(guard):
    works = [work.id for work in guard.store.works.all()][:3]
    planned = plans(guard, works)
    count = sum(len(plan.drafts) for plan in planned)
    assert guard.acts.file(planned) == count > 3
    assert {one.id for one in guard.store.outbox.opt_outs()} == {
        draft.declaration.id for plan in planned for draft in plan.drafts
    }
    again = plans(guard, works)
    assert all(plan.is_empty and plan.stands_already for plan in again)
    assert sum(plan.already_asked for plan in again) == count
    assert guard.acts.file(again) == 0


def test_progress_is_told_for_each_work(guard):
    works = [work.id for work in guard.store.works.all()]
    told = [news for news in guard.acts.plan(works, REGISTRY) if isinstance(news, Progress)]
    assert [news.done for news in told] == list(range(1, len(told) + 1))
    assert {news.total for news in told} == {len(works)}


def test_a_work_that_is_not_there_stops_the_plan(guard):
    with pytest.raises(Problem):
        plans(guard, [1, 999_999])


def numbers(guard):
    return guard.store.requests.seek(SoughtRequests(guard.acts.late()))


def test_a_wish_for_a_folder_covers_what_comes_into_it_later(guard, paint, run, tmp_path):
    folder = tmp_path / "series"
    paint("one.png", seed=901, folder=folder)
    assert run("scan", folder, "--data", guard.data)[0] == 0
    plan = guard.acts.plan_wish(Scope.FOLDER, REGISTRY, folder=f"{folder}/")
    assert len(plan.drafts) == 1
    assert guard.acts.file([plan]) == 1
    assert guard.acts.file([plan]) == 0
    paint("two.png", seed=902, folder=folder / "deeper")
    paint("other.png", seed=903, folder=tmp_path / "series of others")
    assert run("scan", tmp_path, "--data", guard.data)[0] == 0
    list(guard.deliver())
    works = [one for one in guard.store.outbox.opt_outs() if one.subject is Subject.WORK]
    assert len(works) == 2


def test_what_is_taken_back_in_one_go_can_be_asked_for_again_in_one(guard):
    guard.acts.file(plans(guard, [work.id for work in guard.store.works.all()][:3]))
    everything = numbers(guard)
    told = list(guard.acts.withdraw(everything))
    assert told[-1] == Progress("withdraw", len(everything), len(everything))
    ids = guard.store.requests.ids(everything)
    (again,) = guard.acts.plan_again(ids)
    assert not {draft.declaration.id for draft in again.drafts} & {*ids}
    assert guard.acts.file([again]) == len(everything)
    assert guard.store.outbox.counts()[OptOutState.QUEUED] == len(everything)
    (nothing,) = guard.acts.plan_again(ids)
    assert (nothing.is_empty, nothing.already_asked) == (True, len(everything))


def test_a_saved_list_is_no_formula_and_its_receipts_are_checked(guard, tmp_path):
    guard.acts.file(plans(guard, [work.id for work in guard.store.works.all()][:1]))
    list(guard.deliver())
    with guard.store.writing():
        guard.store._database.say("UPDATE matches SET url = '=cmd()', dataset = '@set'")
    found = list(guard.acts.save(numbers(guard), tmp_path / "saved"))
    assert [news for news in found if not isinstance(news, Progress)] == []
    with (tmp_path / "saved" / "opt-outs.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    copies = [row for row in rows if row["subject"] == "copy"]
    assert copies
    assert {row["url"] for row in copies} == {"'=cmd()"}
    listed = json.loads((tmp_path / "saved" / "opt-outs.json").read_text("utf-8"))
    assert [row["id"] for row in listed] == [row["id"] for row in rows]
    for row in rows:
        ((_receipt, checked),) = guard.acts.examine(row["id"])
        assert checked.valid, checked.why
