# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is said can be found by those who translate it, and falls back to English where it must."""

import ast
import re

import pytest
from babel.messages.catalog import Catalog

import languages
from artistguard import wording
from artistguard.errors import Kind
from artistguard.proof.files import _WHY
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


def test_no_number_in_the_window_is_written_as_in_english():
    texts = [*(languages.HOUSE / "gui").rglob("*.py"), *(languages.HOUSE / "wording").glob("*.py")]
    english = [path.name for path in texts if ":,}" in path.read_text("utf-8")]
    assert english == ["states.py"]  # which the command line says


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


def test_what_a_check_of_a_receipt_finds_is_told_in_every_language():
    language._spoken.words = languages.Marked()
    found = [
        *_WHY.values(),
        "entry 60 of 63, signed by 2 keys, which you must recognise yourself: a, b",
    ]
    assert [why for why in found if not wording.say_found(why).startswith("[!! ")] == []
    assert wording.say_found(found[-1]).startswith("[!! entry 60 of 63, signed by 2 keys, ")


def test_every_language_is_offered():
    assert language.available() == list(language.LANGUAGES)


@pytest.mark.parametrize("tag", languages.SPOKEN)
def test_every_catalogue_says_all_that_the_code_says_and_nothing_else(tag):
    catalogue = languages.read(tag)
    assert told(catalogue) == told(languages.collect())
    assert languages.faults(catalogue) == []


@pytest.mark.parametrize("tag", languages.SPOKEN)
def test_every_catalogue_is_compiled_from_what_its_translators_wrote(tag):
    whole = languages.renew(languages.read(tag), languages.collect())
    assert languages.place(tag, "mo").read_bytes() == languages.as_mo(whole)


def told(catalogue):
    return {languages.ids(message) for message in catalogue if message.id}


@pytest.mark.parametrize(
    "said, flags, fault",
    [
        (["Ein Werk", "{number} Werke"], [], "other {placeholders}"),
        (["{number} Werk", ""], [], "nothing said"),
        (["{number} Werk"], [], "other number of plurals"),
        (["{number} Werk", "{number} Werke "], [], "other space at an end"),
        (["{number} Werk", "{number Werke"], [], "other {placeholders}"),
        (["{number} Werk", "{number} Werke"], ["fuzzy"], "fuzzy"),
    ],
)
def test_what_is_wrong_with_a_translation_is_told(said, flags, fault):
    catalogue = Catalog(locale="de")
    catalogue.add(("{number} work", "{number} works"), said, flags=flags)
    assert languages.faults(catalogue) == [f"{fault}: {{number}} work"]


@pytest.mark.parametrize(
    "tag, thousands, million, size, day",
    [
        ("en", "1,234", "1,234,567", "1.5 kB", "2026-11-02"),
        ("de", "1.234", "1.234.567", "1,5 kB", "02.11.2026"),
        ("fr", "1\u202f234", "1\u202f234\u202f567", "1,5\u00a0ko", "02/11/2026"),
        ("es", "1234", "1.234.567", "1,5 kB", "02/11/2026"),
        ("ja", "1,234", "1,234,567", "1.5 kB", "2026/11/02"),
    ],
)
def test_numbers_sizes_and_days_are_written_as_the_language_has_them(
    tag, thousands, million, size, day
):
    assert language.speak([tag]) == tag
    assert language.write_number(1_234) == thousands
    assert language.write_number(1_234_567) == million
    assert wording.describe_size(1_500).replace(" ", "\u00a0") == size.replace(" ", "\u00a0")
    assert language.write_day("2026-11-02T09:00:00Z") == day


@pytest.mark.parametrize("tag, one, two", [("fr", 1, 2), ("de", 1, 0), ("ko", 2, 3)])
def test_plurals_follow_the_language(tag, one, two):
    language.speak([tag])
    forms = [language.plural("{number} work", "{number} works", number) for number in (one, two)]
    bare = {form.replace(str(number), "#") for form, number in zip(forms, (one, two), strict=True)}
    assert len(bare) == (1 if tag == "ko" else 2)
