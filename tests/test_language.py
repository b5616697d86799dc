# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said can be found by those who translate it, and falls back to English where it must."""

import ast
import re

import pytest

import languages
from artistguard import wording
from artistguard.errors import Kind
from artistguard.wording import language

# What makes a sentence where it is said. A name or a place in a table is looked up, and was marked.
MADE = ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp


@pytest.fixture(autouse=True)
def _english_again():
    yield
    language.speak(["en"])


def hidden(path):
    """Calls that say something which a collector of literals would not see."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            said = node.args[: languages.SAYING.get(node.func.id, 0)]
            if any(isinstance(argument, MADE) for argument in said):
                yield f"{path.relative_to(languages.HOUSE)}:{node.lineno}"


def test_all_that_is_said_is_written_out_where_it_is_said():
    assert [call for path in languages.HOUSE.rglob("*.py") for call in hidden(path)] == []


def test_what_is_not_known_is_said_in_english():
    assert language.speak(["tlh", "en-GB"]) == "en"
    assert wording.explain(Kind.EMPTY_FILE).startswith("The file is empty.")


def test_a_text_that_is_translated_shows_it():
    assert language.speak([language.PSEUDO]) == language.PSEUDO
    assert wording.explain(Kind.EMPTY_FILE).startswith("[!! The file is empty. !!]")
    assert language.plural("{number} work", "{number} works", 1_000) == "[!! 1,000 works !!]"


def test_every_problem_can_be_told_in_every_language():
    language._spoken.words = languages.Marked()
    for kind in Kind:
        assert re.fullmatch(r"\[!! .+ !!\]( \[!! .+ !!\])?", wording.explain(kind))


def test_only_languages_that_can_be_spoken_are_offered():
    assert language.available()[0] == "en"
    for tag in language.available():
        assert language.speak([tag]) == tag
