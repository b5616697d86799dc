# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Many wishes planned and filed as one act: each target once, all rows or none."""

from contextlib import closing
from pathlib import Path

import pytest

from artistguard.errors import Problem
from artistguard.guard import REGISTRY, Guard
from artistguard.models import Plan, Progress, Subject

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
