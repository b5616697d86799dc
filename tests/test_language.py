# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said can be found by those who translate it, and falls back to English where it must."""

import ast
from pathlib import Path

import pytest

from artistguard import wording
from artistguard.errors import Kind
from artistguard.wording import language

HOUSE = Path(__file__).parent.parent / "artistguard"
SAYING = {"translate": 1, "_": 1, "mark": 1, "plural": 2}
# These look a marked sentence up in a table.
LOOKED_UP = {
    "wording/standings.py",
    "wording/sources.py",
    "wording/problems.py",
    "gui/window.py",
    "gui/settings/background.py",
    "gui/settings/looks.py",
    "gui/opt_outs/model.py",
    "gui/matches/model.py",
    "gui/matches/viewer.py",
    "wording/marking.py",
    "wording/reviewing.py",
    "wording/requests.py",
    "wording/plans.py",
    "gui/works/unreadable.py",
}


@pytest.fixture(autouse=True)
def _english_again():
    yield
    language.speak(["en"])


def hidden(path):
    """Calls that say something which a collector of literals would not see."""
    name = path.relative_to(HOUSE).as_posix()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        wanted = SAYING.get(node.func.id, 0)
        for argument in node.args[:wanted]:
            literal = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            if not literal and name not in LOOKED_UP:
                yield f"{name}:{node.lineno}"


def test_all_that_is_said_is_written_out_where_it_is_said():
    texts = [*(HOUSE / "gui").rglob("*.py"), *(HOUSE / "wording").glob("*.py")]
    assert [call for path in texts for call in hidden(path)] == []


def test_what_is_not_known_is_said_in_english():
    assert language.speak(["tlh", "en-GB"]) == "en"
    assert wording.explain(Kind.EMPTY_FILE).startswith("The file is empty.")


def test_a_text_that_is_translated_shows_it():
    assert language.speak([language.PSEUDO]) == language.PSEUDO
    assert wording.explain(Kind.EMPTY_FILE).startswith("[!! The file is empty. !!]")
    assert language.plural("{number} work", "{number} works", 1_000) == "[!! 1,000 works !!]"


def test_only_languages_that_can_be_spoken_are_offered():
    assert language.available()[0] == "en"
    for tag in language.available():
        assert language.speak([tag]) == tag
