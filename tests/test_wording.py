# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whatever can go wrong has its words, and words never fail themselves."""

import pytest

from artistguard import wording
from artistguard.errors import Kind, Problem


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_says_what_happened_even_without_facts(kind):
    sentence = wording.explain(kind)
    assert len(sentence) > 20 or kind is Kind.BAD_USAGE
    assert "{" not in sentence


def test_facts_are_named_and_cannot_break_the_line():
    problem = Problem(Kind.FOLDER_UNREADABLE, path="/art/{x}\n\x1b[2J\ud800")
    sentence = wording.explain_problem(problem)
    assert "/art/{x}" in sentence
    assert all(char.isprintable() for char in sentence)


def test_lists_of_facts_are_spelled_out():
    sentence = wording.explain(Kind.TABLE_WITHOUT_COLUMNS, {"path": "x.csv", "columns": ["a", "b"]})
    assert "a, b" in sentence
